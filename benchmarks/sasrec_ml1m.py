"""Does SASRec rank MovieLens 1M as published? python benchmarks/sasrec_ml1m.py [--minutes 60].

Others by the same protocol: python benchmarks/sasrec_ml1m.py --only gpt hstu.

Protocol of Klenitskiy & Vasilev 2023 (arXiv:2309.07602): every rating is an interaction, each
user's last one is the test, all films but those the user has had are ranked, HR@10 and NDCG@10 over
all users. A training over its minutes stops with a checkpoint; run again to go on. The table goes
to docs/sequence-models.md.
"""

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from common import write_section  # noqa: E402 - needs the root

from core.errors import Cancelled  # noqa: E402
from core.load import load  # noqa: E402
from core.split import split  # noqa: E402
from recommenders.doors import resolve  # noqa: E402

SIZES = {"width": 64, "n_layers": 2, "n_heads": 2, "max_length": 100, "n_negatives": 256}
LEARNING = {"n_epochs": 20, "batch": 64, "learning_rate": 2e-3, "dropout": 0.2}
MODELS = {"popularity": {}, "markov": {}, "sasrec": {**SIZES, **LEARNING}}
OTHERS = {name: {**SIZES, **LEARNING} for name in ("gpt", "hstu")}
PUBLISHED = [  # table of MovieLens-1m, arXiv:2309.07602
    ("SASRec as published (one negative)", "0.2500", "0.1341"),
    ("SASRec with cross-entropy, as published", "0.3152", "0.1821"),
    ("SASRec with 3,000 negatives, as published", "0.3159", "0.1857"),
]
COLUMNS = ["model", "HR@10", "NDCG@10", "users", "epochs", "processor seconds", "seconds"]


def judged(model, parts):
    """Hits and gains of every user's held-out film, ranked among all not had before."""
    top = model.recommend(parts.test.users.astype(np.int64), 10)
    hits = top.items == parts.test.items[:, None]
    gains = np.where(hits.any(axis=1), 1 / np.log2(hits.argmax(axis=1) + 2), 0.0)
    return hits.any(axis=1).astype(float), gains


def interval(values):
    """Mean, and its 95 % interval over users by 2,000 bootstrap draws."""
    rng = np.random.default_rng(0)
    means = [rng.choice(values, len(values)).mean() for _ in range(2000)]
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{values.mean():.4f} ({low:.4f}–{high:.4f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--data", default="movielens-1m")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=list(MODELS), choices=[*MODELS, *OTHERS])
    asked = parser.parse_args()
    end = time.perf_counter() + 60 * asked.minutes
    rows = replace(load(asked.data).interactions, threshold=None)
    parts = split(rows, "leave-last", validation=0)

    def told(_what, done, total):
        if time.perf_counter() > end:
            print(f"the time is over at step {done} of {total}; run again to go on")
            raise Cancelled

    lines = []
    for name in asked.only:
        model = resolve(name, {**MODELS, **OTHERS}[name])
        if hasattr(model, "bind_progress"):
            model.n_threads = asked.threads
            model.bind_progress(told)
        before, began = time.process_time(), time.perf_counter()
        model.fit(parts.train)
        cost = time.process_time() - before, time.perf_counter() - began
        hits, gains = judged(model, parts)
        curve = getattr(model, "curve_", [])
        lines.append(
            [name, interval(hits), interval(gains), f"{len(hits):,}", len(curve) or "–"]
            + [f"{seconds:,.0f}" for seconds in cost]
        )
        print(lines[-1], flush=True)
        for row in curve:
            print({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()})
    is_held_against = "sasrec" in asked.only
    if is_held_against:
        lines += [[name, hits, gains, "6,040", "", "", ""] for name, hits, gains in PUBLISHED]
    note = (
        f"`{Path(sys.argv[0]).name}` on {asked.data}, threads: {asked.threads}, {os.cpu_count()} "
        "cores. Intervals: 95 %, over users."
    )
    section = "sasrec-ml1m" if is_held_against else "others-ml1m"
    write_section(section, COLUMNS, lines, note, ROOT / "docs" / "sequence-models.md")


if __name__ == "__main__":
    main()
