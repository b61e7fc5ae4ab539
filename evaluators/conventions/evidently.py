"""Evidently: a frame with one row per recommendation; what was not recommended does not exist."""

import numpy as np

from core.tables import Bools, Floats
from evaluators.conventions.convention import (
    Answer,
    Convention,
    Rule,
    mean_of,
)
from evaluators.conventions.evidently_lists import coverage, gini, ild, novelty, serendipity
from evaluators.conventions.given import Given
from evaluators.conventions.parts import average_ranks, best, discount, over
from evaluators.rows import count

WHO = "users with a hit anywhere in their rows; all others vanish"
RANKS = "equal scores share a mean rank, rounded down"


def _ranks(given: Given) -> Floats:
    """Whole ranks, inf past the end."""
    return np.floor(average_ranks(given))


def _positives(given: Given) -> Floats:
    return count(given.is_match).astype(np.float64)


def _counts(given: Given) -> Bools:
    return np.asarray(_positives(given) > 0)


def _no_rows(given: Given, k: int) -> str:
    if k <= given.longest:
        return ""
    return (
        f"Evidently has no value at k = {k}: the longest list has {given.longest} rows, and it "
        "goes no further"
    )


def _no_rank(given: Given, k: int) -> str:
    ranks = _ranks(given)[_counts(given)]
    lowest = int(ranks[np.isfinite(ranks)].max(initial=0))
    if k <= lowest:
        return ""
    return (
        f"Evidently has no value at k = {k}: among users with a hit the lowest rank is {lowest}, "
        "and it goes no further"
    )


def _hits(given: Given, k: int) -> Floats:
    return count(given.is_match & (_ranks(given) <= k)).astype(np.float64)


def _precision(given: Given, k: int) -> Floats:
    return over(_hits(given, k), np.minimum(given.n_listed, k))


def precision(given: Given, k: int) -> Answer:
    return mean_of(_precision(given, k), _counts(given), _no_rows(given, k))


def recall(given: Given, k: int) -> Answer:
    values = over(_hits(given, k), _positives(given))
    return mean_of(values, _counts(given), _no_rows(given, k))


def f1(given: Given, k: int) -> Answer:
    counts, right = _counts(given), _precision(given, k)
    complete = over(_hits(given, k), _positives(given))
    parts = np.stack([right, complete, np.ones(len(given))], axis=1) * counts[:, None]

    def compute(sums: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            p, r = sums[..., 0] / sums[..., 2], sums[..., 1] / sums[..., 2]
            return np.asarray(2 * p * r / (p + r))

    values = np.where(counts, over(2 * right * complete, right + complete), np.nan)
    return Answer(parts, compute, values, counts, is_mean=False, stops=_no_rows(given, k))


def map_(given: Given, k: int) -> Answer:
    ranks, users = _ranks(given), np.arange(len(given))
    total = np.zeros(len(given))
    for cutoff in range(1, k + 1):
        n_within = count(ranks <= cutoff)  # rows are in order, so the last of them stands here
        last = given.is_match[users, np.maximum(n_within - 1, 0)] & (n_within > 0)
        total += _precision(given, cutoff) * last
    return mean_of(over(total, _positives(given)), _counts(given), _no_rows(given, k))


def mrr(given: Given, k: int) -> Answer:
    ranks = np.where(given.is_match, _ranks(given), np.inf)
    first = ranks.min(axis=1, initial=np.inf)
    values = np.where(first <= k, 1 / np.maximum(first, 1), 0.0)
    return mean_of(values, _counts(given), _no_rank(given, k))


def hit_rate(given: Given, k: int) -> Answer:
    return mean_of((_hits(given, k) > 0) * 1.0, _counts(given), _no_rank(given, k))


def ndcg(given: Given, k: int) -> Answer:
    ranks = _ranks(given)
    is_hit = given.is_match & (ranks <= k)
    gain = np.zeros(len(given))
    for place in range(given.width):
        weight = 1 / np.log2(np.where(is_hit[:, place], ranks[:, place], 1.0) + 1)
        gain += is_hit[:, place] * weight
    most = np.minimum(_positives(given), k).astype(np.int64)
    return mean_of(over(gain, best(discount(k))[most]), _counts(given), _no_rank(given, k))


EVIDENTLY = Convention(
    name="evidently",
    tool="Evidently",
    version="0.7.23",
    users="everybody with a hit anywhere in the list, beyond k too; the others vanish. Beyond "
    "accuracy: everybody with a list",
    handed="a row per recommendation in the order of the list, its target 1 for relevant and 0 "
    "otherwise, its prediction the score (or the rank where ranks were given)",
    url="https://docs.evidentlyai.com",
    rules={
        "precision": Rule(
            precision,
            "PrecisionTopK",
            f"divides by min(k, rows of the user); {WHO}; {RANKS}",
        ),
        "recall": Rule(
            recall,
            "RecallTopK",
            "divides by the hits in the user's rows: relevant items that were not recommended do "
            f"not exist unless added by hand; {WHO}; {RANKS}",
        ),
        "f1": Rule(f1, "FBetaTopK", f"of the two means, not a mean of f1; {WHO}; {RANKS}"),
        "hit_rate": Rule(hit_rate, "HitRate", f"{WHO}; {RANKS}"),
        "map": Rule(
            map_,
            "MAP",
            "adds precision@i wherever the last row of rank i or better is a hit, again for every "
            "i past the end of a short list, and divides by the hits in the rows: it can exceed "
            f"1; {WHO}; {RANKS}",
        ),
        "mrr": Rule(mrr, "MRR", f"{WHO}; {RANKS}; its new interface shows mrr@k under rank k + 1"),
        "ndcg": Rule(
            ndcg,
            "NDCG",
            f"the ideal is made of the user's rows alone; {WHO}; {RANKS}; its new interface shows "
            "ndcg@k under rank k + 1",
        ),
        "ild": Rule(
            ild,
            "Diversity",
            "the sum over pairs of the cosine distance, divided by the length of the list and not "
            "by the number of pairs: it grows with k",
            needs=("features",),
        ),
        "novelty": Rule(
            novelty,
            "Novelty",
            "-log2 of the share of users who had it, as here; but an item nobody had is left out",
            needs=("history",),
        ),
        "coverage": Rule(
            coverage,
            "PopularityBias coverage",
            "over the items of train, and items outside it do not count",
            needs=("history",),
        ),
        "gini": Rule(
            gini,
            "PopularityBias gini",
            "of recommended items only, over n - 1: a system that shows three items equally often "
            "scores 0",
        ),
        "serendipity": Rule(
            serendipity,
            "Serendipity",
            "1 minus the likeness of all hits to all that the user had, summed over hits and not "
            "averaged: it falls below 0 for many hits; only users with a hit and a history",
            needs=("history", "features"),
        ),
    },
)
