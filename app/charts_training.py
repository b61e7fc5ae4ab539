"""Figures of training: what a model said of itself, step by step."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from app.charts import finish, looks
from app.words import chart_text

LOWER = ("loss", "perplexity", "rmse")  # metrics of which less is better, by a word in their names


def by_step(table: pd.DataFrame, column: str, models: Sequence[str]) -> go.Figure:
    """How did this change over the steps?  A line a model; of validation, its best step marked.

    table: columns model, step, metric and `column`; models: all of the run, for their colours
    """
    chart = go.Figure()
    for model in [name for name in models if name in set(table["model"])]:
        look = looks(models)[model]
        rows = table[(table["model"] == model) & table[column].notna()].sort_values("step")
        if rows.empty:
            continue
        chart.add_scatter(
            x=rows["step"],
            y=rows[column],
            name=chart_text(model),
            mode="lines+markers" if len(rows) < 40 else "lines",
            line={"color": look["color"], "dash": look["dash"]},
            marker={"size": 6, "color": look["color"]},
            hovertemplate=f"{chart_text(model)}<br>step %{{x}}<br>{column} %{{y:.4f}}"
            "<extra></extra>",
        )
        if column == "validation":
            metric = str(rows["metric"].iloc[0])
            is_lower = any(word in metric for word in LOWER)
            best = rows.sort_values(column, ascending=is_lower, kind="stable").iloc[0]
            chart.add_scatter(
                x=[best["step"]],
                y=[best[column]],
                mode="markers",
                marker={"size": 12, "symbol": "diamond", "color": look["color"]},
                showlegend=False,
                hovertemplate=f"{chart_text(model)}, best<br>step %{{x}}<br>"
                f"{chart_text(metric)} %{{y:.4f}}<extra></extra>",
            )
    chart.update_xaxes(title="step of training")
    chart.update_yaxes(title=column)
    return finish(chart, height=380, legend=True)
