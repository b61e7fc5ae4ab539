"""What does a per-user metric come to in each group, and how far apart are the groups?

Sums by code alone, so that a million users are regrouped while a reader waits.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.tables import Bools, Floats, Ints
from evaluators.user_fairness import group_deviation as deviation_of
from evaluators.user_fairness import user_gap, user_ratio, worst_group
from evaluators.user_inequality import theil_between

BORROWED = 20  # users' worth of the common spread that a group's own is mixed with
DRAWS = 1000
MANY_GROUPS = 40  # above it, pairs are bounded and not gone through


@dataclass(frozen=True, eq=False)
class Grouped:
    """One metric by group; all (n_groups,), NaN for a group of nobody.

    n          users with a value
    mean, deviation  sample standard deviation; 0 for a group of one
    n_undefined      users of the group without a value
    """

    n: Ints
    mean: Floats
    deviation: Floats
    n_undefined: Ints

    @property
    def common(self) -> float:
        """Standard deviation within groups, of all groups together."""
        freedom = max(int(self.n.sum() - (self.n > 0).sum()), 1)
        return float(np.sqrt(np.nansum(np.maximum(self.n - 1, 0) * self.deviation**2) / freedom))

    @property
    def error(self) -> Floats:
        """Standard error of each mean.

        A group's variance is mixed with the common one as if twenty more users had it: a handful
        who all score 0 have no spread of their own, and would seem certain.
        """
        own = np.maximum(self.n - 1, 0)
        mixed = (own * self.deviation**2 + BORROWED * self.common**2) / (own + BORROWED)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.n > 0, np.sqrt(mixed / self.n), np.nan)

    def keep(self, is_kept: Bools) -> "Grouped":
        """Only some of the groups."""
        return Grouped(
            self.n[is_kept],
            self.mean[is_kept],
            self.deviation[is_kept],
            self.n_undefined[is_kept],
        )

    def interval(self, confidence: float) -> tuple[Floats, Floats]:
        """Student's, around each mean."""
        from scipy.special import stdtrit

        reach = stdtrit(np.maximum(self.n - 1 + BORROWED, 1), (1 + confidence) / 2) * self.error
        return self.mean - reach, self.mean + reach


@dataclass(frozen=True, eq=False)
class Column:
    """One metric of every user, laid out to be summed by group again and again.

    filled   float64 (n_users,) 0 where undefined
    squares  float64 (n_users,) about the centre, 0 where undefined: so they lose no digits
    defined  float64 (n_users,) 1 or 0; None where every user has a value
    centre   the mean of all
    """

    filled: Floats
    squares: Floats
    defined: Floats | None
    centre: float


def column(values: Floats) -> Column:
    """Lay out float (n_users,), NaN where undefined."""
    is_defined = ~np.isnan(values)
    if is_defined.all():
        filled, defined, n = values.astype(np.float64), None, len(values)
    else:
        filled = np.where(is_defined, values, 0).astype(np.float64)
        defined, n = is_defined.astype(np.float64), int(is_defined.sum())
    centre = float(filled.sum() / max(n, 1))
    away = filled - centre
    squares = away * away if defined is None else away * away * defined
    return Column(filled, squares, defined, centre)


def regroup(values: Floats, codes: npt.NDArray[np.integer], n_groups: int) -> Grouped:
    """Sums by code of float (n_users,), NaN where undefined.

    codes  int (n_users,) 0 to n_groups - 1, -1 for no group
    """
    return sums(column(values), codes.astype(np.intp) + 1, n_groups)


def sums(values: Column, place: npt.NDArray[np.intp], n_groups: int) -> Grouped:
    """The same of a column laid out before.  place: codes + 1."""
    size = n_groups + 1
    everybody = np.bincount(place, minlength=size)[1:]
    n = everybody
    if values.defined is not None:
        n = np.rint(np.bincount(place, values.defined, size)[1:]).astype(np.int64)
    total = np.bincount(place, values.filled, size)[1:]
    squares = np.bincount(place, values.squares, size)[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        spread = np.maximum(squares - n * (mean - values.centre) ** 2, 0)
        spread = np.where(spread > 1e-12 * squares, spread, 0)  # what rounding leaves is none
        deviation = np.sqrt(spread / np.maximum(n - 1, 1))
    is_empty = n == 0
    return Grouped(
        n,
        np.where(is_empty, np.nan, mean),
        np.where(is_empty, np.nan, deviation),
        everybody - n,
    )


Bounds = tuple[float, float, float]  # value, low, high


@dataclass(frozen=True)
class Reach:
    """How many standard errors chance reaches, in the confidence asked for, over all groups.

    pairs  the difference of any two groups, either way
    below, above  the mean of any one group, that way alone (half of what is left to chance)
    """

    pairs: float
    below: float
    above: float


def reach_of(dealt: Floats, n: Ints, confidence: float) -> Reach:
    """From means of groups among which no difference is, float (draws, n_groups), spread 1 / n."""
    away = dealt / np.sqrt(np.maximum(1 / n - 1 / n.sum(), 1e-300))
    below, above = -away.min(axis=1), away.max(axis=1)
    if len(n) > MANY_GROUPS:
        # no pair is farther apart than this, by Cauchy and Schwarz; equal groups come close to it
        largest = np.hypot(below, above)
    else:
        first, second = np.triu_indices(len(n), 1)
        reach = np.sqrt(1 / n[first] + 1 / n[second])
        largest = (np.abs(dealt[:, first] - dealt[:, second]) / reach).max(axis=1)
    edge = (1 + confidence) / 2
    return Reach(
        float(np.quantile(largest, confidence)),
        float(np.quantile(below, edge)),
        float(np.quantile(above, edge)),
    )


def normal_reach(n: Ints, confidence: float, seed: int = 0) -> Reach:
    """The same for means that are normal: groups of many users each."""
    made = np.random.default_rng([seed, len(n)]).standard_normal((DRAWS, len(n))) / np.sqrt(n)
    return reach_of(made - (made * n).sum(axis=1, keepdims=True) / n.sum(), n, confidence)


def numbers(
    found: Grouped, reach: Reach, confidence: float, *, is_lower_better: bool = False
) -> dict[str, Bounds]:
    """Gap, ratio, worst group, deviation and Theil between groups, each with its interval.

    found  groups large enough to show, two at least; reach: of chance over these groups

    The ends are found by a search among groups, so their intervals allow for it: every pair of
    groups differs by what was seen, give or take `reach.pairs` standard errors (Tukey 1953; Kramer
    1956, doi:10.2307/3001469), and the largest of the lower ends is the gap's. Its upper end needs
    one pair to hold, the true widest, and so takes Student's quantile (Berger 1982,
    doi:10.2307/1268769). Percentiles of a resampled gap would lie too high: drawing again adds
    noise, and the largest gap grows with noise. Ratios of pairs by Fieller 1954.
    """
    from scipy.special import stdtrit

    mean, error = found.mean, found.error
    t = float(stdtrit(max(int(found.n.sum()) - len(mean), 1), (1 + confidence) / 2))
    first, second = np.triu_indices(len(mean), 1)
    apart = np.abs(mean[first] - mean[second])
    width = np.hypot(error[first], error[second])
    low_gap = max(0.0, float((apart - reach.pairs * width).max()))
    sign = -1.0 if is_lower_better else 1.0
    inwards = reach.above if is_lower_better else reach.below
    ends = [sign * float((sign * mean + away * error).min()) for away in (-t, inwards)]
    rng = np.random.default_rng(len(mean))
    again = mean + rng.standard_normal((DRAWS, len(mean))) * error
    variance = _shifted(deviation_of(mean) ** 2, deviation_of(again) ** 2, confidence)
    value, low, high = (float(np.sqrt(end)) for end in variance)
    between = _shifted(
        theil_between(mean, found.n), theil_between(np.maximum(again, 0), found.n), confidence
    )
    return {
        "user_gap": (float(user_gap(mean)), low_gap, float((apart + t * width).max())),
        "user_ratio": _ratio(found, reach.pairs, t),
        "worst_group": (sign * float(worst_group(sign * mean)), min(ends), max(ends)),
        "group_deviation": (value, low, high),
        "theil_between": between,
    }


def _ratio(found: Grouped, q: float, t: float) -> Bounds:
    """Worst over best: the smallest end of any pair's ratio, as the gap takes the largest."""
    mean, error = found.mean, found.error
    value = float(user_ratio(mean))
    if np.isnan(value):
        return value, np.nan, np.nan
    order = np.argsort(mean, kind="stable")
    small, large = (order[side] for side in np.triu_indices(len(mean), 1))
    below, _ = _fieller(mean[small], mean[large], error[small], error[large], t)
    _, above = _fieller(mean[small], mean[large], error[small], error[large], q)
    return (
        value,
        float(np.clip(below.min(), 0, value)),
        float(np.clip(above.min(), value, 1)),
    )


def _fieller(
    top: Floats, bottom: Floats, top_error: Floats, bottom_error: Floats, reach: float
) -> tuple[Floats, Floats]:
    """Ratios from 0 on that data allow: top - ratio · bottom within `reach` errors of 0."""
    room = bottom**2 - (reach * bottom_error) ** 2
    inside = (top * bottom_error) ** 2 + (bottom * top_error) ** 2
    root = reach * np.sqrt(np.maximum(inside - (reach * top_error * bottom_error) ** 2, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (top * bottom - root) / room, (top * bottom + root) / room
    return np.where(room > 0, np.maximum(low, 0), 0), np.where(room > 0, high, np.inf)


def _shifted(value: Floats, again: Floats, confidence: float) -> Bounds:
    """Percentiles of a number that noise only raises, less what it raised twice.

    What was observed lies above the truth by the noise, resamples above what was observed by it
    once more. The interval is kept at 0 or above and holds the observed value.
    """
    if np.isnan(value):
        return float(value), np.nan, np.nan
    noise = max(float(np.nanmean(again)) - float(value), 0.0)
    edges = np.nanquantile(again, [(1 - confidence) / 2, (1 + confidence) / 2]) - 2 * noise
    low, high = np.maximum(edges, 0)
    return float(value), float(min(low, value)), float(max(high, value))
