"""python -m recscope compare."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from recscope.cli import show
from recscope.store import Run, open_run

SAME = ("sha256", "split", "threshold")


def compare(given: argparse.Namespace) -> int:
    """Paired differences to a baseline: models of one run, or of several on the same data."""
    from recscope.compare import adjust
    from recscope.outputs import records

    folder = Path(given.out).resolve() if given.out else None
    runs = [open_run(run_id, folder) for run_id in dict.fromkeys(given.ids)]
    baseline, frame = _differences(runs, given.baseline)
    if given.json:
        show.as_json({"baseline": baseline, "comparisons": frame})
        return 0
    chosen = _chosen(frame, given.metrics or ["ndcg"], given.k or [10], bool(given.k))
    if len(chosen) != len(frame):
        chosen = adjust(chosen)  # corrected over what is on show
    show.table(
        ("model", "metric", "difference", "interval", "p Holm", "p BH", "n"),
        [
            (
                row["model"],
                row["metric"] if row["k"] is None else f"{row['metric']}@{int(row['k'])}",
                f"{row['difference']:+.4f}",
                show.interval(row["low"], row["high"]),
                show.number(row["p_holm"]),
                show.number(row["p_bh"]),
                f"{row['n']:,}",
            )
            for row in records(chosen)
        ],
        title=f"Difference to {baseline}, paired by user; p corrected over the rows shown",
        numbers=5,
    )
    return 0


def _differences(runs: Sequence[Run], baseline: str | None) -> tuple[str, Any]:
    """The baseline's name, and every comparison with it."""
    from recscope.compare import compare as compared

    stored = runs[0].comparisons()
    if len(runs) == 1 and len(stored) and baseline in (None, stored["baseline"].iloc[0]):
        return str(stored["baseline"].iloc[0]), stored
    _require_same(runs)
    tables = _tables(runs)
    config = runs[0].manifest["config"]["evaluate"]
    if baseline is None:
        baseline = "popularity" if "popularity" in tables else next(iter(tables))
    frame = compared(
        tables,
        baseline,
        resamples=config["resamples"],
        confidence=config["confidence"],
        seed=config["seed"],
    )
    return baseline, frame


def _require_same(runs: Sequence[Run]) -> None:
    first = runs[0].manifest["data"]
    for run in runs[1:]:
        data = run.manifest["data"]
        differing = [name for name in SAME if data[name] != first[name]]
        if differing:
            raise ConfigError(
                f"runs {runs[0].id} and {run.id} cannot be compared: they differ in "
                f"{', '.join(differing)} of the data, so their users answer different questions"
            )


def _tables(runs: Sequence[Run]) -> dict[str, Any]:
    """Per-user tables by model; a name that several runs have gets its run's last word."""
    names = [name for run in runs for name in run.models()]
    found = {}
    for run in runs:
        for name in run.models():
            is_shared = names.count(name) > 1
            found[f"{name} ({run.id[-4:]})" if is_shared else name] = run.per_user(name)
    return found


def _chosen(frame: Any, metrics: Sequence[str], k: Sequence[int], asked: bool) -> Any:  # noqa: FBT001
    """Rows of these metrics and cutoffs; where nobody asked and there is no 10, every cutoff."""
    is_metric = frame["metric"].isin(metrics)
    is_k = frame["k"].isin(k) | frame["k"].isna()
    if not asked and not (is_metric & is_k).any():
        is_k[:] = True
    if not (is_metric & is_k).any():
        known, cutoffs = sorted(set(frame["metric"])), sorted(set(frame["k"].dropna()))
        raise ConfigError(
            f"no comparison of {', '.join(metrics)} at {', '.join(map(str, k))}; there is "
            f"{', '.join(known)} at {', '.join(map(str, cutoffs))}"
        )
    return frame[is_metric & is_k]
