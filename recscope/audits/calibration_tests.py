"""Is a gap between promise and fulfilment, or between groups of users, more than chance?"""

import numpy as np

from core.tables import Floats, Ints
from evaluators.calibration import ece_gap
from evaluators.calibration_bins import mean_gap_debiased
from recscope.audits.calibration_numbers import SUMS, Judgement, by_bin
from recscope.bootstrap import whole

FLIPS = 1999
FLIPPED_AT_A_TIME = 1 << 22
PERMUTATIONS = 499
DEALT_AT_A_TIME = 1 << 20
ENOUGH_FOR_LIMIT = 10_000  # users from which the limit of the permutations is drawn


def miscalibrated(judgement: Judgement, seed: int, flips: int = FLIPS) -> tuple[float, float]:
    """Are promises kept?  The error seen over that of chance, and p.

    Statistic: sum over bins of equal mass of |promised - found|. If promises are kept, what each
    user adds to a bin is 0 in the mean, and turning the sign of all a user adds changes nothing in
    the long run; users, not pairs, are turned, because the pairs of a user go together. (Wild
    cluster bootstrap with Rademacher weights: Cameron, Gelbach & Miller 2008,
    doi:10.1162/rest.90.3.414.) NaN below two users.
    """
    apart = _apart(judgement)
    apart = apart[(apart != 0).any(axis=1)]
    if len(apart) < 2:
        return float("nan"), float("nan")
    numbers, _ = whole(apart)
    rng = np.random.default_rng([seed, len(apart)])
    seen = np.abs(numbers.sum(axis=0) * _steps(apart)).sum()
    turned = []
    n_rows = max(1, FLIPPED_AT_A_TIME // len(apart))
    for start in range(0, flips, n_rows):
        n = min(n_rows, flips - start)
        signs = 2.0 * rng.integers(0, 2, size=(n, len(apart)), dtype=np.int8) - 1
        turned.append(np.abs(signs @ numbers * _steps(apart)).sum(axis=1))
    by_chance = np.concatenate(turned)
    beyond = np.count_nonzero(by_chance >= seen * (1 - 1e-12))
    return float(seen / by_chance.mean()), (1 + beyond) / (flips + 1)


def _apart(judgement: Judgement) -> Floats:
    """Promised less found, by user and bin of equal mass."""
    mass = by_bin(judgement.by_mass)
    return np.asarray(mass.promised - mass.found)


def _steps(values: Floats) -> Floats:
    return whole(values)[1]


def gap_by_chance(
    judgement: Judgement, codes: Ints, n_groups: int, seed: int, permutations: int = PERMUTATIONS
) -> tuple[Floats, Floats]:
    """Debiased error of each group, (n_groups,), and the gaps that dealing users out anew gives.

    codes         int (n_users,) group of each user, -1 for none
    permutations  of users over groups of the same sizes (Pitman 1937, doi:10.2307/2984124); of
                  10,000 users or more the limit is drawn: normal sums with their covariance
    """
    known = codes >= 0
    parts = judgement.by_mass[known]
    groups = codes[known]
    n = np.bincount(groups, minlength=n_groups)
    order = np.argsort(groups, kind="stable")
    starts = np.concatenate([[0], np.cumsum(n)])
    rng = np.random.default_rng([seed, len(groups), n_groups])
    seen = _group_sums(parts, order[None, :], starts)[0]
    if len(groups) < ENOUGH_FOR_LIMIT:
        dealt = _dealt(parts, starts, permutations, rng)
    else:
        dealt = _limit(parts, n, permutations, rng)
    errors = _errors(seen)
    return errors, np.asarray(ece_gap(_errors(dealt)))


def _group_sums(parts: Floats, orders: Ints, starts: Ints) -> Floats:
    """Sums of parts over groups: float (n_orders, n_groups, n_sums).

    orders  int (n_orders, n_users)  users by group, the first n of the first group and so on
    """
    from scipy.sparse import csr_array

    (n_orders, n_users), n_groups = orders.shape, len(starts) - 1
    ends = starts[1:] + n_users * np.arange(n_orders)[:, None]
    pointers = np.concatenate([[0], ends.ravel()])
    shape = (n_orders * n_groups, n_users)
    picked = csr_array((np.ones(orders.size), orders.ravel(), pointers), shape=shape)
    return np.asarray(picked @ parts).reshape(n_orders, n_groups, -1)


def _dealt(parts: Floats, starts: Ints, permutations: int, rng: np.random.Generator) -> Floats:
    """Sums of groups into which users are dealt anew: (permutations, n_groups, n_sums)."""
    n_users = len(parts)
    n_rows = max(1, DEALT_AT_A_TIME // n_users)
    made = []
    for start in range(0, permutations, n_rows):
        n = min(n_rows, permutations - start)
        orders = np.broadcast_to(np.arange(n_users), (n, n_users))
        made.append(_group_sums(parts, rng.permuted(orders, axis=1), starts))
    return np.concatenate(made)


def _limit(parts: Floats, n: Ints, permutations: int, rng: np.random.Generator) -> Floats:
    """Sums of groups of n users drawn at random, in their normal limit.

    float (permutations, n_groups, n_sums); sums over all groups are what they are.
    """
    mean, n_users = parts.mean(axis=0), len(parts)
    spread = np.cov(parts, rowvar=False)
    values, vectors = np.linalg.eigh(spread)
    root = vectors * np.sqrt(np.maximum(values, 0))
    strays = rng.standard_normal((permutations, len(n), parts.shape[1])) @ root.T
    strays *= np.sqrt(n)[:, None]
    shared = strays.sum(axis=1, keepdims=True) * (n / n_users)[:, None]
    sums = n[:, None] * mean + strays - shared
    made = np.asarray(sums)
    n_bins = parts.shape[1] // SUMS
    made[..., : 3 * n_bins] = np.maximum(made[..., : 3 * n_bins], 0)  # counts are never below 0
    return made


def _errors(sums: Floats) -> Floats:
    """Debiased error of sums (..., n_groups, n_sums): (..., n_groups)."""
    return mean_gap_debiased(by_bin(sums))
