"""python -m recscope run."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from recscope.cli import show
from recscope.cli.bars import watching
from recscope.config import RunConfig, default_config, read_config
from recscope.config_sections import DataConfig, ModelConfig, RelevanceConfig
from recscope.store import Run

SHOWN = ("ndcg", "recall", "hit_rate")


def run(given: argparse.Namespace) -> int:
    """Compute a run, or go on with one, and show what came out."""
    from recscope import engine

    run_id: list[str] = []
    config = _asked(given)
    try:
        with watching() as progress:
            made = engine.run(
                config, out=given.out, resume=given.resume, progress=progress, named=run_id.append
            )
    except KeyboardInterrupt:
        if run_id:
            sys.stderr.write(f"stopped; go on with: python -m recscope run --resume {run_id[0]}\n")
        raise
    if given.json:
        show.as_json(as_dict(made))
    else:
        summary(made)
    return 0


def _asked(given: argparse.Namespace) -> RunConfig | None:
    own = _own_files(given)
    changed = bool(given.data or given.models or own) or given.threshold is not None
    if given.resume and given.config is None and not changed:
        return None
    config = read_config(Path(given.config)) if given.config else default_config()
    if given.data:
        config = replace(config, data=default_config(given.data).data)
    if own:
        config = replace(config, data=own)
    if given.threshold is not None:
        config = replace(config, relevance=RelevanceConfig(given.threshold))
    if given.models:
        named = {name: config.models.get(name, ModelConfig(name)) for name in given.models}
        config = replace(config, models=named)
    return config


def _own_files(given: argparse.Namespace) -> DataConfig | None:
    """The data of `--interactions FILE` and what belongs to it; None where it is not given."""
    if given.interactions:
        if given.data:
            raise ConfigError("--data names a card and --interactions a file; give one of the two")
        return DataConfig(
            interactions=given.interactions,
            users=given.users,
            items=given.items,
            columns=given.columns or {},
        )
    if given.users or given.items or given.columns:
        raise ConfigError(
            "--users, --items and --columns describe your own data; add --interactions FILE"
        )
    return None


def as_dict(made: Run) -> dict[str, Any]:
    """A run as `--json` prints it."""
    manifest = made.manifest
    return {
        "id": made.id,
        "path": str(made.path),
        "estimates": made.estimates(),
        "population": manifest.pop("population"),
        "manifest": manifest,
    }


def summary(made: Run) -> None:
    """What came out, in one screen."""
    manifest = made.manifest
    config = manifest["config"]["evaluate"]
    cutoffs = list(config["k"])
    k = 10 if 10 in cutoffs else cutoffs[-1]
    frame = made.estimates()
    everybody = frame[frame["group_by"].isna() & (frame["k"] == k)]
    metrics = [name for name in SHOWN if name in set(everybody["metric"])]
    first = metrics[0] if metrics else str(everybody["metric"].iloc[0])
    by_model = {(row["model"], row["metric"]): row for row in everybody.to_dict("records")}
    rows = []
    for model in made.models():
        top = by_model[model, first]
        others = [show.number(by_model[model, name]["mean"]) for name in metrics[1:]]
        spread = show.interval(top["low"], top["high"])
        rows.append((model, show.number(top["mean"]), spread, *others, f"{top['n']:,}"))
    rows.sort(key=lambda row: row[1], reverse=True)
    if manifest["fallback"]:
        show.say(f"NOTE: {manifest['fallback']}")
    level = f"{config['confidence']:.0%} interval"
    show.table(
        ("model", f"{first}@{k}", level, *(f"{name}@{k}" for name in metrics[1:]), "users"),
        rows,
        title=_title(manifest),
        numbers=len(metrics) + 2,
    )
    _failures(manifest)
    _population(manifest)
    show.say()
    show.say(f"run      {made.id}")
    show.say(f"folder   {made.path}")
    show.say(f"compare  python -m recscope compare {made.id}")


def _title(manifest: dict[str, Any]) -> str:
    data = manifest["data"]
    counts = data["counts"]
    judged, every = counts["judged_users"], counts.get("test_users", counts["judged_users"])
    drawn = f", {judged:,} of {every:,} users drawn by lot" if judged < every else ""
    return (
        f"{data['name']}: {counts['train'] + counts['validation']:,} rows to learn from, "
        f"{counts['test']:,} to judge by ({data['split']['rule']}{drawn})"
    )


def _failures(manifest: dict[str, Any]) -> None:
    failed = {
        name: entry["error"]
        for name, entry in manifest["models"].items()
        if entry["status"] != "done"
    }
    if failed:
        show.say()
        show.say(f"{len(failed)} of {len(manifest['models'])} models FAILED:")
        show.facts(failed)


def _population(manifest: dict[str, Any]) -> None:
    """The ledger in short: what concerns the data, and the models' entries summed by reason."""
    told: dict[tuple[str, str, str], list[int]] = {}
    for row in manifest["population"]:
        told.setdefault((row["action"], row["reason"], row["unit"]), []).append(row["count"])
    if not told:
        return
    show.say()
    show.table(
        ("action", "reason", "unit", "count"),
        [
            (action, reason, unit, _span(counts))
            for (action, reason, unit), counts in told.items()
            if not reason.startswith("model failed")
        ],
        title="Who and what is behind the numbers",
        numbers=1,
        folds="reason",
    )


def _span(counts: list[int]) -> str:
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"
