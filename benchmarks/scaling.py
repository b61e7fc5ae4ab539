"""Does a larger decoder foresee more?  Run: python benchmarks/scaling.py [--data movielens-100k].

The model gpt in several widths and depths, everything else equal: every rating an interaction, each
user's last one is the test, all items the user has not had are ranked. Beside hits and gains, how
surprised a model is by the test item: the mean of -log p over all listed items, in nats. The
table goes to docs/sequence-models.md.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from common import write_section  # noqa: E402 - needs the root
from sasrec_ml1m import interval, judged  # noqa: E402

from core.load import load  # noqa: E402
from core.split import split  # noqa: E402
from recommenders.sequence.gpt import GPT  # noqa: E402

WIDTHS, DEPTHS = (8, 16, 32, 64, 128), (1, 2, 4)
COLUMNS = ["width", "layers", "weights", "surprise", "HR@10", "NDCG@10", "seconds"]


def surprise(model, parts):
    """-log p of each user's test item among the listed ones, float (n_users,)."""
    scores = model._score(parts.test.users.astype(np.int64)).astype(np.float64)  # noqa: SLF001 - scores of all items
    scores -= scores.max(axis=1, keepdims=True)
    wanted = scores[np.arange(len(scores)), parts.test.items]
    told = np.log(np.exp(scores).sum(axis=1)) - wanted
    return told[np.isfinite(told)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="movielens-100k")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    rows = replace(load(asked.data).interactions, threshold=None)
    parts = split(rows, "leave-last", validation=0)
    lines = []
    for width in WIDTHS:
        for depth in DEPTHS:
            model = GPT(
                width=width,
                n_layers=depth,
                n_heads=max(1, width // 16),
                n_epochs=asked.epochs,
                n_threads=asked.threads,
            )
            began = time.perf_counter()
            model.fit(parts.train)
            seconds = time.perf_counter() - began
            hits, gains = judged(model, parts)
            n_weights = sum(weight.numel() for weight in model.net_.parameters())
            lines.append(
                [
                    width,
                    depth,
                    f"{n_weights:,}",
                    *(interval(values) for values in (surprise(model, parts), hits, gains)),
                    f"{seconds:,.0f}",
                ]
            )
            print(lines[-1], flush=True)
    note = (
        f"`scaling.py` on {asked.data}, {len(hits):,} users, at most {asked.epochs} epochs, "
        f"threads: {asked.threads}. Intervals: 95 %, over users."
    )
    write_section("scaling", COLUMNS, lines, note, ROOT / "docs" / "sequence-models.md")


if __name__ == "__main__":
    main()
