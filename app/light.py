"""A chart that stands before the chart library does. Pure: text in, HTML out, no script.

Plotly's script takes a browser a second and more to take in. What a page shows first is drawn with
boxes instead, in the colours of the theme; the interactive version is on the page of its subject.
"""

import math
from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from app.charts import ACCENT
from app.words import each, interval, metric_at, number

MOST_TICKS = 5
SAME = 1e-9
STYLE = """<style>
.forest{display:grid;grid-template-columns:fit-content(42%) 1fr auto;font-size:.875rem;margin:0}
.forest>div{padding:.42rem 0;min-width:0;overflow-wrap:anywhere;line-height:1.3}
.forest>.track{position:relative;margin:0 1rem;border-left:1px solid;border-color:#8A94A366}
.forest .tick{position:absolute;top:0;bottom:0;border-left:1px solid #8A94A333}
.forest .whisker{position:absolute;top:50%;height:2px;margin-top:-1px;background:ACCENT}
.forest .whisker::before,.forest .whisker::after{content:"";position:absolute;top:-4px;height:10px;
border-left:2px solid ACCENT}
.forest .whisker::after{right:0}
.forest .point{position:absolute;top:50%;width:12px;height:12px;margin:-6px 0 0 -6px;
border-radius:50%;border:2px solid ACCENT;background:ACCENT;box-sizing:border-box}
.forest .hollow{background:transparent}
.forest .number{text-align:right;font-variant-numeric:tabular-nums}
.forest>.axis{border:0;height:1.4rem;padding:0}
.forest .axis span{position:absolute;transform:translateX(-50%);opacity:.8;font-size:.8rem}
.forest .name{grid-column:1/-1;text-align:center;opacity:.8}
</style>""".replace("ACCENT", ACCENT).replace("\n", "")


def forest(
    estimates: pd.DataFrame,
    metric: str,
    k: float | None,
    better: str,
    quiet: str | None = None,
    *,
    alt: str,
) -> str:
    """Which model is better, and how sure is that?  One dot and interval a row, best on top.

    estimates: columns model, mean, low, high.  quiet: the baseline, drawn hollow.
    alt: what a screen reader says instead
    """
    table = estimates.sort_values("mean", ascending=better == "lower", kind="stable")
    ends = table[["mean", "low", "high"]].to_numpy(dtype=float)
    ends = ends[np.isfinite(ends)]
    low, high = (float(ends.min()), float(ends.max())) if len(ends) else (0.0, 1.0)
    is_one = high - low <= SAME * max(abs(low), abs(high))  # they differ by rounding, if at all
    room = (abs(high) * 0.1 or 0.5) if is_one else 0.04 * (high - low)
    low, high = low - room, high + room

    def at(value: float) -> str:
        return f"{100 * (value - low) / (high - low):.2f}%"

    marked = ticks(low, high)
    lines = "".join(f'<i class="tick" style="left:{at(tick)}"></i>' for tick in marked)
    rows = "".join(
        f"<div>{escape(_short(row.model))}</div>"
        f'<div class="track" title="{escape(_told(row))}">{lines}{_marks(row, at, quiet)}</div>'
        f'<div class="number">{number(row.mean)}</div>'
        for row in each(table)
    )
    labels = "".join(f'<span style="left:{at(tick)}">{tick:g}</span>' for tick in marked)
    way = {"higher": "higher is better →", "lower": "← lower is better"}.get(better, "")
    name = escape(metric_at(metric, k)) + (f"   ({way})" if way else "")
    return (
        f'{STYLE}<div class="forest" role="img" aria-label="{escape(alt)}">{rows}'
        f'<div></div><div class="track axis">{labels}</div><div></div>'
        f'<div class="name">{name}</div></div>'
    )


def ticks(low: float, high: float) -> list[float]:
    """At most five round numbers from low to high."""
    rough = (high - low) / MOST_TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [float(f"{step * place:.12g}") for place in range(first, last + 1)]


def _marks(row: Any, at: Callable[[float], str], quiet: str | None) -> str:
    if not math.isfinite(row.mean):
        return ""
    look = "point hollow" if row.model == quiet else "point"
    dot = f'<i class="{look}" style="left:{at(row.mean)}"></i>'
    if not (math.isfinite(row.low) and math.isfinite(row.high)):
        return dot
    ends = f"left:{at(row.low)};width:calc({at(row.high)} - {at(row.low)})"
    return f'<i class="whisker" style="{ends}"></i>{dot}'


def _short(text: object, longest: int = 60) -> str:
    shown = " ".join(str(text).split())
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _told(row: Any) -> str:
    return f"{_short(row.model)}: {number(row.mean, 4)}, 95 %: {interval(row.low, row.high, 4)}"
