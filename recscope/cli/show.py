"""Tables a terminal can show."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text


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
    from recscope.outputs import as_json as text

    say(text(value))


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
