"""Tables a terminal can show and files a spreadsheet can open."""

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.errors import ConfigError

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def console() -> Console:
    """Standard output; 80 columns where it is no terminal, so that piped tables look the same."""
    return Console(width=None if sys.stdout.isatty() else 80, highlight=False, soft_wrap=False)


def say(text: str = "") -> None:
    """One line, as it is: no markup, no colours."""
    sys.stdout.write(text + "\n")


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str = "",
    numbers: int = 0,
    folds: str = "",
) -> None:
    """Print a table. Cells are text, never markup.

    numbers  so many of the last columns stand right
    folds    the column that gives way where the terminal is narrow
    """
    made = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for place, column in enumerate(columns):
        is_number = place >= len(columns) - numbers
        made.add_column(
            column,
            justify="right" if is_number else "left",
            no_wrap=column != folds,
            overflow="fold" if column == folds else "ellipsis",
        )
    for row in rows:
        made.add_row(*(Text(str(cell)) for cell in row))
    console().print(made)


def facts(pairs: Mapping[str, object]) -> None:
    """Print names and what they are, one a line; empty ones are left out."""
    made = Table(box=None, show_header=False, pad_edge=False)
    made.add_column(no_wrap=True, style="bold")
    made.add_column(overflow="fold")
    for name, value in pairs.items():
        if value not in (None, "", [], (), {}):
            made.add_row(Text(name), Text(str(value)))
    console().print(made)


def as_json(value: object) -> None:
    """Print JSON; undefined numbers are null, as JSON knows no NaN."""
    say(json.dumps(plain(value), indent=1, ensure_ascii=False, default=str))


def plain(value: Any) -> Any:
    """The same with NaN and infinities as None, all the way down."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def records(frame: Any) -> list[dict[str, Any]]:
    """Rows of a frame as plain dicts; what is missing is None."""
    return [
        {name: None if is_missing(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def number(value: Any, digits: int = 4) -> str:
    """A figure for a cell; a dash where there is none."""
    return "–" if is_missing(value) else f"{value:.{digits}f}"


def is_missing(value: Any) -> bool:
    """None, NaN or pandas' NA: nothing to show."""
    from pandas import isna

    return value is None or (not isinstance(value, list | tuple | dict) and bool(isna(value)))


def interval(low: Any, high: Any, digits: int = 4) -> str:
    if is_missing(low):
        return "–"
    return (
        f"{low:.{digits}f}–{high:.{digits}f}"
        if low >= 0
        else f"{low:.{digits}f} … {high:.{digits}f}"
    )


def write_frame(frame: Any, path: Path) -> None:
    """Write .parquet or .csv, whole or not at all; ConfigError for another ending."""
    from core.atomic import new_file
    from recscope.files import write_table

    if path.suffix == ".parquet":
        write_table(path, frame)
    elif path.suffix == ".csv":
        with new_file(path) as temporary:
            harmless(frame).to_csv(temporary, index=False)
    else:
        raise ConfigError(f"--out {path} must end in .json, .parquet or .csv")


def harmless(frame: Any) -> Any:
    """The frame with an apostrophe before text that a spreadsheet would take for a formula."""
    copy = frame.copy()
    for name in copy.columns:
        if copy[name].dtype.kind in "OU" or str(copy[name].dtype) in {"str", "string"}:
            copy[name] = [
                f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
                for cell in copy[name]
            ]
    return copy
