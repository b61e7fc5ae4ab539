"""RecTools: goes through the test interactions and joins the recommendations to them."""

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.conventions.convention import Answer, Convention, Rule, mean_of, of_items
from evaluators.conventions.given import Given
from evaluators.conventions.parts import (
    any_match,
    discount,
    f1,
    item_counts,
    listed_values,
    over,
    precision_sum,
    reciprocal_rank,
    row_mean,
)
from evaluators.rows import count, weighted

WHO = "users of the test interactions; no list counts as 0"
DOUBLES = "a repeated item counts each time, as a hit and as something liked"


def _liked(given: Given) -> Ints:
    """Rows of each user after the join: an item listed twice makes two of one test row."""
    return given.n_relevant + count(given.is_match & ~given.is_first)


def precision(given: Given, k: int) -> Answer:
    return mean_of(count(given.cut(k).is_match) / k, given.has_relevant)


def recall(given: Given, k: int) -> Answer:
    return mean_of(over(count(given.cut(k).is_match), _liked(given)), given.has_relevant)


def f1_(given: Given, k: int) -> Answer:
    found = count(given.cut(k).is_match)
    return mean_of(f1(found / k, over(found, _liked(given))), given.has_relevant)


def hit_rate(given: Given, k: int) -> Answer:
    return mean_of(any_match(given.cut(k).is_match), given.has_relevant)


def map_(given: Given, k: int) -> Answer:
    total = precision_sum(given.cut(k).is_match)
    return mean_of(over(total, _liked(given)), given.has_relevant)


def mrr(given: Given, k: int) -> Answer:
    return mean_of(reciprocal_rank(given.cut(k).is_match), given.has_relevant)


def ndcg(given: Given, k: int) -> Answer:
    weights = discount(k)
    return mean_of(weighted(given.cut(k).is_match, weights) / weights.sum(), given.has_relevant)


def ild(given: Given, k: int) -> Answer:
    cut, features = given.cut(k), given.features
    if features is None:
        raise ValueError("ild needs features")
    total, pairs = np.zeros(len(given)), np.zeros(len(given))
    for second in range(1, k):
        for first in range(second):
            both = cut.is_listed[:, first] & cut.is_listed[:, second]
            apart = features[cut.items[:, first]] != features[cut.items[:, second]]
            total += both * apart.sum(axis=1)
            pairs += both
    return mean_of(over(total, pairs), given.has_list)


def novelty(given: Given, k: int) -> Answer:
    had = given.popularity
    if had is None:
        raise ValueError("novelty needs a history")
    information = -np.log2(np.maximum(had, 1) / given.has_history.sum())
    return mean_of(row_mean(listed_values(given.cut(k), information)), given.has_list)


def coverage(given: Given, k: int) -> Answer:
    counted = item_counts(given.cut(k), given.has_list)
    return of_items(counted, lambda sums: (sums > 0).sum(axis=-1) * 1.0, given.has_list)


def _popularity_place(had: Ints) -> Floats:
    """1 for the most popular items, 2 for the next; equally popular ones share a place."""
    values = np.unique(had[had > 0])[::-1]
    place = np.searchsorted(-values, -had) + 1.0
    return np.where(had > 0, place, np.inf)


def serendipity(given: Given, k: int) -> Answer:
    had = given.popularity
    if had is None:
        raise ValueError("serendipity needs a history")
    n, cut = given.n_items, given.cut(k)
    by_any = np.append((n + 1 - _popularity_place(had)) / n, 0.0)[cut.items]
    by_user = (n + 1 - np.arange(1, k + 1)) / n
    gain = np.maximum(by_user - np.where(np.isfinite(by_any), by_any, 0.0), 0.0) * cut.is_match
    return mean_of(row_mean(np.where(cut.is_listed, gain, np.nan)), _has_place(cut.is_listed))


def _has_place(is_listed: Bools) -> Bools:
    return np.asarray(is_listed.any(axis=1))


RECTOOLS = Convention(
    name="rectools",
    tool="RecTools",
    version="0.19.0",
    users="everybody with something relevant in the test set; no list counts as 0. Beyond "
    "accuracy: everybody with a list",
    handed="a reco frame with ranks from 1, and the relevant test rows as interactions",
    url="https://rectools.readthedocs.io",
    rules={
        "precision": Rule(precision, "Precision", f"divides by k, as here; {WHO}"),
        "recall": Rule(recall, "Recall", f"divides by the relevant items, as here; {DOUBLES}"),
        "f1": Rule(f1_, "F1Beta", f"per user and then averaged, as here; {DOUBLES}"),
        "hit_rate": Rule(hit_rate, "HitRate", f"as here; {WHO}"),
        "map": Rule(
            map_,
            "MAP",
            "divides by all relevant items, not by min(k, relevant items): who has more than k "
            f"cannot reach 1; {DOUBLES}",
        ),
        "mrr": Rule(mrr, "MRR", f"as here; {WHO}"),
        "ndcg": Rule(
            ndcg,
            "NDCG",
            "the ideal is always k hits, so who has fewer than k relevant items cannot reach 1; "
            "divide_by_achievable=True gives RecScope's",
        ),
        "ild": Rule(
            ild,
            "IntraListDiversity",
            "counts features that differ (Hamming) and does not divide by how many there are; a "
            "list of one item is 0, not undefined",
            needs=("features",),
        ),
        "novelty": Rule(
            novelty,
            "MeanInvUserFreq",
            "-log2 of the share of users who had it, an unknown item as had by one, as here; but "
            "everybody with a list counts, truth or not",
            needs=("history",),
        ),
        "coverage": Rule(coverage, "CatalogCoverage", "the number of different items, no share"),
        "serendipity": Rule(
            serendipity,
            "Serendipity",
            "of hits only: how much earlier the item stands than its place by popularity would "
            "have it, over the catalogue",
            needs=("history",),
        ),
    },
)
