"""How good are ready lists of recommendations, whatever system made them?"""

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ConfigError, DatasetError
from core.ledger import Ledger
from core.tables import Ints
from evaluators.doors import resolve
from evaluators.metric import Metric
from recscope.catalogue import catalogue_of_frames
from recscope.conventions.estimates import convention_of
from recscope.conventions.scored import facts, handed_of, said_by
from recscope.defaults import DEFAULT_METRICS
from recscope.estimate import Sureness, estimate
from recscope.frames_in import FrameIn, check_mapping, frame_in, is_whole
from recscope.groups import group_frame
from recscope.judge import UNKNOWN_USER, judge, per_user, reason_missing
from recscope.judged import Judged
from recscope.scoring_lists import to_lists
from recscope.scoring_material import WANTED, Material, attributes, described, prepare
from recscope.scoring_result import Scores, population

CONVENTION = "recscope"


def score(  # noqa: PLR0913 - the options of `python -m recscope score`
    recommendations: Any,
    truth: Any,
    *,
    train: Any = None,
    users: Any = None,
    items: Any = None,
    k: int | Sequence[int] = (10,),
    metrics: str | Sequence[str | Metric] = DEFAULT_METRICS,
    convention: str | None = None,
    groups: str | Sequence[str] = (),
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    columns: Mapping[str, str] | None = None,
) -> Scores:
    """What do these lists score on this truth, and how sure is that?

    As `recscope.api.score`, where the arguments are told. Raises DatasetError for tables that do
    not say what is needed, UnknownNameError for names that nothing answers to and ConfigError for
    settings that cannot be; each says what to do.
    """
    started = time.perf_counter()
    ks, names = _cutoffs(k), [groups] if isinstance(groups, str) else list(groups)
    tool = None if convention in {None, CONVENTION} else convention_of(str(convention))
    sure = Sureness(resamples, confidence, seed)
    chosen = resolve(metrics)
    given = {
        "recommendations": recommendations,
        "truth": truth,
        "train": train,
        "users": users,
        "items": items,
    }
    given = {name: frame for name, frame in given.items() if frame is not None or name in REQUIRED}
    check_mapping(columns or {}, list(given.values()))
    frames = {name: frame_in(frame, name, WANTED[name], columns) for name, frame in given.items()}
    ledger = Ledger()
    material = prepare(frames, ledger)
    table = attributes(frames.get("users"), names, material, ledger) if names else None
    judged = _judged(material, chosen, ks, frames, ledger)
    told: Mapping[str, Any] = {}
    if tool is None:
        wanted, left_out = _computable(chosen, metrics, judged)
        values = per_user(judged, wanted, ks, np.float64)
        estimates = estimate(
            values,
            wanted,
            groups=None if table is None else group_frame(table, judged.truth.users, names),
            is_imputed=judged.is_imputed,
            judged=judged,
            ks=ks,
            resamples=sure.resamples,
            confidence=sure.confidence,
            seed=sure.seed,
        )
        counted, users_of = [it.name for it in wanted], judged.truth.users
    else:
        handed = handed_of(material, judged, max(ks))
        said = said_by(
            tool,
            handed,
            [metric.name for metric in chosen],
            set() if metrics is DEFAULT_METRICS else _asked_by_name(metrics),
            ks,
            attributes=table,
            groups=names,
            sure=sure,
        )
        estimates, values, left_out = said.estimates, said.per_user, dict(said.left_out)
        counted, users_of = list(said.clauses), handed.users
        told = facts(tool, said)
    estimates = estimates.drop(columns="model")
    values.index = _outside(users_of, material, frames["truth"])
    manifest = {
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "convention": CONVENTION,
        "k": ks,
        "metrics": counted,
        "left_out": left_out,
        "relevant": "rating above 0" if material.truth.ratings is not None else "every row",
        "groups": names,
        "resamples": resamples,
        "confidence": confidence,
        "seed": seed,
        "interval_methods": dict(Counter(estimates["method"])),
        "columns": {name: dict(frame.columns) for name, frame in frames.items()},
        "fingerprints": dict(material.fingerprints),
        "versions": {"numpy": np.__version__, "pandas": pd.__version__},
        "seconds": round(time.perf_counter() - started, 3),
        **told,
    }
    rows = {name: len(frame) for name, frame in frames.items()}
    return Scores(
        estimates, values, population(judged, ledger, material.in_catalogue, rows), manifest
    )


REQUIRED = ("recommendations", "truth")


def _cutoffs(k: int | Sequence[int]) -> list[int]:
    """Different whole numbers of 1 or more, ascending; ConfigError for anything else."""
    asked = list(k) if isinstance(k, Iterable) else [k]
    for cutoff in asked:
        is_whole = isinstance(cutoff, int | np.integer) and not isinstance(cutoff, bool)
        if not is_whole or cutoff < 1:
            raise ConfigError(f"k must be whole numbers of 1 or more, such as (5, 10); got {k!r}")
    if not asked:
        raise ConfigError("k holds no cutoff; name one or more, such as (5, 10)")
    return sorted({int(cutoff) for cutoff in asked})


def _judged(
    material: Material,
    metrics: Sequence[Metric],
    ks: list[int],
    frames: Mapping[str, FrameIn],
    ledger: Ledger,
) -> Judged:
    """The lists held against the truth; `ledger` takes over what was counted on the way."""
    lists = to_lists(
        material.rows,
        max(ks),
        whole=any(not metric.cutoff and "hits" in metric.needs for metric in metrics),
        with_scores=any("scores" in metric.needs for metric in metrics),
        ledger=ledger,
    )
    judged = judge(
        lists,
        material.truth,
        seen=() if material.seen is None else (material.seen,),
        k=max(ks),
        n_catalogue=int(material.in_catalogue.sum()),
        has_scores=material.rows.score is not None,
        catalogue=catalogue_of_frames(
            described(frames.get("items"), material, ledger), material.seen, material.in_catalogue
        ),
    )
    ledger.extend(judged.ledger)
    if judged.ledger.count(UNKNOWN_USER) == len(lists.users):
        listed, tested = (material.users.names(x)[0] for x in (lists.users, judged.truth.users))
        raise DatasetError(
            f"no user of the recommendations is in the truth: users such as {str(listed)!r} have "
            f"lists, users such as {str(tested)!r} are in the truth. Check that both name users "
            "the same way"
        )
    return judged


def _computable(
    metrics: Sequence[Metric], asked: str | Sequence[str | Metric], judged: Judged
) -> tuple[list[Metric], dict[str, str]]:
    """Metrics that can be had here, and why the others cannot.

    One that was asked for by its own name stays, so that asking for it ends in an error; one that
    came with "all" or a family is left out and said.
    """
    named = _asked_by_name(asked)
    reasons = {metric.name: reason_missing(metric, judged) for metric in metrics}
    left_out = {name: why for name, why in reasons.items() if why and name not in named}
    return [metric for metric in metrics if metric.name not in left_out], left_out


def _asked_by_name(asked: str | Sequence[str | Metric]) -> set[str]:
    words = [asked] if isinstance(asked, str) else list(asked)
    named = {word.strip() for text in words if isinstance(text, str) for word in text.split(",")}
    return named | {metric.name for metric in words if isinstance(metric, Metric)}


def _outside(users: Ints, material: Material, truth: FrameIn) -> "pd.Index[Any]":
    """The users' own ids: numbers where the truth has whole numbers, else text."""
    names = material.users.names(users)
    kept = names.astype(np.int64) if is_whole(truth.of("user")) else names.astype(str)
    made: pd.Index[Any] = pd.Index(kept, name="user")
    return made
