"""Cells of a foreign file as ids, ratings and times; what is none of these is rejected by line."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import DatasetError
from core.frames_text import REJECT_COLUMNS, TEXT_SHOWN, Read
from core.ledger import N_EXAMPLES, Ledger
from core.tables import Bools, Ints

STAGE = "load"
MAX_REJECTS = 10_000  # lines listed for one reason; the ledger counts all of them
_FLOAT32_MAX = float(np.finfo(np.float32).max)
_INT64_MAX = 2.0**63
_DECIMAL_COMMA = r"\s*[+-]?\d+,\d+\s*"


@dataclass
class Sieve:
    """Which rows of a file stay, and by which line and reason the others went.

    read  the rows, with their line numbers; keep: bool (n,), shrinks as columns are read
    """

    label: str
    read: Read
    ledger: Ledger
    keep: Bools
    rejects: list[pd.DataFrame] = field(default_factory=list)

    def drop(self, bad: Bools, reason: str, column: str, cells: pd.Series) -> None:
        """Take rows out that are not out yet, count them and list their lines."""
        fresh = np.flatnonzero(bad & self.keep)
        if not len(fresh):
            return
        found = self.listed(fresh, reason, column, cells.iloc[fresh[:MAX_REJECTS]])
        pairs = zip(found["line"][:N_EXAMPLES], found["text"][:N_EXAMPLES], strict=True)
        examples = [f"line {line}: {text}" if text else f"line {line}" for line, text in pairs]
        self.ledger.add(STAGE, "dropped", reason, len(fresh), examples=examples)
        self.rejects.append(found)
        self.keep[fresh] = False

    def listed(self, places: Ints, reason: str, column: str, cells: pd.Series) -> pd.DataFrame:
        """Rejects of the rows at these places of the file, the first ones if there are many."""
        found = {
            "line": self.read.lines[places[:MAX_REJECTS]],
            "column": column,
            "reason": reason,
            "text": [_shown(cell) for cell in cells.iloc[:MAX_REJECTS]],
        }
        return pd.DataFrame(found, columns=list(REJECT_COLUMNS))


def require_ids(sieve: Sieve, column: pd.Series, kind: str, frame: pd.DataFrame) -> None:
    """Drop rows without an id, and show them as they stand in the frame."""
    missing = _is_missing(column)
    if missing.all():
        raise DatasetError(
            f"column {column.name!r} of {sieve.label} holds no {kind} id at all; map another "
            f"column, columns={{{kind!r}: NAME}}"
        )
    if missing.any():
        texts = np.full(len(column), "", dtype=object)
        rows = frame[missing].itertuples(index=False)
        texts[missing] = [", ".join(map(_shown, row)) for row in rows]
        sieve.drop(missing, f"no {kind} id", str(column.name), pd.Series(texts))


def ratings_of(sieve: Sieve, column: pd.Series) -> npt.NDArray[np.float64] | None:
    """float64 (n,) ratings; None for an empty column.  Rows without a finite number are dropped.

    Raises DatasetError where not one cell is a number, because then the column is no rating.
    """
    missing = _is_missing(column)
    name = str(column.name)
    if missing.all():
        sieve.ledger.add(STAGE, "noted", f"column {name} is empty: no ratings", len(column))
        return None
    numbers = _numbers(sieve, column, "decimal comma in a rating, read as a point")
    is_number = np.isfinite(numbers)
    if not is_number.any():
        _refuse(sieve, column, missing, "number", "rating")
    sieve.drop(missing, "no rating", name, column)
    sieve.drop(np.isnan(numbers), "rating is not a number", name, column)
    sieve.drop(np.abs(numbers) > _FLOAT32_MAX, "rating is infinite", name, column)
    return numbers


def times_of(sieve: Sieve, column: pd.Series) -> Ints | None:
    """int64 (n,) times in the unit of the file, dates in seconds since 1970 UTC; None if empty.

    Raises DatasetError where not one cell is a number or an ISO date.
    """
    missing = _is_missing(column)
    name = str(column.name)
    if missing.all():
        sieve.ledger.add(STAGE, "noted", f"column {name} is empty: no timestamps", len(column))
        return None
    if pd.api.types.is_integer_dtype(column.dtype) and not missing.any():
        return column.to_numpy(dtype=np.int64)
    dates = pd.api.types.is_datetime64_any_dtype(column.dtype)
    numbers = np.full(len(column), np.nan) if dates else _numbers(sieve, column, None)
    is_number = np.abs(numbers) < _INT64_MAX  # False for NaN
    seconds = np.zeros(len(column), dtype=np.int64)
    seconds[is_number] = np.floor(numbers[is_number]).astype(np.int64)
    is_date = np.zeros(len(column), dtype=bool)
    rest = np.flatnonzero(~is_number & ~missing)
    if len(rest):
        parsed = _dates(column.iloc[rest])
        found = parsed.notna().to_numpy(dtype=bool)
        is_date[rest[found]] = True
        seconds[rest[found]] = parsed[found].dt.as_unit("s").astype("int64").to_numpy()
    if not (is_number | is_date).any():
        _refuse(sieve, column, missing, "number or an ISO date such as 2026-05-31", "timestamp")
    sieve.drop(missing, "no time", name, column)
    sieve.drop(~is_number & ~is_date, "time cannot be read", name, column)
    n_text = 0 if dates else int((is_date & sieve.keep).sum())
    sieve.ledger.add(
        STAGE,
        "repaired",
        "date as text, made seconds since 1970 (UTC where no zone stands)",
        n_text,
        examples=column[is_date][:N_EXAMPLES],
    )
    return seconds


def _dates(cells: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return pd.to_datetime(cells, utc=True)
    return pd.to_datetime(cells.astype("str"), errors="coerce", utc=True, format="ISO8601")


def _is_missing(column: pd.Series) -> Bools:
    missing = column.isna().to_numpy(dtype=bool)
    if pd.api.types.is_numeric_dtype(column.dtype) or column.dtype.kind == "M":
        return missing
    if column.dtype == object:
        blank = np.array([isinstance(cell, str) and not cell.strip() for cell in column])
    else:
        blank = column.str.strip().eq("").fillna(value=False).to_numpy(dtype=bool)
    both: Bools = missing | blank
    return both


def _numbers(sieve: Sieve, column: pd.Series, comma_reason: str | None) -> npt.NDArray[np.float64]:
    """Cells as float64, NaN where they are no number."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    texts = column.map(str, na_action="ignore") if column.dtype == object else column
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    rest = np.flatnonzero(np.isnan(numbers))
    if comma_reason is None or not len(rest):
        return numbers
    candidates = texts.iloc[rest].astype("str")
    has_comma = candidates.str.fullmatch(_DECIMAL_COMMA).fillna(value=False).to_numpy(dtype=bool)
    if has_comma.any():
        pointed = candidates[has_comma].str.replace(",", ".", regex=False)
        numbers = numbers.copy()
        numbers[rest[has_comma]] = pd.to_numeric(pointed).to_numpy(dtype=np.float64)
        sieve.ledger.add(
            STAGE, "repaired", comma_reason, int(has_comma.sum()), examples=candidates[has_comma]
        )
    return numbers


def _refuse(sieve: Sieve, column: pd.Series, missing: Bools, wanted: str, role: str) -> None:
    row = int(np.argmin(missing))
    raise DatasetError(
        f"no cell of column {column.name!r} in {sieve.label} is a {wanted}; line "
        f"{sieve.read.lines[row]} holds {_shown(column.iloc[row])!r}. Map another column, "
        f"columns={{{role!r}: NAME}}, or none, columns={{{role!r}: ''}}"
    )


def _shown(cell: object) -> str:
    return "" if cell is None or cell is pd.NA or cell != cell else str(cell)[:TEXT_SHOWN]  # noqa: PLR0124 - NaN
