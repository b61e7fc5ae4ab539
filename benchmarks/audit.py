"""How long the default audit takes, stage by stage; loading ML-1M from text; --help.

Everything is timed in processes of its own, with compiled kernels in their cache, as at any but
the very first start. The machine's load is told beside the figures.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from common import write_section

ROOT = Path(__file__).resolve().parent.parent
REPEATS = 3
AGES = {
    "under 18": 1, "18-24": 18, "25-34": 25, "35-44": 35, "45-49": 45, "50-55": 50,
    "56 and over": 56,
}  # fmt: skip
LOAD = """
import json, sys, time
import core.load, core.readers
started = time.perf_counter()
dataset = core.load.load("movielens-1m", cache=False)
seconds = time.perf_counter() - started
told = {"seconds": seconds, "rows": len(dataset.interactions), "source": dataset.facts["source"]}
print(json.dumps(told))
"""


def python(*arguments: str, **environment: str) -> str:
    """What a fresh Python prints, which may keep what it compiles as it does for users."""
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def home_without_answers(folder: Path) -> str:
    """A home with the data and weights of this one, where no language model was asked before."""
    from core.paths import cache_dir

    for name in ("assets", "datasets"):
        if (cache_dir() / name).is_dir():
            shutil.copytree(cache_dir() / name, folder / "home" / "cache" / name)
    return str(folder / "home")


def audit() -> list[list[str]]:
    """The default audit: wall time of the process, then seconds and peak memory of each stage.

    Without explanations; a last run makes them too, asking a language model for the first time.
    """
    from recscope.config import default_config
    from recscope.config_sections import ExplainConfig

    walls, manifests = [], []
    with tempfile.TemporaryDirectory() as folder:
        home = home_without_answers(Path(folder))
        run = ["-m", "recscope", "run", "--out", folder, "--json"]
        plain = Path(folder) / "plain.toml"
        asked = replace(default_config(), explain=ExplainConfig(explainers=()))
        plain.write_text(asked.to_toml(), encoding="utf-8")
        for _ in range(REPEATS):
            began = time.perf_counter()
            told = python(*run, str(plain), RECSCOPE_HOME=home)
            walls.append(time.perf_counter() - began)
            manifests.append(json.loads(told)["manifest"])
        told = python(*run, RECSCOPE_HOME=home)
        manifest = json.loads(told)["manifest"]
        explained = manifest["stages"]["explain"]["seconds"]
        facts = Path(folder) / manifest["id"] / "explanations" / "explain.json"
        worded = json.loads(facts.read_text(encoding="utf-8"))["seconds"]["all words"]
    best = manifests[walls.index(min(walls))]
    rows = [
        [
            f"default audit, whole process, best of {REPEATS} (goal: 30 s)",
            f"{min(walls):.1f} s",
            "",
        ],
        [
            f"default audit, whole process, median of {REPEATS}",
            f"{statistics.median(walls):.1f} s",
            "",
        ],
        [
            "then explanations, the first time, 50 by a language model: all worded (goal: 60 s)",
            f"{worded:.1f} s",
            "",
        ],
        [
            "· and scored, with judges tried, evidence fused and everything explained again",
            f"{explained:.1f} s",
            "",
        ],
    ]
    turns: dict[str, list[float]] = {}
    for name, stage in best["stages"].items():
        about, _, what = name.rpartition(": ")
        label = f"{what}, all models" if about not in {"", "audit"} else name
        turns.setdefault(label, [0.0, 0.0])
        turns[label][0] += stage["seconds"]
        turns[label][1] = max(turns[label][1], stage["peak_memory_bytes"])
    rows += [
        [f"· {label}", f"{seconds:.2f} s", f"{peak / 2**20:,.0f} MiB"]
        for label, (seconds, peak) in turns.items()
    ]
    return rows


def write_text_files(folder: Path) -> None:
    """ML-1M as GroupLens publishes it: `::` between fields, Latin-1."""
    from core.load import load

    dataset = load("movielens-1m")
    rows, users, items = dataset.interactions, dataset.side.users, dataset.side.items
    folder.mkdir(parents=True)
    user_ids, item_ids = dataset.user_ids.names, dataset.item_ids.names
    ratings = zip(
        user_ids[rows.users], item_ids[rows.items], rows.ratings, rows.timestamps, strict=True
    )
    with (folder / "ratings.dat").open("w", encoding="latin-1") as file:
        file.writelines(f"{u}::{i}::{r:.0f}::{t}\n" for u, i, r, t in ratings)
    with (folder / "users.dat").open("w", encoding="latin-1") as file:
        for name, row in zip(user_ids, users.to_dict("records"), strict=True):
            file.write(f"{name}::{row['gender']}::{AGES[row['age_group']]}::0::{row['zip']}\n")
    with (folder / "movies.dat").open("w", encoding="latin-1", errors="replace") as file:
        for name, row in zip(item_ids, items.to_dict("records"), strict=True):
            genres = "|".join(row["genres"]) if len(row["genres"]) else "Drama"
            file.write(f"{name}::{row['title']} (1995)::{genres}\n")


def loading() -> list[list[str]]:
    """ML-1M from text, parsed anew each time."""
    with tempfile.TemporaryDirectory() as folder:
        write_text_files(Path(folder) / "ml-1m")
        told = [json.loads(python("-c", LOAD, RECSCOPE_DATA_DIR=folder)) for _ in range(REPEATS)]
    seconds = [entry["seconds"] for entry in told]
    label = f"ML-1M from text, {told[0]['rows']:,} rows"
    return [
        [f"{label}, best of {REPEATS} (goal: 1.5 s)", f"{min(seconds):.2f} s", ""],
        [f"{label}, median of {REPEATS}", f"{statistics.median(seconds):.2f} s", ""],
    ]


def helping() -> list[list[str]]:
    """--help, from start to exit."""
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        python("-m", "recscope", "--help")
        seconds.append(time.perf_counter() - began)
    median = statistics.median(seconds)
    return [["--help, median of 5 (goal: 0.5 s)", f"{median:.2f} s", ""]]


def main() -> None:
    rows = [*helping(), *loading(), *audit()]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    rows.append([f"load of the machine at the end ({os.cpu_count()} cores)", f"{load:.1f}", ""])
    write_section("audit", ["what", "time", "peak memory"], rows)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
