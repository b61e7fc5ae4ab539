"""Arrays of the golden cases, made the slow and obvious way, and the values metrics give them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evaluators import METRICS
from evaluators.arrays import compute

HERE = Path(__file__).parent
CUTOFFS = (1, 5, 10)
TOLERANCE = 1e-12

Values = dict[str, float]


def read(name: str) -> dict[str, Any]:
    """A file of this folder: the cases, or what another tool said of them."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def arrays(
    people: Mapping[str, Mapping[str, Any]],
    k: int,
    threshold: float,
    catalogue: Sequence[str] = (),
) -> dict[str, np.ndarray]:
    """What metrics ask for, cut to k, in the order of `people`."""
    rows = [_row(one, k, threshold) for one in people.values()]
    made = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    taken = [len(one.get("train", ())) for one in people.values()]
    return made | {"n_candidates": len(catalogue) - np.array(taken)}


def _row(one: Mapping[str, Any], k: int, threshold: float) -> dict[str, Any]:
    truth: Mapping[str, float] = one["truth"]
    listed = list(one["items"][:k])
    ratings = [truth.get(item) for item in listed] + [None] * (k - len(listed))
    best = sorted(truth.values(), reverse=True)[:k]
    return {
        "hits": [rating is not None and rating >= threshold for rating in ratings],
        "judged_bad": [rating is not None and rating < threshold for rating in ratings],
        "gains": [float(rating or 0) for rating in ratings],
        "ideal_gains": [float(rating) for rating in best] + [0.0] * (k - len(best)),
        "n_relevant": sum(rating >= threshold for rating in truth.values()),
        "n_judged_bad": sum(rating < threshold for rating in truth.values()),
        "n_listed": len(listed),
    }


class Ours:
    """Our per-user values of one part of the cases, and the counts that clauses are made of."""

    def __init__(self, people: Mapping[str, Mapping[str, Any]]) -> None:
        cases = read("cases")
        self.threshold, self.catalogue = cases["threshold"], cases["catalogue"]
        self.people = people
        self.longest = max(len(one["items"]) for one in people.values())

    def at(self, k: int | None = None) -> dict[str, np.ndarray]:
        return arrays(self.people, k or self.longest, self.threshold, self.catalogue)

    def values(self, metric: str, k: int | None = None, **changed: np.ndarray) -> Values:
        return self.named(compute(METRICS[metric], self.at(k) | changed))

    def named(self, values: np.ndarray) -> Values:
        return dict(zip(self.people, values.tolist(), strict=True))

    def has_relevant(self) -> set[str]:
        return {user for user, n in self.named(self.at()["n_relevant"]).items() if n}

    def has_list(self) -> set[str]:
        return {user for user, one in self.people.items() if one["items"]}


def assert_same(ours: Mapping[str, float], theirs: Mapping[str, float], users: set[str]) -> None:
    """Equal to 1e-12 for these users, of whom there must be some."""
    assert users
    assert users <= theirs.keys()
    for user in sorted(users):
        difference = abs(ours[user] - theirs[user])
        assert difference <= TOLERANCE, f"{user}: {ours[user]!r} here, {theirs[user]!r} there"
