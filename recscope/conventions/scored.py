"""Ready lists counted as another tool counts: `score(..., convention=NAME)`."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ConfigError, UnknownNameError
from core.ledger import Ledger
from core.tables import TopK
from evaluators.conventions import Convention
from recscope.conventions.estimates import Said, reason_not, say
from recscope.conventions.handed import Handed, Names, codes_of, hand_over
from recscope.estimate import Sureness
from recscope.groups import group_frame
from recscope.judged import Judged
from recscope.scoring_lists import Rows, to_lists
from recscope.scoring_material import Material


def handed_of(material: Material, judged: Judged, k: int) -> Handed:
    """What another tool would be handed of these tables: whole lists, of everybody who has one."""
    rows = material.rows
    decides = rows.rank is None and rows.score is not None
    different = None
    if decides and rows.score is not None:
        # whole numbers survive single precision, in which lists are laid out; scores may not
        different, place = codes_of(rows.score)
        rows = Rows(rows.users, rows.items, None, place)
    lists = to_lists(rows, k, whole=True, with_scores=decides, ledger=Ledger())
    groups = None if judged.catalogue is None else judged.catalogue.groups
    return hand_over(
        lists,
        material.truth,
        material.seen,
        n_items=judged.n_catalogue,
        scores=None if different is None else _scores(lists, different),
        names=Names(material.items.names(np.arange(len(material.items)))) if decides else None,
        features=None if groups is None else groups.dense.astype(np.float64),
    )


def _scores(lists: TopK, different: Any) -> Any:
    """The scores themselves of the places they were coded by; -inf past the end."""
    is_there = np.isfinite(lists.scores)
    place = np.where(is_there, lists.scores, 0).astype(np.int64)
    return np.where(is_there, different[place], -np.inf)


def said_by(  # noqa: PLR0913 - what `score` was asked
    convention: Convention,
    handed: Handed,
    metrics: Sequence[str],
    named: Collection[str],
    ks: Sequence[int],
    *,
    attributes: pd.DataFrame | None,
    groups: Sequence[str],
    sure: Sureness,
) -> Said:
    """What the tool says of them; a metric that was asked for by name must be one it has.

    named  metrics asked for one by one; the others came with a family, "all" or by default

    Raises UnknownNameError and ConfigError where such a one cannot be had.
    """
    for name in metrics:
        if name in named:
            _require(convention, name, handed)
    cut = None if attributes is None else group_frame(attributes, handed.users, groups)
    return say(convention, handed.given, metrics, ks, groups=cut, sure=sure)


def _require(convention: Convention, name: str, handed: Handed) -> None:
    if name not in convention.rules:
        raise UnknownNameError(f"metric of {convention.tool}", name, convention.rules)
    if reason := reason_not(convention, name, handed.given):
        raise ConfigError(
            f"{name} as {convention.tool} counts it cannot be computed: {reason}. Or leave it out"
        )


def facts(convention: Convention, said: Said) -> Mapping[str, Any]:
    """What the manifest says of the convention."""
    return {
        "convention": convention.name,
        "tool": {
            "name": convention.tool,
            "version": convention.version,
            "counts": convention.users,
            "is_handed": convention.handed,
            "url": convention.url,
        },
        "clauses": dict(said.clauses),
        "checked": {name: convention.rules[name].golden for name in said.clauses},
        "stops": dict(said.stops),
    }
