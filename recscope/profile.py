"""What is in a data set, what was dropped, who is missing? Small tables for a screen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.tables import Dataset, Ints, Split

N_CURVE = 200  # points of a curve: more than a chart has pixels for
N_BINS = 200
N_TOP = 10
N_RATINGS = 21  # distinct ratings shown one by one; more are binned


@dataclass(frozen=True, eq=False)
class Profile:
    """Tables that a screen can draw as they are.

    name         of the data set
    counts       interactions, users, items, active_users, active_items, liked, density,
                 per_user_median, per_item_median, first, last (seconds since 1970), gini_items;
                 with a split also train, validation, test, cold_users, cold_items,
                 cold_user_rows, cold_item_rows (shares of the test part)
    long_tail    columns share_of_items, share_of_interactions: items by falling popularity
    activity     columns start (seconds since 1970), count, users; no rows without timestamps
    ratings      columns rating, count (of a bin's lower edge where there are many values)
    per_user, per_item  columns rows (the count), n: how many users or items have that many; binned
    attributes   columns side, attribute, kind, n_distinct, missing (share), n_missing
    top_values   columns side, attribute, value, count, share: the commonest values of each
    ledger       columns stage, action, reason, count, unit, examples
    """

    name: str
    counts: dict[str, float]
    long_tail: pd.DataFrame
    activity: pd.DataFrame
    ratings: pd.DataFrame
    per_user: pd.DataFrame
    per_item: pd.DataFrame
    attributes: pd.DataFrame
    top_values: pd.DataFrame
    ledger: pd.DataFrame


def profile(dataset: Dataset, split: Split | None = None) -> Profile:
    """Describe a data set; with a split, also how much of the test part is cold."""
    rows = dataset.interactions
    n_of_user = np.bincount(rows.users, minlength=rows.n_users)
    n_of_item = np.bincount(rows.items, minlength=rows.n_items)
    ledger = dataset.ledger.frame()
    if split is not None:
        ledger = pd.concat([ledger, split.ledger.frame()], ignore_index=True)
    sides = {"users": dataset.side.users, "items": dataset.side.items}
    return Profile(
        name=dataset.name,
        counts=_counts(dataset, n_of_user, n_of_item) | cold_shares(split),
        long_tail=long_tail(n_of_item),
        activity=activity(rows.timestamps, rows.users),
        ratings=ratings(rows.ratings),
        per_user=_sizes(n_of_user),
        per_item=_sizes(n_of_item),
        attributes=attributes(sides),
        top_values=top_values(sides),
        ledger=ledger,
    )


def _counts(dataset: Dataset, n_of_user: Ints, n_of_item: Ints) -> dict[str, float]:
    rows = dataset.interactions
    n_users, n_items = int((n_of_user > 0).sum()), int((n_of_item > 0).sum())
    cells = n_users * n_items
    found: dict[str, float] = {
        "interactions": len(rows),
        "users": rows.n_users,
        "items": rows.n_items,
        "active_users": n_users,
        "active_items": n_items,
        "liked": int(rows.is_liked.sum()),
        "density": len(rows) / cells if cells else np.nan,
        "per_user_median": float(np.median(n_of_user[n_of_user > 0])) if n_users else np.nan,
        "per_item_median": float(np.median(n_of_item[n_of_item > 0])) if n_items else np.nan,
        "gini_items": inequality(n_of_item),
    }
    if rows.timestamps is not None and len(rows):
        found |= {"first": int(rows.timestamps.min()), "last": int(rows.timestamps.max())}
    return found


def inequality(counts: Ints) -> float:
    """Gini index of counts, zeros included: 0 where all are equal, near 1 where one has all."""
    ascending, n = np.sort(counts).astype(float), len(counts)
    total = ascending.sum()
    if not total:
        return float("nan")
    return float((2 * np.arange(1, n + 1) - n - 1) @ ascending / (n * total))


def cold_shares(split: Split | None) -> dict[str, float]:
    """How much of the test part speaks of users or items that training never saw."""
    if split is None:
        return {}
    test, train = split.test, split.train
    found: dict[str, float] = {
        "train": len(train),
        "validation": len(split.validation),
        "test": len(test),
    }
    for what, tested, known in (
        ("user", test.users, train.users),
        ("item", test.items, train.items),
    ):
        is_cold = ~np.isin(tested, known)
        distinct = np.unique(tested)
        found[f"cold_{what}s"] = float((~np.isin(distinct, known)).mean()) if len(test) else np.nan
        found[f"cold_{what}_rows"] = float(is_cold.mean()) if len(test) else np.nan
    return found


def long_tail(n_of_item: Ints) -> pd.DataFrame:
    """Share of all interactions that the most popular share of items holds; at most 200 points."""
    falling = np.sort(n_of_item)[::-1]
    running = np.concatenate([[0], np.cumsum(falling)])
    places = np.unique(np.linspace(0, len(falling), N_CURVE).round().astype(np.int64))
    total = max(int(running[-1]), 1)
    return pd.DataFrame(
        {
            "share_of_items": places / max(len(falling), 1),
            "share_of_interactions": running[places] / total,
        }
    )


def activity(timestamps: Ints | None, users: npt.NDArray[np.int32]) -> pd.DataFrame:
    """Rows and distinct users in each of at most 200 equal stretches of whole days."""
    if timestamps is None or not len(timestamps):
        return pd.DataFrame({"start": [], "count": [], "users": []}).astype("int64")
    day = 86_400
    first = int(timestamps.min()) // day * day
    n_days = (int(timestamps.max()) - first) // day + 1
    width = -(-n_days // N_BINS) * day
    place = (timestamps - first) // width
    n_bins = int(place.max()) + 1
    pairs = np.unique(np.stack([place, users.astype(np.int64)]), axis=1)
    return pd.DataFrame(
        {
            "start": first + width * np.arange(n_bins, dtype=np.int64),
            "count": np.bincount(place, minlength=n_bins),
            "users": np.bincount(pairs[0], minlength=n_bins),
        }
    )


def ratings(values: npt.NDArray[np.float32] | None) -> pd.DataFrame:
    """How often each rating was given."""
    if values is None or not len(values):
        return pd.DataFrame({"rating": pd.Series(dtype=float), "count": pd.Series(dtype="int64")})
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) > N_RATINGS:
        counts, edges = np.histogram(values, bins=N_RATINGS - 1)
        distinct = edges[:-1]
    return pd.DataFrame({"rating": distinct.astype(float), "count": counts.astype(np.int64)})


def _sizes(counts: Ints) -> pd.DataFrame:
    """How many have 0, 1, 2, 3-4, 5-8 … rows: `rows` is the least of each bin."""
    top = int(counts.max(initial=0))
    edges = np.unique([0, 1, 2, *(2 ** np.arange(1, 40) + 1)])
    edges = np.append(edges[edges <= top], np.iinfo(np.int64).max)
    found, _ = np.histogram(counts, bins=edges)
    return pd.DataFrame({"rows": edges[:-1], "n": found})


def attributes(sides: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every attribute of users and items, and the share that lacks it."""
    found = [
        {
            "side": side,
            "attribute": str(name),
            "kind": _kind(column),
            "n_distinct": int(_values(column).nunique()),
            "missing": float(_is_missing(column).mean()) if len(column) else np.nan,
            "n_missing": int(_is_missing(column).sum()),
        }
        for side, frame in sides.items()
        for name, column in frame.items()
    ]
    return pd.DataFrame(
        found, columns=["side", "attribute", "kind", "n_distinct", "missing", "n_missing"]
    )


def top_values(sides: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The commonest values of each attribute; share is of those who have the attribute."""
    found = []
    for side, frame in sides.items():
        for name, column in frame.items():
            n_known = int((~_is_missing(column)).sum())
            for value, count in _values(column).value_counts().head(N_TOP).items():
                entry = {"side": side, "attribute": str(name), "value": str(value)}
                found.append({**entry, "count": int(count), "share": count / max(n_known, 1)})
    return pd.DataFrame(found, columns=["side", "attribute", "value", "count", "share"])


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple | np.ndarray)


def _kind(column: pd.Series) -> str:
    if column.map(_is_list).any():
        return "list"
    kinds: tuple[tuple[str, Callable[[Any], bool]], ...] = (
        ("yes/no", pd.api.types.is_bool_dtype),
        ("number", pd.api.types.is_numeric_dtype),
    )
    return next((kind for kind, fits in kinds if fits(column)), "text")


def _is_missing(column: pd.Series) -> "pd.Series[bool]":
    """Absent, an empty text, or an empty list."""
    empty = [(_is_list(value) or isinstance(value, str)) and len(value) == 0 for value in column]
    return column.isna() | pd.Series(empty, index=column.index, dtype=bool)


def _values(column: pd.Series) -> pd.Series:
    """What there is, lists opened up, as text or numbers."""
    known = column[~_is_missing(column)]
    opened = known.explode() if known.map(_is_list).any() else known
    return opened.dropna()
