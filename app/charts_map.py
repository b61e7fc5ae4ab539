"""Figures of the map."""

from collections.abc import Sequence

import plotly.graph_objects as go

from app.charts import ACCENT, STEPS, finish, rows_height
from app.words import chart_text


def coverage(rows: Sequence[tuple[str, int, int]]) -> go.Figure:
    """Of how many systems of each branch is the mechanism built in?  Two parts of a bar.

    rows: label, standing, listed; a label breaks after its colon, or a phone has no room for bars
    """
    names = [chart_text(label, 80).replace(": ", ":<br>") for label, _, _ in rows]
    standing = [n for _, n, _ in rows]
    rest = [n - n_standing for _, n_standing, n in rows]
    chart = go.Figure()
    for name, values, color in (
        ("with a built-in", standing, ACCENT),
        ("without one", rest, STEPS[0]),
    ):
        chart.add_bar(
            x=values,
            y=names,
            orientation="h",
            name=name,
            marker={"color": color, "line": {"width": 0}},
            hovertemplate=f"%{{y}}<br>%{{x}} {name}<extra></extra>",
        )
    chart.update_yaxes(autorange="reversed", type="category")
    chart.update_xaxes(title="systems that the survey lists", rangemode="tozero", tickformat="d")
    chart = finish(
        chart, height=rows_height(len(rows)) + 12 * len(rows) + 60, legend=True, barmode="stack"
    )
    chart.update_layout(legend_traceorder="normal")
    return chart
