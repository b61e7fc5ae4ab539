"""How long does every judgement take?  Eight models on ML-1M, judged and audited family by family.

python benchmarks/families.py

One run of the default models, compiled kernels in their cache; seconds and peak memory of each
family as the run notes them, and the wall time from the first judgement to the last audit, which
two processes share. Refits inside audits (calibration's map, drift's windows) count.
Then what 1,000 resamples of 60 metrics over 100,000 users cost. Writes its sections of
docs/benchmarks.md.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.common import write_section
from recscope.bootstrap import interval, normal_interval, resampled_means, summary

ROOT = Path(__file__).resolve().parent.parent
GOAL, GOAL_BOOTSTRAP = 60, 5
N_USERS, N_METRICS, RESAMPLES = 100_000, 60, 1000


def run(data: str, folder: str) -> tuple[dict[str, dict[str, float]], float]:
    """Stage → seconds and peak memory of the default models on this data; wall time of judging."""
    command = [sys.executable, "-m", "recscope", "run", "--data", data, "--out", folder, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    manifest = json.loads(done.stdout)["manifest"]
    log = (Path(folder) / manifest["id"] / "log.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in log]
    judging = [
        datetime.fromisoformat(event["time"])
        for event in events
        if event.get("stage") == "judge" or event["event"] == "audited"
    ]
    return manifest["stages"], (judging[-1] - judging[0]).total_seconds()


def families() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run("sandbox", folder)  # fills the caches of compiled code
        load = os.getloadavg()[0]
        stages, wall = run("movielens-1m", folder)
    seconds: dict[str, list[float]] = {}
    for name, stage in stages.items():
        about, _, what = name.rpartition(": ")
        label = f"audit of {what}" if about == "audit" else what if about else name
        seconds.setdefault(label, [0.0, 0.0])
        seconds[label][0] += stage["seconds"]
        seconds[label][1] = max(seconds[label][1], stage["peak_memory_bytes"])
    labels = {"judge": "accuracy, diversity, list calibration, popularity (all models, all groups)"}
    judged = [label for label in seconds if label == "judge" or label.startswith("audit of ")]
    rows = []
    for label in judged:
        taken, peak = seconds[label]
        rows.append([labels.get(label, label), f"{taken:.1f} s", f"{peak / 2**20:,.0f}"])
    rows.append([f"all families together, wall time (goal: {GOAL} s)", f"{wall:.1f} s", ""])
    rows.append(["beside them: explanations", f"{seconds['explain'][0]:.1f} s", ""])
    rows.append(["beside them: fitting and listing", _others(seconds, [*judged, "explain"]), ""])
    write_section(
        "families",
        ["family", "seconds", "peak memory [MiB]"],
        rows,
        "Eight models on MovieLens 1M, lists of 100, cutoffs 5, 10 and 20, 1,000 resamples, "
        f"2 cores, load before the run {load:.1f}. Calibration fits every model once more on the "
        "training part, for its map; drift refits the cheap ones in four windows.",
    )


def _others(seconds: dict[str, list[float]], judged: list[str]) -> str:
    return f"{sum(value[0] for label, value in seconds.items() if label not in judged):.1f} s"


def bootstrap() -> None:
    values = np.random.default_rng(0).random((N_USERS, N_METRICS))
    began = time.perf_counter()
    found = summary(values)
    again = resampled_means(values, RESAMPLES, (0,))
    interval(found.mean, again, found.n, 0.95, "bca", found.skew)
    drawn = time.perf_counter() - began
    began = time.perf_counter()
    found = summary(values)
    normal_interval(found.mean, found.deviation, found.n, 0.95)
    closed = time.perf_counter() - began
    write_section(
        "bootstrap",
        ["intervals of 60 means over 100,000 users", "seconds"],
        [
            [f"1,000 resamples, BCa (goal: {GOAL_BOOTSTRAP} s)", f"{drawn:.2f} s"],
            ["closed form, as runs use from 10,000 users on", f"{closed:.3f} s"],
        ],
    )


if __name__ == "__main__":
    bootstrap()
    families()
