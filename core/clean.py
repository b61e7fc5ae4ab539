"""From rows as they came to a checked, coded data set, with every dropped or repaired row counted.

Rows leave the stage in order of time; rows of the same second keep the order they came in.
"""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.encode import MISSING, encode
from core.errors import DatasetError, EmptyError
from core.ledger import Ledger
from core.raw import Raw
from core.sides import attach
from core.tables import Bools, Codes, Dataset, Ids, Interactions, Ints

STAGE = "load"
DAY = 86_400
FEW = 0.01  # a smaller share of rows from the future is a fault; a larger one is a shifted clock
UNITS = ((1e17, 1_000_000_000, "nano"), (1e14, 1_000_000, "micro"), (1e11, 1_000, "milli"))


def clean(  # noqa: PLR0913 - the facts of a card that decide about rows, each by name
    raw: Raw,
    *,
    name: str,
    sha256: str = "",
    threshold: float | None = None,
    repeats: str = "last",
    facts: Mapping[str, Any] | None = None,
    now: float | None = None,
) -> Dataset:
    """A Dataset of what can be used, and a ledger of what could not.

    Dropped: rows without a user or item id, without a rating or time where the column exists, with
    a rating that is no finite number, from the future (where few), and repeated (user, item) pairs
    as `repeats` says. Repaired: times in milli-, micro- or nanoseconds; order. Raises DatasetError
    for a missing column or ids of mixed type, EmptyError when no row is left.
    """
    ledger = Ledger(list(raw.ledger))
    frame = raw.interactions
    if missing := [column for column in ("user", "item") if column not in frame]:
        raise DatasetError(
            f"{name}: interactions need a column for {' and '.join(missing)}; "
            f"the columns are {', '.join(map(str, frame.columns)) or 'none'}"
        )
    if not len(frame):
        raise EmptyError(f"{name}: the interactions hold no row; check the file and its header")
    users, user_ids = encode(frame["user"], "user")
    items, item_ids = _items(raw)
    keep = np.ones(len(frame), dtype=bool)
    _drop(ledger, keep, users == MISSING, "no user id")
    _drop(ledger, keep, items == MISSING, "no item id")
    ratings = _ratings(frame, keep, ledger)
    timestamps = _timestamps(frame, keep, ledger, time.time() if now is None else now)
    if not keep.any():
        reasons = "; ".join(f"{entry.count} × {entry.reason}" for entry in ledger)
        raise EmptyError(f"{name}: no usable row is left of {len(frame):,} ({reasons})")
    if not keep.all():
        users, user_ids = _again(users[keep], user_ids)
        items = items[keep]
        items, item_ids = (items, item_ids) if raw.whole_catalogue else _again(items, item_ids)
        ratings = None if ratings is None else ratings[keep]
        timestamps = None if timestamps is None else timestamps[keep]
    coded = Interactions(users, items, len(user_ids), len(item_ids), ratings, timestamps, threshold)
    coded = _without_repeats(_in_order(coded, ledger), repeats, ledger)
    coded = attach(coded, raw, user_ids, item_ids, ledger)
    return Dataset(name, coded, user_ids, item_ids, sha256, ledger, dict(facts or {}))


def _items(raw: Raw) -> tuple[Codes, Ids]:
    """Codes of the items of the rows, and all items that there are."""
    column = raw.interactions["item"]
    if not raw.whole_catalogue or raw.items is None:
        return encode(column, "item")
    codes, ids = encode(pd.concat([column, raw.items["item"]], ignore_index=True), "item")
    return codes[: len(column)], ids


def _drop(
    ledger: Ledger, keep: Bools, bad: Bools, reason: str, shown: pd.Series | None = None
) -> None:
    """Take rows out and count those not already out for an earlier reason."""
    fresh = keep & bad
    count = int(fresh.sum())
    if count:
        examples = () if shown is None else shown[fresh].head(5)
        ledger.add(STAGE, "dropped", reason, count, examples=examples)
        keep &= ~bad


def _again(codes: Codes, ids: Ids) -> tuple[Codes, Ids]:
    """Codes without the gaps that dropped rows left."""
    occurs = np.zeros(len(ids), dtype=bool)
    occurs[codes] = True
    code_at = np.cumsum(occurs, dtype=np.int32) - np.int32(1)
    return code_at[codes], Ids(ids.kind, ids.names[occurs])


def _is_missing(column: pd.Series) -> Bools:
    there = column.isna()
    if not pd.api.types.is_numeric_dtype(column.dtype):
        there |= column.astype("str").str.strip().eq("").fillna(value=True)
    return there.to_numpy(dtype=bool)


def _as_numbers(column: pd.Series) -> npt.NDArray[np.float64]:
    if not pd.api.types.is_numeric_dtype(column.dtype):
        column = pd.to_numeric(column, errors="coerce")
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _ratings(frame: pd.DataFrame, keep: Bools, ledger: Ledger) -> npt.NDArray[np.float32] | None:
    if "rating" not in frame:
        return None
    column = frame["rating"]
    values = _as_numbers(column)
    if not np.isfinite(values).all():
        _drop(ledger, keep, _is_missing(column), "no rating")
        _drop(ledger, keep, np.isnan(values), "rating is not a number", column)
        _drop(ledger, keep, ~np.isfinite(values), "rating is infinite", column)
    return values.astype(np.float32)


def _timestamps(frame: pd.DataFrame, keep: Bools, ledger: Ledger, now: float) -> Ints | None:
    if "timestamp" not in frame:
        return None
    column = frame["timestamp"]
    if pd.api.types.is_integer_dtype(column.dtype) and not column.hasnans:
        seconds = column.to_numpy(dtype=np.int64)
    else:
        seconds = _from_text_or_floats(column, keep, ledger)
    seconds = _in_seconds(seconds, keep, ledger)
    late = keep & (seconds > now + DAY)
    if n_late := int(late.sum()):
        shown = column[late].head(5)
        if n_late < FEW * keep.sum():
            _drop(ledger, keep, late, "time lies in the future", column)
        else:
            ledger.add(
                STAGE,
                "noted",
                "time lies in the future: kept, too many for a fault",
                n_late,
                examples=shown,
            )
    return seconds


def _from_text_or_floats(column: pd.Series, keep: Bools, ledger: Ledger) -> Ints:
    """Whole numbers from text, dates or decimals; rows without a readable time are dropped."""
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        values = _as_numbers(column)
        is_date = np.isnan(values) & ~_is_missing(column)
        if not is_date.any():
            _drop(ledger, keep, ~np.isfinite(values), "no time")
            return np.where(np.isfinite(values), values, 0.0).astype(np.int64)
        dates = pd.to_datetime(column.where(is_date), errors="coerce", utc=True, format="mixed")
    else:
        values = np.full(len(column), np.nan)
        dates = pd.to_datetime(column, utc=True)
    _drop(ledger, keep, _is_missing(column), "no time")
    unread = dates.isna().to_numpy(dtype=bool)
    _drop(ledger, keep, unread & ~np.isfinite(values), "time cannot be read", column)
    epoch = dates.dt.as_unit("s").astype("int64").to_numpy()
    numbers = np.where(np.isfinite(values), values, 0.0).astype(np.int64)
    return np.where(unread, numbers, epoch)


def _in_seconds(times: Ints, keep: Bools, ledger: Ledger) -> Ints:
    """Each row by its own size: in seconds, 1e11 would be the year 5138."""
    if not len(times) or int(times.max()) < UNITS[-1][0]:
        return times
    seconds = times.copy()
    for least, factor, prefix in UNITS:
        finer = seconds >= least
        reason = f"time in {prefix}seconds, made seconds"
        ledger.add(STAGE, "repaired", reason, int((finer & keep).sum()), examples=times[finer][:5])
        seconds[finer] //= factor
    return seconds


def _in_order(rows: Interactions, ledger: Ledger) -> Interactions:
    times = rows.timestamps
    if times is None:
        return rows
    n_back = int((times[1:] < times[:-1]).sum())
    if not n_back:
        return rows
    ledger.add(STAGE, "repaired", "row older than the one before it; rows put in order", n_back)
    return rows.take(np.argsort(times, kind="stable"))


def _without_repeats(rows: Interactions, repeats: str, ledger: Ledger) -> Interactions:
    """One row for each (user, item): the last or the first in time; or all of them, counted."""
    pairs = pd.Series(rows.users.astype(np.int64) * rows.n_items + rows.items)
    again = pairs.duplicated(keep="first" if repeats == "keep" else repeats).to_numpy()  # type: ignore[arg-type] # "last" or "first", checked by the card
    n_again = int(again.sum())
    if not n_again:
        return rows
    if repeats == "keep":
        ledger.add(STAGE, "noted", "repeated (user, item) pair, kept", n_again)
        return rows
    reason = f"repeated (user, item) pair, {repeats} one kept"
    ledger.add(STAGE, "dropped", reason, n_again)
    return rows.take(~again)


__all__ = ["DAY", "UNITS", "Raw", "clean"]
