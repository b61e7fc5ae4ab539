"""Explanations of a run: made for drawn users, scored, and kept; a stage of their own."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import RecScopeError, StorageError
from recscope import explaining_pairs
from recscope.config import RunConfig
from recscope.config_sections import ExplainConfig
from recscope.explained import COLUMNS, FACTS, FOLDER
from recscope.explaining_desk import ExplainingDesk
from recscope.explaining_make import Made, blocks_of, together
from recscope.explaining_pairs import Pairs, asks_a_model
from recscope.explaining_parts import USUAL, Fusion, Judges, Marks, Piece, Words
from recscope.explaining_tables import Tables
from recscope.files import is_whole, write_json, write_table
from recscope.hands import Hands, Told
from recscope.machine import Meter

WORDED = "all words"  # the step that ends when everything is worded, and nothing scored yet
HALF = 0.5  # of the stage is behind us once all words are written


def is_asked(config: RunConfig) -> bool:
    """Does the configuration ask for explanations?"""
    return bool(config.explain.explainers)


def explain_run(hands: Hands, tell: Told) -> dict[str, Any]:
    """Write explanations/ of a run; what it cost, {} where its files are there and whole.

    hands  at the desk of the run, whose models are judged

    What fails is noted and the rest goes on; where nothing can be explained the tables are empty
    and the note says why. Raises StorageError where the disk refuses.
    """
    desk = hands.desk
    folder = desk.path / FOLDER
    if is_whole(folder / FACTS):
        return {}
    start = time.monotonic()
    with Meter() as meter:
        tables = Tables()
        try:
            _explain(hands, tables, tell)
        except StorageError:
            raise  # the disk, not the explanations
        except RecScopeError as error:
            tables.note("explanations", str(error))
        _write(folder, tables, desk.config.explain, time.monotonic() - start)
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


def _explain(hands: Hands, tables: Tables, tell: Told) -> None:
    with tables.timed(WORDED):
        found = _worded(hands, tables, tell)
    _scored(hands, found, tables, tell)


def _worded(hands: Hands, tables: Tables, tell: Told) -> dict[tuple[str, str], Made]:
    """What every explainer says of every model's recommendations, by model and explainer."""
    desk = hands.desk.explaining
    names = explaining_pairs.explainers_of(desk.case.config.explain.explainers)
    able = dict(_asked_pairs(desk, tables))
    words = {
        f"{model}: {name}" + (f", part {part}" if part > 1 else ""): Words(model, name, some.items)
        for model, pairs in able.items()
        for name in names
        for part, some in enumerate(blocks_of(pairs, name, desk.asked), start=1)
    }
    # a language model takes longest: whoever is free writes with it first
    order = sorted(words, key=lambda piece: not asks_a_model(words[piece].explainer))
    written = _shared(hands, {piece: words[piece] for piece in order}, tell, 0.0)
    found: dict[tuple[str, str], list[Made]] = {}
    for piece, asked in words.items():
        outcome = written[piece]
        if isinstance(outcome, Made):
            found.setdefault((asked.model, asked.explainer), []).append(outcome)
        else:
            tables.note(f"{asked.model}: {asked.explainer}", outcome)
    return {key: together(parts) for key, parts in found.items()}


def _asked_pairs(desk: ExplainingDesk, tables: Tables) -> Iterator[tuple[str, Pairs]]:
    """What is explained of each model; one that cannot be fitted is noted and left out."""
    with tables.timed("world"):
        desk.world  # noqa: B018 - laid out here, so that no model's time pays
    desk.users  # noqa: B018 - where nobody can be explained to, no model is fitted
    for model in desk.models:
        try:
            with tables.timed(f"{model}: fit"):
                pairs = desk.pairs(model)
        except StorageError:
            raise
        except RecScopeError as error:
            tables.note(model, str(error))
            continue
        if not pairs.able:
            tables.note(
                model,
                f"{type(pairs.fitted).__name__} cannot score a history, so nothing can be said of "
                "what the user's items add; only explanations of the list and of the data are made",
            )
        yield model, pairs


def _scored(
    hands: Hands, found: Mapping[tuple[str, str], Made], tables: Tables, tell: Told
) -> None:
    pieces: dict[str, Piece] = {}
    for (model, name), words in found.items():
        tables.seconds[f"{model}: {name}"] = words.seconds
        for reason in words.notes():
            tables.note(f"{model}: {name}", reason)
        usual = found.get((model, USUAL), Made()).explanations
        pieces[f"{model}: scores of {name}"] = Marks(model, name, words.explanations, usual)
    first = next((model for model, _ in found), None)
    if first is not None:
        usual = found.get((first, USUAL), Made()).explanations
        pieces["judges"] = Judges(first, usual)
        if hands.desk.config.explain.fusion:
            pieces["fusion"] = Fusion(first)
    # those that embed texts or ask a language model again take longest
    order = sorted(pieces, key=lambda piece: not _is_long(pieces[piece]))
    parts = _shared(hands, {piece: pieces[piece] for piece in order}, tell, HALF)
    for piece in pieces:
        part = parts[piece]
        if isinstance(part, Tables):
            tables.take(part)
        else:
            tables.note(piece, part)


def _is_long(piece: Piece) -> bool:
    return not isinstance(piece, Marks) or asks_a_model(piece.explainer) or piece.explainer == USUAL


def _shared(hands: Hands, pieces: Mapping[str, Piece], tell: Told, before: float) -> dict[str, Any]:
    """What came of each piece; of one that failed the reason, as text."""

    def told(piece: str, done: int, n: int) -> None:
        tell(piece, int(1000 * (before + HALF * done / n)), 1000)

    outcomes = hands.share("explain", list(pieces), told, given=pieces)
    return {
        piece: outcome.facts.get("made") if outcome.error is None else outcome.error
        for piece, outcome in outcomes.items()
    }
