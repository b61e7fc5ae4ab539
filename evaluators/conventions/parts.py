"""Sums that the tools share, along each list rank by rank, and counts of items over all lists."""

from typing import TYPE_CHECKING, Any

import numpy as np

from core.tables import PAD, Bools, Codes, Floats, Ints
from evaluators.conventions.given import Cut, Given
from evaluators.rows import count, weighted

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def over(numerator: Floats | Ints, denominator: Floats | Ints) -> Floats:
    """Divide; 0 where the denominator is, as a tool that has nothing to say of a user does."""
    numerator = np.asarray(numerator, dtype=np.float64)
    return np.divide(numerator, denominator, out=np.zeros(len(numerator)), where=denominator != 0)


def discount(k: int) -> Floats:
    """1 / log2(rank + 1) for the first k ranks."""
    return 1 / np.log2(np.arange(2, k + 2))


def best(weights: Floats) -> Floats:
    """best[r]: what r hits on top come to, float (k + 1,)."""
    return np.append(0.0, np.cumsum(weights))


def ndcg(cut: Cut, n_relevant: Ints) -> Floats:
    """Over the best that min(k, n_relevant) hits could have been."""
    weights = discount(cut.items.shape[1])
    most = np.minimum(n_relevant, len(weights))
    return over(weighted(cut.is_match, weights), best(weights)[most])


def precision_sum(is_match: Bools) -> Floats:
    """Sum of the precision at each match: what average precision divides by something."""
    found = np.zeros(len(is_match), dtype=np.int64)
    total = np.zeros(len(is_match))
    for rank, hit in enumerate(is_match.T, start=1):
        found += hit
        total += found * hit / rank
    return total


def reciprocal_rank(is_match: Bools) -> Floats:
    """1 / rank of the first match, 0 where there is none."""
    if not is_match.shape[1]:
        return np.zeros(len(is_match))
    rank = np.where(is_match.any(axis=1), is_match.argmax(axis=1) + 1.0, np.inf)
    return np.asarray(1 / rank)


def any_match(is_match: Bools) -> Floats:
    return np.asarray(count(is_match) > 0, dtype=np.float64)


def f1(precision: Floats, recall: Floats) -> Floats:
    """Harmonic mean of the two; 0 where both are."""
    return over(2 * precision * recall, precision + recall)


def item_counts(cut: Cut, counts: Bools) -> "csr_array[Any]":
    """How often each user's list names each item: float64 CSR (n_users, n_items)."""
    from scipy.sparse import csr_array

    is_item = (cut.items != PAD) & counts[:, None]
    row, _ = np.nonzero(is_item)
    columns = cut.items[is_item]
    shape = (len(cut.items), int(columns.max(initial=0)) + 1)
    counted = csr_array((np.ones(len(row)), (row, columns)), shape=shape)
    counted.sum_duplicates()
    return counted


def gini_sum(counts: Floats, n: int | Ints) -> Floats:
    """Σ (2i - n - 1) x_i over the sum of x, where the largest of n counts is x_n.

    counts  float (..., n_items), zeros for items never listed; NaN where nothing was listed
    n       items that share, one number or int (...)
    """
    n_all = np.asarray(n)[..., None]
    place = n_all - np.arange(counts.shape[-1] - 1, -1, -1.0)
    total = counts.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((np.sort(counts, axis=-1) * (2 * place - n_all - 1)).sum(axis=-1) / total)


def entropy_bits(counts: Floats) -> Floats:
    """Shannon entropy of shares of the counts [bits]; NaN where nothing was listed."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = counts / counts.sum(axis=-1, keepdims=True)
        return np.asarray(-(share * np.where(share > 0, np.log2(share), 0.0)).sum(axis=-1))


def listed_values(cut: Cut, values: Floats) -> Floats:
    """The value of the item at each place, NaN at an empty one: float (n_users, k)."""
    return np.asarray(np.append(values, np.nan)[cut.items])


def row_mean(values: Floats) -> Floats:
    """Mean of each row, NaN left out; NaN for a row that has nothing else."""
    is_there = ~np.isnan(values)
    total = weighted(np.where(is_there, values, 0.0), np.ones(values.shape[1]))
    n = count(is_there)
    mean = np.full(len(values), np.nan)
    np.divide(total, n, out=mean, where=n > 0)
    return mean


def average_ranks(given: Given) -> Floats:
    """Rank of each place from 1, equal scores sharing the mean of theirs; inf past the end."""
    rank = np.arange(1.0, given.width + 1)
    ranks = np.broadcast_to(rank, given.items.shape).copy()
    if given.scores is not None:
        start, end = ranks.copy(), ranks.copy()
        same = given.scores[:, 1:] == given.scores[:, :-1]
        for place in range(1, given.width):
            start[:, place] = np.where(same[:, place - 1], start[:, place - 1], place + 1)
        for place in range(given.width - 2, -1, -1):
            end[:, place] = np.where(same[:, place], end[:, place + 1], place + 1)
        ranks = (start + end) / 2
    return np.where(given.items != PAD, ranks, np.inf)


def was_had(given: Given, cut: Cut) -> Bools:
    """Which places hold an item that the user had before: bool (n_users, k)."""
    is_had = np.zeros(cut.items.shape, dtype=bool)
    if given.history is not None:
        row, place = np.nonzero((cut.items != PAD) & (cut.items < given.history.shape[1]))
        is_had[row, place] = picked(given.history, row, cut.items[row, place]) > 0
    return is_had


def picked(matrix: "csr_array[Any]", rows: Ints, columns: Ints | Codes) -> Floats:
    """Cells of a sparse matrix, one for each pair of row and column: float64 (n,)."""
    if not len(rows):
        return np.zeros(0)
    cells: Any = matrix[rows, columns]
    dense = cells.toarray() if hasattr(cells, "toarray") else cells
    return np.asarray(dense, dtype=np.float64).ravel()
