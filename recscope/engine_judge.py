"""From lists to numbers: per-user and per-item tables, estimates, comparisons."""

import contextlib
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from core.ledger import Entry, Ledger
from core.tables import TopK
from evaluators.doors import resolve
from evaluators.metric import Metric
from recscope import compare as comparing
from recscope.audits.report import AUDIT
from recscope.config import RunConfig
from recscope.engine_models import COST, Turn
from recscope.estimate import estimate
from recscope.files import is_whole, read_json, read_table, write_json, write_table
from recscope.groups import group_frame
from recscope.judge import judge, per_user, reason_missing
from recscope.judged import Judged
from recscope.lists import exposure, from_table, shaped
from recscope.machine import Meter
from recscope.stages import Material, group_columns

JUDGED = "judged.json"
TABLES = ("per_user.parquet", "per_item.parquet", "estimates.parquet")
EXPLANATIONS = "explanations/explain.json"  # as recscope.explained names it
OF_ALL = ("estimates.parquet", "comparisons.parquet")


def is_judged(folder: Path) -> bool:
    """Was this model judged, in an earlier sitting maybe?"""
    return all(is_whole(folder / name) for name in (JUDGED, *TABLES))


def forget(folder: Path) -> None:
    """Before a model is judged anew: what was said of it, alone and beside others, goes."""
    run = folder.parent.parent
    audits = (run / "audits").glob(f"*/{AUDIT}")
    explanations = run / EXPLANATIONS
    for path in (folder / JUDGED, *(run / name for name in OF_ALL), *audits, explanations):
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def judge_model(turn: Turn) -> None:
    """Write per_user, per_item and estimates of one model, and last judged.json.

    Works on the lists as they lie on disk, so that a resumed run judges the very same.
    """
    with Meter() as meter:
        ledger = _judge(turn)
    kept = {
        "population": [asdict(entry) for entry in ledger],
        "seconds": meter.seconds,
        "peak_memory_bytes": meter.peak_bytes,
    }
    write_json(turn.folder / JUDGED, kept)


def lists_of(folder: Path, config: RunConfig, given: Material) -> TopK:
    """A model's lists as they lie on disk: (n_judged_users, config.evaluate.length)."""
    return from_table(read_table(folder / "topk.parquet"), given.users, config.evaluate.length)


def judged_model(folder: Path, config: RunConfig, given: Material) -> Judged:
    """A model's lists, and what it predicted, held against the test set."""
    lists = lists_of(folder, config, given)
    predicted = None
    if read_json(folder / COST)["has_predictions"]:
        table = read_table(folder / "predictions.parquet", ["predicted"])
        predicted = table["predicted"].to_numpy()
    seen = (given.split.train, given.split.validation)
    length = config.evaluate.length
    return judge(
        lists,
        given.split.test,
        seen=seen,
        k=length,
        predicted=predicted,
        catalogue=given.catalogue,
    )


def _judge(turn: Turn) -> Ledger:
    config, given = turn.config.evaluate, turn.given
    judged = judged_model(turn.folder, turn.config, given)
    ledger = Ledger(list(judged.ledger))
    metrics = _metrics(config.metrics, judged, ledger)
    scores = per_user(judged, metrics, config.k, np.float64)
    stored = scores.astype(np.float32).reset_index().astype({"user": np.int32})
    write_table(turn.folder / "per_user.parquet", stored)
    cut = shaped(lists_of(turn.folder, turn.config, given), max(config.k))
    hits = judged.hits[:, : max(config.k)]
    items = exposure(cut, hits, given.split.test.n_items)
    write_table(turn.folder / "per_item.parquet", items)
    write_table(turn.folder / "estimates.parquet", _estimates(turn, judged, metrics, scores))
    return ledger


def _metrics(asked: tuple[str, ...], judged: Judged, ledger: Ledger) -> list[Metric]:
    """Those of the metrics that can be computed here; the others are noted with the reason."""
    wanted = resolve(asked)
    reasons = {metric.name: reason_missing(metric, judged) for metric in wanted}
    for name, reason in reasons.items():
        if reason:
            ledger.add(
                "judge", "noted", f"metric left out: {reason}", 1, unit="metrics", examples=[name]
            )
    return [metric for metric in wanted if not reasons[metric.name]]


def _estimates(
    turn: Turn, judged: Judged, metrics: list[Metric], scores: pd.DataFrame
) -> pd.DataFrame:
    config = turn.config.evaluate
    users = read_table(turn.folder.parent.parent / "users.parquet")
    chosen = group_columns(users, config.groups, turn.given.dataset)
    groups = group_frame(chosen, judged.truth.users, list(chosen.columns))
    return estimate(
        scores,
        metrics,
        model=turn.name,
        groups=groups,
        is_imputed=judged.is_imputed,
        judged=judged,
        ks=config.k,
        resamples=config.resamples,
        confidence=config.confidence,
        seed=config.seed,
    )


def finish(path: Path, config: RunConfig, models: list[str]) -> None:
    """Write what speaks of all models: estimates.parquet and comparisons.parquet."""
    parts = [read_table(path / "models" / name / "estimates.parquet") for name in models]
    write_table(path / "estimates.parquet", pd.concat(parts, ignore_index=True))
    baseline = config.baseline if config.baseline in models else models[0]
    write_table(path / "comparisons.parquet", _comparisons(path, config, models, baseline))


def _comparisons(path: Path, config: RunConfig, models: list[str], baseline: str) -> pd.DataFrame:
    if len(models) < 2:
        return pd.DataFrame(columns=list(comparing.COLUMNS))
    tables = {
        name: read_table(path / "models" / name / "per_user.parquet").set_index("user")
        for name in models
    }
    asked = config.evaluate
    return comparing.compare(
        tables,
        baseline,
        resamples=asked.resamples,
        confidence=asked.confidence,
        seed=asked.seed,
    )


def population(folder: Path) -> list[Entry]:
    """The ledger that `judge_model` kept."""
    rows = read_json(folder / JUDGED)["population"]
    return [Entry(**{**row, "examples": tuple(row["examples"])}) for row in rows]
