"""Ways to make the scores of one user's list comparable with those of another's.

Each takes scores float (n_users, width) and is_listed bool of the same shape, and gives float64
of the same shape, NaN where nothing is listed, and where the list leaves the answer open (one
item, or all scores equal).
"""

from collections.abc import Callable, Mapping

import numpy as np

from core.tables import Bools, Floats


def as_given(scores: Floats, is_listed: Bools) -> Floats:
    """The scores themselves."""
    return np.where(is_listed, scores, np.nan).astype(np.float64)


def z_score(scores: Floats, is_listed: Bools) -> Floats:
    """Standard deviations above the mean of the user's list."""
    given, n = as_given(scores, is_listed), is_listed.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):  # empty rows, and rows without spread
        mean = np.nansum(given, axis=1, keepdims=True) / n
        spread = np.sqrt(np.nansum((given - mean) ** 2, axis=1, keepdims=True) / n)
        return np.asarray(np.where(spread > 0, (given - mean) / spread, np.nan))


def min_max(scores: Floats, is_listed: Bools) -> Floats:
    """0 for the lowest score of the user's list, 1 for the highest."""
    given = as_given(scores, is_listed)
    low = np.min(given, axis=1, keepdims=True, initial=np.inf, where=is_listed)
    high = np.max(given, axis=1, keepdims=True, initial=-np.inf, where=is_listed)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(high > low, (given - low) / (high - low), np.nan))


def rank(scores: Floats, is_listed: Bools) -> Floats:
    """Minus the place in the list: -1 for the first, whatever the scores are."""
    places = np.cumsum(is_listed, axis=1) + np.zeros_like(scores, dtype=np.float64)
    return np.asarray(np.where(is_listed, -1.0 * places, np.nan))


def softmax(scores: Floats, is_listed: Bools) -> Floats:
    """Share of the list's total e^score: a user's scores sum to 1."""
    given = as_given(scores, is_listed)
    high = np.max(given, axis=1, keepdims=True, initial=-np.inf, where=is_listed)
    with np.errstate(invalid="ignore"):  # rows without an item
        weight = np.exp(given - high)
        return np.asarray(weight / np.nansum(weight, axis=1, keepdims=True))


NORMALISATIONS: Mapping[str, Callable[[Floats, Bools], Floats]] = {
    "as given": as_given,
    "z-score": z_score,
    "min-max": min_max,
    "rank": rank,
    "softmax": softmax,
}
