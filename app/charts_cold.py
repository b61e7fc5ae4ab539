"""Figures of the page on cold start and cost, from the tables of its audits."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.charts import ACCENT, QUIET, STEPS, WARM, finish, looks, rows_height, whiskers
from app.words import chart_text

BAND = 0.16  # opacity of the band of the model looked at
REACH = (STEPS[5], STEPS[3], STEPS[0], "#E8A33D", WARM)
FRONT = "on the front"


def warm_up(curves: pd.DataFrame, quality: str, models: list[str], focus: str) -> go.Figure:
    """How does quality grow with what is known of a user?  A line a model, a band for one.

    curves: columns model, x, label, y, low, high, n of one quality; models: all of the run
    """
    chart = go.Figure()
    steps = curves.groupby("label", sort=False)["x"].median().sort_values()
    sizes = curves.groupby("label")["n"].max()
    place = {label: number for number, label in enumerate(steps.index)}
    for model in [name for name in models if name in set(curves["model"])]:
        look = looks(models)[model]
        rows = curves[curves["model"] == model].sort_values("x")
        x = [place[label] for label in rows["label"]]
        if model == focus:
            chart.add_scatter(
                x=[*x, *x[::-1]],
                y=[*rows["high"], *rows["low"][::-1]],
                mode="lines",
                fill="toself",
                fillcolor=look["color"],
                opacity=BAND,
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
            )
        chart.add_scatter(
            x=x,
            y=rows["y"],
            name=chart_text(model),
            mode="lines+markers",
            line={
                "color": look["color"],
                "dash": look["dash"],
                "width": 3.5 if model == focus else 1.8,
            },
            marker={"symbol": look["symbol"], "size": 9, "color": look["color"]},
            customdata=rows[["model", "low", "high", "n", "label"]].to_numpy(dtype=object),
            hovertemplate="%{customdata[0]}, history %{customdata[4]}<br>%{y:.4f}<br>"
            "95 %: %{customdata[1]:.4f} to %{customdata[2]:.4f}<br>"
            "n = %{customdata[3]:,}<extra></extra>",
        )
    chart.update_xaxes(
        title="rows of history",
        tickvals=list(place.values()),
        ticktext=[f"{label}<br>n {sizes[label]:,.0f}" for label in place],
    )
    chart.update_yaxes(title=chart_text(quality), rangemode="tozero")
    return finish(chart, height=460, legend=True)


def gaps(table: pd.DataFrame, title: str) -> go.Figure:
    """Is one side served worse, or could it be chance?  Filled: corrected p below 0.05.

    table: columns model, effect, low, high, p_adjusted
    """
    table = table.sort_values("effect", ascending=False, kind="stable")
    sure = table["p_adjusted"].lt(0.05).to_numpy()
    color = np.where(sure, ACCENT, QUIET).tolist()
    chart = go.Figure(
        go.Scatter(
            x=table["effect"],
            y=[chart_text(model) for model in table["model"]],
            mode="markers",
            customdata=table[["model", "low", "high", "p_adjusted"]].to_numpy(dtype=object),
            marker={
                "size": 12,
                "symbol": np.where(sure, "circle", "circle-open").tolist(),
                "color": color,
                "line": {"width": 2, "color": color},
            },
            error_x={**whiskers(table["low"], table["effect"], table["high"]), "color": QUIET},
            hovertemplate="%{y}<br>%{x:.4f}<br>95 %: %{customdata[1]:.4f} to %{customdata[2]:.4f}"
            "<br>corrected p %{customdata[3]:.4f}<extra></extra>",
        )
    )
    chart.add_vline(x=0, line_dash="dot", line_width=2, line_color=WARM)
    chart.update_yaxes(type="category", showgrid=True)
    return finish(chart, height=rows_height(len(table)), xaxis_title=title)


def shares(table: pd.DataFrame) -> go.Figure:
    """Do lists show these items as much as users choose them?  Two marks a model.

    table: columns model, chosen, shown, low, high: shares, the last two around `shown`
    """
    table = table.sort_values("shown", kind="stable")
    names = [chart_text(model) for model in table["model"]]
    chart = go.Figure()
    for _, row in table.iterrows():
        chart.add_shape(
            type="line",
            x0=row["chosen"],
            x1=row["shown"],
            y0=chart_text(row["model"]),
            y1=chart_text(row["model"]),
            line={"color": QUIET, "width": 2},
            layer="below",
        )
    chart.add_scatter(
        x=table["chosen"],
        y=names,
        name="of users' later choices",
        mode="markers",
        marker={"size": 12, "symbol": "diamond-open", "color": WARM, "line": {"width": 2}},
        cliponaxis=False,
        hovertemplate="%{y}<br>%{x:.1%} of the choices<extra></extra>",
    )
    chart.add_scatter(
        x=table["shown"],
        y=names,
        name="of the attention in the lists",
        mode="markers",
        marker={"size": 12, "symbol": "circle", "color": ACCENT},
        error_x={**whiskers(table["low"], table["shown"], table["high"]), "color": ACCENT},
        customdata=table[["low", "high"]].to_numpy(dtype=object),
        cliponaxis=False,
        hovertemplate="%{y}<br>%{x:.1%} of the attention<br>95 %: %{customdata[0]:.1%} to "
        "%{customdata[1]:.1%}<extra></extra>",
    )
    chart.update_yaxes(type="category", categoryorder="array", categoryarray=names, showgrid=True)
    chart.update_xaxes(
        title="share that falls on these items", tickformat=".1~%", rangemode="tozero"
    )
    return finish(chart, height=rows_height(len(table)) + 60, legend=True)


def reach(curves: pd.DataFrame) -> go.Figure:
    """How much of the catalogue is in lists, and what can never be?  One bar a model.

    curves: columns model, series, x, y (share), n (items)
    """
    chart = go.Figure()
    parts = curves.drop_duplicates("series").sort_values("x")["series"]
    for step, part in enumerate(parts):
        rows = curves[curves["series"] == part]
        chart.add_bar(
            x=100 * rows["y"],
            y=[chart_text(model) for model in rows["model"]],
            orientation="h",
            name=chart_text(part),
            marker={"color": REACH[step % len(REACH)], "line": {"width": 0}},
            customdata=rows[["n"]].to_numpy(dtype=object),
            hovertemplate=f"%{{y}}<br>{chart_text(part)}<br>%{{x:.1f}} %, "
            "%{customdata[0]:,} items<extra></extra>",
        )
    chart.update_yaxes(autorange="reversed", type="category")
    chart.update_xaxes(title="share of the catalogue, %", range=[0, 100])
    n_models = curves["model"].nunique()
    chart = finish(chart, height=rows_height(n_models) + 120, legend=True, barmode="stack")
    chart.update_layout(legend_traceorder="normal")
    return chart


def roomy(chart: go.Figure, n_models: int) -> go.Figure:
    """Space for the legend below a chart of few rows, and for marks that stand at 0."""
    height = chart.layout.height + 26 * (n_models // 3)
    chart.update_layout(height=height)
    chart.update_traces(cliponaxis=False)
    return chart


def latency(table: pd.DataFrame, models: list[str]) -> go.Figure:
    """How long does a user wait?  Median, 95th and 99th percentile of each model, on a log scale.

    table: columns model, p50, p95, p99 [ms] and p50_low, p50_high …; models: best on top
    """
    chart = go.Figure()
    names = [chart_text(model) for model in table["model"]]
    for quantile, symbol, color in (
        ("p50", "circle", ACCENT),
        ("p95", "diamond", "#009E73"),
        ("p99", "triangle-right", WARM),
    ):
        if quantile not in table:
            continue
        low, high = (table[f"{quantile}_{end}"] for end in ("low", "high"))
        reach_ = whiskers(low, table[quantile], high)
        chart.add_scatter(
            x=table[quantile],
            y=names,
            name=quantile,
            mode="markers",
            marker={"size": 11, "symbol": symbol, "color": color},
            error_x={**{key: _zero(value) for key, value in reach_.items()}, "color": color},
            hovertemplate=f"%{{y}}, {quantile}<br>%{{x:.3~f}} ms<extra></extra>",
        )
    order = [chart_text(model) for model in models][::-1]
    chart.update_yaxes(type="category", categoryorder="array", categoryarray=order, showgrid=True)
    chart.update_xaxes(title="milliseconds for one user's list", type="log", dtick=1)
    return finish(chart, height=rows_height(len(table)) + 60, legend=True)


def _zero(value: object) -> object:
    """Error bars with an unknown end are left out at that end."""
    return value.fillna(0) if isinstance(value, pd.Series) else value


def pareto(
    points: pd.DataFrame, models: list[str], cost: str, quality: str, *, logarithmic: bool
) -> go.Figure:
    """What is quality worth?  A mark a model; the line joins those that nobody beats in both.

    points: columns model, x (cost), y (quality), low, high, label; models: all of the run
    """
    chart = go.Figure()
    front = points[points["label"] == FRONT].sort_values("x")
    chart.add_scatter(
        x=front["x"],
        y=front["y"],
        mode="lines",
        line={"color": QUIET, "dash": "dot", "width": 2, "shape": "hv"},
        hoverinfo="skip",
        showlegend=False,
    )
    for model in [name for name in models if name in set(points["model"])]:
        look = looks(models)[model]
        row = points[points["model"] == model]
        is_front = row["label"].iloc[0] == FRONT
        symbol = look["symbol"] if is_front else f"{look['symbol']}-open"
        chart.add_scatter(
            x=row["x"],
            y=row["y"],
            name=chart_text(model),
            mode="markers",
            marker={
                "size": 13,
                "symbol": symbol,
                "color": look["color"],
                "line": {"width": 2, "color": look["color"]},
            },
            error_y={
                **whiskers(row["low"], row["y"], row["high"]),
                "color": look["color"],
                "thickness": 1.5,
            },
            customdata=row[["label", "low", "high"]].to_numpy(dtype=object),
            hovertemplate=f"{chart_text(model)}: %{{customdata[0]}}<br>%{{y:.4f}} "
            "(95 %: %{customdata[1]:.4f} to %{customdata[2]:.4f})<br>%{x:.4~g}<extra></extra>",
        )
    chart.update_xaxes(title=f"{chart_text(cost)}   (← cheaper)")
    if logarithmic:
        chart.update_xaxes(type="log", dtick=1)
    chart.update_yaxes(title=f"{chart_text(quality)}   (better ↑)", rangemode="tozero")
    return finish(chart, height=440, legend=True)


def positions(curve: pd.DataFrame, models: list[str]) -> go.Figure:
    """Does what stands first in the prompt come first in the answer?  Dotted: no preference.

    curve: columns model, x, label, y, low, high
    """
    chart = go.Figure()
    n_parts = curve["label"].nunique()
    for model in [name for name in models if name in set(curve["model"])]:
        look = looks(models)[model]
        rows = curve[curve["model"] == model].sort_values("x")
        chart.add_scatter(
            x=rows["label"],
            y=rows["y"],
            name=chart_text(model),
            mode="lines+markers",
            line={"color": look["color"], "dash": look["dash"]},
            marker={"symbol": look["symbol"], "size": 9, "color": look["color"]},
            error_y={
                **whiskers(rows["low"], rows["y"], rows["high"]),
                "color": look["color"],
                "thickness": 1,
            },
            hovertemplate=f"{chart_text(model)}<br>place %{{x}}: %{{y:.1%}}<extra></extra>",
        )
    chart.add_hline(y=1 / max(n_parts, 1), line_dash="dot", line_color=WARM, line_width=2)
    chart.update_xaxes(title="place in the prompt", type="category")
    chart.update_yaxes(title="share of first choices", tickformat=".0%", rangemode="tozero")
    return finish(chart, height=400, legend=True)
