"""Rows of a foreign file: which stay, and the line and reason of each that goes."""

from collections.abc import Mapping, Sequence
from time import time

import numpy as np
import pandas as pd

from core.clean import DAY, UNITS
from core.errors import EmptyError
from core.frames import Table
from core.frames_text import REJECT_COLUMNS
from core.ledger import Ledger
from core.own_cells import STAGE, Sieve, ratings_of, require_ids, times_of
from core.tables import Dataset


def sieve_of(table: Table) -> Sieve:
    """A sieve that all rows are still in; lines that were no rows are in its ledger."""
    ledger = Ledger()
    for reason, found in table.read.rejects.groupby("reason", sort=True):
        pairs = zip(found["line"], found["text"], strict=True)
        shown = [f"line {line}: {text}" for line, text in pairs]
        ledger.add(STAGE, "dropped", f"line cannot be read: {reason}", len(found), examples=shown)
    encoding = table.layout.encoding
    if encoding not in {"utf-8", "utf-8-sig", "binary"}:
        ledger.add(STAGE, "noted", f"file is not UTF-8, read as {encoding}", 1, unit="files")
    keep = np.ones(len(table.frame), dtype=bool)
    return Sieve(table.label, table.read, ledger, keep)


def sieved(sieve: Sieve, table: Table, roles: Mapping[str, str]) -> pd.DataFrame:
    """Columns user, item, rating, timestamp of the rows that stay; its index tells which."""
    taken = {role: table.frame[column] for role, column in roles.items()}
    for kind in ("user", "item"):
        require_ids(sieve, taken[kind], kind, table.frame)
    columns: dict[str, object] = {kind: taken[kind] for kind in ("user", "item")}
    if "rating" in taken:
        columns["rating"] = ratings_of(sieve, taken["rating"])
    if "timestamp" in taken:
        columns["timestamp"] = times_of(sieve, taken["timestamp"])
    if not sieve.keep.any():
        reasons = "; ".join(f"{entry.count} × {entry.reason}" for entry in sieve.ledger)
        raise EmptyError(f"no row of {table.label} can be used ({reasons}); mend the file")
    filled = {role: values for role, values in columns.items() if values is not None}
    frame = pd.DataFrame(filled, copy=False)
    return frame if sieve.keep.all() else frame[sieve.keep]


def cleaned_away(sieve: Sieve, frame: pd.DataFrame, dataset: Dataset) -> list[pd.DataFrame]:
    """Rejects among rows that were whole: too late in time, or repeated by a later row.

    frame  the rows that went into the cleaning; dataset: what came out, with its ledger
    """
    if len(dataset.interactions) == len(frame):
        return []
    found, rows = [], frame
    if "timestamp" in rows:
        seconds = rows["timestamp"].to_numpy(dtype=np.int64).copy()
        for least, factor, _ in UNITS:
            seconds[seconds >= least] //= factor
        rows = rows.assign(timestamp=seconds)
        if any(entry.action == "dropped" and "future" in entry.reason for entry in dataset.ledger):
            late = seconds > time() + DAY
            places = rows.index[late].to_numpy()
            found.append(
                sieve.listed(places, "time lies in the future", "", frame["timestamp"][late])
            )
            rows = rows[~late]
    rows = rows[rows.duplicated(["user", "item"], keep=False)]
    if "timestamp" in rows:
        rows = rows.sort_values("timestamp", kind="stable")
    again = rows[rows.duplicated(["user", "item"], keep="last")].sort_index()
    pairs = again["user"].astype("str") + ", " + again["item"].astype("str")
    reason = "repeated (user, item) pair, the last one is kept"
    return [*found, sieve.listed(again.index.to_numpy(), reason, "", pairs)]


def gathered(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All rejects in order of line."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame([], columns=list(REJECT_COLUMNS))
    return pd.concat(filled).sort_values("line", kind="stable", ignore_index=True)
