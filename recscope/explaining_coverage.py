"""Do two models show more or less of the catalogue, and could that be chance?"""

from typing import Any

import numpy as np

from core.tables import PAD, Bools, Codes, Floats, Ints
from evaluators.metric import Metric
from recscope.estimate import Sureness
from recscope.jackknife import blocks_of, jackknife
from recscope.judge import one_value
from recscope.judged import Judged

SWAPS = 2000
SWAPPED_AT_ONCE = 1 << 24  # list places that all swaps together may touch


def coverage_change(
    base: Judged, fusion: Judged, metric: Metric, k: int, sure: Sureness
) -> dict[str, Any]:
    """Share of the items that some list shows: before, after, and could the change be chance?

    base, fusion  lists of the same users; metric: of evaluators, coverage
    answers       metric, k, base, fused, difference, low, high, p, n
    """
    one, other = (one_value(judged, metric, k) for judged in (base, fusion))
    n_items = base.n_items
    n_available = n_items if base.catalogue is None else base.catalogue.n_available
    block, n_blocks = blocks_of(len(base), (sure.seed,))
    sizes = np.bincount(block, minlength=n_blocks)
    shown = [_counts(judged.items[:, :k], block, n_blocks, n_items) for judged in (base, fusion)]
    without = [((part.sum(axis=0) - part) > 0).sum(axis=1) / n_available for part in shown]
    low, high = np.nan, np.nan
    if (base.items[:, :k] == fusion.items[:, :k]).all():
        low, high = 0.0, 0.0
    elif sure.resamples and n_blocks > 1:
        low, high = jackknife(
            other - one, without[1] - without[0], sizes, sure.confidence, 1 / n_available
        )
    return {
        "metric": metric.name,
        "k": k,
        "base": one,
        "fused": other,
        "difference": other - one,
        "low": low,
        "high": high,
        "p": swapped_p(base.items[:, :k], fusion.items[:, :k], n_items, sure.seed),
        "n": len(base),
    }


def _counts(items: Codes, block: Ints, n_blocks: int, n_items: int) -> Floats:
    """How often each block of users is shown each item: float64 (n_blocks, n_items)."""
    rows, columns = np.nonzero(items != PAD)
    cells = block[rows] * n_items + items[rows, columns]
    return np.bincount(cells, minlength=n_blocks * n_items).reshape(n_blocks, n_items).astype(float)


def swapped_p(base: Codes, fusion: Codes, n_items: int, seed: int) -> float:
    """How often do lists swapped between two models at random differ as much in coverage?

    base, fusion  int (n_users, k) lists of the same users, PAD past the end

    The paired randomisation test (Fisher 1935): under the null hypothesis a user's two lists could
    as well have been made by the other model. (1 + as far apart) / (1 + swaps).
    """
    differs = np.flatnonzero((np.sort(base, axis=1) != np.sort(fusion, axis=1)).any(axis=1))
    if not len(differs):
        return 1.0
    fixed = _shows(np.delete(base, differs, axis=0), n_items)
    two = np.stack([base[differs], fusion[differs]])
    seen = abs(_apart(two, fixed))
    n_swaps = int(np.clip(SWAPPED_AT_ONCE // max(two.size, 1), 200, SWAPS))
    rng = np.random.default_rng([seed, len(base)])
    as_far = 0
    for _ in range(n_swaps):
        swap = rng.random(len(differs)) < 0.5
        mixed = np.where(swap[:, None], two[::-1], two)
        as_far += abs(_apart(mixed, fixed)) >= seen
    return (1 + as_far) / (1 + n_swaps)


def _apart(two: Codes, fixed: Bools) -> int:
    """By how many items the second of two sets of lists shows more than the first."""
    n_items = len(fixed)
    return int((_shows(two[1], n_items) | fixed).sum()) - int(
        (_shows(two[0], n_items) | fixed).sum()
    )


def _shows(items: Codes, n_items: int) -> Bools:
    """Which items are in any list: bool (n_items,)."""
    shown = np.zeros(n_items, dtype=bool)
    shown[items[items != PAD]] = True
    return shown
