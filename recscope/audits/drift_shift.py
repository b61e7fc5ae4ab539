"""Is the difference of two windows more than users coming and going by chance?

The rows of one user belong together, and one user may be in both windows; so users, not rows, are
what is drawn. Each active user counts once, with the shares of the user's rows: the shares of a
window are a mean over users, their covariance is that of such a mean, and what both windows have in
common is taken off. The chi-square of the difference is corrected by that covariance.
"""

from dataclasses import dataclass

import numpy as np

from core.tables import Floats, Ints
from recscope.audits.drift_windows import Profiles

FEWEST = 3.0  # users a category must hold in the smaller window, or it joins the rest


@dataclass(frozen=True, eq=False)
class Shift:
    """Two windows held against each other.

    before, now  float (m,)   mean over the users of each
    covariance   float (m, m) of now - before, were nothing different but who happened to come
    n_before, n_now  users; n: users in either
    """

    before: Floats
    now: Floats
    covariance: Floats
    n_before: int
    n_now: int
    n: int

    @property
    def delta(self) -> Floats:
        return np.asarray(self.now - self.before)


@dataclass(frozen=True, eq=False)
class Moments:
    """One window of an aspect.

    users  int64 (n,) ascending; mean: float (m,)
    pull   float (n, m) what each user moves the mean by; covariance: float (m, m) of the mean
    """

    users: Ints
    mean: Floats
    pull: Floats
    covariance: Floats


def moments(profiles: Profiles, window: int) -> Moments:
    """Mean over the users of a window, and how sure it is."""
    users, values = profiles.at(window)
    mean, pull = influence(values)
    return Moments(users, mean, pull, pull.T @ pull)


def shift(before: Moments, now: Moments) -> Shift:
    """The difference between two windows and its covariance over users."""
    _, old, new = np.intersect1d(before.users, now.users, assume_unique=True, return_indices=True)
    across = before.pull[old].T @ now.pull[new]
    covariance = before.covariance + now.covariance - across - across.T
    n_before, n_now = len(before.users), len(now.users)
    n = n_before + n_now - len(old)
    return Shift(before.mean, now.mean, covariance, n_before, n_now, n)


def influence(values: Floats) -> tuple[Floats, Floats]:
    """Mean of float (n, m) and what each user pulls it by, float (n, m).

    The squares of the pulls add up to the variance of the mean.
    """
    n = len(values)
    mean = values.mean(axis=0)
    return mean, (values - mean) / np.sqrt(n * max(n - 1, 1))


def merged(found: Shift) -> tuple[Shift, Ints]:
    """Categories that hardly anybody is in, put together; and the new place of each, int (m,)."""
    middle = (found.before + found.now) / 2
    is_small = middle * min(found.n_before, found.n_now) < FEWEST
    if is_small.sum() < 2:
        return found, np.arange(len(middle))
    place = np.where(is_small, (~is_small).sum(), np.cumsum(~is_small) - 1)
    gather = np.zeros((len(middle), int(place.max()) + 1))
    gather[np.arange(len(middle)), place] = 1
    return (
        Shift(
            found.before @ gather,
            found.now @ gather,
            gather.T @ found.covariance @ gather,
            found.n_before,
            found.n_now,
            found.n,
        ),
        place,
    )


@dataclass(frozen=True)
class Answer:
    """statistic: the corrected F; p: of no shift; noise: what chance alone adds to the square."""

    statistic: float
    p: float
    noise: float
    freedom: float


def rao_scott(found: Shift, weights: Floats) -> Answer:
    """Rao-Scott test of the weighted squared difference, second order.

    weights  float (m,) of the squared differences; 1 / (4 · mean share) makes the sum V²

    Under no shift Σ w Δ² is a sum of chi-squares weighted by the eigenvalues λ of the weighted
    covariance; it is held against F with (Σλ)² / Σλ² degrees of freedom (Rao & Scott 1984,
    doi:10.1214/aos/1176346391; F: Thomas & Rao 1987, doi:10.2307/2289475).
    """
    from scipy.special import fdtrc

    root = np.sqrt(weights)
    scaled = found.covariance * root[:, None] * root
    noise, squares = float(np.trace(scaled)), float((scaled**2).sum())
    square = float((weights * found.delta**2).sum())
    if noise <= 0 or squares <= 0:
        return Answer(np.nan, 1.0 if square == 0 else np.nan, noise, np.nan)
    freedom = noise**2 / squares
    statistic = square / noise
    clusters = max(min(found.n_before, found.n_now) - 1, 1)
    return Answer(statistic, float(fdtrc(freedom, freedom * clusters, statistic)), noise, freedom)


def category_weights(found: Shift) -> Floats:
    """1 / (4 · mean share): squared differences then add up to V², both windows weighing alike."""
    middle = (found.before + found.now) / 2
    return np.where(middle > 0, 1 / np.where(middle > 0, 4 * middle, 1), 0.0)


def by_chance(found: Shift, n_draws: int, seed: int) -> tuple[Floats, Floats]:
    """Pairs of shares that differ by chance alone: two float (n_draws, m).

    The mean of both windows, moved apart by normal draws with the covariance over users, as the
    multiplier bootstrap over users would; shares below 0 become 0.
    """
    values, vectors = np.linalg.eigh(found.covariance)
    normal = np.random.default_rng(seed).standard_normal((n_draws, len(values)))
    apart = (normal * np.sqrt(np.maximum(values, 0))) @ vectors.T
    middle = (found.before + found.now) / 2
    return np.maximum(middle - apart / 2, 0), np.maximum(middle + apart / 2, 0)
