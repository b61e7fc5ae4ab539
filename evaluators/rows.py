"""Sums along each user's list, the same to the last bit however users are batched.

Adding up rank by rank keeps the order of additions fixed, whatever the number of users and the
layout in memory (numpy's own sums regroup by layout, BLAS by the place in a batch), and is faster
on the short rows that lists are.
"""

import numpy as np

from core.tables import Bools, Floats, Ints


def count(hits: Bools) -> Ints:
    """How many are true in each row: int64 (n_users,)."""
    found = np.zeros(len(hits), dtype=np.int64)
    for hit in hits.T:
        found += hit
    return found


def weighted(values: Bools | Floats, weights: Floats) -> Floats:
    """Sum of value times the weight of its rank in each row: float64 (n_users,).

    values   bool or float (n_users, k)
    weights  float (k,)
    """
    total = np.zeros(len(values))
    for value, weight in zip(values.T, weights, strict=True):
        total += value * weight
    return total


def where_relevant(values: Floats | Ints, n_relevant: Ints) -> Floats:
    """The values, with NaN for users who have nothing to find."""
    return np.where(n_relevant > 0, values, np.nan)
