"""Recommenders (Microsoft): users whom both tables know, but for ndcg."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.tables import PAD, Bools, Floats, Ints
from evaluators.conventions.convention import (
    Answer,
    Convention,
    Rule,
    mean_of,
    of_items,
    pooled,
)
from evaluators.conventions.given import Cut, Given
from evaluators.conventions.parts import (
    best,
    entropy_bits,
    item_counts,
    listed_values,
    over,
    picked,
    precision_sum,
    was_had,
)
from evaluators.rows import count, weighted

if TYPE_CHECKING:
    from scipy.sparse import csr_array

WHO = "only users with a list and something relevant"
SIMILAR = "likeness is the cosine of two items' users in train, 0 for a pair nobody had"


def _counts(given: Given) -> Bools:
    return given.has_list & given.has_relevant


def precision(given: Given, k: int) -> Answer:
    return mean_of(count(given.cut(k).is_match) / k, _counts(given))


def recall(given: Given, k: int) -> Answer:
    return mean_of(over(count(given.cut(k).is_match), given.n_relevant), _counts(given))


def map_(given: Given, k: int) -> Answer:
    total = precision_sum(given.cut(k).is_match)
    return mean_of(over(total, np.minimum(given.n_relevant, k)), _counts(given))


def ndcg(given: Given, k: int) -> Answer:
    cut, weights = given.cut(k), 1 / np.log(np.arange(2, k + 2))
    times = np.where(cut.is_match, _times_listed(given, k), 0)
    distinct = count(cut.is_match & np.pad(given.is_first, ((0, 0), (0, k)))[:, :k])
    rows = given.n_relevant - distinct + times.sum(axis=1)
    value = over(weighted(times.astype(np.float64), weights), best(weights)[np.minimum(rows, k)])
    return mean_of(value, given.has_relevant)


def _times_listed(given: Given, k: int) -> Ints:
    """How often the item at each of the first k places stands in the whole list."""
    cut = given.cut(k)
    times = np.zeros(cut.items.shape, dtype=np.int64)
    for place in range(given.width):
        times += cut.items == given.items[:, place, None]
    return np.where(cut.items != PAD, times, 0)


def _seen_again(given: Given, k: int) -> str:
    """Why the tool refuses the lists; empty where it does not."""
    if given.history is None:
        return ""
    n = int(was_had(given, given.cut(k)).sum())
    if not n:
        return ""
    return (
        f"Recommenders stops: {n:,} listed items are ones that the user had in train, and it "
        "takes no such list"
    )


def _likeness(given: Given) -> "csr_array[Any]":
    """Cosine of the users of every two items that anybody had both: CSR (n_items, n_items)."""
    from scipy.sparse import csr_array, diags_array

    if given.history is None:
        raise ValueError("likeness needs a history")
    had = given.history.astype(np.float64)
    scale = over(np.ones(had.shape[1]), np.sqrt(had.sum(axis=0)))
    return csr_array(diags_array(scale) @ (had.T @ had) @ diags_array(scale))


def _alike(likeness: "csr_array[Any]", a: Ints, b: Ints) -> Floats:
    known = (a >= 0) & (b >= 0) & (a < likeness.shape[0]) & (b < likeness.shape[0])
    found = np.zeros(len(a))
    found[known] = picked(likeness, a[known], b[known])
    return found


def ild(given: Given, k: int) -> Answer:
    cut, likeness = given.cut(k), _likeness(given)
    total, pairs = np.zeros(len(given)), np.zeros(len(given))
    for second in range(1, k):
        for first in range(second):
            a, b = cut.items[:, first], cut.items[:, second]
            both = (a != PAD) & (b != PAD) & (a != b)
            total[both] += _alike(likeness, a[both], b[both])
            pairs += both
    return mean_of(1 - over(total, pairs), pairs > 0, _seen_again(given, k))


def novelty(given: Given, k: int) -> Answer:
    had = given.popularity
    if had is None:
        raise ValueError("novelty needs a history")
    cut = given.cut(k)
    information = np.where(had > 0, -np.log2(np.maximum(had, 1) / had.sum()), 0.0)
    values = np.nan_to_num(listed_values(cut, information))
    total = weighted(values, np.ones(k))
    places = cut.n_listed.astype(np.float64)
    return pooled(total, places, given.has_list, _seen_again(given, k))


def _of_counts(given: Given, k: int, answer: Answer) -> Answer:
    return replace(answer, stops=_seen_again(given, k))


def coverage(given: Given, k: int) -> Answer:
    counted, n = item_counts(given.cut(k), given.has_list), given.n_history_items
    answer = of_items(counted, lambda sums: (sums > 0).sum(axis=-1) / n, given.has_list)
    return _of_counts(given, k, answer)


def entropy(given: Given, k: int) -> Answer:
    counted = item_counts(given.cut(k), given.has_list)
    return _of_counts(given, k, of_items(counted, entropy_bits, given.has_list))


def serendipity(given: Given, k: int) -> Answer:
    cut = given.cut(k)
    alike = _to_history(given, cut)
    counts = given.has_list & given.has_history
    total = weighted(np.where(cut.is_listed, 1 - alike, 0.0), np.ones(k))
    return mean_of(over(total, cut.n_listed), counts, _seen_again(given, k))


def _to_history(given: Given, cut: Cut) -> Floats:
    """Mean likeness of the item at each place to what the user had: float (n_users, k)."""
    if given.history is None:
        raise ValueError("serendipity needs a history")
    likeness = _likeness(given)
    n_had = np.diff(given.history.indptr)
    alike = np.zeros(cut.items.shape)
    for start in range(0, len(given), 1024):  # a block of users: rows as wide as the catalogue
        rows = slice(start, start + 1024)
        summed = (given.history[rows] @ likeness).tocsr()
        row, place = np.nonzero(cut.items[rows] != PAD)
        items = cut.items[rows][row, place]
        known = items < likeness.shape[0]
        found = np.zeros(len(row))
        found[known] = picked(summed, row[known], items[known])
        alike[start + row, place] = over(found, n_had[rows][row])
    return alike


RECOMMENDERS = Convention(
    name="recommenders",
    tool="Recommenders (Microsoft)",
    version="1.2.1",
    users="everybody with a list and something relevant; for ndcg also who has no list. Beyond "
    "accuracy: everybody with a list",
    handed="frames of user, item and prediction, and the relevant test rows; lists cut to k for "
    "what lies beyond accuracy; train pairs once each",
    url="https://recommenders-team.github.io/recommenders",
    rules={
        "precision": Rule(precision, "precision_at_k", f"divides by k, as here; {WHO}"),
        "recall": Rule(recall, "recall_at_k", f"as here; {WHO}"),
        "map": Rule(
            map_,
            "map_at_k",
            "divides by min(k, relevant items), as here; its other function, map, divides by all "
            f"of them; {WHO}",
        ),
        "ndcg": Rule(
            ndcg,
            "ndcg_at_k",
            "everybody with something relevant, so not the users that its precision speaks of; the "
            "natural logarithm cancels out; a repeated hit counts as often as it stands there",
        ),
        "ild": Rule(
            ild,
            "diversity",
            "1 minus the mean likeness of two listed items, a list of one item being left out; "
            + SIMILAR,
            needs=("history",),
        ),
        "novelty": Rule(
            novelty,
            "novelty",
            "the share is of rows of train, not of users; one mean over all places; an item nobody "
            "had adds nothing and still counts as a place",
            needs=("history",),
        ),
        "coverage": Rule(
            coverage,
            "catalog_coverage",
            "over the items of train: cold recommendations can lift it above 1",
            needs=("history",),
        ),
        "entropy": Rule(
            entropy,
            "distributional_coverage",
            "entropy of all recommendations [bits], of everybody with a list",
        ),
        "serendipity": Rule(
            serendipity,
            "serendipity",
            f"1 minus the mean likeness to what the user had, whether hit or not; {SIMILAR}; who "
            "had nothing vanishes",
            needs=("history",),
        ),
    },
)
