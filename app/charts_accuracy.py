"""Figures of the Accuracy and Runs pages, from tables of estimates and comparisons."""

from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.charts import (
    ACCENT,
    QUIET,
    STEPS,
    WARM,
    better_axis,
    finish,
    looks,
    rows_height,
    whiskers,
)
from app.words import chart_text, metric_at, number

HOVER = "%{y}<br>%{x:.4f}<br>95 %: %{customdata[1]:.4f} to %{customdata[2]:.4f}<extra></extra>"


def forest(
    estimates: pd.DataFrame, metric: str, k: float | None, better: str, quiet: str | None = None
) -> go.Figure:
    """Which model is better, and how sure is that?  One dot and interval a row, best on top.

    estimates: columns model, mean, low, high, n.  quiet: the baseline, drawn hollow.
    """
    table = estimates.sort_values("mean", ascending=better == "higher", kind="stable")
    names = [chart_text(model) for model in table["model"]]
    hollow = [model == quiet for model in table["model"]]
    chart = go.Figure(
        go.Scatter(
            x=table["mean"],
            y=names,
            mode="markers",
            customdata=table[["model", "low", "high", "n"]].to_numpy(dtype=object),
            marker={
                "size": 12,
                "color": ACCENT,
                "symbol": ["circle-open" if is_open else "circle" for is_open in hollow],
                "line": {"width": 2, "color": ACCENT},
            },
            error_x={**whiskers(table["low"], table["mean"], table["high"]), "color": ACCENT},
            hovertemplate=HOVER,
        )
    )
    chart.update_yaxes(type="category", showgrid=True)
    title = better_axis(metric_at(metric, k), better)
    return finish(
        chart, height=rows_height(len(table)), xaxis_title=title, clickmode="event+select"
    )


def differences(
    table: pd.DataFrame, metric: str, k: float | None, better: str, adjusted: str = "p_holm"
) -> go.Figure:
    """Is it better than the baseline, or could that be chance?  Filled: corrected p below 0.05.

    table: columns model, difference, low, high and the corrected p named by `adjusted`.
    """
    table = table.sort_values("difference", ascending=better == "higher", kind="stable")
    sure = table[adjusted].lt(0.05).to_numpy()
    color = np.where(sure, ACCENT, QUIET).tolist()
    chart = go.Figure(
        go.Scatter(
            x=table["difference"],
            y=[chart_text(model) for model in table["model"]],
            mode="markers",
            customdata=table[["model", "low", "high", adjusted]].to_numpy(dtype=object),
            marker={
                "size": 12,
                "symbol": np.where(sure, "circle", "circle-open").tolist(),
                "color": color,
                "line": {"width": 2, "color": color},
            },
            error_x={
                **whiskers(table["low"], table["difference"], table["high"]),
                "color": QUIET,
            },
            hovertemplate=HOVER.replace("<extra>", "<br>corrected p %{customdata[3]:.4f}<extra>"),
        )
    )
    chart.add_vline(x=0, line_dash="dot", line_width=2, line_color=WARM)
    chart.update_yaxes(type="category", showgrid=True)
    title = f"difference in {better_axis(metric_at(metric, k), better)}"
    return finish(
        chart, height=rows_height(len(table)), xaxis_title=title, clickmode="event+select"
    )


def curves(estimates: pd.DataFrame, metric: str, better: str, models: list[str]) -> go.Figure:
    """Does the order of the models depend on the length of the list?

    estimates: columns model, k, mean, low, high; one row per model and cutoff.
    models:    every model of the run, so that a model keeps its look when others are hidden
    """
    chart = go.Figure()
    cutoffs = sorted(estimates["k"].dropna().unique())
    place = {k: number for number, k in enumerate(cutoffs)}
    shown = [model for model in models if model in set(estimates["model"])]
    for order, model in enumerate(shown):
        look = looks(models)[model]
        rows = estimates[estimates["model"] == model].sort_values("k")
        # a few hundredths aside, so that whiskers of neighbours do not hide each other
        aside = (order - (len(shown) - 1) / 2) * 0.035
        chart.add_scatter(
            x=[place[k] + aside for k in rows["k"]],
            y=rows["mean"],
            name=chart_text(model),
            mode="lines+markers",
            marker={"symbol": look["symbol"], "size": 9, "color": look["color"]},
            line={"color": look["color"], "dash": look["dash"], "width": 2},
            error_y={
                **whiskers(rows["low"], rows["mean"], rows["high"]),
                "color": look["color"],
                "thickness": 1,
            },
            customdata=rows[["model", "low", "high", "k"]].to_numpy(dtype=object),
            hovertemplate=chart_text(model)
            + " @%{customdata[3]}<br>%{y:.4f}<br>95 %: %{customdata[1]:.4f} to "
            "%{customdata[2]:.4f}<extra></extra>",
        )
    chart.update_xaxes(
        title="length of the list, k",
        tickvals=list(place.values()),
        ticktext=[f"{k:.0f}" for k in cutoffs],
        range=[-0.35, len(cutoffs) - 0.65],
    )
    chart.update_yaxes(title=better_axis(metric, better), rangemode="tozero")
    return finish(chart, height=420, legend=True)


def distribution(per_user: pd.DataFrame, metric: str, k: float | None) -> go.Figure:
    """Is a mean carried by a few users?  One bar a model, cut by how well users were served.

    per_user: one column a model, one row a user; NaN is left out.
    """
    values = per_user.to_numpy(dtype=float)
    top = float(np.nanmax(values)) if np.isfinite(values).any() else 1.0
    top = 1.0 if 0 < top <= 1 else max(top, 1e-9)
    edges = np.linspace(0, top, len(STEPS))
    names = ["0"] + [f"{number(a, 1)}–{number(b, 1)}" for a, b in pairwise(edges)]
    chart = go.Figure()
    for step, name in enumerate(names):
        above = values > edges[step - 1] if step else np.isfinite(values)
        inside = above & (values <= edges[step])
        part = 100 * inside.sum(axis=0) / np.maximum(np.isfinite(values).sum(axis=0), 1)
        chart.add_bar(
            x=part,
            y=[chart_text(model) for model in per_user.columns],
            orientation="h",
            name=name,
            marker={"color": STEPS[step], "line": {"width": 0}},
            text=[f"{value:.0f} %" if value >= 6 else "" for value in part],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": "#17212F" if step < 4 else "#FFFFFF", "size": 12},
            hovertemplate=f"%{{y}}<br>{metric_at(metric, k)} {name}: "
            "%{x:.1f} % of users<extra></extra>",
        )
    chart.update_yaxes(autorange="reversed", type="category")
    chart.update_xaxes(title="share of users, %", range=[0, 100])
    return finish(
        chart,
        height=rows_height(per_user.shape[1]) + 56,
        legend=True,
        barmode="stack",
        bargap=0.3,
        legend_traceorder="normal",
    )


def slices(estimates: pd.DataFrame, metric: str, k: float | None, models: list[str]) -> go.Figure:
    """Who is served worse?  A row a group of users, a mark with interval per model.

    estimates: columns group, model, mean, low, high, n.
    models:    every model of the run, for constant looks
    """
    chart = go.Figure()
    groups = list(dict.fromkeys(estimates["group"]))
    sizes = estimates.groupby("group")["n"].max()
    labels = {group: f"{chart_text(group, 28)}  (n {sizes[group]:,.0f})" for group in groups}
    shown = [model for model in models if model in set(estimates["model"])]
    for order, model in enumerate(shown):
        look = looks(models)[model]
        rows = estimates[estimates["model"] == model]
        aside = (order - (len(shown) - 1) / 2) * min(0.22, 0.6 / max(len(shown), 1))
        chart.add_scatter(
            x=rows["mean"],
            y=[groups.index(group) + aside for group in rows["group"]],
            name=chart_text(model),
            mode="markers",
            marker={"symbol": look["symbol"], "size": 10, "color": look["color"]},
            error_x={
                **whiskers(rows["low"], rows["mean"], rows["high"]),
                "color": look["color"],
                "thickness": 1.5,
            },
            customdata=rows[["group", "low", "high", "n", "model"]].to_numpy(dtype=object),
            hovertemplate="%{customdata[4]}, n = %{customdata[3]}<br>%{x:.4f}<br>"
            "95 %: %{customdata[1]:.4f} to %{customdata[2]:.4f}<extra></extra>",
        )
    chart.update_yaxes(
        tickvals=list(range(len(groups))),
        ticktext=[labels[group] for group in groups],
        range=[len(groups) - 0.4, -0.6],
    )
    chart.update_xaxes(title=metric_at(metric, k), rangemode="tozero")
    return finish(
        chart,
        height=rows_height(len(groups)) + 56,
        legend=True,
        clickmode="event+select",
    )


def two_runs(table: pd.DataFrame, metric: str, k: float | None, better: str) -> go.Figure:
    """Did it change from one run to the other?  A row a model, two marks joined by a line.

    table: columns model, mean_a, low_a, high_a, mean_b, low_b, high_b.
    """
    chart = go.Figure()
    names = [chart_text(model) for model in table["model"]]
    for side, color, symbol, up in (
        ("a", QUIET, "circle-open", 0.12),
        ("b", ACCENT, "circle", -0.12),
    ):
        chart.add_scatter(
            x=table[f"mean_{side}"],
            y=np.arange(len(table)) + up,
            name=f"run {side.upper()}",
            mode="markers",
            marker={
                "size": 11,
                "color": color,
                "symbol": symbol,
                "line": {"width": 2, "color": color},
            },
            error_x={
                **whiskers(table[f"low_{side}"], table[f"mean_{side}"], table[f"high_{side}"]),
                "color": color,
            },
            customdata=table[["model", f"low_{side}", f"high_{side}"]].to_numpy(dtype=object),
            hovertemplate="%{customdata[0]}, " + f"run {side.upper()}<br>%{{x:.4f}}<br>"
            "95 %: %{customdata[1]:.4f} to %{customdata[2]:.4f}<extra></extra>",
        )
    chart.update_yaxes(tickvals=list(range(len(names))), ticktext=names)
    title = better_axis(metric_at(metric, k), better)
    return finish(chart, height=rows_height(len(table)) + 40, legend=True, xaxis_title=title)
