"""Numbers and names as a person reads them. Rounding happens here and nowhere below."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd


def each(table: pd.DataFrame) -> Iterator[Any]:
    """Rows as named tuples, without the types of every possible cell."""
    yield from table.itertuples(index=False)


_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:@])")


def plain(text: object, longest: int = 200) -> str:
    """Text from data, safe inside Streamlit's Markdown: no link, colour, formula or icon starts."""
    shown = " ".join(str(text).split())
    shown = shown if len(shown) <= longest else shown[: longest - 1] + "…"
    return _MARKDOWN.sub(r"\\\1", shown)


def chart_text(text: object, longest: int = 60) -> str:
    """Text from data, safe inside Plotly: its labels understand a little HTML."""
    shown = " ".join(str(text).split())
    shown = shown if len(shown) <= longest else shown[: longest - 1] + "…"
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def number(value: float | None, digits: int = 3) -> str:
    """Three digits that matter below ten, thousands separated above; a dash where undefined."""
    if value is None or not math.isfinite(value):
        return "–"
    if abs(value) >= 1000 or (float(value).is_integer() and abs(value) >= 1):
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.1f}"
    return f"{value:.{digits}f}"


def signed(value: float | None, digits: int = 3) -> str:
    shown = number(value, digits)
    return f"+{shown}" if value is not None and value > 0 else shown.replace("-", "−")


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """Such as 0.298 to 0.327; says so where there is none."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return "no interval"
    return f"{number(low, digits)} to {number(high, digits)}".replace("-", "−")


def share(part: float, whole: float) -> str:
    """A percentage; never 0 % for something, nor 100 % for less than all."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "under 0.1 %"
    if 99.9 < percent < 100:
        return "over 99.9 %"
    return f"{percent:.1f} %" if percent < 10 else f"{percent:.0f} %"


def p_value(p: float | None) -> str:
    if p is None or not math.isfinite(p):
        return "p unknown"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def seconds(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    if 0 <= value < 0.001:
        return "under 1 ms"
    if value < 1:
        return f"{1000 * value:.0f} ms"
    if value < 90:
        return f"{value:.1f} s"
    return f"{value / 60:.0f} min" if value < 5400 else f"{value / 3600:.1f} h"


def count(n: float, unit: str) -> str:
    """Such as 1 user, 1,204 users."""
    return f"{n:,.0f} {unit if n == 1 else unit + 's'}"


def metric_at(metric: str, k: float | None) -> str:
    return metric if k is None or not math.isfinite(k) else f"{metric}@{int(k)}"


def settings(parameters: Mapping[str, object]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in parameters.items()) or "defaults"
