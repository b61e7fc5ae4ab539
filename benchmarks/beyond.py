"""How long do metrics beyond accuracy take?  RecScope, RecTools, RePlay, Evidently, Fairlearn.

python benchmarks/beyond.py

20,000 lists of 10 over 5,000 items. Each tool runs in a process and an environment of its own, as
benchmarks/judging.py tells ($RECSCOPE_PEERS/TOOL/bin/python); the quickest of up to seven calls
counts, on tables as the tool takes them, imports left out. Writes its section of
docs/benchmarks.md.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.common import write_section
from benchmarks.judging import python_of

WORKER = Path(__file__).resolve().parent / "beyond_worker.py"
N_USERS, N_ITEMS, K, GOAL = 20_000, 5000, 10, 5
PEERS = {"rectools": "RecTools", "replay": "RePlay", "evidently": "Evidently", "fair": "Fairlearn"}


def draw(folder: Path) -> None:
    """Lists of different items, what users had before, what they liked later, genres of items."""
    rng = np.random.default_rng(0)
    step = N_ITEMS // 200
    items = np.argsort(rng.random((N_USERS, 200)), axis=1)[:, :K] * step
    items += rng.integers(0, step, (N_USERS, K))
    users = np.repeat(np.arange(N_USERS), K)
    lists = pd.DataFrame({"user_id": users, "item_id": items.ravel()})
    keep(folder, "lists", lists.assign(rank=np.tile(np.arange(1, K + 1), N_USERS)))
    before = rng.integers(0, N_ITEMS, 20 * N_USERS)
    had = pd.DataFrame({"user_id": np.repeat(np.arange(N_USERS), 20), "item_id": before})
    keep(folder, "had", had.drop_duplicates())
    keep(folder, "liked", lists[lists.index % 3 == 0])
    genres = rng.random((N_ITEMS, 18)) < 0.12
    genres[np.arange(N_ITEMS), rng.integers(0, 18, N_ITEMS)] = True
    np.save(folder / "genres.npy", genres)


def keep(folder: Path, name: str, table: pd.DataFrame) -> None:
    """As numpy writes it: every tool's environment can read that."""
    np.savez(folder / f"{name}.npz", **{column: table[column] for column in table})


def told_by(tool: str, folder: Path) -> dict[str, list[float]]:
    """Metric → seconds and value; empty, with the reason on the screen, where it could not."""
    python = python_of(tool)
    if python is None:
        print(f"{tool}: no environment; see benchmarks/requirements-peers.txt")
        return {}
    command = [str(python), str(WORKER), tool, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{tool}: failed: {done.stderr.strip().splitlines()[-1]}")
        return {}
    answer: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        draw(folder)
        told_by("recscope", folder)  # fills the caches of compiled code
        ours = told_by("recscope", folder)
        theirs = {name: told_by(tool, folder) for tool, name in PEERS.items()}
    once = "laying the lists out, once for all metrics"
    rows = [[once, f"{ours.pop(once)[0]:.3f} s", "", "", ""]]
    for metric, (seconds, value) in ours.items():
        others = {name: told[metric] for name, told in theirs.items() if metric in told}
        if not others:
            continue
        name, (quickest, their_value) = min(others.items(), key=lambda entry: entry[1][0])
        same = "yes" if abs(value - their_value) < 1e-9 else f"{value:.4g} and {their_value:.4g}"
        times = f"{quickest / seconds:.0f}"
        rows.append([metric, f"{seconds:.3f} s", f"{quickest:.3f} s ({name})", times, same])
    columns = ["metric", "RecScope", "fastest of the others", f"times slower (goal: {GOAL})"]
    write_section(
        "beyond-accuracy",
        [*columns, "same value"],
        rows,
        f"{N_USERS:,} lists of {K} over {N_ITEMS:,} items. The other tools lay their tables out "
        "anew for every metric, within the time shown. RecTools' ild counts differing features "
        "where ours is a cosine, so that ratio is indicative. Fairlearn's interval is that of 100 "
        "resamples, taken ten times; ours, by bands that hold for all groups at once, needs none. "
        "A first call of ours pays for arrays (who had which item) that later metrics share.",
    )


if __name__ == "__main__":
    main()
