"""What every figure shares: palette, marks, margins. Pure: no Streamlit, no files, no clock."""

from collections.abc import Iterable, Mapping
from typing import Any

import plotly.graph_objects as go

from app.words import chart_text

# Okabe & Ito 2008, yellow last and darkened: theirs cannot be seen on white
PALETTE = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#7F7F7F",
    "#9A8700",
)
ACCENT, WARM, QUIET = PALETTE[0], PALETTE[5], "#8A94A3"
# one hue, light to dark: order is read from lightness, not from hue
STEPS = ("#C9CFD8", "#A9D3EC", "#7CBBE0", "#4A9DD0", "#1F7FBA", "#005A8F")
SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "x",
    "triangle-down",
    "star",
    "cross",
)
DASHES = ("solid", "dash", "dot", "dashdot")
ROW = 34  # pixels a labelled row needs
FRAME = 96  # pixels of axis and margins


# at the foot of the whole picture, where it keeps clear of axis titles however many rows it takes
LEGEND = {
    "orientation": "h", "title": {"text": ""}, "x": 0, "y": 0, "xanchor": "left",
    "yanchor": "bottom", "xref": "container", "yref": "container",
}  # fmt: skip
LEGEND_ABOVE = {**LEGEND, "xref": "paper", "yref": "paper", "y": 1.0}


def looks(models: Iterable[str]) -> dict[str, dict[str, str]]:
    """Colour, symbol and dash of each model: no two share all three up to 32 models."""
    return {
        model: {
            "color": PALETTE[place % len(PALETTE)],
            "symbol": SYMBOLS[place % len(SYMBOLS)],
            "dash": DASHES[place // len(PALETTE) % len(DASHES)],
        }
        for place, model in enumerate(models)
    }


def finish(
    chart: go.Figure, *, height: int = 320, legend: bool = False, **layout: Any
) -> go.Figure:
    """The look that all charts share."""
    chart.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 26, "b": 8},
        showlegend=legend,
        legend=LEGEND,
        hoverlabel={"align": "left"},
        font={"size": 13},
        dragmode=False,
        bargap=0.25,
    )
    chart.update_layout(**layout)
    chart.update_xaxes(automargin=True, fixedrange=True, zeroline=False, title_standoff=12)
    chart.update_yaxes(automargin=True, fixedrange=True, zeroline=False, title_standoff=12)
    return chart


def rows_height(n_rows: int) -> int:
    return FRAME + ROW * max(n_rows, 2)


def whiskers(low: Any, mean: Any, high: Any) -> dict[str, Any]:
    """Error bars from interval ends; Plotly wants distances from the point."""
    return {"array": high - mean, "arrayminus": mean - low, "thickness": 2, "width": 5}


def better_axis(name: str, better: str) -> str:
    ways = {"higher": "higher is better →", "lower": "← lower is better"}
    return f"{chart_text(name)}   ({ways.get(better, 'neither end is best')})"


def plot_config(name: str, image: str = "png") -> dict[str, Any]:
    """Mode bar with one camera, saving PNG or SVG under a telling name."""
    return {
        "displaylogo": False,
        "scrollZoom": False,
        "modeBarButtonsToRemove": [
            "zoom2d",
            "pan2d",
            "select2d",
            "lasso2d",
            "zoomIn2d",
            "zoomOut2d",
            "autoScale2d",
            "resetScale2d",
        ],
        "toImageButtonOptions": {
            "format": image,
            "filename": name,
            "scale": 1 if image == "svg" else 2,
        },
    }


def bars(  # noqa: PLR0913 - one argument per thing that differs between bar charts
    labels: Iterable[object],
    values: Iterable[float],
    *,
    x: str,
    y: str = "",
    sideways: bool = False,
    hover: str = "%{x}: %{y:,}",
    color: str = ACCENT,
) -> go.Figure:
    """One quantity per label; sideways where labels are words."""
    names = [chart_text(label, 34) for label in labels]
    data: Mapping[str, Any] = {"marker_color": color, "hovertemplate": hover + "<extra></extra>"}
    if sideways:
        chart = go.Figure(go.Bar(x=list(values), y=names, orientation="h", **data))
        chart.update_yaxes(autorange="reversed", type="category")
        return finish(chart, height=rows_height(len(names)), xaxis_title=x, yaxis_title=y)
    chart = go.Figure(go.Bar(x=names, y=list(values), **data))
    return finish(chart, xaxis_title=x, yaxis_title=y, height=280)
