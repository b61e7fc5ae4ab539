"""LensKit: goes through the lists, not through the test users."""

import numpy as np

from core.tables import Bools
from evaluators.conventions.convention import Answer, Convention, Rule, mean_of, of_items
from evaluators.conventions.given import Given
from evaluators.conventions.parts import (
    any_match,
    best,
    gini_sum,
    item_counts,
    over,
    precision_sum,
    reciprocal_rank,
)
from evaluators.rows import count, weighted

WHO = "users without a list vanish; a list without truth counts as 0"


def precision(given: Given, k: int) -> Answer:
    cut = given.cut(k)
    return mean_of(over(count(cut.is_match), cut.n_listed), given.has_list)


def recall(given: Given, k: int) -> Answer:
    found = count(given.cut(k).is_match)
    return mean_of(over(found, np.minimum(given.n_relevant, k)), given.has_list)


def hit_rate(given: Given, k: int) -> Answer:
    return mean_of(any_match(given.cut(k).is_match), given.has_list)


def map_(given: Given, k: int) -> Answer:
    cut = given.cut(k)
    values = over(precision_sum(cut.is_match), np.minimum(given.n_relevant, cut.n_listed))
    return mean_of(values, given.has_list, _division_by_zero(given.has_list & ~given.has_relevant))


def _division_by_zero(idle: Bools) -> str:
    n = int(idle.sum())
    if not n:
        return ""
    return (
        "LensKit stops with a ZeroDivisionError: where a list has nothing relevant to find, "
        f"average precision is divided by 0 (lists of that kind: {n:,})"
    )


def mrr(given: Given, k: int) -> Answer:
    return mean_of(reciprocal_rank(given.cut(k).is_match), given.has_list)


def ndcg(given: Given, k: int) -> Answer:
    weights = 1 / np.log2(np.maximum(np.arange(1, k + 1), 2))
    gain = weighted(given.cut(k).is_match, weights)
    return mean_of(over(gain, best(weights)[np.minimum(given.n_relevant, k)]), given.has_list)


def gini(given: Given, k: int) -> Answer:
    counted, n = item_counts(given.cut(k), given.has_list), given.n_items
    return of_items(counted, lambda sums: gini_sum(sums, n) / n, given.has_list)


LENSKIT = Convention(
    name="lenskit",
    tool="LensKit",
    version="2025.8.1",
    users="everybody with a list; one whose list has no truth counts as 0, one without a list is "
    "not missed",
    handed="ordered ItemLists, and the relevant test items of each user; means as list_summary()",
    url="https://lkpy.lenskit.org",
    rules={
        "precision": Rule(
            precision,
            "Precision",
            f"divides by the length of the list, not by k, so a short list is excused; {WHO}",
        ),
        "recall": Rule(recall, "Recall", f"divides by min(k, relevant items); {WHO}"),
        "hit_rate": Rule(hit_rate, "Hit", WHO),
        "map": Rule(
            map_,
            "AveragePrecision",
            "divides by min(relevant items, length of the list), so a short list scores higher; "
            "stops where a list has nothing relevant to find; users without a list vanish",
        ),
        "mrr": Rule(mrr, "RecipRank", WHO),
        "ndcg": Rule(
            ndcg,
            "NDCG",
            "discounts by log2(max(rank, 2)): ranks 1 and 2 weigh the same, and one hit at rank 2 "
            f"alone scores 1; {WHO}",
        ),
        "gini": Rule(
            gini,
            "ListGini",
            "over the whole catalogue, never-recommended items included, as here; but lists of "
            "users without truth count too",
        ),
    },
)
