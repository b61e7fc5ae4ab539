"""python -m recscope runs [list|delete ID …], and run-job: how background jobs start."""

import argparse
from pathlib import Path
from typing import Any

from recscope.cli import show
from recscope.store import Run, list_runs, open_run


def list_(given: argparse.Namespace) -> int:
    """Every run, newest first."""
    folder = Path(given.out).resolve() if given.out else None
    rows = [_facts(run) for run in list_runs(folder)]
    if given.json:
        show.as_json(rows)
    elif rows:
        show.table(
            ("id", "status", "models", "seconds"),
            [(row["id"], row["status"], row["models"], f"{row['seconds']:.1f}") for row in rows],
            numbers=2,
        )
    else:
        show.say("no run yet; start one with: python -m recscope run")
    return 0


def _facts(run: Run) -> dict[str, Any]:
    manifest = run.manifest
    models = manifest["models"].values()
    return {
        "id": run.id,
        "status": run.status,
        "created": manifest["created"],
        "data": manifest["name"],
        "models": sum(entry["status"] == "done" for entry in models),
        "seconds": sum(stage["seconds"] for stage in manifest["stages"].values()),
        "path": str(run.path),
    }


def delete(given: argparse.Namespace) -> int:
    """Delete runs; none is touched where one of the ids is unknown."""
    folder = Path(given.out).resolve() if given.out else None
    for run in [open_run(run_id, folder) for run_id in dict.fromkeys(given.ids)]:
        run.delete()
        show.say(f"deleted {run.id}")
    return 0


def run_job(given: argparse.Namespace) -> int:
    """Compute a queued job in this process."""
    from recscope.jobs import run_job as work

    return work(given.id)
