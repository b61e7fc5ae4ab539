"""Figures of the Fairness page. Pure: no Streamlit, no files, no clock."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.charts import ACCENT, QUIET, WARM, better_axis, finish, looks, rows_height, whiskers
from app.words import chart_text, count

SURE = 0.05


def gaps(table: pd.DataFrame, x: str) -> go.Figure:
    """How far apart are best and worst group?  A row each, filled where chance does not explain it.

    table  label, key, value, low, high, is_sure, by_chance (NaN where unknown), said (on hovering);
           the first row stands on top
    """
    table = table.iloc[::-1]
    sure = table["is_sure"].to_numpy(dtype=bool)
    color = np.where(sure, ACCENT, QUIET).tolist()
    names = [chart_text(label, 44) for label in table["label"]]
    chart = go.Figure(
        go.Scatter(
            x=table["value"],
            y=names,
            mode="markers",
            name="gap, 95 % interval",
            customdata=table[["key", "low", "high", "said"]].to_numpy(dtype=object),
            marker={
                "size": 12,
                "color": color,
                "symbol": np.where(sure, "circle", "circle-open").tolist(),
                "line": {"width": 2, "color": color},
            },
            error_x={**whiskers(table["low"], table["value"], table["high"]), "color": QUIET},
            hovertemplate="%{y}<br>gap %{x:.4f}<br>95 %: %{customdata[1]:.4f} to "
            "%{customdata[2]:.4f}<br>%{customdata[3]}<extra></extra>",
        )
    )
    if table["by_chance"].notna().any():
        chart.add_scatter(
            x=table["by_chance"],
            y=names,
            mode="markers",
            name="expected by chance alone",
            marker={"size": 16, "symbol": "line-ns-open", "color": WARM, "line": {"width": 3}},
            hovertemplate="%{y}<br>by chance alone %{x:.4f}<extra></extra>",
        )
    chart.update_yaxes(type="category", showgrid=True, categoryorder="array", categoryarray=names)
    chart.update_xaxes(title=x, rangemode="tozero")
    height = rows_height(len(table)) + 64
    return finish(chart, height=height, legend=True, clickmode="event+select")


def worst(table: pd.DataFrame, x: str) -> go.Figure:
    """Which groups get less than all others?  The farthest on top, filled where not by chance.

    table  label, effect, low, high, corrected, n, mean
    """
    table = table.iloc[::-1]
    sure = table["corrected"].lt(SURE).to_numpy()
    color = np.where(sure, WARM, QUIET).tolist()
    chart = go.Figure(
        go.Scatter(
            x=table["effect"],
            y=[f"{chart_text(row.label, 36)}  (n {row.n:,.0f})" for row in table.itertuples()],
            mode="markers",
            customdata=table[["label", "low", "high", "corrected", "mean"]].to_numpy(dtype=object),
            marker={
                "size": 12,
                "color": color,
                "symbol": np.where(sure, "circle", "circle-open").tolist(),
                "line": {"width": 2, "color": color},
            },
            error_x={**whiskers(table["low"], table["effect"], table["high"]), "color": QUIET},
            hovertemplate="%{customdata[0]}: %{customdata[4]:.4f}<br>%{x:+.4f} against all others"
            "<br>95 %: %{customdata[1]:.4f} to %{customdata[2]:.4f}<br>corrected p "
            "%{customdata[3]:.4f}<extra></extra>",
        )
    )
    chart.add_vline(x=0, line_dash="dot", line_width=2, line_color=QUIET)
    chart.update_yaxes(type="category", showgrid=True)
    chart.update_xaxes(title=f"{x} − all others")
    return finish(chart, height=rows_height(len(table)))


SIDES = ("user", "item")
UPWARDS = {"higher": "higher is better ↑", "lower": "lower is better ↓", "neither": ""}


def trade_off(
    table: pd.DataFrame,
    titles: Mapping[str, str],
    better: Mapping[str, str],
    models: list[str],
) -> go.Figure:
    """What does a fairer model cost?  Accuracy across, a row of panels for each side's number.

    table   model, and for accuracy, user and item: NAME, NAME_low, NAME_high; is_best where no
            other model is as good in all of them and better in one
    titles  accuracy, user, item: the axes; a side that is not there has no panel
    better  the same names to "higher", "lower" or "neither"
    models  every model of the run, for constant looks
    """
    sides = [side for side in SIDES if side in titles]
    chart = make_subplots(rows=len(sides), cols=1, shared_xaxes=True, vertical_spacing=0.08)
    for row in table.to_dict("records"):
        look = looks(models)[str(row["model"])]
        symbol = look["symbol"] if row["is_best"] else f"{look['symbol']}-open"
        for place, side in enumerate(sides, 1):
            chart.add_scatter(
                row=place,
                col=1,
                x=[row["accuracy"]],
                y=[row[side]],
                name=chart_text(row["model"]),
                legendgroup=str(row["model"]),
                showlegend=place == 1,
                mode="markers",
                cliponaxis=False,
                marker={
                    "size": 12,
                    "color": look["color"],
                    "symbol": symbol,
                    "line": {"width": 2, "color": look["color"]},
                },
                error_x=_bars(row, "accuracy", look["color"]),
                error_y=_bars(row, side, look["color"]),
                hovertemplate=f"{chart_text(row['model'])}<br>%{{x:.4f}} across, %{{y:.4f}} up"
                "<extra></extra>",
            )
    for place, side in enumerate(sides, 1):
        title = f"{titles[side]}<br>{UPWARDS[better[side]]}"
        chart.update_yaxes(title=title, rangemode="tozero", row=place, col=1)
    chart.update_xaxes(title=better_axis(titles["accuracy"], better["accuracy"]), row=len(sides))
    return finish(chart, height=140 + 280 * len(sides), legend=True)


def _bars(row: Mapping[Any, Any], name: str, color: str) -> dict[str, object]:
    ends = (row[f"{name}_low"], row[name], row[f"{name}_high"])
    if any(pd.isna(end) for end in ends):
        return {}
    low, middle, high = (np.array([end]) for end in ends)
    return {**whiskers(low, middle, high), "color": color, "thickness": 1}


def hidden_note(n: int, shown: int) -> str:
    """Under a chart that shows part of its rows."""
    return "" if n <= shown else f" {count(n - shown, 'more row')} in the numbers below."
