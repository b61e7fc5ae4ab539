"""Figures of items and providers on the Fairness page, from tables of an audit."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.charts import (
    ACCENT,
    LEGEND_ABOVE,
    PALETTE,
    QUIET,
    WARM,
    finish,
    looks,
    rows_height,
    whiskers,
)
from app.words import chart_text

DUE = {  # series → (name, colour, symbol)
    "catalogue": ("share of the catalogue", QUIET, "line-ns-open"),
    "relevance": ("share of what users went on to like", PALETTE[2], "diamond-open"),
    "exposure": ("share of what users see", ACCENT, "circle"),
}
TIMES = (0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 100)


def exposure(curve: pd.DataFrame) -> go.Figure:
    """Does each group get the share that its size or its appeal would give it?

    curve: columns series (exposure, catalogue, relevance), label, y, low, high, n; one model's
    """
    chart = go.Figure()
    order = curve[curve["series"] == "exposure"].sort_values("y", kind="stable")["label"]
    for series, (name, color, symbol) in DUE.items():
        rows = curve[curve["series"] == series].set_index("label").reindex(order)
        chart.add_scatter(
            x=rows["y"],
            y=[chart_text(label, 34) for label in order],
            name=name,
            mode="markers",
            cliponaxis=False,
            marker={"size": 16 if series == "catalogue" else 10, "color": color, "symbol": symbol,
                    "line": {"width": 3 if series == "catalogue" else 2, "color": color}},
            error_x={**whiskers(rows["low"], rows["y"], rows["high"]), "color": color},
            customdata=rows[["low", "high", "n"]].to_numpy(dtype=object),
            hovertemplate="%{y}<br>" + name + " %{x:.1%}<extra></extra>"
            if series == "catalogue"
            else "%{y}<br>" + name + " %{x:.1%}<br>95 %: %{customdata[0]:.1%} to "
            "%{customdata[1]:.1%}<br>n = %{customdata[2]:,}<extra></extra>",
        )  # fmt: skip
    chart.update_xaxes(title="share", tickformat=".0%", rangemode="tozero")
    chart.update_yaxes(type="category", showgrid=True)
    return _legend_above(finish(chart, height=rows_height(len(order)) + 40, legend=True))


def times_due(
    estimates: pd.DataFrame, models: list[str], alarms: set[tuple[str, str]]
) -> go.Figure:
    """Who is seen more, or less, than users want of them?  One row a group, a mark a model.

    estimates: columns model, group, mean, low, high of exposure_to_relevance
    models: every model of the run; alarms: (model, group) whose difference is sure and large
    """
    chart = go.Figure()
    seen = estimates[estimates["mean"] > 0]
    typical = np.log(seen["mean"]).groupby(seen["group"], sort=False).mean()
    order = list(typical.sort_values(kind="stable").index)
    shown = [model for model in models if model in set(estimates["model"])]
    for place, model in enumerate(shown):
        look = looks(models)[model]
        rows = estimates[(estimates["model"] == model) & (estimates["mean"] > 0)]
        aside = (place - (len(shown) - 1) / 2) * 0.7 / max(len(shown), 2)
        filled = [(model, group) in alarms for group in rows["group"]]
        chart.add_scatter(
            x=rows["mean"],
            y=[order.index(group) + aside for group in rows["group"]],
            name=chart_text(model),
            mode="markers",
            marker={"size": 9, "color": look["color"], "line": {"width": 2, "color": look["color"]},
                    "symbol": [look["symbol"] + ("" if sure else "-open") for sure in filled]},
            customdata=rows[["group", "low", "high", "n"]].to_numpy(dtype=object),
            hovertemplate=chart_text(model) + "<br>%{customdata[0]}<br>%{x:.2f} times its due"
            "<br>95 %: %{customdata[1]:.2f} to %{customdata[2]:.2f}"
            "<br>n = %{customdata[3]:,} users<extra></extra>",
        )  # fmt: skip
    chart.add_vline(x=1, line_dash="dot", line_width=2, line_color=WARM)
    chart.update_xaxes(
        type="log",
        title="share seen / share liked",
        tickvals=TIMES,
        ticktext=[f"{tick:g}×" for tick in TIMES],
    )
    chart.update_yaxes(
        tickvals=list(range(len(order))),
        ticktext=[chart_text(group, 34) for group in order],
        range=[-0.7, len(order) - 0.3],
    )
    return _legend_above(finish(chart, height=rows_height(len(order)) + 60, legend=True))


def lorenz(curve: pd.DataFrame, models: list[str]) -> go.Figure:
    """Which part of what users see is left to the less seen providers?

    curve: columns model, x (share of providers, least seen first), y (share of exposure)
    """
    chart = go.Figure()
    chart.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="all alike", hoverinfo="skip",
        line={"color": QUIET, "dash": "dot", "width": 2},
    )  # fmt: skip
    for model in [name for name in models if name in set(curve["model"])]:
        rows, look = curve[curve["model"] == model].sort_values("x"), looks(models)[model]
        chart.add_scatter(
            x=rows["x"],
            y=rows["y"],
            name=chart_text(model),
            mode="lines",
            line={"color": look["color"], "dash": look["dash"], "width": 2},
            hovertemplate=chart_text(model)
            + "<br>least seen %{x:.0%} of providers: %{y:.1%} of what is seen<extra></extra>",
        )
    chart.update_xaxes(title="providers, least seen first", tickformat=".0%", range=[0, 1])
    chart.update_yaxes(title="share of what users see", tickformat=".0%", range=[0, 1.01])
    return _legend_above(finish(chart, height=380, legend=True))


def by_group(
    estimates: pd.DataFrame, models: list[str], title: str, *, share: bool = False
) -> go.Figure:
    """The same number for each group of users and each model.

    estimates: columns model, group, mean, low, high, n
    """
    chart = go.Figure()
    order = list(dict.fromkeys(estimates["group"]))
    shown = [model for model in models if model in set(estimates["model"])]
    for place, model in enumerate(shown):
        look = looks(models)[model]
        rows = estimates[estimates["model"] == model]
        aside = (place - (len(shown) - 1) / 2) * 0.7 / max(len(shown), 2)
        chart.add_scatter(
            x=rows["mean"],
            y=[order.index(group) + aside for group in rows["group"]],
            name=chart_text(model),
            mode="markers",
            marker={"size": 9, "color": look["color"], "symbol": look["symbol"]},
            error_x={**whiskers(rows["low"], rows["mean"], rows["high"]),
                     "color": look["color"], "thickness": 1},
            customdata=rows[["group", "low", "high", "n"]].to_numpy(dtype=object),
            hovertemplate=chart_text(model) + "<br>%{customdata[0]}<br>%{x:.3f}"
            "<br>95 %: %{customdata[1]:.3f} to %{customdata[2]:.3f}"
            "<br>n = %{customdata[3]:,} users<extra></extra>",
        )  # fmt: skip
    chart.update_xaxes(title=title, tickformat=".0%" if share else None)
    chart.update_yaxes(
        tickvals=list(range(len(order))),
        ticktext=[chart_text(group, 34) for group in order],
        range=[len(order) - 0.3, -0.7],
    )
    return _legend_above(finish(chart, height=rows_height(len(order)) + 70, legend=True))


def numbers_of_models(estimates: pd.DataFrame, title: str, better: str) -> go.Figure:
    """One number of each model with its interval, the better one on top.

    estimates: columns model, mean, low, high, n.  better: higher, lower or neither
    """
    table = estimates.sort_values("mean", ascending=better == "higher", kind="stable")
    chart = go.Figure(
        go.Scatter(
            x=table["mean"],
            y=[chart_text(model) for model in table["model"]],
            mode="markers",
            customdata=table[["low", "high", "n"]].to_numpy(dtype=object),
            marker={"size": 12, "color": ACCENT},
            error_x={**whiskers(table["low"], table["mean"], table["high"]), "color": ACCENT},
            hovertemplate="%{y}<br>%{x:.4f}<br>95 %: %{customdata[0]:.4f} to "
            "%{customdata[1]:.4f}<br>n = %{customdata[2]:,} users<extra></extra>",
        )
    )
    way = {"higher": "higher is better →", "lower": "← lower is better"}.get(better, "")
    chart.update_xaxes(title=f"{chart_text(title)}   {f'({way})' if way else ''}")
    chart.update_yaxes(type="category", showgrid=True)
    span = np.nanmax(table["high"].fillna(table["mean"])) if len(table) else 0
    if span == 0:
        chart.update_xaxes(range=[-0.05, 1])
    return finish(chart, height=rows_height(len(table)))


def _legend_above(chart: go.Figure) -> go.Figure:
    """Over the marks, where long charts do not push it off the screen."""
    chart.update_layout(
        legend=LEGEND_ABOVE,
        margin={"t": 64},
    )
    return chart
