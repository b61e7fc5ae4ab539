"""Foreign text on its way into a spreadsheet or a page: shown, never run."""

import html

import pandas as pd

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_csv(df: pd.DataFrame) -> str:
    """The frame as CSV in which no spreadsheet finds a formula.

    Text and column names that start with = + - @ tab or carriage return get an apostrophe in
    front, as OWASP advises under "CSV Injection"; numbers stay numbers. The index is left out.
    Rows end in CR LF (RFC 4180), without which a carriage return inside a cell goes unquoted and
    what follows it becomes a row of its own.
    """
    safe = df.copy(deep=False)
    for place in range(safe.shape[1]):
        cells = safe.iloc[:, place]
        if not (pd.api.types.is_numeric_dtype(cells.dtype) or cells.dtype.kind in "mM"):
            escaped = cells.astype("object").map(_safe_cell, na_action="ignore")
            safe.isetitem(place, escaped.to_numpy())
    safe.columns = pd.Index([_safe_cell(name) for name in safe.columns])
    return safe.to_csv(index=False, lineterminator="\r\n")


def safe_html(text: object) -> str:
    """Text for the inside of an element or of a quoted attribute."""
    return html.escape(str(text), quote=True)


def _safe_cell(cell: object) -> object:
    """Numbers in a column of mixed cells stay; whatever else prints like a formula does not."""
    if isinstance(cell, int | float):
        return cell
    text = str(cell)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
