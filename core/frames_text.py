"""Rows and columns out of delimited text, with a line number for whatever could not be read."""

# ruff: noqa: S608 - statements are put together from column numbers and settings of this module

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import DatasetError
from core.frames_bytes import Survey, record_lines
from core.frames_sniff import Layout
from core.tables import Ints

REJECT_COLUMNS = ("line", "column", "reason", "text")
TEXT_SHOWN = 200

# Not "007" nor "1_000" nor 19 digits: such a column is text, or its ids would change.
_DECIMAL = (
    r"[+-]?((0|[1-9][0-9]{0,17})(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?|(?i)[+-]?(inf|nan)"
)
_WHOLE_DECIMAL = r"-?(0|[1-9][0-9]{0,14})(\.0+)?"
_REASONS = {
    "MISSING COLUMNS": "too few columns",
    "TOO MANY COLUMNS": "too many columns",
    "UNQUOTED VALUE": "a double quote opens and does not close before the next delimiter",
    "LINE SIZE OVER MAXIMUM": "the line is too long",
    "INVALID ENCODING": "bytes that are no UTF-8",
}


@dataclass(frozen=True, eq=False)
class Read:
    """What a reader brings back.

    frame    the rows it could read, in the order of the file
    rejects  columns line, column, reason, text: what it could not
    line_of  the line number, from 1, of each row of the frame, counted only when asked for
    """

    frame: pd.DataFrame
    rejects: pd.DataFrame
    line_of: Callable[[], Ints]

    @cached_property
    def lines(self) -> Ints:
        return self.line_of()

    def counted(self) -> "Read":
        """The same with its lines counted now, while the file is there."""
        lines = self.lines
        return replace(self, line_of=lambda: lines)


def no_rejects() -> pd.DataFrame:
    return pd.DataFrame([], columns=list(REJECT_COLUMNS))


def read_delimited(
    path: Path, layout: Layout, facts: Survey, id_columns: Collection[str], label: str, limit: int
) -> Read:
    """Read a UTF-8 file of one kind of line end.

    id_columns  never become decimals, unless as 1.0, which is how whole numbers beside a hole
                come out of pandas
    limit       bytes of the longest quoted field that is still believed
    Columns become int64, float64 or text, whichever gives every cell back as it stood.
    Raises DatasetError where the parts of the file do not fit one table at all.
    """
    import duckdb

    is_quoted = layout.quoted and facts.n_quotes % 2 == 0
    if is_quoted and facts.longest_record > limit:
        raise DatasetError(
            f"a quoted field of {label} is longer than {limit:,} bytes (from line "
            f"{facts.longest_line} on): its closing quote is missing, or it holds a whole file. "
            f"Close, shorten or remove it and load again"
        )
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(layout.names)))
    line_size = max(facts.longest_record + 1, 1 << 16)
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SET autoinstall_known_extensions = false")
        try:
            connection.execute(
                f"CREATE TABLE t AS SELECT * FROM read_csv(?, auto_detect=false, "
                f"header={layout.has_header}, columns={{{columns}}}, "
                f"delim=?, quote=?, escape=?, compression='none', store_rejects=true, "
                f"max_line_size={line_size}, buffer_size={max(4 * line_size, 1 << 25)})",
                [str(path), layout.delimiter, '"' * is_quoted, '"' * is_quoted],
            )
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise DatasetError(
                f"{label} cannot be read as columns parted by {layout.delimiter!r}: {reason}. "
                f"Check the delimiter and the quotes, or save the table as Parquet"
            ) from error
        rejects = _rejects(connection, layout)
        frame = _frame(connection, layout, id_columns)
    n_rows = len(frame)

    def line_of() -> Ints:
        starts = record_lines(path, quoted=is_quoted)[int(layout.has_header) :]
        if len(rejects):
            starts = starts[~np.isin(starts, rejects["line"].to_numpy(dtype=np.int64))]
        if len(starts) != n_rows:  # records that lines alone do not tell: number the rows instead
            return np.arange(1, n_rows + 1) + int(layout.has_header)
        return starts

    return Read(frame, rejects, line_of)


def _rejects(connection: Any, layout: Layout) -> pd.DataFrame:
    rows = connection.execute(
        f"SELECT line, column_name, error_type, left(csv_line, {TEXT_SHOWN}), "
        f"length(csv_line) - length(replace(csv_line, chr(10), '')) "
        f"FROM reject_errors ORDER BY line, column_idx"
    ).fetchall()
    found: dict[int, tuple[Any, ...]] = {}
    for line, own_name, kind, text, n_breaks in rows:
        name = layout.names[int(own_name[1:])] if own_name else ""
        reason = _REASONS.get(kind, kind.lower())
        breaks = n_breaks - text.startswith("\n")
        if breaks > 0 and kind == "UNQUOTED VALUE":
            reason += f", and {breaks} more lines were taken into it"
        found.setdefault(line, (line, name, reason, text.strip("\n")))
    return pd.DataFrame(list(found.values()), columns=list(REJECT_COLUMNS))


def _frame(connection: Any, layout: Layout, id_columns: Collection[str]) -> pd.DataFrame:
    chosen = []
    for place, name in enumerate(layout.names):
        cell = f"c{place}"
        pattern = _WHOLE_DECIMAL if name in id_columns else _DECIMAL
        if not _any(connection, f"{cell} IS NOT NULL"):
            kind = "VARCHAR"
        elif not _any(connection, f"try_cast({cell} AS BIGINT)::VARCHAR IS DISTINCT FROM {cell}"):
            kind = "BIGINT"
        elif not _any(connection, f"NOT regexp_full_match({cell}, '{pattern}')"):
            kind = "DOUBLE"
        else:
            kind = "VARCHAR"
        chosen.append(f"{cell}::{kind} AS {cell}")
    table = connection.sql(f"SELECT {', '.join(chosen)} FROM t").to_arrow_table()
    columns = {name: _column(table.column(place)) for place, name in enumerate(layout.names)}
    return pd.DataFrame(columns, copy=False)


def _any(connection: Any, condition: str) -> bool:
    """Does a row meet it?  The first one ends the search."""
    query = f"SELECT 1 FROM t WHERE {condition} LIMIT 1"
    return bool(connection.execute(query).fetchall())


def _column(column: Any) -> pd.Series | npt.NDArray[Any]:
    """Whole numbers beside a hole stay whole numbers."""
    import pyarrow as pa

    if pa.types.is_integer(column.type) and column.null_count:
        filled = pd.Series(column.fill_null(0).to_numpy(), dtype="Int64")
        return filled.mask(column.is_null().to_numpy(), pd.NA)
    if pa.types.is_string(column.type):
        return pd.Series(column.to_pandas(), dtype="str")
    numbers: npt.NDArray[Any] = column.to_numpy()
    return numbers
