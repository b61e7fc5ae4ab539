"""How far apart would groups of users be if group made no difference?

Users' values are dealt out anew to groups of the same sizes (Fisher 1935; Pitman 1937,
doi:10.2307/2984124). Of many users the dealing is not carried out: its limit is drawn.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.tables import Floats, Ints
from recscope.regroup import Reach, reach_of

PERMUTATIONS = 1000
ENOUGH_FOR_LIMIT = 10_000  # users from which the limit of the permutations is drawn
ENOUGH_FOR_NORMAL = 200  # users of a group from which its mean is nearly normal
FEW_BEYOND = 10  # with fewer permutations beyond what was seen, the tail is drawn out
TAIL = 0.1
DEALT_AT_A_TIME = 1 << 20  # users dealt out in one block of permutations
TIE = 1e-9  # differences that only rounding tells apart are as large


@dataclass(frozen=True, eq=False)
class Apart:
    """Groups held against all other users, and against chance; n_columns metrics or models.

    z           float (n_columns, n_groups) mean less that of the others, in standard errors
    p           float (n_columns, n_groups) of each group, two-sided
    p_any       float (n_columns,)          that some group differs as much as the farthest does
    by_chance   float (n_columns,)          mean largest gap when dealt out anew
    critical    float (n_columns,)          what the farthest |z| exceeds by chance one time in 20,
                                            or as often as asked
    error       float (n_columns, n_groups) standard error of that difference, were there none
    reach       per column, over all groups at once, for intervals
    """

    z: Floats
    p: Floats
    p_any: Floats
    by_chance: Floats
    critical: Floats
    error: Floats
    reach: tuple[Reach, ...]


def apart(
    values: Floats,
    codes: npt.NDArray[np.integer],
    n_groups: int,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    level: float = 0.05,
) -> Apart:
    """Does any group differ from the other users by more than chance does?

    values  float (n_users, n_columns) without NaN
    codes   int (n_users,) 0 to n_groups - 1: everybody is in a group, and no group is empty

    Each group's mean less that of all others is divided by the standard deviation that dealing out
    gives it, so that small groups, which stray far by chance, do not hide what is true of large
    ones; the farthest group is the test's statistic (Westfall & Young 1993). Where hardly any
    permutation goes as far, p is taken from an exponential tail through the farthest tenth of them
    (as Winkler et al. 2016, doi:10.1016/j.neuroimage.2016.05.068, do with Pareto's).
    """
    n = np.bincount(codes, minlength=n_groups)
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate([[0], np.cumsum(n)])
    centred = (values - values.mean(axis=0, dtype=np.float64))[order].astype(np.float64)
    largest = np.abs(centred).max(axis=0, initial=0)
    centred[:, largest <= 1e-12 * np.abs(values).max(axis=0, initial=0)] = 0  # rounding, all alike
    seen = np.add.reduceat(centred, starts[:-1], axis=0).T / n
    if len(codes) < ENOUGH_FOR_LIMIT:
        dealt = _dealt(centred, starts, permutations, seed)
    else:
        dealt = _limit(centred, n, permutations, seed)
    n_users = len(codes)
    deviation = np.sqrt((centred**2).sum(axis=0) / max(n_users - 1, 1))[:, None]
    strays = deviation * np.sqrt(1 / n - 1 / n_users)
    scale = np.where(strays > 0, strays, 1)
    z, z_dealt = seen / scale, np.abs(dealt) / scale
    farthest = z_dealt.max(axis=2)
    to_rest = n_users / (n_users - n)  # mean less that of the others, from mean less that of all
    return Apart(
        z,
        p_value(np.abs(z), z_dealt),
        p_value(np.abs(z).max(axis=1), farthest),
        (dealt.max(axis=2) - dealt.min(axis=2)).mean(axis=0),
        np.quantile(farthest, 1 - level, axis=0),
        strays * to_rest,
        tuple(
            reach_of(dealt[:, place] / spread, n, 1 - level)
            for place, spread in enumerate(np.where(deviation > 0, deviation, 1).ravel())
        ),
    )


def p_value(seen: Floats, dealt: Floats) -> Floats:
    """How often is chance as far out?  seen (...), dealt (permutations, ...)."""
    n = len(dealt)
    beyond = (dealt >= seen * (1 - TIE)).sum(axis=0)
    p = (1 + beyond) / (n + 1)
    edge = np.quantile(dealt, 1 - TAIL, axis=0)
    above = np.where(dealt > edge, dealt - edge, 0)
    n_above = np.maximum((dealt > edge).sum(axis=0), 1)
    excess = above.sum(axis=0) / n_above
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = n_above / n * np.exp(np.minimum((edge - seen) / excess, 0))  # of no use before edge
    is_tail = (beyond < FEW_BEYOND) & (excess > 0) & (seen > edge)
    # never above what the permutations themselves allow for
    bounded = np.minimum(tail, (FEW_BEYOND + 1) / (n + 1))
    return np.asarray(np.where(is_tail, bounded, p))


def _dealt(centred: Floats, starts: Ints, permutations: int, seed: int) -> Floats:
    """Group means of shuffled users: float (permutations, n_columns, n_groups)."""
    from scipy.sparse import csr_array

    n_users, n_columns = centred.shape
    n_groups = len(starts) - 1
    shuffled = _shuffles(n_users, permutations, seed)
    made = np.empty((permutations, n_groups, n_columns))
    n_rows = max(1, DEALT_AT_A_TIME // n_users)
    for first in range(0, permutations, n_rows):
        users = shuffled[first : first + n_rows]
        # a row a group of each permutation, with its users' places
        ends = (starts[1:] + n_users * np.arange(len(users), dtype=np.int64)[:, None]).ravel()
        shape = (len(users) * n_groups, n_users)
        picked = csr_array((np.ones(users.size), users.ravel(), np.append(0, ends)), shape=shape)
        made[first : first + n_rows] = (picked @ centred).reshape(len(users), n_groups, n_columns)
    return np.asarray((made / np.diff(starts)[:, None]).swapaxes(1, 2))


@lru_cache(maxsize=1)
def _shuffles(n_users: int, permutations: int, seed: int) -> npt.NDArray[np.int32]:
    rng = np.random.default_rng([seed, n_users])
    rows = np.broadcast_to(np.arange(n_users, dtype=np.int32), (permutations, n_users))
    return rng.permuted(rows, axis=1)


def _limit(centred: Floats, n: Ints, permutations: int, seed: int) -> Floats:
    """What `_dealt` goes to with many users: float (permutations, n_columns, n_groups).

    Means of large groups are normal; those of small ones are means of users drawn from all. Taking
    away what all groups share gives them the covariance that dealing out has.
    """
    n_users, n_columns = centred.shape
    rng = np.random.default_rng([seed, n_users])
    deviation = np.sqrt((centred**2).mean(axis=0))
    made = rng.standard_normal((permutations, 1, len(n))) / np.sqrt(n) * deviation[:, None]
    for group in np.flatnonzero(n < ENOUGH_FOR_NORMAL):
        users = rng.integers(n_users, size=(permutations, n[group]))
        for column in range(n_columns):
            made[:, column, group] = centred[users, column].mean(axis=1)
    shared = (made * n).sum(axis=2, keepdims=True) / n_users
    return np.asarray(made - shared)
