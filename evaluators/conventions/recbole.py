"""RecBole: a row of k flags for every user of the test set."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.tables import PAD, Floats
from evaluators.conventions.convention import Answer, Convention, Rule, mean_of, of_items
from evaluators.conventions.given import Given
from evaluators.conventions.parts import (
    any_match,
    entropy_bits,
    gini_sum,
    item_counts,
    ndcg,
    over,
    precision_sum,
    reciprocal_rank,
)
from evaluators.rows import count

ROUNDS = "printed to four decimals unless metric_decimal_place says otherwise"
PADS = "the item number 0, [PAD], is one of the items, and fills the empty places of a short list"


def precision(given: Given, k: int) -> Answer:
    return mean_of(count(given.once.cut(k).is_match) / k, given.has_relevant)


def recall(given: Given, k: int) -> Answer:
    return mean_of(over(count(given.once.cut(k).is_match), given.n_relevant), given.has_relevant)


def hit_rate(given: Given, k: int) -> Answer:
    return mean_of(any_match(given.once.cut(k).is_match), given.has_relevant)


def map_(given: Given, k: int) -> Answer:
    total = precision_sum(given.once.cut(k).is_match)
    return mean_of(over(total, np.minimum(given.n_relevant, k)), given.has_relevant)


def mrr(given: Given, k: int) -> Answer:
    return mean_of(reciprocal_rank(given.once.cut(k).is_match), given.has_relevant)


def ndcg_(given: Given, k: int) -> Answer:
    return mean_of(ndcg(given.once.cut(k), given.n_relevant), given.has_relevant)


def _of_counts(given: Given, k: int, compute: Callable[[Floats, int], Floats]) -> Answer:
    """Counts with one more item, [PAD], which fills k places of everybody."""
    cut, n = given.once.cut(k), given.n_items + 1
    pad = given.items.max(initial=-1) + 1
    filled = np.where(cut.items == PAD, pad, cut.items).astype(np.int32)
    counted = item_counts(replace(cut, items=filled), given.has_relevant)
    return of_items(counted, lambda sums: compute(sums, n), given.has_relevant)


def _coverage(sums: Floats, n: int) -> Floats:
    return np.asarray((sums > 0).sum(axis=-1) / n)


def _entropy(sums: Floats, _: int) -> Floats:
    return np.asarray(entropy_bits(sums) * np.log(2) / (sums > 0).sum(axis=-1))


def _gini(sums: Floats, n: int) -> Floats:
    return gini_sum(sums, n) / n


RECBOLE = Convention(
    name="recbole",
    tool="RecBole",
    version="1.2.1",
    users="everybody with something relevant in the test set; no list counts as k misses",
    handed="k flags a user and the number of relevant items, from a matrix of scores: an item "
    "cannot stand in a list twice",
    url="https://recbole.io",
    rules={
        "precision": Rule(precision, "Precision", f"as here; {ROUNDS}"),
        "recall": Rule(recall, "Recall", f"as here; {ROUNDS}"),
        "hit_rate": Rule(hit_rate, "Hit", f"as here; {ROUNDS}"),
        "map": Rule(map_, "MAP", f"divides by min(k, relevant items), as here; {ROUNDS}"),
        "mrr": Rule(mrr, "MRR", f"as here; {ROUNDS}"),
        "ndcg": Rule(ndcg_, "NDCG", f"as here; {ROUNDS}"),
        "gini": Rule(
            lambda given, k: _of_counts(given, k, _gini),
            "GiniIndex",
            f"over all items, never-recommended ones included, as here; but {PADS}",
        ),
        "entropy": Rule(
            lambda given, k: _of_counts(given, k, _entropy),
            "ShannonEntropy",
            "in nats, and divided by the number of different items, which its own formula does not "
            f"say; {PADS}",
        ),
        "coverage": Rule(
            lambda given, k: _of_counts(given, k, _coverage),
            "ItemCoverage",
            f"over all items, as here; but {PADS}",
        ),
    },
)
