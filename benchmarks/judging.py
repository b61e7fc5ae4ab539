"""How long does it take to judge 100,000 lists? RecScope against RecTools, ranx and LensKit.

python benchmarks/judging.py [N_USERS]

Each tool runs in a process and an environment of its own: $RECSCOPE_PEERS/TOOL/bin/python, else
$RECSCOPE_PEERS/bin/python ($RECSCOPE_PEERS is .venv-peers when not set; made from
benchmarks/requirements-peers.txt). A process before the one that is timed fills the caches of
compiled code. A tool that would take over 5 minutes judges fewer users, and the table says so.
Writes its section of docs/benchmarks.md.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.common import write_section

ROOT = Path(__file__).resolve().parent.parent
WORKER = ROOT / "benchmarks" / "judging_worker.py"
N_ITEMS = 10_007  # a prime: steps of any length visit every item once
N_LISTED, N_TESTED, N_HITS = 50, 20, 3
TRIED = 2000  # users judged to see how long all would take
MOST_SECONDS = 300
SHORT_SECONDS = 20
PEERS = {
    "rectools": "RecTools calc_metrics, means alone",
    "rectools-per-user": "RecTools calc_per_user",
    "ranx": "ranx",
    "lenskit": "LensKit RunAnalysis",
}
GOALS = {"rectools": 10, "ranx": 100, "lenskit": 100}


def draw(n_users: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lists of 50 different items, 3 of them among the 20 different items of the user's truth."""
    rng = np.random.default_rng(0)
    start, step = rng.integers(N_ITEMS, size=(2, n_users, 1))
    walk = (start + np.maximum(step, 1) * np.arange(N_LISTED + N_TESTED)) % N_ITEMS
    hits = np.argsort(rng.random((n_users, N_LISTED)), axis=1)[:, :N_HITS]
    tested = np.hstack([np.take_along_axis(walk, hits, 1), walk[:, N_LISTED + N_HITS :]])
    users = np.arange(n_users)
    rank = np.tile(np.arange(1, N_LISTED + 1), n_users)
    lists = {"user_id": users.repeat(N_LISTED), "item_id": walk[:, :N_LISTED].ravel(), "rank": rank}
    truth = {"user_id": users.repeat(N_TESTED), "item_id": tested.ravel()}
    return pd.DataFrame(lists).assign(score=1 / rank), pd.DataFrame(truth)


def python_of(tool: str) -> Path | None:
    """The interpreter that has the tool; None where there is none."""
    if tool == "recscope":
        return Path(sys.executable)
    folder = Path(os.environ.get("RECSCOPE_PEERS", ROOT / ".venv-peers"))
    package = tool.partition("-")[0]
    places = [folder / package / "bin" / "python", folder / "bin" / "python"]
    return next((place for place in places if place.exists()), None)


def judged_by(tool: str, folder: Path, n_users: int | None = None) -> dict[str, Any] | None:
    """What the worker says; None, with the reason on the screen, where it could not."""
    python = python_of(tool)
    if python is None:
        print(f"{tool}: no environment; see benchmarks/requirements-peers.txt")
        return None
    command = [str(python), str(WORKER), tool, str(folder)]
    if n_users is not None:
        command.append(str(n_users))
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        print(f"{tool}: failed: {made.stderr.strip().splitlines()[-1]}")
        return None
    answer: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return answer


def best(tool: str, folder: Path) -> dict[str, Any] | None:
    """The quickest of three processes, of one where that takes long."""
    runs = []
    for _ in range(3):
        run = judged_by(tool, folder)
        if run is not None:
            runs.append(run)
        if run is None or run["first"] > SHORT_SECONDS:
            break
    return min(runs, key=lambda run: float(run["first"]), default=None)


def measured(tool: str, folder: Path, n_users: int) -> tuple[dict[str, Any] | None, str]:
    """The second process' answer, and what was done to it."""
    judged_by(tool, folder, TRIED)  # fills caches of compiled code
    small, larger = (judged_by(tool, folder, n) for n in (TRIED, 2 * TRIED))
    if small is None or larger is None:
        return None, ""
    per_user = max(larger["first"] - small["first"], 0) / TRIED
    guess = small["first"] + per_user * n_users
    if guess <= MOST_SECONDS:
        return best(tool, folder), ""
    fewer = int(n_users * MOST_SECONDS / guess)
    found = judged_by(tool, folder, fewer)
    if found is not None:
        found["first"] *= n_users / fewer
        found["again"] = found["first"]
    return found, f"from {fewer:,} users, taken linear"


def row(tool: str, name: str, found: dict[str, Any], ours: dict[str, Any], note: str) -> list[str]:
    """One line of the table; ratios of like with like: first calls, and second calls."""
    ratios = [f"{found[call] / ours[call]:.0f}" for call in ("first", "again")]
    memory = (found["frame_bytes"] + found["extra_bytes"]) / found["frame_bytes"]
    goal = f" (goal: {GOALS[tool]})" if tool in GOALS else ""
    same = [
        metric for metric, mean in ours["means"].items() if is_near(found["means"], metric, mean)
    ]
    return [
        f"{name} {found['version']}" + (f", {note}" if note else ""),
        f"{found['first']:.2f} s",
        f"{found['again']:.2f} s",
        ratios[0] + goal,
        ratios[1],
        f"{memory:.1f}" + (" (goal: under 3)" if tool == "recscope" else ""),
        "" if tool == "recscope" else ", ".join(same),
    ]


def is_near(means: dict[str, float], metric: str, mean: float) -> bool:
    return metric in means and abs(means[metric] - mean) < 1e-9


def main(n_users: int) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        lists, truth = draw(n_users)
        lists.to_parquet(folder / "lists.parquet")
        truth.to_parquet(folder / "truth.parquet")
        judged_by("recscope", folder)
        ours = best("recscope", folder)
        if ours is None:
            sys.exit("RecScope itself could not be measured")
        rows = [row("recscope", "RecScope", ours, ours, "")]
        for tool, name in PEERS.items():
            found, note = measured(tool, folder, n_users)
            if found is not None:
                rows.append(row(tool, name, found, ours, note))
                print(rows[-1])
        lists.sample(frac=1, random_state=0).to_parquet(folder / "lists.parquet", index=False)
        mixed = best("recscope", folder)
        theirs = best("rectools", folder)
        if mixed is not None:
            rows.append(row("mixed", "RecScope, rows shuffled,", mixed, mixed, ""))
        if mixed is not None and theirs is not None:
            rows.append(row("mixed", "RecTools, rows shuffled,", theirs, mixed, ""))
    columns = ["tool", "first call", "second call", "times slower", "second calls"]
    columns += ["peak memory", "same means"]
    write_section(
        "judging",
        columns,
        rows,
        f"{n_users:,} users × {N_LISTED} listed items against {N_TESTED} relevant ones each, from "
        "pandas frames, precision, recall, ndcg, map, mrr and hit_rate at 10 with a value for "
        "every user (RecScope with its intervals and its ledger, too). Each tool ran in a process "
        "of its own after another one had filled its caches of compiled code, the quickest of "
        "three (of one above 20 s); imports are not counted. Shuffled rows are compared with each "
        "other. Peak memory is resident memory, frames included, over the size of the frames "
        "alone. The last column names metrics whose mean equals RecScope's to 1e-9; the others "
        "follow another convention.",
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
