"""How far could a number have been off, had other users of the same kind been asked?

Users are drawn again, with replacement, as often as there are. Draws come in blocks of a size that
depends on the number of users alone, each from a seed of its own, and what is summed are whole
numbers; so the same seed gives the same bits on any machine, with any number of workers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from core.tables import Bools, Floats, Ints

if TYPE_CHECKING:
    from scipy import sparse

Method = Literal["bca", "percentile"]
Key = tuple[int, ...]  # a seed, and what sets its draws apart from others of the same seed

DRAWN_AT_A_TIME = 1 << 21  # users drawn in one block of resamples
NARROW = 4  # up to so many columns, looking values up beats counting who was drawn how often
STEPS = 2.0**30  # values become whole multiples of 1 / STEPS of the largest one


@dataclass(frozen=True, eq=False)
class Summary:
    """What the values of each column come to, NaN left out; all float64 or int64 (n_columns,).

    n          users with a value
    mean       NaN where there are none
    deviation  sample standard deviation, NaN below two users
    skew       Σ(x - x̄)³ / 6 (Σ(x - x̄)²)^1.5: BCa's acceleration, which the jackknife of a mean
               comes to in closed form (Efron & Tibshirani 1993, eq. 14.15)
    """

    n: Ints
    mean: Floats
    deviation: Floats
    skew: Floats


def summary(values: Floats) -> Summary:
    """n, mean, deviation and skew of each column of float (n_users, n_columns)."""
    is_defined = ~np.isnan(values)
    n = is_defined.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):  # nobody, one user, or all the same
        mean = np.where(is_defined, values, 0).sum(axis=0, dtype=np.float64) / n
        centred = np.where(is_defined, values - mean, 0)
        squares = centred * centred
        spread = squares.sum(axis=0)
        deviation = np.sqrt(spread / np.where(n > 1, n - 1, np.nan))
        skew = np.nan_to_num((squares * centred).sum(axis=0) / (6 * spread**1.5))
    return Summary(n, mean, deviation, skew)


@dataclass(frozen=True)
class Interval:
    """low, high: float (n_columns,); NaN where a column has no value at all."""

    low: Floats
    high: Floats


def draws(n_users: int, resamples: int, key: Key) -> Iterator[Ints]:
    """Positions of drawn users, int64 (n, n_users), in blocks that add up to `resamples` rows."""
    n_rows = max(1, DRAWN_AT_A_TIME // max(n_users, 1))
    for block, start in enumerate(range(0, resamples, n_rows)):
        rng = np.random.default_rng([*key, block])
        size = (min(n_rows, resamples - start), n_users)
        yield rng.integers(n_users, size=size)


def whole(values: Floats) -> tuple[Floats, Floats]:
    """Values as whole numbers, NaN as 0, and the step of each column: sums are then exact.

    values   float (n_users, n_columns)
    answers  float64 of the same shape holding whole numbers, and float64 (n_columns,)
    """
    largest = np.max(np.abs(values), axis=0, initial=0, where=np.isfinite(values))
    step = np.where(largest > 0, largest, 1) / STEPS
    return np.nan_to_num(np.rint(values / step)), step


def resampled_means(values: Floats, resamples: int, key: Key) -> Floats:
    """Mean of each column over each resample: float64 (resamples, n_columns).

    values  float (n_users, n_columns), NaN where undefined; the same draws serve all columns
    """
    n_users = len(values)
    numbers, step = whole(values.astype(np.float64))
    is_defined = ~np.isnan(values)
    some_undefined = not is_defined.all()
    blocks = []
    for drawn in draws(n_users, resamples, key):
        offsets = n_users * np.arange(len(drawn))[:, None]
        times = np.bincount((drawn + offsets).ravel(), minlength=drawn.size)
        weights = times.reshape(drawn.shape).astype(np.float64)
        counts = weights @ is_defined.astype(np.float64) if some_undefined else n_users
        with np.errstate(invalid="ignore"):  # a resample may hold nobody for whom it is defined
            blocks.append((weights @ numbers) / counts * step)
    return np.concatenate(blocks)


def resampled_sums(parts: "Floats | sparse.csr_array", resamples: int, key: Key) -> Floats:
    """Sum of each column over each resample of users: float64 (resamples, n_columns).

    parts  float (n_users, n_columns), dense or sparse, without NaN; the draws are those of
           `resampled_means`, so numbers of one key move together

    Nearly every number of a run is a function of such sums: a gap of its groups' sums and counts,
    a calibration error of its bins', a Gini of item counts. Dense parts are summed as whole numbers
    and so exactly; sparse ones should hold counts, or the last digits depend on the machine.
    """
    n_users = parts.shape[0]
    numbers: Floats | sparse.csr_array = parts
    step: Floats | float = 1.0
    if isinstance(parts, np.ndarray):
        numbers, step = whole(parts.astype(np.float64))
    is_narrow = isinstance(numbers, np.ndarray) and parts.shape[1] <= NARROW
    columns = [np.ascontiguousarray(column) for column in numbers.T] if is_narrow else []
    blocks = []
    for drawn in draws(n_users, resamples, key):
        if is_narrow:
            sums = np.stack([column.take(drawn).sum(axis=1) for column in columns], axis=1)
        else:
            offsets = n_users * np.arange(len(drawn))[:, None]
            times = np.bincount((drawn + offsets).ravel(), minlength=drawn.size)
            sums = np.asarray(times.reshape(drawn.shape).astype(np.float64) @ numbers)
        blocks.append(sums * step)
    return np.concatenate(blocks)


def resampled(compute: Callable[[Ints], float], n_users: int, resamples: int, key: Key) -> Floats:
    """A number that is no mean, computed again from each resample: float64 (resamples,).

    compute  from positions of users, with repeats, to the number
    """
    values = [compute(rows) for block in draws(n_users, resamples, key) for rows in block]
    return np.asarray(values, dtype=np.float64)


def interval(
    means: Floats,
    resampled_values: Floats,
    n: Ints,
    confidence: float,
    method: Method,
    acceleration: Floats | float = 0.0,
) -> Interval:
    """Which range holds the middle of the resampled values?

    means             float (n_columns,)             what was observed
    resampled_values  float (resamples, n_columns)
    n                 int (n_columns,)               users behind each column
    method            percentile, or bca: bias-corrected and accelerated (Efron 1987,
                      doi:10.1080/01621459.1987.10478410)

    Levels are widened from the normal to Student's t and by √(n / (n - 1)), without which
    bootstrap intervals of few users are too narrow (Hesterberg 2015,
    doi:10.1080/00031305.2015.1089789).
    """
    from scipy.special import ndtr, ndtri, stdtrit

    freedom = np.maximum(n - 1, 1)
    reach = np.sqrt(np.maximum(n, 2) / freedom) * stdtrit(freedom, (1 + confidence) / 2)
    levels = np.stack([-reach, reach])
    if method == "bca":
        below = (resampled_values < means).mean(axis=0) + (resampled_values == means).mean(
            axis=0
        ) / 2
        edge = 0.5 / len(resampled_values)
        bias = ndtri(np.clip(below, edge, 1 - edge))
        shrink = 1 - acceleration * (bias + levels)
        bent = bias + (bias + levels) / np.maximum(shrink, 1e-9)  # beyond the pole: the very end
        levels = np.where(shrink > 0, bent, np.copysign(np.inf, levels))
    low, high = _quantiles(resampled_values, ndtr(levels))
    return Interval(low, high)


def _quantiles(values: Floats, levels: npt.NDArray[Any]) -> tuple[Floats, Floats]:
    """Two quantiles of each column, each at a level of its own, linear between neighbours."""
    ordered = np.sort(values, axis=0)  # NaN goes last
    n = (~np.isnan(ordered)).sum(axis=0)
    columns = np.arange(values.shape[1])
    place = np.clip(levels, 0, 1) * np.maximum(n - 1, 0)
    lower = np.floor(place).astype(np.int64)
    upper = np.minimum(lower + 1, np.maximum(n - 1, 0))
    share = place - lower
    found = ordered[lower, columns] * (1 - share) + ordered[upper, columns] * share
    return found[0], found[1]


def at_an_end(
    means: Floats, ends: tuple[Floats, Floats], n: Ints, confidence: float
) -> tuple[Bools, Interval]:
    """Which columns lie wholly at an end of what they can be, and how far off could they be?

    means  float (n_columns,) of users who all have the same value; ends: the least and the largest
           that each column can be, float (n_columns,), infinite where there is no such end

    No resample of equal values differs, but unseen users may. Were the mean further off than
    (1 - (α / 2)^(1 / n)) of the range, seeing n users at the end would have a chance below α / 2,
    whatever the distribution: Clopper & Pearson 1934 (doi:10.1093/biomet/26.4.404) for none of n.
    """
    least, largest = ends
    with np.errstate(invalid="ignore"):
        reach = (largest - least) * (1 - ((1 - confidence) / 2) ** (1 / np.maximum(n, 1)))
    is_end = np.isfinite(reach) & ((means == least) | (means == largest))
    low = np.where(means == least, means, means - reach)
    return is_end, Interval(low, np.where(means == least, means + reach, means))


def normal_interval(means: Floats, deviations: Floats, n: Ints, confidence: float) -> Interval:
    """Mean ± z · s / √n: what the bootstrap of a mean comes to when there are many users."""
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * deviations / np.sqrt(n)
    return Interval(means - reach, means + reach)
