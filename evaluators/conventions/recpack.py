"""RecPack: rows of the matrix of test interactions that are not empty."""

import numpy as np
from numpy import typing as npt

from core.tables import Floats
from evaluators.conventions.convention import Answer, Convention, Rule, mean_of, of_items
from evaluators.conventions.given import Given
from evaluators.conventions.parts import item_counts, ndcg, over, reciprocal_rank
from evaluators.rows import count

WHO = "everybody with something relevant; no list counts as 0"


def precision(given: Given, k: int) -> Answer:
    return mean_of(count(given.once.cut(k).is_match) / k, given.has_relevant)


def recall(given: Given, k: int) -> Answer:
    return mean_of(over(count(given.once.cut(k).is_match), given.n_relevant), given.has_relevant)


def hit_rate(given: Given, k: int) -> Answer:
    return mean_of(count(given.once.cut(k).is_match).astype(np.float64), given.has_relevant)


def mrr(given: Given, k: int) -> Answer:
    return mean_of(reciprocal_rank(given.once.cut(k).is_match), given.has_relevant)


def ndcg_(given: Given, k: int) -> Answer:
    return mean_of(ndcg(given.once.cut(k), given.n_relevant), given.has_relevant)


def coverage(given: Given, k: int) -> Answer:
    counted, n = item_counts(given.once.cut(k), given.has_relevant), given.n_items
    return of_items(counted, lambda sums: (sums > 0).sum(axis=-1) / n, given.has_relevant)


def ild(given: Given, k: int) -> Answer:
    if given.features is None:
        raise ValueError("ild needs features")
    cut, features = given.once.cut(k), given.features
    total, pairs = np.zeros(len(given)), np.zeros(len(given))
    for second in range(1, k):
        for first in range(second):
            both = cut.is_listed[:, first] & cut.is_listed[:, second]
            total += both * _jaccard(features, cut.items[:, first], cut.items[:, second])
            pairs += both
    return mean_of(over(total, pairs), given.has_relevant)


def _jaccard(features: Floats, a: npt.NDArray[np.int32], b: npt.NDArray[np.int32]) -> Floats:
    """Share of the features that either has and that differ: 0 where neither has any."""
    left, right = features[a], features[b]
    either = ((left != 0) | (right != 0)).sum(axis=1)
    return over((left != right).sum(axis=1), either)


RECPACK = Convention(
    name="recpack",
    tool="RecPack",
    version="0.3.6",
    users="everybody with something relevant in the test set; no list counts as 0",
    handed="a matrix of scores that fall along each list, and one of the relevant test items; an "
    "item cannot stand in a list twice; made from a dense array it loses items scored 0",
    url="https://recpack.froomle.ai",
    rules={
        "precision": Rule(precision, "PrecisionK", f"divides by k, as here; {WHO}"),
        "recall": Rule(
            recall,
            "RecallK",
            "divides by the relevant items, as here; its CalibratedRecallK divides by min(k, "
            f"relevant items); {WHO}",
        ),
        "hit_rate": Rule(
            hit_rate, "HitK", f"adds up hits: a user with two of them counts as 2; {WHO}"
        ),
        "mrr": Rule(mrr, "ReciprocalRankK", f"as here; {WHO}"),
        "ndcg": Rule(ndcg_, "NDCGK", f"as here; {WHO}"),
        "coverage": Rule(
            coverage,
            "CoverageK",
            "over the catalogue, as here; but lists of users with nothing relevant do not count",
        ),
        "ild": Rule(
            ild,
            "IntraListDiversityK",
            "Jaccard distance of the items' groups; a list of one item, or none, is 0 and not "
            "undefined; only users with something relevant",
            needs=("features",),
        ),
    },
)
