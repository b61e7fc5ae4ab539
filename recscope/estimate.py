"""What is the number, how sure is it, and whom does it speak of?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import ConfigError
from core.tables import Bools, Floats, Ints
from evaluators.arrays import OF_CATALOGUE, SUMS
from evaluators.metric import Metric
from recscope.bootstrap import (
    Key,
    Method,
    at_an_end,
    interval,
    normal_interval,
    resampled,
    resampled_means,
    resampled_sums,
    summary,
)
from recscope.groups import Cell, cells
from recscope.judge import columns_of, require
from recscope.judged import Judged
from recscope.run_sums import RunSums

ENOUGH_FOR_NORMAL = 10_000  # users from which a mean's interval takes the closed form
SMALLEST_CELL = 5
OF_LISTS = {"hits", "n_listed", "gains", "judged_bad", "items", "scores"}  # 0 without a list
COLUMNS = (
    "model",
    "metric",
    "k",
    "group_by",
    "group",
    "mean",
    "low",
    "high",
    "n",
    "n_undefined",
    "n_imputed",
    "method",
)


@dataclass(frozen=True)
class Sureness:
    """How intervals are made.

    resamples   times that users are drawn again; 0 asks for no interval
    confidence  share of such intervals that hold the truth
    method      bca or percentile, where the closed form is not used
    smallest    groups of fewer users than this show no number
    """

    resamples: int = 1000
    confidence: float = 0.95
    seed: int = 0
    method: Method = "bca"
    smallest: int = SMALLEST_CELL

    def __post_init__(self) -> None:
        if self.resamples < 0:
            raise ConfigError(f"resamples must be 0 (no interval) or more; got {self.resamples}")
        if not 0 < self.confidence < 1:
            raise ConfigError(f"confidence must lie between 0 and 1; got {self.confidence}")
        if self.seed < 0:
            raise ConfigError(f"seed must be 0 or more; got {self.seed}")

    def key(self, cell: Cell) -> Key:
        """Each group draws its own users, whatever other groups there are."""
        if cell.group_by is None:
            return (self.seed,)
        return (self.seed, crc32(f"{cell.group_by}={cell.group}".encode()))


def split_label(label: str) -> tuple[str, int | None]:
    """Metric and cutoff of a per-user column: ndcg@10 is (ndcg, 10), auc is (auc, None)."""
    name, _, k = label.rpartition("@")
    return (name, int(k)) if name and k.isdigit() else (label, None)


Part = dict[str, npt.NDArray[Any]]  # one array per column of the answer, all of one length


def estimate(  # noqa: PLR0913 - what is known of the users, and how sure one wants to be
    per_user: pd.DataFrame,
    metrics: Sequence[Metric] = (),
    *,
    model: str | None = None,
    groups: pd.DataFrame | None = None,
    is_imputed: Bools | None = None,
    judged: Judged | None = None,
    ks: Sequence[int] = (),
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    method: Method = "bca",
    smallest: int = SMALLEST_CELL,
) -> pd.DataFrame:
    """What does each metric come to, for everybody and for each group, and how sure is that?

    per_user    one row a user, one column per metric and cutoff; NaN is undefined
    metrics     those of them with one value a run are computed from `judged`, at `ks`; of the
                others, what the columns can be at least and at most
    groups      index as per_user, one categorical column per attribute
    is_imputed  bool (n_users,) who was given no list
    resamples   times that users are drawn again; 0 asks for no interval
    method      bca or percentile, where the closed form is not used
    smallest    groups of fewer users than this show no number

    Columns model, metric, k, group_by, group, mean, low, high, n, n_undefined, n_imputed, method.
    The last names how the interval was made: bca, percentile, normal (the closed form for means
    of 10,000 users or more), clopper-pearson (all users at the same end of the metric), jackknife
    (functions of sums over users, such as a Gini of item counts), none; or why there is no number:
    undefined, suppressed (n < 5).
    Raises ConfigError for resamples, confidence or seed that cannot be, and for a metric of the
    run that asks for an array that cannot be made.
    """
    sure = Sureness(resamples, confidence, seed, method, smallest)
    imputed = np.zeros(len(per_user), dtype=bool) if is_imputed is None else is_imputed
    values = per_user.to_numpy()
    names = [split_label(str(name)) for name in per_user.columns]
    of_run = [] if judged is None else columns_of([m for m in metrics if m.per == "run"], ks)
    if judged is not None:
        for metric, _ in of_run:
            require(metric, judged)
    ends = _ends([name for name, _ in names], metrics)
    names += [(metric.name, k) for metric, k in of_run]
    parts: list[Part] = []
    for cell in cells(len(per_user), groups):
        is_all = cell.group_by is None
        parts.append(
            _means(values if is_all else values[cell.rows], imputed[cell.rows], cell, sure, ends)
        )
        if judged is not None:
            sums = RunSums(judged, cell.rows, sure.key(cell))
            parts += [
                _of_sums(metric, k, cell, sure, sums)
                if SUMS.intersection(metric.needs)
                else _of_run(judged, metric, k, cell, sure)
                for metric, k in of_run
            ]
    frame = pd.DataFrame(
        {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    )
    n_cells = len(frame) // max(len(names), 1)
    frame["metric"] = [name for name, _ in names] * n_cells
    frame["k"] = pd.array([k for _, k in names] * n_cells, dtype="Int64")
    frame["model"] = model
    return frame[list(COLUMNS)]


def _ends(names: Sequence[str], metrics: Sequence[Metric]) -> tuple[Floats, Floats]:
    """The least and the largest that each column can be, as its metric says: float (n_columns,)."""
    bounds = {metric.name: metric.bounds for metric in metrics}
    pairs = [bounds.get(name, (-np.inf, np.inf)) for name in names]
    least, largest = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    return least, largest


def _means(
    values: Floats, imputed: Bools, cell: Cell, sure: Sureness, ends: tuple[Floats, Floats]
) -> Part:
    """Means over one cell: values float (n_users, n_columns)."""
    found = summary(values)
    n_columns = values.shape[1]
    low, high = np.full((2, n_columns), np.nan)
    method = np.full(n_columns, "none", dtype=object)
    if sure.resamples:
        closed = found.n >= ENOUGH_FOR_NORMAL
        exact = normal_interval(found.mean, found.deviation, found.n, sure.confidence)
        low[closed], high[closed], method[closed] = exact.low[closed], exact.high[closed], "normal"
        drawn = ~closed & (found.n > 1)
        if drawn.any():
            again = resampled_means(values[:, drawn], sure.resamples, sure.key(cell))
            means, n, skew = found.mean[drawn], found.n[drawn], found.skew[drawn]
            bounds = interval(means, again, n, sure.confidence, sure.method, skew)
            low[drawn], high[drawn], method[drawn] = bounds.low, bounds.high, sure.method
        is_end, bounds = at_an_end(found.mean, ends, found.n, sure.confidence)
        is_end &= (found.deviation == 0) & (found.n > 1)
        low[is_end], high[is_end], method[is_end] = (
            bounds.low[is_end], bounds.high[is_end], "clopper-pearson",
        )  # fmt: skip
    n_imputed = (~np.isnan(values) & imputed[:, None]).sum(axis=0)
    return _part(
        cell, found.mean, low, high, found.n, len(values) - found.n, n_imputed, method, sure
    )


def _of_run(judged: Judged, metric: Metric, k: int | None, cell: Cell, sure: Sureness) -> Part:
    """One value from all users of a cell together, the interval from drawing them again."""
    arrays = judged.arrays((*metric.needs, *metric.settings), k)
    constants = {
        name: array for name, array in arrays.items() if not array.ndim or name in OF_CATALOGUE
    }
    arrays = {name: arrays[name][cell.rows] for name in arrays.keys() - constants.keys()}

    def compute(rows: Ints) -> float:
        drawn = {name: array[rows] for name, array in arrays.items()}
        return float(metric(**drawn, **constants))

    n_all = len(cell.rows)
    n_answered = int((arrays["n_predicted"] > 0).sum()) if "n_predicted" in arrays else n_all
    value = np.array([compute(np.arange(n_all))])
    low, high = np.full((2, 1), np.nan)
    method = np.array(["none"], dtype=object)
    n = np.array([n_answered])
    if sure.resamples and n_answered > 1:
        if metric.additive:
            sums = resampled_sums(
                np.column_stack([*arrays.values()]), sure.resamples, sure.key(cell)
            )
            drawn = dict(zip(arrays, sums.T[:, :, None], strict=True))
            again = metric(**drawn, **constants)
        else:
            again = resampled(compute, n_all, sure.resamples, sure.key(cell))
        bounds = interval(value, again[:, None], n, sure.confidence, "percentile")
        low, high, method[:] = bounds.low, bounds.high, "percentile"
    is_of_lists = bool(OF_LISTS.intersection(arrays))
    n_imputed = np.array([judged.is_imputed[cell.rows].sum() if is_of_lists else 0])
    return _part(cell, value, low, high, n, n_all - n, n_imputed, method, sure)


def _of_sums(metric: Metric, k: int | None, cell: Cell, sure: Sureness, sums: RunSums) -> Part:
    """One value from sums over the users of a cell, the interval from leaving some of them out."""
    value, low, high = sums.estimate(metric, k, sure.confidence if sure.resamples else None)
    n = np.array([0 if np.isnan(value) else len(cell.rows)])
    n_imputed = np.array([sums.judged.is_imputed[cell.rows].sum()])
    method = np.array(["none" if np.isnan(low) else "jackknife"], dtype=object)
    mean, low_, high_ = (np.array([number]) for number in (value, low, high))
    return _part(cell, mean, low_, high_, n, len(cell.rows) - n, n_imputed, method, sure)


def _part(  # noqa: PLR0913, PLR0917 - the columns of the answer
    cell: Cell,
    mean: Floats,
    low: Floats,
    high: Floats,
    n: Ints,
    n_undefined: Ints,
    n_imputed: Ints,
    method: npt.NDArray[np.object_],
    sure: Sureness,
) -> Part:
    method[n == 0] = "undefined"
    if cell.group_by is not None:
        small = (n > 0) & (n < sure.smallest)
        method[small] = f"suppressed (n < {sure.smallest})"
        mean, low, high = (np.where(small, np.nan, part) for part in (mean, low, high))
    return {
        "group_by": np.full(len(n), cell.group_by, dtype=object),
        "group": np.full(len(n), cell.group, dtype=object),
        "mean": mean,
        "low": low,
        "high": high,
        "n": n,
        "n_undefined": n_undefined,
        "n_imputed": n_imputed,
        "method": method,
    }
