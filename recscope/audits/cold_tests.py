"""Does quality depend on the length of a user's history, beyond chance?"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from core.tables import Floats, Ints
from evaluators.cold_start import cold_user_gap, warm_up_slope
from recscope.audits import numbers
from recscope.audits.report import Row
from recscope.estimate import Sureness

WORSE, RISES = "short histories are served worse", "quality rises with history"
DRAWS, ENOUGH_FOR_NORMAL = 2_000, 3_000
TIE = 1e-12


@dataclass(frozen=True, eq=False)
class Found:
    """A number with its interval, and the weighted sum of values that a test deals out anew.

    metric, name     of the number, of its test
    number           value, low, high, each float (1,)
    values, weights  float (n,), the number is their product's sum
    """

    metric: str
    name: str
    number: tuple[Floats, Floats, Floats]
    values: Floats
    weights: Floats

    @property
    def n(self) -> int:
        return len(self.values)

    def test(self, sure: Sureness) -> Row:
        """A row of tests, without the facts of its model."""
        value, low, high = (float(part[0]) for part in self.number)
        return {
            "test": self.name, "metric": self.metric, "statistic": value, "effect": value,
            "low": low, "high": high, "p": permuted(self.values, self.weights, sure.seed),
            "n": self.n,
        }  # fmt: skip


def gap(quality: Floats, n_rows: Ints, short: int, sure: Sureness) -> Found | str:
    """Mean of users with longer histories minus that of those with at most `short` rows.

    quality  float (n_users,) NaN where undefined; n_rows: int (n_users,) rows of history
    Why it cannot be had, where either side has fewer users than an interval needs.
    """
    is_known = ~np.isnan(quality)
    y, is_short = quality[is_known], n_rows[is_known] <= short
    sides = int(is_short.sum()), int((~is_short).sum())
    if min(sides) < sure.smallest:
        which = "at most" if sides[0] < sides[1] else "more than"
        return (
            f"short histories cannot be compared with longer ones, because {min(sides)} judged "
            f"users have {which} {short} rows; set [audit.cold_start] short_history"
        )
    parts = np.column_stack([is_short, y * is_short, ~is_short, y * ~is_short])
    number = numbers.from_sums(
        parts.astype(np.float64),
        lambda sums: cold_user_gap(*np.moveaxis(sums, -1, 0))[..., None],
        sure,
    )
    weights = np.where(is_short, -1 / sides[0], 1 / sides[1])
    return Found("cold_user_gap", WORSE, number, y, weights)


def slope(quality: Floats, n_rows: Ints, sure: Sureness) -> Found | str:
    """Rise of quality for every doubling of 1 + rows of history; arguments as of `gap`."""
    is_known = ~np.isnan(quality)
    x, y = np.log2(1.0 + n_rows[is_known]), quality[is_known]
    if len(y) < sure.smallest or np.ptp(x) == 0:
        return (
            "the slope over histories cannot be judged, because users with lists of the model's "
            f"own ({len(y)}) do not differ in the length of their history"
        )
    parts = np.column_stack([np.ones(len(x)), x, y, x * x, x * y])
    number = numbers.from_sums(
        parts, lambda sums: warm_up_slope(*np.moveaxis(sums, -1, 0))[..., None], sure
    )
    centred = x - x.mean()
    return Found("warm_up_slope", RISES, number, y, centred / (centred**2).sum())


def permuted(values: Floats, weights: Floats, seed: int, draws: int = DRAWS) -> float:
    """How often is |Σ weight · value| as large when values are dealt out at random? Two-sided p.

    values, weights  float (n,); a difference of means and a slope are both such sums, weights of
                     sum 0
    Fisher-Pitman permutation test (Pitman 1937, doi:10.2307/2984124), `draws` random ones; from
    3,000 users on its normal limit with the permutations' own variance (Hoeffding 1951,
    doi:10.1214/aoms/1177729545).
    """
    n = len(values)
    observed = abs(float((values * weights).sum()))
    if n >= ENOUGH_FOR_NORMAL:
        spread = ((values - values.mean()) ** 2).sum() * (weights**2).sum() / (n - 1)
        return float(2 * NormalDist().cdf(-observed / np.sqrt(spread))) if spread > 0 else 1.0
    dealt = np.random.default_rng([seed, n]).permuted(np.broadcast_to(weights, (draws, n)), axis=1)
    beyond = int((np.abs(dealt @ values) >= observed - TIE).sum())
    return (beyond + 1) / (draws + 1)
