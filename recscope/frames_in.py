"""Tables handed over in Python, pandas, polars or Arrow: which column is what, and is it sound?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.encode import MISSING, encode
from core.errors import DatasetError, EmptyError, UnknownNameError
from core.frames_roles import bare, guess_roles
from core.tables import Codes, Ids

RUN_LENGTH = 4  # equal neighbours from which it pays to look at each run once

ROLES = ("user", "item", "rank", "score", "rating")
ALIASES: Mapping[str, tuple[str, ...]] = {
    "rank": ("rank", "position", "pos", "place"),
    "score": (
        "score",
        "weight",
        "prediction",
        "predicted",
        "pred",
        "predictedrating",
        "probability",
        "similarity",
        "relevance",
        "rating",
    ),
}
ADVICE = {
    "user": "user ids (user_id, user, uid …)",
    "item": "item ids (item_id, item, iid …)",
    "rank": "ranks (rank, 1 for the best) or scores (score, weight, prediction …)",
}


@dataclass(frozen=True, eq=False)
class FrameIn:
    """One table.  name: what messages call it; native: as narwhals sees it; columns: role → name."""

    name: str
    native: Any
    columns: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.native)

    def kind_of(self, role: str) -> str:
        """What its ids of a role are, for messages."""
        dtype = self.native[self.columns[role]].dtype
        return (
            "whole numbers" if dtype.is_integer() else "numbers" if dtype.is_numeric() else "text"
        )

    def series(self, column: str) -> "pd.Series[Any]":
        """A column as pandas has it, without a copy where there is none to make."""
        taken = self.native[column]
        if taken.dtype.is_numeric() and not taken.null_count():
            return pd.Series(taken.to_numpy(), copy=False)
        series: pd.Series[Any] = taken.to_pandas()
        return series.reset_index(drop=True)

    def ids(self, role: str) -> tuple[Codes, Ids]:
        """Codes and names of the ids of one role; DatasetError names the table."""
        series = self.series(self.columns[role])
        try:
            if not pd.api.types.is_integer_dtype(series.dtype) or series.hasnans:
                return encode(series, role)
            values = series.to_numpy()
            heads = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
            if len(heads) > len(values) // RUN_LENGTH:
                return encode(values, role)
            codes, ids = encode(values[heads], role)  # rows of a user mostly stand together
            return np.repeat(codes, np.diff(np.append(heads, len(values)))), ids
        except DatasetError as error:
            raise DatasetError(f"{self.name}, column {self.columns[role]!r}: {error}") from error

    def numbers(self, role: str) -> npt.NDArray[Any]:
        """Finite numbers of one role, whole ones as they came, others as float64.

        Raises DatasetError with the first row that holds none.
        """
        series = self.series(self.columns[role])
        if pd.api.types.is_integer_dtype(series.dtype) and not series.hasnans:
            return series.to_numpy()
        values = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            came = series.iloc[int(bad[0])]
            raise DatasetError(
                f"{self.name}: {role} must be a finite number, but {len(bad):,} of {len(self):,} "
                f"rows of column {self.columns[role]!r} hold none; the first is row {bad[0]} "
                f"(counted from 0) with {came!r}. Mend or drop these rows, or name another column: "
                f"columns={{{role!r}: ...}}"
            )
        return values


def frame_in(
    frame: object, name: str, wanted: Sequence[str], columns: Mapping[str, str] | None = None
) -> FrameIn:
    """Take in a table and find its columns.

    frame    pandas, polars, pyarrow.Table, or whatever else narwhals takes
    wanted   roles to look for; user and item must be there if wanted, and rank or score
    columns  role → column, believed before any guess where the table has that column

    Raises DatasetError where it is no table, where a column is missing or stands there twice, and
    EmptyError where there are no rows.
    """
    import narwhals as nw

    names = [
        str(column) for column in getattr(frame, "column_names", getattr(frame, "columns", ()))
    ]
    doubled = sorted({column for column in names if names.count(column) > 1})
    if doubled:
        raise DatasetError(
            f"{name} have the column {doubled[0]!r} {names.count(doubled[0])} times; rename or drop "
            "all but one"
        )
    try:
        native = nw.from_native(frame, eager_only=True)  # type: ignore[call-overload]
    except TypeError as error:
        kind = type(frame).__name__
        advice = "call .collect() on it first" if "Lazy" in kind else "make it a table first"
        raise DatasetError(
            f"{name} must be a pandas, polars or Arrow table; {kind} came: {advice}"
        ) from error
    found = _roles(names, name, wanted, columns or {})
    if not len(native):
        raise EmptyError(f"{name} have no rows; there is nothing to judge")
    return FrameIn(name, native, found)


def check_mapping(columns: Mapping[str, str], frames: Sequence[object]) -> None:
    """Every role named is known, and every column named is in one table at least."""
    there: set[str] = set()
    for frame in frames:
        there |= {str(c) for c in getattr(frame, "column_names", getattr(frame, "columns", ()))}
    for role, column in columns.items():
        if role not in ROLES:
            raise UnknownNameError("role of a column", role, ROLES)
        if column not in there:
            raise UnknownNameError("column", column, there)


def _roles(
    names: list[str], name: str, wanted: Sequence[str], columns: Mapping[str, str]
) -> dict[str, str]:
    found = {role: columns[role] for role in wanted if columns.get(role) in names}
    free = [column for column in names if column not in found.values()]
    guessed = guess_roles(free).columns
    for role in wanted:
        if role in found:
            continue
        if role in ALIASES:
            by_bare = {bare(c): c for c in reversed(free) if c not in found.values()}
            hit = next((by_bare[alias] for alias in ALIASES[role] if alias in by_bare), None)
        else:
            hit = guessed.get(role)
        if hit is not None:
            found[role] = hit
    lacking = [role for role in ("user", "item") if role in wanted and role not in found]
    if "rank" in wanted and not {"rank", "score"} & found.keys():
        lacking.append("rank")
    if lacking:
        role = lacking[0]
        raise DatasetError(
            f"{name} need a column of {ADVICE[role]}; the columns are {', '.join(names) or 'none'}. "
            f"Rename one, or say which: columns={{{role!r}: ...}}"
        )
    return found


def unite(coded: Mapping[str, tuple[Codes, Ids]], kind: str) -> tuple[dict[str, Codes], Ids]:
    """One id space for several tables: their codes in it, and its names.

    Ids are compared as text, so 7 in one table and "7" in another are the same. Codes keep the
    order that `encode` gives; MISSING stays MISSING.
    """
    spaces = [ids for _, ids in coded.values()]
    first = spaces[0]
    if all(len(ids) == len(first) and (ids.names == first.names).all() for ids in spaces[1:]):
        return {name: codes for name, (codes, _) in coded.items()}, first
    numbers = [_whole_numbers(ids) for ids in spaces]
    answer, start = {}, 0
    if all(values is not None for values in numbers):
        united, place = np.unique(np.concatenate(numbers), return_inverse=True)
        names = np.array([str(number) for number in united.tolist()] or [""], dtype=object)
        together = Ids(kind, names[: len(united)])
    else:
        everything = np.concatenate([ids.names for ids in spaces])
        place, together = encode(pd.Series(everything, dtype="str"), kind)
    for name, (codes, ids) in coded.items():
        to_united = np.append(place[start : start + len(ids)], MISSING).astype(np.int32)
        answer[name] = to_united[codes]
        start += len(ids)
    return answer, together


def _whole_numbers(ids: Ids) -> npt.NDArray[np.int64] | None:
    """The names as numbers, where each prints as its name."""
    names = ids.names.tolist()
    try:
        numbers = [int(name) for name in names]
        return np.array(numbers, dtype=np.int64) if list(map(str, numbers)) == names else None
    except (ValueError, OverflowError):
        return None
