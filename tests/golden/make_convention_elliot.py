"""Write convention_elliot.json: Elliot's formulas worked by hand, user by user, over the cases.

    python tests/golden/make_convention_elliot.py

Elliot 0.3.1 is in no package registry and does not install here. The formulas are those of its
source (elliot/evaluation/metrics), written again in plain Python: nothing here was run by Elliot.
"""

import math
from collections.abc import Callable
from statistics import fmean

from convention_io import Case, attempt, cases, write

VERSION = "0.3.1"


def discount(rank: int) -> float:
    return math.log(2) / math.log(rank + 1)


def flags(case: Case, user: int, k: int) -> list[bool]:
    liked = case.relevant[user]
    return [item in liked for item, _ in case.lists[user][:k]]


def precision(case: Case, user: int, k: int) -> float:
    return sum(flags(case, user, k)) / k


def recall(case: Case, user: int, k: int) -> float:
    return sum(flags(case, user, k)) / len(case.relevant[user])


def f1(case: Case, user: int, k: int) -> float:
    p, r = precision(case, user, k), recall(case, user, k)
    return 2 * p * r / (p + r) if p + r else 0


def hit_rate(case: Case, user: int, k: int) -> float:
    return float(any(flags(case, user, k)))


def mean_precision(case: Case, user: int, k: int) -> float:
    return fmean(sum(flags(case, user, n)) / n for n in range(1, k + 1))


def mrr(case: Case, user: int, k: int) -> float:
    return next((1 / r for r, hit in enumerate(flags(case, user, k), 1) if hit), 0.0)


def ndcg(case: Case, user: int, k: int) -> float:
    gains = {
        item: 2 ** (case.truth[user][item] - case.threshold + 1) - 1 for item in case.relevant[user]
    }
    best = sorted(gains.values(), reverse=True)[:k]
    ideal = sum(gain * discount(r) for r, gain in enumerate(best, 1))
    listed = enumerate(case.lists[user][:k], 1)
    return sum(gains.get(item, 0) * discount(r) for r, (item, _) in listed) / ideal


def limited_auc(case: Case, user: int, k: int) -> float:
    n_items = len({item for items in case.train.values() for item in items})
    n_liked = len(case.relevant[user])
    n_bad = n_items - len(case.train.get(user, [])) - n_liked + 1
    places = [place for place, hit in enumerate(flags(case, user, k)) if hit]
    won = sum((n_bad - place + before) / n_bad for before, place in enumerate(places))
    return won / min(k, n_liked)


def discovery(case: Case, user: int, k: int) -> float:
    counts: dict[int, int] = {}
    for items in case.train.values():
        for item in items:
            counts[item] = counts.get(item, 0) + 1
    total, rarest = sum(counts.values()), min(counts.values())
    gained = norm = 0.0
    for r, (item, _) in enumerate(case.lists[user][:k], 1):
        novelty = -math.log2(counts.get(item, rarest) / total)
        gained += (item in case.relevant[user]) * discount(r) * novelty
        norm += discount(r)
    return gained / norm


PER_USER = {
    "precision": precision,
    "recall": recall,
    "f1": f1,
    "hit_rate": hit_rate,
    "map": mean_precision,
    "mrr": mrr,
    "ndcg": ndcg,
}
WITH_TRAIN = {"auc": limited_auc, "efd": discovery}


def shown(case: Case, k: int) -> list[list[int]]:
    """What the lists of everybody in the test set hold, the first k places."""
    return [[i for i, _ in rows[:k]] for u, rows in case.lists.items() if case.truth.get(u)]


def count(lists: list[list[int]]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for items in lists:
        for item in items:
            counts[item] = counts.get(item, 0) + 1
    return counts


def gini(case: Case, k: int) -> float:
    n = len({item for items in case.train.values() for item in items}) or case.n_items
    counts = sorted(count(shown(case, k)).values())
    first = n - len(counts)
    total = sum(counts)
    shares = (
        (2 * (place + first + 1) - n - 1) * times / total for place, times in enumerate(counts)
    )
    return 1 - sum(shares) / (n - 1)


def entropy(case: Case, k: int) -> float:
    lists = shown(case, k)
    counts = count(lists)
    total = sum(counts.values())
    weight: dict[int, float] = {}
    for items in lists:
        for item in items:
            weight[item] = weight.get(item, 0) + 1 / len(items)
    return sum(w * -math.log2(counts[i] / total) for i, w in weight.items()) / len(lists)


def coverage(case: Case, k: int) -> float:
    return len(count(shown(case, k)))


BEYOND = {"gini": gini, "entropy": entropy, "coverage": coverage}


def mean(formula: Callable[[Case, int, int], float], case: Case, k: int, users: list[int]) -> float:
    return fmean(formula(case, user, k) for user in users)


def main() -> None:
    values: dict[str, dict[str, object]] = {}
    for case in cases():
        found = values.setdefault(case.name, {})
        users = [user for user in case.lists if user in case.relevant]
        per_user = PER_USER | (WITH_TRAIN if case.train else {})
        for k in case.ks:
            for name, formula in per_user.items():
                found[f"{name}@{k}"] = attempt(mean, formula, case, k, users)
            for name, formula in BEYOND.items():
                found[f"{name}@{k}"] = attempt(formula, case, k)
    write("elliot", VERSION, values, how="worked by hand from the source of Elliot 0.3.1")


if __name__ == "__main__":
    main()
