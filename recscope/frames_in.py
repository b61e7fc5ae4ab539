"""Tables handed over in Python, pandas, polars or Arrow: which column is what, and is it sound?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import DatasetError, EmptyError, UnknownNameError
from core.frames_roles import bare, guess_roles

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
    "rating": ("rating", "ratings", "stars", "relevance", "rel", "grade"),
}
ADVICE = {
    "user": "user ids (user_id, user, uid …)",
    "item": "item ids (item_id, item, iid …)",
    "rank": "ranks (rank, 1 for the best) or scores (score, weight, prediction …)",
}


@dataclass(frozen=True, eq=False)
class FrameIn:
    """One table.

    name     what messages call it
    table    a pandas DataFrame as it came, or any other as narwhals sees it
    columns  role → name of its column
    """

    name: str
    table: Any
    columns: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.table)

    def series(self, column: str) -> "pd.Series[Any]":
        """A column as pandas has it, without a copy where there is none to make."""
        taken = self.table[column]
        if isinstance(taken, pd.Series):
            return taken
        if taken.dtype.is_numeric() and not taken.null_count():
            return pd.Series(taken.to_numpy(), copy=False)
        made: pd.Series[Any] = taken.to_pandas()
        return made

    def of(self, role: str) -> "pd.Series[Any]":
        return self.series(self.columns[role])

    def numbers(self, role: str) -> npt.NDArray[Any]:
        """Finite numbers of one role, whole ones as they came, others as float64.

        Raises DatasetError with the first row that holds none.
        """
        series = self.of(role)
        if is_whole(series):
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


def is_whole(series: "pd.Series[Any]") -> bool:
    """Does the column hold whole numbers, one in every row?"""
    if isinstance(series.dtype, np.dtype):
        return series.dtype.kind in "iu"
    return pd.api.types.is_integer_dtype(series.dtype) and not series.hasnans


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
    names = column_names(frame)
    doubled = sorted({column for column in names if names.count(column) > 1})
    if doubled:
        raise DatasetError(
            f"{name}: the column {doubled[0]!r} is there {names.count(doubled[0])} times; rename "
            "or drop all but one"
        )
    table = frame if isinstance(frame, pd.DataFrame) else _foreign(frame, name)
    found = _roles(names, name, wanted, columns or {})
    if not len(table):
        raise EmptyError(f"{name}: the table has no rows; there is nothing to judge")
    return FrameIn(name, table, found)


def _foreign(frame: object, name: str) -> Any:
    """A table of another library, as narwhals sees it."""
    import narwhals as nw

    try:
        return nw.from_native(frame, eager_only=True)
    except TypeError as error:
        kind = type(frame).__name__
        advice = "call .collect() on it first" if "Lazy" in kind else "make it a table first"
        raise DatasetError(
            f"{name}: a pandas, polars or Arrow table is wanted; {kind} came: {advice}"
        ) from error


def column_names(frame: object) -> list[str]:
    """As text; none for what is no table."""
    found = getattr(frame, "column_names", getattr(frame, "columns", ()))
    return [str(name) for name in found]


def check_mapping(columns: Mapping[str, str], frames: Sequence[object]) -> None:
    """Every role named is known, and every column named is in one table at least."""
    there = {name for frame in frames for name in column_names(frame)}
    for role, column in columns.items():
        if role not in ROLES:
            raise UnknownNameError("role of a column", role, ROLES)
        if column not in there:
            raise UnknownNameError("column", column, there)


def _roles(
    names: list[str], name: str, wanted: Sequence[str], columns: Mapping[str, str]
) -> dict[str, str]:
    """Role → column, for the wanted roles that have one."""
    found = {role: columns[role] for role in wanted if columns.get(role) in names}
    free = [column for column in names if column not in found.values()]
    guessed = guess_roles(free).columns
    for role in wanted:
        hit = _by_alias(role, free, found) if role in ALIASES else guessed.get(role)
        if role not in found and hit is not None:
            found[role] = hit
    lacking = [role for role in ("user", "item") if role in wanted and role not in found]
    if "rank" in wanted and not {"rank", "score"} & found.keys():
        lacking.append("rank")
    if lacking:
        role = lacking[0]
        raise DatasetError(
            f"{name}: a column of {ADVICE[role]} is needed; the columns are "
            f"{', '.join(names) or 'none'}. Rename one, or say which: columns={{{role!r}: ...}}"
        )
    return found


def _by_alias(role: str, free: Sequence[str], found: Mapping[str, str]) -> str | None:
    by_bare = {bare(c): c for c in reversed(free) if c not in found.values()}
    return next((by_bare[alias] for alias in ALIASES[role] if alias in by_bare), None)
