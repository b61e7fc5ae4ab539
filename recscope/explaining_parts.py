"""Pieces of the stage of explanations, each done by whichever process is free.

First every explainer's words, then its scores; beside these the calibration of judges and what
evidence changes in the ranking.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import RecScopeError
from explain.explanation import Explanation
from recscope.config_sections import ExplainConfig
from recscope.explained import frame, row_of
from recscope.explaining_desk import ExplainingDesk
from recscope.explaining_estimates import estimates_of, scores_frame
from recscope.explaining_make import Made, is_baseline, made
from recscope.explaining_pairs import Pairs, asks_a_model
from recscope.explaining_paths import path_scores
from recscope.explaining_scores import Scores, faithful, material_of, strongest_of, worded_scores
from recscope.explaining_stability import stability
from recscope.explaining_tables import Tables
from recscope.explaining_tests import fused, judged, shuffled_pairs

USUAL = "template"  # the explainer whose attribution says what is strongest
OWN = "{}, own words"  # what a writer said before the template stood in for it
SHUFFLED = "{}, shuffled pairs"
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Words:
    """An explainer's words for some users are asked for."""

    model: str
    explainer: str
    pairs: Mapping[int, Any]


@dataclass(frozen=True)
class Marks:
    """Scores of an explainer's explanations are asked for.

    usual  what the usual explainer said: its attributions are what others are held against
    """

    model: str
    explainer: str
    explanations: Sequence[Explanation]
    usual: Sequence[Explanation]


@dataclass(frozen=True)
class Judges:
    """Can judges be believed? They are tried on what the usual explainer said."""

    model: str
    usual: Sequence[Explanation]


@dataclass(frozen=True)
class Fusion:
    """What does evidence change in the ranking of a model?"""

    model: str


Piece = Words | Marks | Judges | Fusion


def done(desk: ExplainingDesk, piece: Piece) -> Made | Tables:
    """A piece of the stage: words answer with Made, everything else with its part of the tables."""
    if isinstance(piece, Words):
        return _worded(desk, piece)
    tables = Tables()
    if isinstance(piece, Marks):
        with tables.timed(f"{piece.model}: {piece.explainer}, scores"):
            _marked(desk, piece, tables)
    elif isinstance(piece, Judges):
        with tables.timed("judges"):
            judged(desk.world, piece.usual, desk.asked, beside_of(desk.asked, tables), tables)
    else:
        with tables.timed("fusion"):
            fused(desk.case, desk.pairs(piece.model), tables)
    return tables


def _worded(desk: ExplainingDesk, piece: Words) -> Made:
    whole = desk.pairs(piece.model)
    some = Pairs(whole.model, whole.fitted, piece.pairs, whole.able)
    writer = desk.writer(piece.explainer)
    return made(desk.world, some, piece.explainer, writer, desk.params(piece.model))


def _marked(desk: ExplainingDesk, piece: Marks, tables: Tables) -> None:
    pairs, asked, name = desk.pairs(piece.model), desk.asked, piece.explainer
    explanations = list(piece.explanations)
    told = zip(explanations, ranks_in(pairs, explanations), strict=True)
    rows = [row_of(one, pairs.model, rank) for one, rank in told]
    tables.add("explanations", frame("explanations", rows))
    _scored(desk, pairs, piece, tables)
    if asked.unsettled and pairs.able:
        stability(desk, pairs, name, explanations, tables)


def _scored(desk: ExplainingDesk, pairs: Pairs, piece: Marks, tables: Tables) -> None:
    world, asked, name, explanations = desk.world, desk.asked, piece.explainer, piece.explanations
    strongest = strongest_of(pairs, piece.usual)
    beside = beside_of(asked, tables)
    few = pairs.first(asked.written).items  # words take longer to read than attributions
    told = [one for one in explanations if one.item in few.get(one.user, ())]
    material = material_of(world, told, strongest, beside, desk.references)
    n_embedded = 0 if is_baseline(name) else asked.embedded

    def estimated(called: str, judged_: Sequence[Explanation], scores: Scores) -> None:
        tables.add("estimates", estimates_of(pairs.model, called, judged_, scores, desk.case.sure))

    for judged_, scores in (
        (explanations, faithful(world, pairs, explanations, desk.case.k)),
        (told, worded_scores(material, told, n_embedded)),
        (explanations, path_scores(world, explanations)),
    ):
        ranks = ranks_in(pairs, judged_)
        tables.add("scores", scores_frame(pairs.model, name, judged_, ranks, scores.each))
        estimated(name, judged_, scores)
    if asks_a_model(name):
        own = material_of(world, told, strongest, beside, desk.references, own_words=True)
        estimated(OWN.format(name), told, worded_scores(own, told, asked.embedded))
    if name == USUAL:
        estimated(SHUFFLED.format(name), told, shuffled_pairs(material, told, asked))


def ranks_in(pairs: Pairs, explanations: Sequence[Explanation]) -> list[int]:
    """Place of each explained item in the model's list, from 1."""
    place = {
        (user, int(item)): rank
        for user, items in pairs.items.items()
        for rank, item in enumerate(items, start=1)
    }
    return [place.get((one.user, one.item), 0) for one in explanations]


def beside_of(asked: ExplainConfig, tables: Tables) -> dict[str, Any]:
    """Models that score words, where they are there; a judge that cannot be had is noted."""
    beside: dict[str, Any] = {"embedding": asked.embedding}
    if asked.judge:
        from core.language import language_model

        try:
            judge = language_model(asked.judge)
        except RecScopeError as error:
            tables.note(f"judge {asked.judge}", str(error))
            return beside
        beside["judge"] = judge
        if judge.scorer is not None:
            beside["language_model"] = judge
    return beside
