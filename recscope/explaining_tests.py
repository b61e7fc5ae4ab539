"""Beside the scores of explanations: shuffled pairs, calibration of judges, fusion."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.errors import RecScopeError, StorageError
from explain.explanation import Explanation
from explain.judges import JUDGES, calibrate
from explain.scorers import OTHERS, SCORERS, score_all, shuffled
from explain.world import World
from recscope.audits.case import Case
from recscope.config_sections import ExplainConfig
from recscope.explained import COLUMNS
from recscope.explaining_pairs import Pairs
from recscope.explaining_scores import BESIDE, Scores, brief_for, embeds, taken
from recscope.explaining_tables import Tables

N_JUDGED = 20  # texts of the template that judges are tried on
USUAL = "template"


def shuffled_pairs(
    material: Mapping[str, Any], explanations: Sequence[Explanation], asked: ExplainConfig
) -> Scores:
    """The floor of scores that compare a text with something: the texts of others.

    Only scorers that compare answer here; what they say of texts beside the evidence of others is
    what a writer gets who wrote for nobody in particular.
    """
    compares = [
        one.name
        for one in SCORERS.values()
        if one.family not in BESIDE and {*OTHERS} & {*one.needs}
    ]
    n = len(material["texts"])
    if n < 2:
        return Scores(reasons=dict.fromkeys(compares, "not available: needs two texts or more"))
    moved = shuffled(material, asked.seed)
    found = Scores(material=moved)
    slow = [name for name in compares if embeds(name)]
    rows = np.array([place for place, one in enumerate(explanations) if one.text], dtype=np.int64)
    few = np.arange(min(asked.embedded, n))
    for names, places in (([c for c in compares if c not in slow], np.arange(n)), (slow, few)):
        if not len(places):
            continue
        answer = score_all(taken(moved, places), names)
        for name, values in answer.each.items():
            found.each[name] = np.full(len(explanations), np.nan)
            found.each[name][rows[places]] = values
        found.whole |= answer.whole
        found.reasons |= answer.reasons
    return found


def judged(
    world: World,
    usual: Sequence[Explanation],
    asked: ExplainConfig,
    beside: Mapping[str, Any],
    tables: Tables,
) -> None:
    """Can judges tell the template's texts from the same texts with one thing wrong?"""
    good = [one for one in usual if one.text][:N_JUDGED]
    if not good:
        tables.note("judges", f"not available: needs explanations of {USUAL!r} to spoil")
        return
    try:
        table = calibrate(
            [one.text for one in good],
            [brief_for(world, one) for one in good],
            [name for name in JUDGES if asked.embedded or not embeds(name)],
            material=beside,
            seed=asked.seed,
        )
    except StorageError:
        raise
    except RecScopeError as error:
        tables.note("judges", str(error))
        return
    tables.add("judges", table[list(COLUMNS["judges"])])


def fused(case: Case, pairs: Pairs, tables: Tables) -> None:
    """What evidence changes when it enters the ranking of the first model."""
    from recscope.explaining_fusion import fusion_table

    try:
        fusion = fusion_table(
            case.given, case.config, pairs.model, sure=case.sure, model=pairs.fitted
        )
    except StorageError:
        raise
    except RecScopeError as error:
        tables.note(f"fusion of {pairs.model}", str(error))
        return
    tables.add("fusion", fusion.table)
    for note in fusion.notes:
        tables.note(**note)
