"""Numbers that come of sums over users, and their intervals by drawing users again."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.tables import Floats
from recscope.bootstrap import interval, resampled_sums
from recscope.estimate import Sureness
from recscope.groups import Cell

if TYPE_CHECKING:
    from scipy import sparse

EVERYBODY = Cell(None, None, np.zeros(0, dtype=np.int64))


def from_sums(
    parts: "Floats | sparse.csr_array",
    compute: Callable[[Floats], Floats],
    sure: Sureness,
    cell: Cell = EVERYBODY,
) -> tuple[Floats, Floats, Floats]:
    """Value, low and high of numbers that are functions of sums over users; each (n_numbers,).

    parts    float (n_users, m) what each user adds, without NaN; dense, or sparse counts
    compute  from sums (..., m) to numbers (..., n_numbers); NaN where a number has no answer
    cell     the group whose users these are: it sets the draws, as for means

    Percentile interval (Efron 1979, doi:10.1214/aos/1176344552), levels widened for few users as
    `recscope.bootstrap.interval` tells. low and high are NaN where none is asked for.
    """
    n_users = parts.shape[0]
    total = np.asarray(parts.sum(axis=0), dtype=np.float64).reshape(1, -1)
    value = np.asarray(compute(total), dtype=np.float64).reshape(-1)
    missing = np.full(len(value), np.nan)
    if not sure.resamples or n_users < 2:
        return value, missing, missing.copy()
    again = np.asarray(compute(resampled_sums(parts, sure.resamples, sure.key(cell))))
    again = again.reshape(sure.resamples, -1)
    n = np.full(len(value), n_users)
    bounds = interval(value, again, n, sure.confidence, "percentile")
    is_defined = ~np.isnan(value)
    return (
        value,
        np.where(is_defined, bounds.low, np.nan),
        np.where(is_defined, bounds.high, np.nan),
    )


def rows(
    names: Sequence[str],
    numbers: tuple[Floats, Floats, Floats],
    sure: Sureness,
    n: int,
    **facts: Any,
) -> list[Mapping[str, Any]]:
    """Rows for `report.estimates_frame`, one a name.

    names    metrics, in the order of the numbers; numbers: what `from_sums` answered
    n        users behind them; facts: model, k, group_by, group, n_undefined, n_imputed …
    A group of fewer than `sure.smallest` users shows no number.
    """
    made: list[Mapping[str, Any]] = []
    is_small = facts.get("group_by") is not None and n < sure.smallest
    for name, value, low, high in zip(names, *numbers, strict=True):
        method = "none" if np.isnan(low) else "percentile"
        if is_small:
            value, low, high = np.nan, np.nan, np.nan  # noqa: PLW2901 - the number is withheld
            method = f"suppressed (n < {sure.smallest})"
        elif np.isnan(value):
            method = "undefined"
        row = {"metric": name, "mean": value, "low": low, "high": high, "n": n, "method": method}
        made.append({**row, **facts})
    return made
