"""Figures of the Explanations page. Pure: no Streamlit, no files, no clock."""

import textwrap

import pandas as pd
import plotly.graph_objects as go

from app.charts import ACCENT, QUIET, WARM, finish, rows_height
from app.words import chart_text, each

LAYERS = ("liked", "what ties them", "recommended")
LAYER_LOOKS = {  # colour, symbol and size: a layer is not told by colour alone
    0: (ACCENT, "circle", 15),
    1: (QUIET, "diamond", 13),
    2: (WARM, "star", 20),
}
LABEL = 20  # characters a line of a node's label


def attribution(table: pd.DataFrame, x: str) -> go.Figure:
    """What does each liked item add?  A bar a liked item, the strongest on top.

    table  title, value, error (standard error, 0 where it is exact, NaN where nobody knows)
    """
    table = table.iloc[::-1]
    color = [ACCENT if value >= 0 else WARM for value in table["value"]]
    has_error = table["error"].gt(0).any()
    chart = go.Figure(
        go.Bar(
            x=table["value"],
            y=_told_apart([chart_text(title, 34) for title in table["title"]]),
            orientation="h",
            marker_color=color,
            marker_pattern_shape=["" if value >= 0 else "/" for value in table["value"]],
            error_x={"array": table["error"], "thickness": 2, "width": 5, "color": QUIET}
            if has_error
            else None,
            customdata=table["error"],
            hovertemplate="%{y}<br>%{x:+.4f}"
            + (" ± %{customdata:.4f}" if has_error else "")
            + "<extra></extra>",
        )
    )
    chart.add_vline(x=0, line_width=1, line_color=QUIET)
    chart.update_yaxes(type="category")
    return finish(chart, height=rows_height(len(table)) - 24, xaxis_title=chart_text(x))


def evidence_graph(nodes: pd.DataFrame, edges: pd.DataFrame) -> go.Figure:
    """How does the evidence lead from what was liked to what is recommended?

    nodes  name, label, layer (0 liked, 1 between, 2 recommended), said (on hovering); order counts
    edges  head, tail (names of nodes), share (0 to 1: width of the line), said
    """
    place = layout(nodes, edges)
    chart = go.Figure()
    for edge in each(edges):
        (x0, y0), (x1, y1) = place[edge.head], place[edge.tail]
        chart.add_scatter(
            x=[x0, (x0 + x1) / 2, x1],
            y=[y0, (y0 + y1) / 2, y1],
            mode="lines",
            line={"width": 1.5 + 5 * float(edge.share), "color": QUIET},
            opacity=0.55,
            text=chart_text(edge.said, 300),
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
        )
    for layer, (color, symbol, size) in LAYER_LOOKS.items():
        rows = nodes[nodes["layer"] == layer]
        if rows.empty:
            continue
        chart.add_scatter(
            x=[place[name][0] for name in rows["name"]],
            y=[place[name][1] for name in rows["name"]],
            mode="markers+text",
            marker={"size": size, "symbol": symbol, "color": color},
            text=[_wrapped(label) for label in rows["label"]],
            textposition="bottom center",
            textfont={"size": 11},
            cliponaxis=False,
            name=LAYERS[layer],
            customdata=[chart_text(said, 300) for said in rows["said"]],
            hovertemplate="%{customdata}<extra></extra>",
        )
    chart.update_xaxes(visible=False, range=[-0.22, 2.22])
    most = int(nodes["layer"].value_counts().max())
    chart.update_yaxes(visible=False)
    return finish(chart, height=150 + 62 * most, legend=True)


def layout(nodes: pd.DataFrame, edges: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Where does each node stand?  Layers from left to right; x is the layer, y falls from 0.

    Within a layer the order of `nodes` counts, but liked items stand level with what they lead to,
    so that few lines cross. A layer of few spreads over the whole height.
    """
    order = {str(row.name): float(place) for place, row in enumerate(each(nodes))}
    ends = pd.concat(
        [edges[["head", "tail"]], edges[["tail", "head"]].set_axis(["head", "tail"], axis=1)]
    )
    middle = ends["tail"].map(order).groupby(ends["head"]).mean().to_dict()
    most = int(nodes["layer"].value_counts().max())
    places: dict[str, tuple[float, float]] = {}
    for layer in sorted(nodes["layer"].unique()):
        names = [str(name) for name in nodes.loc[nodes["layer"] == layer, "name"]]
        if layer == 0:
            names.sort(key=lambda name: middle.get(name, order[name]))
        for rank, name in enumerate(names):
            places[name] = (float(layer), -(rank + 0.5) * most / len(names))
    return places


def _wrapped(label: object) -> str:
    lines = textwrap.wrap(" ".join(str(label).split()), LABEL, max_lines=2, placeholder="…")
    return "<br>".join(chart_text(line) for line in lines)


def _told_apart(names: list[str]) -> list[str]:
    """Bars of one name would be laid on top of each other: an invisible mark keeps them apart."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name + "\u200b" * (seen[name] - 1))
    return told
