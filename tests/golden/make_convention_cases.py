"""Write convention_cases.json: the inputs on which every convention is held against its tool.

    python tests/golden/make_convention_cases.py

Ties, short lists, users without a list, with nothing to find, without truth, repeated items, items
had before, and k beyond the longest list.
"""

import json
import random
from pathlib import Path
from typing import Any

SEED = 20261122
LETTERS = "abcdefghijxyz"
WORKED_LISTS = {1: "axbyz", 2: "xc", 3: "dexyf", 5: "abcde"}
WORKED_TRUTH = {1: "ab", 2: "c", 3: "defghij", 4: "a"}
N_FEATURES = 6


def worked() -> dict[str, Any]:
    """One small input on which the tools give eight answers."""
    place = LETTERS.index
    return {
        "ks": [1, 3, 5],
        "ranked_by": "rank",
        "threshold": 1,
        "n_items": len(LETTERS),
        "lists": {u: [[place(x), 0.0] for x in text] for u, text in WORKED_LISTS.items()},
        "truth": {u: [[place(x), 1] for x in text] for u, text in WORKED_TRUTH.items()},
        "train": {},
        "features": [],
    }


def drawn(  # noqa: PLR0913 - one argument per oddity
    rng: random.Random,
    n_users: int,
    n_items: int,
    longest: int,
    ks: list[int],
    *,
    ranked_by: str,
    digits: int = 6,
    graded: bool = False,
    repeats: bool = False,
    seen: bool = False,
) -> dict[str, Any]:
    """A random input.

    digits   scores are rounded to so many: few make ties
    repeats  some lists name an item twice
    seen     some lists name an item that the user had before
    """
    lists: dict[int, list[list[float]]] = {}
    truth: dict[int, list[list[float]]] = {}
    train: dict[int, list[int]] = {}
    for user in range(1, n_users + 1):
        items = rng.sample(range(n_items), n_items)
        n_train = rng.randint(2, max(2, n_items // 6)) if rng.random() < 0.9 else 0
        had, rest = items[:n_train], items[n_train:]
        chosen = rest[: rng.randint(1, min(14, len(rest) // 2))]
        ratings = [[item, rng.randint(1, 5) if graded else 1] for item in chosen]
        if had:
            train[user] = sorted(had)
        if rng.random() < 0.9:
            truth[user] = ratings
        if rng.random() < 0.12:
            continue
        pool = rest + (had[:2] if seen else [])
        weight = {item: rng.random() + 0.4 * (item in chosen) for item in pool}
        n_listed = rng.randint(1, longest)
        best = sorted(pool, key=weight.__getitem__, reverse=True)[:n_listed]
        rows = [[item, round(weight[item], digits)] for item in best]
        if repeats and rng.random() < 0.6:
            twice = rng.choice(rows)
            rows.append([twice[0], round(rows[-1][1] * rng.random(), digits)])
        rows.sort(key=lambda row: -row[1])
        lists[user] = rows
    features = [[int(rng.random() < 0.35) for _ in range(N_FEATURES)] for _ in range(n_items)]
    features[3] = [0] * N_FEATURES
    return {
        "ks": ks,
        "ranked_by": ranked_by,
        "threshold": 4 if graded else 1,
        "n_items": n_items,
        "lists": lists,
        "truth": truth,
        "train": train,
        "features": features,
    }


def main() -> None:
    rng = random.Random(SEED)
    made = {
        "worked": worked(),
        "ranked": drawn(rng, 16, 40, 10, [1, 3, 5, 10, 20], ranked_by="rank"),
        "graded": drawn(rng, 16, 40, 12, [1, 3, 5, 10], ranked_by="score", graded=True),
        "tied": drawn(rng, 20, 30, 12, [1, 3, 5, 10], ranked_by="score", digits=1),
        "nearly tied": drawn(rng, 12, 120, 12, [3, 5, 10], ranked_by="score"),
        "repeats": drawn(rng, 20, 30, 9, [1, 3, 5, 10], ranked_by="score", repeats=True, seen=True),
        "medium": drawn(
            rng, 300, 130, 15, [1, 5, 10, 15], ranked_by="score", digits=2, graded=True
        ),
    }
    for rows in made["nearly tied"]["lists"].values():
        # equal in single precision, not in double
        for place, row in enumerate(rows):
            row[1] = 1.0 + (len(rows) - place) * 1e-9
    text = json.dumps({"seed": SEED, "cases": made})
    Path(__file__).with_name("convention_cases.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
