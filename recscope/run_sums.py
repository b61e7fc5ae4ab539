"""Numbers of the whole run that are functions of sums over its users, and their intervals."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from core.tables import Floats, Ints
from evaluators.arrays import SUMS
from evaluators.metric import Metric
from recscope.bootstrap import Key
from recscope.jackknife import blocks_of, jackknife
from recscope.judged import Judged
from recscope.judged_popularity import POPULARITY_SUMMED
from recscope.judged_sums import ITEM_SUMMED

COUNTING = {"coverage"}  # shares of the items, moved by one item at a time
SUMMED = {**ITEM_SUMMED, **POPULARITY_SUMMED}


@dataclass(frozen=True, eq=False)
class RunSums:
    """The sums over some users of a run, each made once for all metrics that ask for it.

    rows  int64 (n,) positions of the users in `judged`; key: what sets their blocks
    """

    judged: Judged
    rows: Ints
    key: Key
    _kept: dict[tuple[str, int], Floats] = field(default_factory=dict, repr=False)

    @cached_property
    def _blocks(self) -> tuple[Ints, int]:
        return blocks_of(len(self.rows), self.key)

    def parts(self, name: str, k: int) -> Floats:
        """The sum over each block of users: float64 (n_blocks, ...)."""
        if (name, k) not in self._kept:
            self._kept[name, k] = SUMMED[name](self.judged, k, self.rows, *self._blocks)
        return self._kept[name, k]

    def estimate(
        self, metric: Metric, k: int | None, confidence: float | None
    ) -> tuple[float, float, float]:
        """Value, low and high; no interval (NaN) where confidence is None or there is one user."""
        width = self.judged.width if k is None else k
        names = (*metric.needs, *metric.settings)
        whole = self.judged.arrays(tuple(name for name in names if name not in SUMS), k)
        parts = {name: self.parts(name, width) for name in metric.needs if name in SUMS}
        totals = {name: part.sum(axis=0) for name, part in parts.items()}
        value = float(metric(**totals, **whole))
        block, n_blocks = self._blocks
        if confidence is None or n_blocks < 2 or np.isnan(value):
            return value, np.nan, np.nan
        without = metric(**{name: totals[name] - part for name, part in parts.items()}, **whole)
        step = 1 / float(whole["n_available"]) if metric.name in COUNTING else 0.0
        low, high = jackknife(value, without, np.bincount(block), confidence, step)
        lowest, highest = metric.bounds
        return value, max(low, lowest), min(high, highest)
