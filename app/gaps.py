"""Is a group of users served worse than everybody else, beyond chance?"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = ("group_by", "group", "n", "mean", "rest", "difference", "low", "high")
N_BINS = 4
DRAWS = (1_000, 10_000)  # fewest and most permutations
MOST_CELLS = 20_000_000  # users times permutations, where there are many users
BLOCK = 2_000_000  # users times permutations at a time
TIE = 1e-12  # differences that only rounding tells apart are as large


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


def group_gaps(
    values: pd.Series, attributes: pd.DataFrame, smallest: int, seed: int = 0
) -> pd.DataFrame:
    """Each group against all other users, p corrected by Holm over all groups.

    values      one number a user, NaN where undefined; index: user
    attributes  one column per attribute, same index
    smallest    groups with fewer users are left out

    Columns group_by, group, n, mean, rest, difference, low, high, p, p_holm. The interval is
    Student's with the spread of both sides pooled; p is that of the Fisher-Pitman permutation test
    (Pitman 1937, doi:10.2307/2984124), Holm 1979, jstor:4615733. Most users of a list metric score
    0: a handful who all do have no spread of their own, and Welch's test would call that certain.
    """
    known = values.dropna()
    cells = list(_cells(known, attributes, smallest))
    rows = [_student(known.to_numpy(dtype=float), *cell) for cell in cells]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    p = _permuted(known.to_numpy(dtype=float), cells, np.random.default_rng(seed))
    return table.assign(p=p, p_holm=_holm(p))


Cell = tuple[str, str, np.ndarray, np.ndarray]  # attribute, group, who is in it, who is not


def _cells(known: pd.Series, attributes: pd.DataFrame, smallest: int) -> Iterator[Cell]:
    for name in attributes.columns:
        groups = grouped(attributes[name]).reindex(known.index)
        told = groups.notna().to_numpy()
        for group in sorted(groups[told].unique(), key=str):
            inside = groups.eq(group).to_numpy(dtype=bool)
            rest = told & ~inside
            if min(inside.sum(), rest.sum()) >= smallest:
                yield str(name), str(group), inside, rest


def _student(
    values: np.ndarray, name: str, group: str, inside: np.ndarray, rest: np.ndarray
) -> dict[str, Any]:
    from scipy.special import stdtrit

    ours, others = values[inside], values[rest]
    freedom = len(ours) + len(others) - 2
    squares = sum(float(((side - side.mean()) ** 2).sum()) for side in (ours, others))
    error = math.sqrt(squares / freedom * (1 / len(ours) + 1 / len(others)))
    difference = float(ours.mean() - others.mean())
    half = float(stdtrit(freedom, 0.975)) * error
    return {
        "group_by": name,
        "group": group,
        "n": len(ours),
        "mean": float(ours.mean()),
        "rest": float(others.mean()),
        "difference": difference,
        "low": difference - half,
        "high": difference + half,
    }


def _permuted(values: np.ndarray, cells: list[Cell], rng: np.random.Generator) -> np.ndarray:
    """How often do users drawn at random differ as much?  float (n_cells,) p of each."""
    if not cells:
        return np.empty(0)
    # weights that turn a row of values into the difference of two means, for all cells at once
    weights = np.stack([ins / ins.sum() - rest / rest.sum() for _, _, ins, rest in cells], axis=1)
    observed = np.abs(values @ weights) - TIE
    n_draws = int(np.clip(MOST_CELLS // len(values), *DRAWS))
    n_block = max(1, BLOCK // len(values))
    beyond = np.zeros(len(cells), dtype=np.int64)
    for start in range(0, n_draws, n_block):
        n = min(n_block, n_draws - start)
        shuffled = rng.permuted(np.broadcast_to(values, (n, len(values))), axis=1)
        beyond += (np.abs(shuffled @ weights) >= observed).sum(axis=0)
    return (beyond + 1) / (n_draws + 1)


def _holm(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
