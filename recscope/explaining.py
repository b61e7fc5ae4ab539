"""Explanations of a run: made for drawn users, scored, and kept; a stage of their own."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import RecScopeError, StorageError
from explain.explanation import Explanation
from explain.world import World
from recscope import explaining_pairs
from recscope.audits.case import Case
from recscope.config import RunConfig
from recscope.config_sections import ExplainConfig
from recscope.explained import COLUMNS, FACTS, FOLDER, frame, row_of
from recscope.explaining_estimates import estimates_of, scores_frame
from recscope.explaining_make import Made, is_baseline, made
from recscope.explaining_pairs import Pairs, asks_a_model
from recscope.explaining_paths import path_scores
from recscope.explaining_scores import Scores, faithful, material_of, strongest_of, worded_scores
from recscope.explaining_stability import stability
from recscope.explaining_tables import Tables
from recscope.explaining_tests import fused, judged, shuffled_pairs
from recscope.explaining_world import world_of
from recscope.files import is_whole, write_json, write_table
from recscope.machine import Meter
from recscope.stages import Material

Tell = Callable[[str, int, int], None]  # what is done, pieces done, pieces in all
USUAL = "template"  # the explainer whose attribution says what is strongest
OWN = "{}, own words"  # what a writer said before the template stood in for it
SHUFFLED = "{}, shuffled pairs"


def is_asked(config: RunConfig) -> bool:
    """Does the configuration ask for explanations?"""
    return bool(config.explain.explainers)


def explain_run(
    path: Path, config: RunConfig, given: Material, models: Sequence[str], tell: Tell
) -> dict[str, Any]:
    """Write explanations/ of a run; what it cost, {} where its files are there and whole.

    models  those that were judged

    What fails is noted and the rest goes on; where nothing can be explained the tables are empty
    and the note says why. Raises StorageError where the disk refuses.
    """
    folder = path / FOLDER
    if is_whole(folder / FACTS):
        return {}
    start = time.monotonic()
    with Meter() as meter:
        tables = Tables()
        try:
            _explain(Case(path, config, given, tuple(models)), tables, tell)
        except StorageError:
            raise  # the disk, not the explanations
        except RecScopeError as error:
            tables.note("explanations", str(error))
        _write(folder, tables, config.explain, time.monotonic() - start)
    return {"seconds": meter.seconds, "peak_memory_bytes": meter.peak_bytes}


def forget(path: Path) -> None:
    """Before explanations are made anew: what is there goes."""
    (path / FOLDER / FACTS).unlink(missing_ok=True)


def _write(folder: Path, tables: Tables, asked: ExplainConfig, seconds: float) -> None:
    for name in COLUMNS:
        write_table(folder / f"{name}.parquet", tables.table(name))
    explanations = tables.table("explanations")
    write_json(
        folder / FACTS,
        {
            "settings": asdict(asked),
            "seconds": tables.seconds | {"all": round(seconds, 3)},
            "notes": tables.notes,
            "counts": counts_of(explanations),
        },
    )


def counts_of(explanations: pd.DataFrame) -> dict[str, int]:
    """How many were asked for, and what became of them."""
    import json

    facts = [json.loads(text) for text in explanations["facts"]]
    by_model = [one for one in facts if "language_model" in one]
    return {
        "asked": len(explanations),
        "without_reason": int((explanations["text"] == "").sum()),
        "model_written": sum(one.get("error") is None for one in by_model),
        "fallback": int(explanations["is_fallback"].sum()),
        "failed": sum(one.get("error") is not None for one in by_model),
        "cached": sum(bool(one.get("is_cached")) for one in by_model),
    }


def _explain(case: Case, tables: Tables, tell: Tell) -> None:
    config, given = case.config, case.given
    names = explaining_pairs.explainers_of(config.explain.explainers)
    models = explaining_pairs.models_of(case.path, config, given, case.models)
    users = explaining_pairs.drawn_users(case.path, config, given, models)
    with tables.timed("world"):
        world = world_of(given)
    per_model = -(-config.explain.written // len(models))
    asked = replace(config.explain, written=per_model)
    for place, model in enumerate(models):

        def part(what: str, done: float, total: int, place: int = place) -> None:
            tell(what, int(1000 * (place + done / total)), 1000 * len(models))

        try:
            with tables.timed(f"{model}: fit"):
                fitted = case.fitted(model)
        except StorageError:
            raise
        except RecScopeError as error:
            tables.note(model, str(error))
            continue
        pairs = explaining_pairs.pairs_of(case.path, model, fitted, users, asked.items_per_user)
        if not pairs.able:
            tables.note(
                model,
                f"{type(fitted).__name__} cannot score a history, so nothing can be said of what "
                "the user's items add; only explanations of the list and of the data are made",
            )
        stage = Stage(case, world, names, asked, tables)
        _one_model(stage, pairs, part, is_first=place == 0)


@dataclass(frozen=True)
class Stage:
    """What every model's part of the stage works with."""

    case: Case
    world: World
    names: Sequence[str]
    asked: ExplainConfig
    tables: Tables


def _one_model(
    stage: Stage, pairs: Pairs, tell: Callable[[str, float, int], None], *, is_first: bool
) -> None:
    case, world, asked, tables = stage.case, stage.world, stage.asked, stage.tables
    n = len(stage.names)
    found = made(world, pairs, stage.names, asked, lambda what, share: tell(what, share * n, n + 4))
    tables.seconds.update(found.seconds)
    for note in found.notes:
        tables.note(**note)
    for explanations in found.by.values():
        ranks = ranks_in(pairs, explanations)
        told = zip(explanations, ranks, strict=True)
        rows = [row_of(one, pairs.model, rank) for one, rank in told]
        tables.add("explanations", frame("explanations", rows))
    tell(f"{pairs.model}: scores", n, n + 4)
    with tables.timed(f"{pairs.model}: scores"):
        _scored(stage, pairs, found)
    if asked.unsettled and pairs.able:
        tell(f"{pairs.model}: stability", n + 1, n + 4)
        with tables.timed(f"{pairs.model}: stability"):
            stability(case, world, pairs, found, asked, tables)
    if is_first:
        tell("judges", n + 2, n + 4)
        with tables.timed("judges"):
            judged(world, found, asked, beside_of(asked, tables), tables)
    if asked.fusion and is_first:
        tell("fusion", n + 3, n + 4)
        with tables.timed("fusion"):
            fused(case, pairs, tables)


def ranks_in(pairs: Pairs, explanations: Sequence[Explanation]) -> list[int]:
    """Place of each explained item in the model's list, from 1."""
    place = {
        (user, int(item)): rank
        for user, items in pairs.items.items()
        for rank, item in enumerate(items, start=1)
    }
    return [place.get((one.user, one.item), 0) for one in explanations]


def _scored(stage: Stage, pairs: Pairs, found: Made) -> None:
    world, asked, tables = stage.world, stage.asked, stage.tables
    strongest = strongest_of(pairs, found.by.get(USUAL, ()))
    beside = beside_of(asked, tables)
    few = pairs.first(asked.written).items  # words take longer to read than attributions
    for name, explanations in found.by.items():
        told = [one for one in explanations if one.item in few.get(one.user, ())]
        material = material_of(world, told, strongest, beside)
        n_embedded = 0 if is_baseline(name) else asked.embedded
        for judged_, scores in (
            (explanations, faithful(world, pairs, explanations, stage.case.k)),
            (told, worded_scores(material, told, n_embedded)),
            (explanations, path_scores(world, explanations)),
        ):
            ranks = ranks_in(pairs, judged_)
            tables.add("scores", scores_frame(pairs.model, name, judged_, ranks, scores.each))
            _estimated(stage, pairs, name, judged_, scores)
        if asks_a_model(name):
            own = material_of(world, told, strongest, beside, own_words=True)
            _estimated(
                stage, pairs, OWN.format(name), told, worded_scores(own, told, asked.embedded)
            )
        if name == USUAL:
            floor = shuffled_pairs(material, told, asked)
            _estimated(stage, pairs, SHUFFLED.format(name), told, floor)


def _estimated(
    stage: Stage, pairs: Pairs, name: str, explanations: Sequence[Explanation], scores: Scores
) -> None:
    rows = estimates_of(pairs.model, name, explanations, scores, stage.case.sure)
    stage.tables.add("estimates", rows)


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
