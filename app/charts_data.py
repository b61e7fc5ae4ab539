"""Figures of the Data page, from the small tables of recscope.profile."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.charts import ACCENT, QUIET, WARM, bars, finish
from app.words import chart_text, each, share


def long_tail(table: pd.DataFrame) -> go.Figure:
    """How much of everything do the most popular items hold?

    table: columns share_of_items, share_of_interactions, both from 0 to 1, rising.
    """
    x, y = 100 * table["share_of_items"], 100 * table["share_of_interactions"]
    chart = go.Figure(
        go.Scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": ACCENT, "width": 3},
            fill="tozeroy",
            fillcolor="rgba(0, 114, 178, 0.15)",
            hovertemplate="the top %{x:.1f} % of items<br>hold %{y:.1f} %<extra></extra>",
        )
    )
    chart.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        line={"color": QUIET, "dash": "dot"},
        hoverinfo="skip",
    )
    chart.update_xaxes(title="most popular items, % of all", range=[0, 100])
    chart.update_yaxes(title="share of interactions, %", range=[0, 102])
    return finish(chart, height=300)


def held_by(table: pd.DataFrame, top: float) -> str:
    """Says such a thing as: The top 20 % of items hold 65 % of all interactions."""
    held = np.interp(top, table["share_of_items"], table["share_of_interactions"])
    return f"The top {100 * top:.0f} % of items hold {100 * held:.0f} % of all interactions."


def activity(table: pd.DataFrame) -> go.Figure:
    """When did things happen?  table: columns start (seconds since 1970), count, users."""
    start = pd.to_datetime(table["start"], unit="s")
    chart = go.Figure(
        go.Bar(
            x=start,
            y=table["count"],
            marker_color=ACCENT,
            customdata=table[["users"]],
            hovertemplate="from %{x|%Y-%m-%d}<br>%{y:,} interactions by %{customdata[0]:,} users"
            "<extra></extra>",
        )
    )
    chart.update_yaxes(title="interactions")
    return finish(chart, height=300, bargap=0.05)


def ratings(table: pd.DataFrame, threshold: float | None) -> go.Figure:
    """How were things rated?  At or above the threshold, a rating counts as a liking."""
    liked = [threshold is None or value >= threshold for value in table["rating"]]
    chart = go.Figure()
    for name, color, mask in (
        ("liked", ACCENT, liked),
        ("not liked", QUIET, [not x for x in liked]),
    ):
        rows = table[mask]
        chart.add_bar(
            x=[f"{value:g}" for value in rows["rating"]],
            y=rows["count"],
            name=name,
            marker_color=color,
            hovertemplate="rating %{x}<br>%{y:,} times<extra></extra>",
        )
    order = [f"{value:g}" for value in sorted(table["rating"])]
    chart.update_xaxes(title="rating", type="category", categoryorder="array", categoryarray=order)
    chart.update_yaxes(title="interactions")
    return finish(chart, height=300, legend=threshold is not None)


def sizes(per_user: pd.DataFrame, per_item: pd.DataFrame) -> go.Figure:
    """How much is known of each user, of each item?  tables: columns rows, n; bins that double."""
    chart = go.Figure()
    for name, color, table in (("users", ACCENT, per_user), ("items", WARM, per_item)):
        chart.add_bar(
            x=[f"{low:,}" for low in table["rows"]],
            y=100 * table["n"] / max(table["n"].sum(), 1),
            name=name,
            marker_color=color,
            customdata=table["n"],
            hovertemplate="%{x} interactions or more<br>%{customdata:,} "
            + name
            + ", %{y:.1f} %<extra></extra>",
        )
    longest = max((per_user["rows"].tolist(), per_item["rows"].tolist()), key=len)
    order = [f"{low:,}" for low in longest]
    chart.update_xaxes(title="interactions, from", type="category", categoryarray=order)
    chart.update_yaxes(title="share, %")
    return finish(chart, height=300, legend=True)


def missing(attributes: pd.DataFrame) -> go.Figure:
    """Who is missing?  attributes: columns side, attribute, missing (share), n_missing."""
    labels = [f"{row.side}: {row.attribute}" for row in each(attributes)]
    chart = bars(labels, 100 * attributes["missing"], x="missing, %", sideways=True)
    chart.update_traces(
        customdata=attributes["n_missing"],
        text=[share(row.missing, 1) if row.missing else "none" for row in each(attributes)],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}<br>%{customdata:,} missing, %{x:.1f} %<extra></extra>",
    )
    chart.update_xaxes(range=[0, max(5.0, 118 * float(attributes["missing"].max()))])
    return chart


def values(top: pd.DataFrame, attribute: str) -> go.Figure:
    """Which values are common?  top: columns value, count, share of one attribute."""
    chart = bars(top["value"], 100 * top["share"], x="share of those who have it, %", sideways=True)
    chart.update_traces(
        customdata=top["count"],
        hovertemplate=chart_text(attribute)
        + " = %{y}<br>%{customdata:,}, %{x:.1f} %<extra></extra>",
    )
    return chart
