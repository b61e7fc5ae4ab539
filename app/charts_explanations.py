"""Figures of the Explanations page. Pure: no Streamlit, no files, no clock."""

import pandas as pd
import plotly.graph_objects as go

from app.charts import ACCENT, QUIET, WARM, finish, rows_height
from app.words import chart_text


def attribution(table: pd.DataFrame, x: str) -> go.Figure:
    """What does each liked item add?  A bar a liked item, the strongest on top.

    table  title, value, error (standard error, 0 where it is exact, NaN where nobody knows)
    """
    table = table.iloc[::-1]
    color = [ACCENT if value >= 0 else WARM for value in table["value"]]
    has_error = table["error"].gt(0).any()
    chart = go.Figure(
        go.Bar(
            x=table["value"],
            y=_told_apart([chart_text(title, 34) for title in table["title"]]),
            orientation="h",
            marker_color=color,
            marker_pattern_shape=["" if value >= 0 else "/" for value in table["value"]],
            error_x={"array": table["error"], "thickness": 2, "width": 5, "color": QUIET}
            if has_error
            else None,
            customdata=table["error"],
            hovertemplate="%{y}<br>%{x:+.4f}"
            + (" ± %{customdata:.4f}" if has_error else "")
            + "<extra></extra>",
        )
    )
    chart.add_vline(x=0, line_width=1, line_color=QUIET)
    chart.update_yaxes(type="category")
    return finish(chart, height=rows_height(len(table)) - 24, xaxis_title=chart_text(x))


def _told_apart(names: list[str]) -> list[str]:
    """Bars of one name would be laid on top of each other: an invisible mark keeps them apart."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name + "\u200b" * (seen[name] - 1))
    return told
