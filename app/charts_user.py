"""Figures of the One user page."""

import pandas as pd
import plotly.graph_objects as go

from app.charts import ACCENT, QUIET, WARM, finish, rows_height
from app.words import chart_text


def standing(values: pd.DataFrame, mine: pd.Series, metric: str) -> go.Figure:
    """Is this user served better or worse than the others?  A row a model.

    values: one column a model, one row a user; mine: this user's row.
    """
    tenth, middle, ninetieth = (values.quantile(share) for share in (0.1, 0.5, 0.9))
    names = [chart_text(model) for model in values.columns]
    chart = go.Figure(
        go.Bar(
            x=ninetieth - tenth,
            base=tenth,
            y=names,
            orientation="h",
            width=0.5,
            marker_color=QUIET,
            opacity=0.4,
            name="10 % to 90 % of users",
            hovertemplate="%{y}<br>10 %: %{base:.3f}<extra></extra>",
        )
    )
    chart.add_scatter(
        x=middle,
        y=names,
        mode="markers",
        name="the middle user",
        marker={
            "symbol": "line-ns",
            "size": 18,
            "color": ACCENT,
            "line": {"width": 3, "color": ACCENT},
        },
        hovertemplate="%{y}<br>middle user: %{x:.3f}<extra></extra>",
    )
    chart.add_scatter(
        x=mine,
        y=names,
        mode="markers",
        name="this user",
        marker={"symbol": "diamond", "size": 13, "color": WARM},
        hovertemplate="%{y}<br>this user: %{x:.3f}<extra></extra>",
    )
    chart.update_yaxes(type="category", autorange="reversed")
    chart.update_xaxes(title=chart_text(metric), rangemode="tozero")
    return finish(chart, height=rows_height(len(names)) + 48, legend=True)
