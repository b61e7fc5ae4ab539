"""Figures of the page Why is my number different?, from its tables. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.charts import ACCENT, PALETTE, QUIET, WARM, finish, rows_height, whiskers
from app.words import chart_text, metric_at

SAME = 5e-10  # values this close are one number
HOVER = (
    "%{y}<br>%{x:.4f}<br>95 %: %{customdata[1]:.4f} to %{customdata[2]:.4f}<br>"
    "%{customdata[3]:,} users<extra></extra>"
)
PARTS: Mapping[str, tuple[str, str]] = {
    "by_formula": ("another formula", PALETTE[0]),
    "by_users": ("other users counted", PALETTE[1]),
}


def side_by_side(table: pd.DataFrame, metric: str, k: float | None) -> go.Figure:
    """Who says something else?  A dot and interval a tool; hollow grey: RecScope's number.

    table  columns tool, name, value, low, high, difference, n; RecScope first
    """
    shown = table.dropna(subset=["value"])
    own = float(shown["value"].iloc[0])
    is_other = (shown["difference"].abs() > SAME).to_numpy()
    colors = np.where(is_other, WARM, QUIET)
    colors[0] = ACCENT
    chart = go.Figure(
        go.Scatter(
            x=shown["value"],
            y=[chart_text(name) for name in shown["name"]],
            mode="markers",
            customdata=shown[["tool", "low", "high", "n"]].to_numpy(dtype=object),
            marker={
                "size": 12,
                "color": colors.tolist(),
                "symbol": ["circle", *np.where(is_other, "circle", "circle-open").tolist()[1:]],
                "line": {"width": 2, "color": colors.tolist()},
            },
            error_x={**whiskers(shown["low"], shown["value"], shown["high"]), "color": QUIET},
            hovertemplate=HOVER,
        )
    )
    chart.add_vline(x=own, line_dash="dot", line_width=2, line_color=ACCENT)
    chart.update_yaxes(type="category", autorange="reversed", showgrid=True)
    return finish(chart, height=rows_height(len(shown)), xaxis_title=metric_at(metric, k))


def made_of(table: pd.DataFrame, metric: str, k: float | None) -> go.Figure:
    """What is the difference made of?  Two bars a tool: another formula, other users counted.

    table  columns name, by_formula, by_users, without NaN
    """
    names = [chart_text(name) for name in table["name"]]
    chart = go.Figure()
    for column, (words, color) in PARTS.items():
        chart.add_bar(
            x=table[column],
            y=names,
            orientation="h",
            name=words,
            marker_color=color,
            hovertemplate=f"%{{y}}, {words}: %{{x:+.4f}}<extra></extra>",
        )
    chart.add_vline(x=0, line_dash="dot", line_width=2, line_color=QUIET)
    chart.update_yaxes(type="category", autorange="reversed")
    title = f"added to RecScope's {chart_text(metric_at(metric, k))}"
    height = rows_height(len(table)) + 50
    return finish(chart, height=height, legend=True, barmode="group", xaxis_title=title)


def of_user(steps: Iterable[Any], metric: str, k: float | None) -> go.Figure:
    """What does each tool say of one user?  A bar a tool that counts the user.

    steps  with name and value
    """
    counted = [step for step in steps if not np.isnan(step.value)]
    chart = go.Figure(
        go.Bar(
            x=[step.value for step in counted],
            y=[chart_text(step.name) for step in counted],
            orientation="h",
            marker_color=ACCENT,
            customdata=[[step.tool] for step in counted],
            hovertemplate="%{y}: %{x:.4f}<extra></extra>",
        )
    )
    chart.update_yaxes(type="category", autorange="reversed")
    title = f"{chart_text(metric_at(metric, k))} of this user"
    return finish(chart, height=rows_height(len(counted)), xaxis_title=title)
