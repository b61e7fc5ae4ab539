"""Evidence and reasoning as a graph in layers. Pure: no Streamlit, no files, no clock."""

import textwrap
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from app.charts import ACCENT, PALETTE, QUIET, WARM, finish
from app.words import chart_text, each

# kind of node: what the legend says, colour, symbol, size; no kind is told by colour alone
LOOKS: Mapping[str, tuple[str, str, str, int]] = {
    "liked": ("liked", ACCENT, "circle", 14),
    "tie": ("what ties them", QUIET, "diamond", 13),
    "refuted": ("foretells nothing", QUIET, "x-thin-open", 12),
    "interest": ("inferred taste", PALETTE[2], "square", 14),
    "item": ("recommended", WARM, "star", 20),
    "other": ("also led to", WARM, "star-open", 14),
}
LINE = 17  # characters of a label's line
LINES = 3
ROW = 64  # pixels of a node and its label
SWEEPS = 3


def graph(nodes: pd.DataFrame, edges: pd.DataFrame) -> go.Figure:
    """How does one thing lead to another, from left to right?

    nodes  name, label, layer (0, 1 …), kind (of LOOKS), said (on hovering)
    edges  head, tail (names of nodes), share (0 to 1: width of the line), said, is_refuted
    """
    place = layout(nodes, edges)
    chart = go.Figure()
    for edge in each(edges):
        _add_line(chart, place[edge.head], place[edge.tail], edge)
    for kind, (name, color, symbol, size) in LOOKS.items():
        rows = nodes[nodes["kind"] == kind]
        if rows.empty:
            continue
        chart.add_scatter(
            x=[place[node][0] for node in rows["name"]],
            y=[place[node][1] for node in rows["name"]],
            mode="markers+text",
            marker={
                "size": size,
                "symbol": symbol,
                "color": color,
                "line": {"width": 2, "color": color},
            },
            text=[wrapped(label) for label in rows["label"]],
            textposition="bottom center",
            textfont={"size": 11},
            cliponaxis=False,
            name=name,
            customdata=[chart_text(said, 300) for said in rows["said"]],
            hovertemplate="%{customdata}<extra></extra>",
        )
    last = int(nodes["layer"].max())
    most = int(nodes["layer"].value_counts().max())
    chart.update_xaxes(visible=False, range=[-0.42, last + 0.42])
    chart.update_yaxes(visible=False, range=[-most - 0.15, -0.2])
    height = 90 + ROW * most
    chart = finish(chart, height=height, legend=True)
    chart.update_layout(legend={"y": -0.01}, hovermode="closest")
    return chart


def _add_line(
    chart: go.Figure, start: tuple[float, float], end: tuple[float, float], edge: object
) -> None:
    share = float(getattr(edge, "share", 0.0))
    is_refuted = bool(getattr(edge, "is_refuted", False))
    (x0, y0), (x1, y1) = start, end
    chart.add_scatter(
        x=[x0, (x0 + x1) / 2, x1],  # the middle can be hovered over
        y=[y0, (y0 + y1) / 2, y1],
        mode="lines",
        line={"width": 1 + 4 * share, "color": QUIET, "dash": "dot" if is_refuted else "solid"},
        opacity=0.4,
        text=chart_text(getattr(edge, "said", ""), 300),
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )


def layout(nodes: pd.DataFrame, edges: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Where does each node stand?  x is its layer, y falls from 0 by one a row.

    Nodes of a layer are ordered by the mean place of their neighbours, a few times over, so that
    few lines cross (Sugiyama, Tagawa & Toda 1981, doi:10.1109/TSMC.1981.4308636); a layer of few
    spreads over the whole height.
    """
    near: dict[str, list[str]] = {str(name): [] for name in nodes["name"]}
    for edge in each(edges):
        near[edge.head].append(edge.tail)
        near[edge.tail].append(edge.head)
    layers = [
        [str(name) for name in nodes.loc[nodes["layer"] == layer, "name"]]
        for layer in sorted(nodes["layer"].unique())
    ]
    most = max(map(len, layers))
    height = {name: y for names in layers for name, y in _spread(names, most).items()}
    for _ in range(SWEEPS):
        for names in layers:
            pull = {
                name: sum(height[other] for other in near[name]) / len(near[name])
                if near[name]
                else height[name]
                for name in names
            }
            names.sort(key=lambda name: -pull[name])
            height |= _spread(names, most)
    return {
        name: (float(layer), height[name]) for layer, names in enumerate(layers) for name in names
    }


def _spread(names: list[str], most: int) -> dict[str, float]:
    """Evenly over the whole height, each in the upper half of its row: its label stands below."""
    step = most / len(names)
    return {name: -(place + 0.5) * step + 0.25 for place, name in enumerate(names)}


def wrapped(label: object) -> str:
    """A label on up to three short lines."""
    text = " ".join(str(label).split())
    lines = textwrap.wrap(text, LINE, max_lines=LINES, placeholder="…")
    return "<br>".join(chart_text(line) for line in lines)
