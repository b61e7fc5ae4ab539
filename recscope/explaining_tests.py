"""Beside the scores of explanations: shuffled pairs, calibration of judges, fusion."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import RecScopeError, StorageError
from explain.explanation import Explanation
from explain.judges import JUDGES, calibrate
from explain.scorers import OTHERS, SCORERS, shuffled
from explain.world import World
from recscope.audits.case import Case
from recscope.config_sections import ExplainConfig
from recscope.explained import COLUMNS
from recscope.explaining_pairs import Pairs
from recscope.explaining_scores import BESIDE, Scores, brief_for, embeds, of_words
from recscope.explaining_tables import Tables

N_JUDGED = 20  # texts of the template that judges are tried on
USUAL = "template"


def shuffled_pairs(
    material: dict[str, Any], explanations: Sequence[Explanation], asked: ExplainConfig
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
    if len(material["texts"]) < 2:
        return Scores(reasons=dict.fromkeys(compares, "not available: needs two texts or more"))
    return of_words(shuffled(material, asked.seed), explanations, compares, asked.embedded)


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
