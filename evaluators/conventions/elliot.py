"""Elliot: users with a list and something relevant. It is in no package registry."""

import numpy as np

from core.tables import Bools, Floats
from evaluators.conventions.convention import Answer, Convention, Rule, mean_of, of_items
from evaluators.conventions.given import Given
from evaluators.conventions.parts import (
    any_match,
    discount,
    f1,
    gini_sum,
    item_counts,
    listed_values,
    over,
    reciprocal_rank,
)
from evaluators.rows import count, weighted

WHO = "users without a list, and without anything relevant, vanish"


def _counts(given: Given) -> Bools:
    return given.has_list & given.has_relevant


def _listed(given: Given) -> Bools:
    """Whose lists are looked at beyond accuracy: anybody's who is in the test set at all."""
    return given.has_list & given.has_test


def precision(given: Given, k: int) -> Answer:
    return mean_of(count(given.cut(k).is_match) / k, _counts(given))


def recall(given: Given, k: int) -> Answer:
    return mean_of(over(count(given.cut(k).is_match), given.n_relevant), _counts(given))


def f1_(given: Given, k: int) -> Answer:
    found = count(given.cut(k).is_match)
    return mean_of(f1(found / k, over(found, given.n_relevant)), _counts(given))


def hit_rate(given: Given, k: int) -> Answer:
    return mean_of(any_match(given.cut(k).is_match), _counts(given))


def map_(given: Given, k: int) -> Answer:
    found = np.zeros(len(given))
    total = np.zeros(len(given))
    for rank, hit in enumerate(given.cut(k).is_match.T, start=1):
        found += hit
        total += found / rank
    return mean_of(total / k, _counts(given))


def mrr(given: Given, k: int) -> Answer:
    return mean_of(reciprocal_rank(given.cut(k).is_match), _counts(given))


def ndcg(given: Given, k: int) -> Answer:
    cut, weights = given.cut(k), discount(k)
    gain: Floats = cut.is_match.astype(np.float64)
    ideal: Floats = (np.arange(k) < given.n_relevant[:, None]).astype(np.float64)
    if given.gains is not None and given.ideal_gains is not None:
        gain = _gain(_wide(given.gains, k), given.threshold)
        ideal = _gain(_wide(given.ideal_gains, k), given.threshold)
    return mean_of(over(weighted(gain, weights), weighted(ideal, weights)), _counts(given))


def _wide(ratings: Floats, k: int) -> Floats:
    beyond = ((0, 0), (0, max(0, k - ratings.shape[1])))
    return np.pad(ratings[:, :k].astype(np.float64), beyond, constant_values=np.nan)


def _gain(ratings: Floats, threshold: float) -> Floats:
    gain: Floats = np.nan_to_num(np.exp2(ratings - threshold + 1) - 1)
    return gain


def auc(given: Given, k: int) -> Answer:
    if given.history is None:
        raise ValueError("auc needs a history")
    n_bad = given.n_history_items - np.diff(given.history.indptr) - given.n_relevant + 1.0
    found, total = np.zeros(len(given)), np.zeros(len(given))
    for rank, hit in enumerate(given.cut(k).is_match.T):
        total += hit * over(n_bad - rank + found, n_bad)
        found += hit
    return mean_of(over(total, np.minimum(given.n_relevant, k)), _counts(given))


def gini(given: Given, k: int) -> Answer:
    counted, n = item_counts(given.cut(k), _listed(given)), _n_items(given)
    return of_items(counted, lambda sums: 1 - gini_sum(sums, n) / (n - 1), _listed(given))


def _n_items(given: Given) -> int:
    """Elliot's catalogue is what occurs in train."""
    return given.n_history_items or given.n_items


def entropy(given: Given, k: int) -> Answer:
    from scipy.sparse import csr_array, hstack

    counts, cut = _listed(given), given.cut(k)
    counted = item_counts(cut, counts)
    share = over(np.ones(len(given)), cut.n_listed)
    shares = counted.multiply(share[:, None]).tocsr()
    parts = csr_array(hstack([counted, shares, csr_array(counts[:, None].astype(np.float64))]))
    n = counted.shape[1]

    def compute(sums: Floats) -> Floats:
        listed, weights, users = sums[..., :n], sums[..., n:-1], sums[..., -1]
        with np.errstate(invalid="ignore", divide="ignore"):
            rare = -np.log2(listed / listed.sum(axis=-1, keepdims=True))
            return np.asarray((weights * np.where(listed > 0, rare, 0)).sum(axis=-1) / users)

    return of_items(parts, compute, counts)


def coverage(given: Given, k: int) -> Answer:
    counted = item_counts(given.cut(k), _listed(given))
    return of_items(counted, lambda sums: (sums > 0).sum(axis=-1) * 1.0, _listed(given))


def efd(given: Given, k: int) -> Answer:
    had = given.popularity
    if had is None:
        raise ValueError("efd needs a history")
    cut, weights = given.cut(k), discount(k)
    rarest = had[had > 0].min(initial=1)
    information = -np.log2(np.where(had > 0, had, rarest) / max(had.sum(), 1))
    gain = np.nan_to_num(listed_values(cut, information)) * cut.is_match
    return mean_of(over(weighted(gain, weights), weighted(cut.is_listed, weights)), _counts(given))


ELLIOT = Convention(
    name="elliot",
    tool="Elliot",
    version="0.3.1",
    users="everybody with a list and something relevant; the others vanish. Beyond accuracy: "
    "everybody with a list and a test row",
    handed="lists of (item, score) in order, and the test rows with their ratings where there are",
    url="https://elliot.readthedocs.io",
    rules={
        "precision": Rule(precision, "Precision", f"divides by k, as here; {WHO}", "hand-worked"),
        "recall": Rule(recall, "Recall", f"as here; {WHO}", "hand-worked"),
        "f1": Rule(f1_, "F1", f"as here; {WHO}", "hand-worked"),
        "hit_rate": Rule(hit_rate, "HR", f"as here; {WHO}", "hand-worked"),
        "map": Rule(
            map_,
            "MAP",
            "the mean of precision@1 to precision@k, hit or no hit at that rank: not average "
            f"precision; {WHO}",
            "hand-worked",
        ),
        "mrr": Rule(mrr, "MRR", f"as here; {WHO}", "hand-worked"),
        "ndcg": Rule(
            ndcg,
            "nDCG",
            "gain 2^(rating - threshold + 1) - 1 where there are ratings, 1 where there are none; "
            f"{WHO}",
            "hand-worked",
        ),
        "auc": Rule(
            auc,
            "LAUC",
            "within the first k places only, over min(k, relevant items); items below k win "
            f"nothing; {WHO}",
            "hand-worked",
            needs=("history",),
        ),
        "gini": Rule(
            gini,
            "Gini",
            "1 minus the Gini coefficient: higher is fairer; over n - 1 instead of n, the items "
            "being those that occur in train",
            "hand-worked",
        ),
        "entropy": Rule(
            entropy,
            "SEntropy",
            "in bits; a user with a short list gives each of its items more weight",
            "hand-worked",
        ),
        "coverage": Rule(
            coverage, "ItemCoverage", "the number of different items, no share", "hand-worked"
        ),
        "efd": Rule(
            efd,
            "EFD",
            "of hits only, discounted by rank; the share is of all (user, item) pairs of train, "
            f"not of users, and an unknown item is as rare as the rarest; {WHO}",
            "hand-worked",
            needs=("history",),
        ),
    },
)
