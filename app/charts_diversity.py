"""Figures of the Diversity page, from tables of estimates and the audit's curves."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app import charts_accuracy
from app.charts import QUIET, finish, looks, rows_height, whiskers
from app.words import chart_text, metric_at

WAY = {"higher": "higher is better", "lower": "lower is better", "neither": "neither end is best"}
BLUES = [[0, "#EEF3F8"], [0.25, "#A9D3EC"], [0.5, "#8CC4E6"], [0.75, "#0072B2"], [1, "#00375C"]]
HISTORY = "what users had"


def axis(metric: str, k: float | None, better: str, arrow: str = "") -> str:
    """Name of a metric and which way is good; the arrow points that way where there is one."""
    way = f"{WAY[better]} {arrow}" if better == "higher" else WAY[better]
    return f"{chart_text(metric_at(metric, k))}   ({way.strip()})"


def trade(table: pd.DataFrame, accurate: str, diverse: str, models: list[str]) -> go.Figure:
    """What does accuracy cost in diversity?  A mark a model, with both its intervals.

    table     columns model, x, x_low, x_high, y, y_low, y_high; x is accuracy
    accurate, diverse  titles of the axes; models: every model of the run, for constant looks
    """
    chart = go.Figure()
    for model in [name for name in models if name in set(table["model"])]:
        look, row = looks(models)[model], table[table["model"] == model]
        bars = {"color": look["color"], "thickness": 1.5}
        chart.add_scatter(
            x=row["x"],
            y=row["y"],
            name=chart_text(model),
            mode="markers",
            marker={"symbol": look["symbol"], "size": 13, "color": look["color"]},
            error_x={**whiskers(row["x_low"], row["x"], row["x_high"]), **bars},
            error_y={**whiskers(row["y_low"], row["y"], row["y_high"]), **bars},
            customdata=row[["model", "x_low", "x_high", "y_low", "y_high"]].to_numpy(dtype=object),
            hovertemplate="%{customdata[0]}<br>across %{x:.4f}, 95 %: %{customdata[1]:.4f} to "
            "%{customdata[2]:.4f}<br>up %{y:.4f}, 95 %: %{customdata[3]:.4f} to "
            "%{customdata[4]:.4f}<extra></extra>",
        )
    return finish(chart, height=400, legend=True, xaxis_title=accurate, yaxis_title=diverse)


def groups(estimates: pd.DataFrame, metric: str, k: float | None, models: list[str]) -> go.Figure:
    """Do some users get less variety?  As the slices of accuracy, never too low for its legend."""
    chart = charts_accuracy.slices(estimates, metric, k, models)
    height = max(int(chart.layout.height), 400)
    return chart.update_layout(height=height)


def lorenz(curves: pd.DataFrame, models: list[str]) -> go.Figure:
    """How much of the catalogue shares the places?  A line a model under the line of evenness.

    curves: columns model (none: the history), x and y from 0 to 1
    """
    chart = go.Figure()
    chart.add_scatter(
        x=[0, 1],
        y=[0, 1],
        name="all alike",
        mode="lines",
        hoverinfo="skip",
        line={"color": QUIET, "width": 1},
    )
    past = curves[curves["model"].isna()]
    if len(past):
        chart.add_scatter(
            x=past["x"], y=past["y"], name=HISTORY, mode="lines",
            line={"color": QUIET, "dash": "dash", "width": 2}, hovertemplate=_SHARE + HISTORY,
        )  # fmt: skip
    for model in [name for name in models if name in set(curves["model"])]:
        look, rows = looks(models)[model], curves[curves["model"] == model]
        chart.add_scatter(
            x=rows["x"], y=rows["y"], name=chart_text(model), mode="lines+markers",
            line={"color": look["color"], "dash": look["dash"], "width": 2},
            marker={"symbol": look["symbol"], "size": 8, "maxdisplayed": 8},
            hovertemplate=_SHARE + chart_text(model),
        )  # fmt: skip
    chart.update_xaxes(title="share of the catalogue, least shown first", tickformat=".0%")
    chart.update_yaxes(title="share of all places", tickformat=".0%", range=[-0.02, 1.02])
    return finish(chart, height=400, legend=True)


_SHARE = "the least shown %{x:.0%} hold %{y:.1%} of the places<extra></extra>"


def growth(curves: pd.DataFrame, models: list[str]) -> go.Figure:
    """How much more of the catalogue do longer lists show?

    curves: columns model, x (length of the lists), y, low, high
    """
    chart = go.Figure()
    depths = sorted(curves["x"].unique())
    place = {depth: number for number, depth in enumerate(depths)}
    for model in [name for name in models if name in set(curves["model"])]:
        look = looks(models)[model]
        rows = curves[curves["model"] == model].sort_values("x")
        chart.add_scatter(
            x=rows["x"].map(place),
            y=rows["y"],
            name=chart_text(model),
            mode="lines+markers",
            line={"color": look["color"], "dash": look["dash"], "width": 2},
            marker={"symbol": look["symbol"], "size": 9, "color": look["color"]},
            error_y={
                **whiskers(rows["low"], rows["y"], rows["high"]),
                "color": look["color"],
                "thickness": 1,
            },
            customdata=rows[["model", "x", "low", "high"]].to_numpy(dtype=object),
            hovertemplate="%{customdata[0]}, first %{customdata[1]:.0f}<br>%{y:.1%}<br>"
            "95 %: %{customdata[2]:.1%} to %{customdata[3]:.1%}<extra></extra>",
        )
    ticks = [f"{depth:.0f}" for depth in depths]
    chart.update_xaxes(title="length of the lists", tickvals=list(place.values()), ticktext=ticks)
    chart.update_yaxes(title="share of the catalogue shown", tickformat=".0%", rangemode="tozero")
    return finish(chart, height=400, legend=True)


def overlap(curves: pd.DataFrame, models: list[str]) -> go.Figure:
    """Which models recommend alike?  A map of models, each square the overlap of two.

    curves: columns model, series (the other model), y, low, high
    """
    shown = [model for model in models if model in set(curves["model"])]
    names = [chart_text(model, 22) for model in shown]
    value, low, high = (
        curves.pivot_table(index="model", columns="series", values=part)
        .reindex(index=shown, columns=shown)
        .to_numpy(dtype=float)
        for part in ("y", "low", "high")
    )
    texts = np.where(np.isnan(value), "", np.char.mod("%.2f", np.nan_to_num(value)))
    chart = go.Figure(
        go.Heatmap(
            z=value,
            x=names,
            y=names,
            zmin=0,
            zmax=1,
            colorscale=BLUES,
            xgap=2,
            ygap=2,
            text=texts if len(shown) <= 12 else None,
            texttemplate="%{text}" if len(shown) <= 12 else None,
            customdata=np.stack([low, high], axis=-1),
            hoverongaps=False,
            colorbar={"title": {"text": "overlap"}, "thickness": 12, "tickvals": [0, 0.5, 1]},
            hovertemplate="%{y} and %{x}<br>%{z:.3f}<br>95 %: %{customdata[0]:.3f} to "
            "%{customdata[1]:.3f}<extra></extra>",
        )
    )
    chart.update_yaxes(autorange="reversed", showgrid=False)
    chart.update_xaxes(showgrid=False, tickangle=-40)
    return finish(chart, height=max(320, rows_height(len(shown)) + 110))


def bands(curves: pd.DataFrame, models: list[str]) -> go.Figure:
    """Where do the places go, from the most to the least popular tenth of the items?

    curves: columns model (none: the history), x from 1 for the most popular tenth, y, low, high
    """
    chart = go.Figure()
    past = curves[curves["model"].isna()]
    if len(past):
        chart.add_bar(
            x=past["x"], y=past["y"], name=HISTORY, marker_color=QUIET, opacity=0.35,
            hovertemplate=f"%{{x}}: %{{y:.1%}}<extra>{HISTORY}</extra>",
        )  # fmt: skip
    for model in [name for name in models if name in set(curves["model"])]:
        look, rows = looks(models)[model], curves[curves["model"] == model]
        chart.add_scatter(
            x=rows["x"],
            y=rows["y"],
            name=chart_text(model),
            mode="lines+markers",
            line={"color": look["color"], "dash": look["dash"], "width": 2},
            marker={"symbol": look["symbol"], "size": 9, "color": look["color"]},
            error_y={
                **whiskers(rows["low"], rows["y"], rows["high"]),
                "color": look["color"],
                "thickness": 1,
            },
            hovertemplate=f"tenth %{{x}}: %{{y:.1%}}<extra>{chart_text(model)}</extra>",
        )
    chart.update_xaxes(title="tenth of the items, 1 the most popular", tickvals=list(range(1, 11)))
    chart.update_yaxes(title="share of all places", tickformat=".0%", rangemode="tozero")
    return finish(chart, height=400, legend=True)
