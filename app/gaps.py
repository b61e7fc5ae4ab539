"""Is a group of users served worse than everybody else, beyond chance?"""

import math
from typing import Any

import numpy as np
import pandas as pd

N_BINS = 4


def grouped(column: pd.Series) -> pd.Series:
    """An attribute as groups: words stay, numbers of many values are cut into quarters."""
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        if column.map(lambda value: isinstance(value, list | np.ndarray)).any():
            return pd.Series(np.nan, index=column.index, dtype=object)  # lists are no groups
        return column.astype(object)
    if column.nunique() <= 10:
        return column.map(lambda value: f"{value:g}", na_action="ignore").astype(object)
    cut = pd.qcut(column, N_BINS, duplicates="drop")
    whole = bool((column.dropna() % 1 == 0).all())
    return cut.map(lambda part: _range(part, column.min(), whole=whole)).astype(object)


def _range(part: pd.Interval, lowest: float, *, whole: bool) -> str:
    """Such as 30 to 43: both ends belong to it where the numbers are whole."""
    if whole:
        return f"{max(math.floor(part.left) + 1, lowest):g} to {math.floor(part.right):g}"
    return f"{max(part.left, lowest):g} to {part.right:g}"


def group_gaps(values: pd.Series, attributes: pd.DataFrame, smallest: int) -> pd.DataFrame:
    """Each group against all other users: Welch's interval, p corrected by Holm over all groups.

    values      one number a user, NaN where undefined; index: user
    attributes  one column per attribute, same index
    smallest    groups with fewer users are left out

    Columns group_by, group, n, mean, rest, difference, low, high, p, p_holm.
    Welch 1947, doi:10.1093/biomet/34.1-2.28; Holm 1979, jstor:4615733. Groups overlap nowhere
    within an attribute, so the two samples are independent.
    """
    rows = []
    for name in attributes.columns:
        groups = grouped(attributes[name]).reindex(values.index)
        known = values[groups.notna() & values.notna()]
        for group, inside in known.groupby(groups[known.index]):
            others = known.drop(inside.index)
            if min(len(inside), len(others)) >= smallest:
                rows.append({"group_by": name, "group": str(group), **_welch(inside, others)})
    columns = ["group_by", "group", "n", "mean", "rest", "difference", "low", "high", "p"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(p_holm=_holm(table["p"].to_numpy(dtype=float)))


def _welch(inside: pd.Series, others: pd.Series) -> dict[str, Any]:
    from scipy.special import stdtr, stdtrit

    parts = [float(part.var()) / len(part) for part in (inside, others)]
    mean, rest = float(inside.mean()), float(others.mean())
    error, difference = math.sqrt(sum(parts)), mean - rest
    found = {
        "n": len(inside),
        "mean": mean,
        "rest": rest,
        "difference": difference,
    }
    if error == 0:
        return {**found, "low": difference, "high": difference, "p": float(difference == 0)}
    freedom = error**4 / (parts[0] ** 2 / (len(inside) - 1) + parts[1] ** 2 / (len(others) - 1))
    half = stdtrit(freedom, 0.975) * error
    p = 2 * stdtr(freedom, -abs(difference / error))
    return {**found, "low": difference - half, "high": difference + half, "p": float(p)}


def _holm(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
