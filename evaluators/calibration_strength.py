"""Does the same score mean the same for every user?

Pairs of equal score, or nearly so, should come true equally often whoever the user is. How far
users differ beyond chance is told by pairs of one user: if one came true more often than its score
tells, does the other as well?
"""

from dataclasses import dataclass

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.calibration_bins import bin_sums, equal_mass, over, place
from evaluators.metric import metric

N_STRATA = 50  # bins of score within which hit rates are compared
IN_A_STRATUM = 20  # pairs that a bin should hold at least
PERMUTATIONS = 499
MOST_SHUFFLED = 20_000_000  # pairs times permutations; more take the normal limit
FEWEST_PERMUTATIONS = 99


@dataclass(frozen=True, eq=False)
class StrengthSums:
    """What each user adds, float64 (n_users,): sums from which both measures follow.

    together  sum of products of residuals over ordered pairs of different items of the user, less
              what estimating the rates takes away from it
    n_pairs   how many such products: n (n - 1)
    variance  sum of rate · (1 - rate) of the user's entries; n: how many entries
    """

    together: Floats
    n_pairs: Floats
    variance: Floats
    n: Floats

    def table(self) -> Floats:
        """float64 (n_users, 4), in the order of the fields."""
        return np.column_stack([self.together, self.n_pairs, self.variance, self.n])


def strength_sums(
    user: Ints, scores: Floats, outcomes: Bools, n_users: int, n_strata: int = N_STRATA
) -> StrengthSums:
    """Sums per user behind `between_user_deviation` and `between_user_correlation`.

    user      int   (n,)  row of the user of each entry, below n_users
    scores    float (n,)  any numbers; outcomes  bool (n,)

    n_strata  bins of equal mass within which the rate is taken as one; fewer where one would hold
              less than 20 entries
    """
    cuts = equal_mass(scores, max(1, min(n_strata, len(scores) // IN_A_STRATUM)))
    stratum = place(scores, cuts)
    sums = bin_sums(scores, outcomes, cuts)
    rate = np.nan_to_num(over(sums.found, sums.n))
    residual = outcomes - rate[stratum]
    own: Floats = np.bincount(user, residual, n_users).astype(np.float64)
    squares = np.bincount(user, residual**2, n_users)
    n: Floats = np.bincount(user, minlength=n_users).astype(np.float64)
    # residuals of one stratum sum to 0, so two of them are correlated by -1 / (n - 1)
    loss = np.nan_to_num(over(rate * (1 - rate), sums.n - 1))
    cell, n_cell = np.unique(user * np.int64(len(rate)) + stratum, return_counts=True)
    owner, where = np.divmod(cell, len(rate))
    lost = np.bincount(owner, loss[where] * n_cell * (n_cell - 1), n_users)
    variance: Floats = np.bincount(user, (rate * (1 - rate))[stratum], n_users).astype(np.float64)
    return StrengthSums(np.asarray(own**2 - squares + lost), n * (n - 1), variance, n)


def deviation_of(sums: Floats) -> Floats:
    """between_user_deviation of sums (..., 4) as `StrengthSums.table` has them: (...)."""
    return np.asarray(np.sqrt(np.maximum(over(sums[..., 0], sums[..., 1]), 0)))


def correlation_of(sums: Floats) -> Floats:
    """between_user_correlation of sums (..., 4): (...)."""
    shared = over(sums[..., 0], sums[..., 1])
    return over(shared, over(sums[..., 2], sums[..., 3]))


@metric(
    better="lower",
    bounds=(0, 0.5),
    source="Searle, Casella & McCulloch 1992, doi:10.1002/9780470316856",
    family="calibration",
    per="audit",
)
def between_user_deviation(user: Ints, scores: Floats, outcomes: Bools) -> Floats:
    """By how much do users' hit rates differ at equal scores, beyond chance?

    user      int   (n,)  row of the user of each listed item, from 0
    scores    float (n,)  what the model gave it, any numbers
    outcomes  bool  (n,)  did the user choose the item?

    Standard deviation of users' true hit rates around that of their score [share of items]: 0.1
    says that where the list says equal strength, one user finds 10 points more than the mean,
    another 10 less. Scores are cut into up to 50 bins of equal mass; the mean product of residuals
    over pairs of items of one user estimates the variance between users (method of moments,
    without bias), and its root is taken, 0 where it came out negative. NaN where no user has two
    items. Users who have more left to find hit more at any score: that counts here.
    """
    sums = strength_sums(user, scores, outcomes, int(np.max(user, initial=-1)) + 1)
    return deviation_of(sums.table().sum(axis=0))


@metric(
    better="lower",
    bounds=(-1, 1),
    source="Ridout, Demétrio & Firth 1999, doi:10.1111/j.0006-341X.1999.00137.x",
    family="calibration",
    per="audit",
)
def between_user_correlation(user: Ints, scores: Floats, outcomes: Bools) -> Floats:
    """How alike are two items of one user, given their scores?

    user      int   (n,)  row of the user of each listed item, from 0
    scores    float (n,)  what the model gave it, any numbers
    outcomes  bool  (n,)  did the user choose the item?

    Intraclass correlation: variance between users at equal scores over the variance of an outcome,
    rate · (1 - rate). 0 where a score says all there is to say, 1 where the user alone decides;
    below 0 by chance.
    """
    sums = strength_sums(user, scores, outcomes, int(np.max(user, initial=-1)) + 1)
    return correlation_of(sums.table().sum(axis=0))


def strength_test(
    user: Ints,
    scores: Floats,
    outcomes: Bools,
    rng: np.random.Generator,
    permutations: int = PERMUTATIONS,
) -> tuple[float, float, str]:
    """Do users differ at equal scores more than chance allows?  Statistic, p, and how p was had.

    The statistic is Σ over users of (hits - hits expected from the scores)², over what it would be
    by chance: 1 where users do not differ. p is one-sided, of outcomes shuffled within strata of
    neighbouring scores (a permutation test; Good 2005, doi:10.1007/b138696), or of the normal limit
    where there are too many entries to shuffle. NaN where no user has two entries or all outcomes
    are the same.
    """
    # ties in random order: else a stratum of equal scores would hold one user
    order = np.lexsort((rng.random(len(scores)), scores))
    # whose users, by place; outcomes as strata of equal size, what is left over as a short one
    _, whose = np.unique(user[order], return_inverse=True)
    n_users = int(whose.max(initial=-1)) + 1
    hits = np.asarray(outcomes, dtype=np.float64)[order]
    n_strata = max(1, min(N_STRATA, len(hits) // IN_A_STRATUM))
    size = len(hits) // n_strata
    full, rest = hits[: n_strata * size].reshape(n_strata, size), hits[n_strata * size :]
    parts = [part for part in (full, rest[None, :]) if part.size]
    rates = [np.broadcast_to(part.mean(axis=1, keepdims=True), part.shape) for part in parts]
    residuals = [part - rate for part, rate in zip(parts, rates, strict=True)]
    spread = np.concatenate([(rate * (1 - rate)).ravel() for rate in rates] or [np.zeros(0)])
    expected = float(spread.sum())
    if n_users == len(hits) or expected == 0:
        return float("nan"), float("nan"), "undefined"

    def statistic(columns: list[Floats]) -> float:
        flat = np.concatenate([column.ravel() for column in columns])
        return float((np.bincount(whose, flat, n_users) ** 2).sum())

    observed = statistic(residuals)
    n_shuffles = min(permutations, MOST_SHUFFLED // len(hits))
    if n_shuffles < min(FEWEST_PERMUTATIONS, permutations):
        by_user = np.bincount(whose, spread, n_users)
        deviation = np.sqrt(2 * (by_user**2 - np.bincount(whose, spread**2, n_users)).sum())
        from scipy.special import ndtr

        return observed / expected, float(ndtr(-(observed - expected) / deviation)), "normal limit"
    shuffled = [statistic([rng.permuted(part, axis=1) for part in residuals])
                for _ in range(n_shuffles)]  # fmt: skip
    as_far = np.count_nonzero(np.asarray(shuffled) >= observed * (1 - 1e-12))
    p = (1 + as_far) / (n_shuffles + 1)
    return observed / float(np.mean(shuffled)), p, f"shuffled {n_shuffles:,} times"
