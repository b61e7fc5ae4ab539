"""implicit: one loop over the users of the test matrix, with one pooled precision."""

import numpy as np

from evaluators.conventions.convention import Answer, Convention, Rule, mean_of, pooled
from evaluators.conventions.given import Given
from evaluators.conventions.parts import ndcg, over, precision_sum
from evaluators.rows import count

WHO = "everybody with something relevant; no list counts as k misses"


def precision(given: Given, k: int) -> Answer:
    found = count(given.cut(k).is_match).astype(np.float64)
    most = np.minimum(given.n_relevant, k).astype(np.float64)
    return pooled(found, most, given.has_relevant)


def map_(given: Given, k: int) -> Answer:
    total = precision_sum(given.cut(k).is_match)
    return mean_of(over(total, np.minimum(given.n_relevant, k)), given.has_relevant)


def ndcg_(given: Given, k: int) -> Answer:
    return mean_of(ndcg(given.cut(k), given.n_relevant), given.has_relevant)


def auc(given: Given, k: int) -> Answer:
    n_bad = (given.n_items - given.n_relevant).astype(np.float64)
    found, misses, wins = np.zeros((3, len(given)))
    for hit in given.cut(k).is_match.T:
        wins += found * ~hit
        found += hit
        misses += ~hit
    wins += (found + given.n_relevant) / 2 * (n_bad - misses)
    return mean_of(over(wins, given.n_relevant * n_bad), given.has_relevant)


IMPLICIT = Convention(
    name="implicit",
    tool="implicit",
    version="0.7.3",
    users="everybody with something relevant in the test set; no list counts as k misses",
    handed="a model that answers with these lists, and a matrix of the relevant test items as wide "
    "as the catalogue",
    url="https://benfred.github.io/implicit",
    rules={
        "precision": Rule(
            precision,
            "precision",
            "all hits over the sum of min(k, relevant items) of all users: one fraction for "
            f"everybody, not a mean over users; {WHO}",
        ),
        "map": Rule(map_, "map", f"divides by min(k, relevant items), as here; {WHO}"),
        "ndcg": Rule(ndcg_, "ndcg", f"as here; {WHO}"),
        "auc": Rule(
            auc,
            "auc",
            "only the first k places are known, all others are tied; an item in train still counts "
            f"as one that could have been listed; {WHO}",
        ),
    },
)
