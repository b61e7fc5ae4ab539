"""Figures of the Calibration page, from tables of its audit. Pure."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.charts import ACCENT, QUIET, WARM, finish, looks, rows_height, whiskers
from app.words import chart_text

BAND = "rgba(138, 148, 163, 0.28)"
MULTIPLE = 190  # pixels of one row of diagrams
HOVER = (
    "promised %{x:.3f}, chosen %{y:.3f}<br>95 %: %{customdata[0]:.3f} to %{customdata[1]:.3f}"
    "<br>%{customdata[2]:,.0f} items<extra></extra>"
)
BEFORE, AFTER = "before", "after"


def diagrams(
    points: pd.DataFrame, bands: pd.DataFrame, models: Sequence[str], ways: pd.DataFrame
) -> go.Figure:
    """Are promises kept?  A row a model: before a map on the left, after it on the right.

    points, bands  curves "reliability" and "consistency": model, series, x, y, low, high, n
    ways           model, series, stage (before or after)
    The dotted line is a promise kept, the grey band where chance would put kept promises.
    """
    titles = [
        f"{chart_text(model, 18)}, {chart_text(_series(ways, model, stage) or 'none', 12)}"
        for model in models
        for stage in (BEFORE, AFTER)
    ]
    chart = make_subplots(
        rows=max(len(models), 1), cols=2, subplot_titles=titles, horizontal_spacing=0.1,
        vertical_spacing=min(0.12, 0.42 / max(len(models), 1)),
    )  # fmt: skip
    for row, model in enumerate(models, start=1):
        for column, stage in enumerate((BEFORE, AFTER), start=1):
            series = _series(ways, model, stage)
            mine = points[(points["model"] == model) & (points["series"] == series)]
            band = bands[(bands["model"] == model) & (bands["series"] == series)]
            _diagram(chart, mine.sort_values("x"), band.sort_values("x"), row, column)
    chart.update_annotations(font_size=12)
    finish(chart, height=60 + MULTIPLE * max(len(models), 1))
    chart.update_layout(margin={"t": 32, "b": 40})
    chart.update_xaxes(title_text="promised", title_standoff=4, row=max(len(models), 1))
    chart.update_yaxes(title_text="chosen", title_standoff=4, col=1)
    return chart


def _series(ways: pd.DataFrame, model: str, stage: str) -> str | None:
    found = ways.loc[(ways["model"] == model) & (ways["stage"] == stage), "series"]
    return str(found.iloc[0]) if len(found) else None


def _diagram(
    chart: go.Figure, points: pd.DataFrame, band: pd.DataFrame, row: int, column: int
) -> None:
    place = {"row": row, "col": column}
    if points.empty:
        chart.add_annotation(
            text="cannot be judged", showarrow=False, x=0.5, y=0.5, font={"color": QUIET}, **place
        )
        chart.update_xaxes(range=[0, 1], **place)
        chart.update_yaxes(range=[0, 1], **place)
        return
    top = float(np.nanmax(points[["x", "y", "high"]].to_numpy(dtype=float)))
    top = min(1.0, max(top * 1.08, 0.01))
    chart.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": WARM, "width": 1.5},
        hoverinfo="skip", **place,
    )  # fmt: skip
    ends = np.concatenate([band["x"], band["x"][::-1]])
    chart.add_scatter(
        x=ends, y=np.concatenate([band["high"], band["low"][::-1]]), fill="toself",
        fillcolor=BAND, line={"width": 0}, mode="lines", hoverinfo="skip", **place,
    )  # fmt: skip
    chart.add_scatter(
        x=points["x"], y=points["y"], mode="markers+lines",
        marker={"size": 7, "color": ACCENT}, line={"color": ACCENT, "width": 1},
        error_y={**whiskers(points["low"], points["y"], points["high"]), "color": ACCENT,
                 "thickness": 1, "width": 2},
        customdata=points[["low", "high", "n"]].to_numpy(), hovertemplate=HOVER, **place,
    )  # fmt: skip
    chart.update_xaxes(range=[0, top], nticks=5, **place)
    chart.update_yaxes(range=[0, top], nticks=5, **place)


def errors(table: pd.DataFrame, models: Sequence[str], title: str, *, ideal: bool) -> go.Figure:
    """How large is the error before the map, and after it?  A row a model, two marks.

    table  model, stage, way, mean, low, high, n; ideal: mark 0 as where to be
    """
    chart = go.Figure()
    names = [chart_text(model) for model in models]
    for stage, color, symbol, up in (
        (BEFORE, QUIET, "circle-open", 0.13),
        (AFTER, ACCENT, "circle", -0.13),
    ):
        rows = table[(table["stage"] == stage) & table["model"].isin(models)]
        chart.add_scatter(
            x=rows["mean"],
            y=[models.index(model) - up for model in rows["model"]],
            mode="markers",
            name=f"{stage} a map",
            marker={"size": 11, "color": color, "symbol": symbol,
                    "line": {"width": 2, "color": color}},
            error_x={**whiskers(rows["low"], rows["mean"], rows["high"]), "color": color},
            customdata=rows[["model", "way", "low", "high", "n"]].to_numpy(dtype=object),
            hovertemplate="%{customdata[0]}, %{customdata[1]}<br>%{x:.4f}<br>95 %: "
            "%{customdata[2]:.4f} to %{customdata[3]:.4f}<br>%{customdata[4]:,} users"
            "<extra></extra>",
        )  # fmt: skip
    if ideal:
        chart.add_vline(x=0, line_dash="dot", line_width=2, line_color=WARM)
    chart.update_yaxes(
        tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.4, -0.6]
    )
    return finish(chart, height=rows_height(len(names)) + 50, legend=True, xaxis_title=title)


def dots(
    table: pd.DataFrame,
    label: str,
    title: str,
    *,
    filled: Sequence[bool] | None = None,
    zero: bool = True,
) -> go.Figure:
    """One number and interval a row, in the order of the table.

    table   label, mean, low, high, n;  filled: which marks are beyond chance; all when not given
    """
    is_filled = [True] * len(table) if filled is None else list(filled)
    color = [ACCENT if one else QUIET for one in is_filled]
    chart = go.Figure(
        go.Scatter(
            x=table["mean"],
            y=[chart_text(name, 34) for name in table[label]],
            mode="markers",
            marker={
                "size": 11,
                "color": color,
                "symbol": ["circle" if one else "circle-open" for one in is_filled],
                "line": {"width": 2, "color": color},
            },
            error_x={**whiskers(table["low"], table["mean"], table["high"]), "color": QUIET},
            customdata=table[["low", "high", "n"]].to_numpy(dtype=object),
            hovertemplate="%{y}<br>%{x:.4f}<br>95 %: %{customdata[0]:.4f} to %{customdata[1]:.4f}"
            "<br>%{customdata[2]:,} users<extra></extra>",
        )
    )
    chart.update_yaxes(type="category", autorange="reversed", showgrid=True)
    if zero:
        chart.update_xaxes(rangemode="tozero")
    return finish(chart, height=rows_height(len(table)), xaxis_title=title)


def group_diagrams(points: pd.DataFrame, groups: Sequence[str]) -> go.Figure:
    """Are promises kept to every group?  One line a group.

    points  curve "reliability by group" of one model and attribute: label, x, y, low, high, n
    """
    chart = go.Figure()
    shown = looks(groups)
    top = 0.01
    for group in groups:
        mine = points[points["label"] == group].sort_values("x")
        look = shown[group]
        top = max(top, float(np.nanmax(mine[["x", "y"]].to_numpy(dtype=float), initial=0)))
        chart.add_scatter(
            x=mine["x"], y=mine["y"], name=chart_text(group, 24), mode="markers+lines",
            marker={"symbol": look["symbol"], "size": 8, "color": look["color"]},
            line={"color": look["color"], "dash": look["dash"], "width": 1.5},
            customdata=mine[["low", "high", "n"]].to_numpy(),
            hovertemplate=chart_text(group) + "<br>" + HOVER,
        )  # fmt: skip
    chart.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": WARM, "width": 2},
        hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    top = min(1.0, top * 1.08)
    chart.update_xaxes(title="promised", range=[0, top])
    chart.update_yaxes(title="chosen", range=[0, top])
    return finish(chart, height=380, legend=True)


def ratings(points: pd.DataFrame, models: Sequence[str]) -> go.Figure:
    """Is a predicted rating right in the mean?  points: curve "ratings", model, x, y, low, high."""
    chart = go.Figure()
    ends = points[["x", "y"]].to_numpy(dtype=float)
    low, high = float(np.nanmin(ends)) - 0.1, float(np.nanmax(ends)) + 0.1
    chart.add_scatter(
        x=[low, high], y=[low, high], mode="lines", hoverinfo="skip", showlegend=False,
        line={"dash": "dot", "color": WARM, "width": 2},
    )  # fmt: skip
    for model, look in looks(models).items():
        mine = points[points["model"] == model].sort_values("x")
        if mine.empty:
            continue
        chart.add_scatter(
            x=mine["x"], y=mine["y"], name=chart_text(model), mode="markers+lines",
            marker={"symbol": look["symbol"], "size": 9, "color": look["color"]},
            line={"color": look["color"], "dash": look["dash"], "width": 1.5},
            error_y={**whiskers(mine["low"], mine["y"], mine["high"]), "color": look["color"],
                     "thickness": 1.5},
            customdata=mine[["low", "high", "n"]].to_numpy(),
            hovertemplate=HOVER.replace("promised", "predicted").replace("chosen", "given")
            .replace("items", "ratings"),
        )  # fmt: skip
    chart.update_xaxes(title="mean predicted rating", range=[low, high])
    chart.update_yaxes(title="mean given rating", range=[low, high])
    return finish(chart, height=360, legend=len(set(points["model"])) > 1)
