"""How far could a number of the whole run have been off? By leaving some users out.

For functions of counts over all lists (a Gini, a coverage, an entropy) the bootstrap misleads:
a resample holds only 63 % of the users, so items with few places vanish, and its numbers lie to one
side of what was observed. Leaving out a fiftieth of the users at a time hardly moves the number,
and the spread over the fifty ways of doing so tells its standard error.
"""

import numpy as np

from core.tables import Floats, Ints
from recscope.bootstrap import Key

POISSON = 0.9  # upper end of a count
BLOCKS = 50  # the standard error is then itself known to within 10 %


def blocks_of(n_users: int, key: Key) -> tuple[Ints, int]:
    """Which block is each user left out with? int64 (n_users,), and how many blocks there are.

    At most BLOCKS blocks of nearly one size, filled by chance; every user alone where there are
    few. The same key gives the same blocks.
    """
    n_blocks = min(n_users, BLOCKS)
    order = np.random.default_rng(key).permutation(n_users)
    return order % max(n_blocks, 1), n_blocks


def jackknife(
    value: float, without: Floats, sizes: Ints, confidence: float, step: float = 0.0
) -> tuple[float, float]:
    """Ends of the interval around a value.

    value    of all users; the number that as many other users of the kind would give on average
             is what the interval is for
    without  float (n_blocks,) the number without the users of each block
    sizes    int (n_blocks,) users in each block
    step     of a number that counts: how far one more moves it; 0 for any other

    value ± t · se, where se² is the mean over blocks of (pseudo-value - its mean)² / (h - 1),
    h = n / size (delete-m jackknife: Busing, Meijer & van der Leeden 1999,
    doi:10.1023/A:1008800423698), and t has n_blocks - 1 degrees of freedom. The jackknife's
    variance is never too small on average (Efron & Stein 1981, doi:10.1214/aos/1176345462). Of a
    count it can be, where next to nothing hangs on any block (all items are shown, each by many
    users): the variance then is at least the number of things that do hang on one block, at the
    upper end of what a Poisson count leaves open (Garwood 1936, doi:10.1093/biomet/28.3-4.437).
    NaN where leaving users out leaves nothing to judge.
    """
    from scipy.special import chdtri, stdtrit

    n_blocks = len(sizes)
    h = sizes.sum() / sizes
    centre = n_blocks * value - ((1 - 1 / h) * without).sum()
    pseudo = h * value - (h - 1) * without
    variance = np.mean((pseudo - centre) ** 2 / (h - 1))
    if step:
        hanging = np.abs(value - without).sum() / step
        variance = max(variance, step**2 * chdtri(2 * hanging + 2, 1 - POISSON) / 2)
    spread = np.sqrt(variance)
    reach = stdtrit(n_blocks - 1, (1 + confidence) / 2) * spread
    return float(value - reach), float(value + reach)
