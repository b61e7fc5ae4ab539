"""Figures of the Drift page, from the tables of its audit."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.charts import (
    ACCENT,
    LEGEND_ABOVE,
    PALETTE,
    QUIET,
    ROW,
    STEPS,
    WARM,
    finish,
    looks,
    rows_height,
    whiskers,
)
from app.words import chart_text

BAND = 0.16
MANY = 36  # windows from which marks shrink, or a phone shows nothing else
ALARM = "#D55E00"
STATES = {"frozen": (WARM, "dash", "square"), "refitted": (ACCENT, "solid", "circle"),
          "updated": (PALETTE[2], "dot", "diamond")}  # fmt: skip
AGES = {"one window old": (ACCENT, "solid", "circle"), "as frozen": (WARM, "dash", "square")}


def moments(seconds: "pd.Series[float]") -> "pd.Series[pd.Timestamp]":
    return pd.to_datetime(seconds, unit="s")


def heat(table: pd.DataFrame, windows: Sequence[str], aspects: Sequence[str]) -> go.Figure:
    """What changed when?  A row an aspect, a column a window; alarms carry a mark.

    table: columns aspect, window, size, effect, low, high, p_adjusted, n, is_alarm
    """
    sizes = table.pivot_table(index="aspect", columns="window", values="size", aggfunc="first")
    sizes = sizes.reindex(index=list(aspects), columns=list(windows))
    top = max(float(np.nanmax(sizes.to_numpy())) if sizes.notna().any().any() else 0.0, 0.1)
    names = [chart_text(aspect, 34) for aspect in aspects]
    scale = [[place / (len(STEPS) - 1), color] for place, color in enumerate(STEPS)]
    chart = go.Figure(
        go.Heatmap(
            z=sizes.to_numpy(), x=list(windows), y=names, zmin=0, zmax=top, colorscale=scale,
            xgap=0 if len(windows) > MANY else 1, ygap=2, hoverinfo="skip",
            colorbar={
                "title": {"text": "effect", "side": "top"}, "thickness": 8, "outlinewidth": 0,
                "orientation": "h", "x": 1, "xanchor": "right", "len": 0.6, "nticks": 4,
                "y": 1.01, "yanchor": "bottom",
            },
        )
    )  # fmt: skip
    name_of = dict(zip(aspects, names, strict=True))
    for is_alarm, rows in table.groupby("is_alarm"):
        chart.add_scatter(
            x=rows["window"],
            y=rows["aspect"].map(name_of),
            mode="markers",
            name="alarm" if is_alarm else "no alarm",
            showlegend=bool(is_alarm),
            marker={
                "symbol": "circle", "size": (4 if len(windows) > MANY else 8) if is_alarm else 10,
                "color": ALARM if is_alarm else "rgba(0,0,0,0)",
                "line": {"width": 1 if is_alarm and len(windows) <= MANY else 0, "color": "white"},
            },
            customdata=rows[["aspect", "window", "effect", "low", "high", "p_adjusted", "n"]]
            .to_numpy(dtype=object),
            hovertemplate="%{customdata[0]}, %{customdata[1]}<br>effect %{customdata[2]:.3f} "
            "(%{customdata[3]:.3f} to %{customdata[4]:.3f})<br>corrected p %{customdata[5]:.2g}, "
            "n = %{customdata[6]:,}<extra></extra>",
        )  # fmt: skip
    chart.update_xaxes(type="category", tickangle=-60, nticks=min(len(windows), 12))
    chart.update_yaxes(type="category", autorange="reversed", showgrid=False)
    height = 190 + ROW * max(len(aspects), 3)
    chart = finish(chart, height=height, legend=True, clickmode="event+select")
    return chart.update_layout(legend={**LEGEND_ABOVE, "y": 1.02})


def lines(
    table: pd.DataFrame, y: str, *, changes: Sequence[float] = (), percent: bool = False
) -> go.Figure:
    """How did it go over time?  A line with its band a series; upright lines where it changed.

    table: columns series, x (seconds since 1970), label, y, low, high, n
    """
    chart = go.Figure()
    names = list(dict.fromkeys(table["series"]))
    for name, look in looks(names).items():
        rows = table[table["series"] == name]
        _band(chart, rows, look["color"])
        chart.add_scatter(
            x=moments(rows["x"]), y=rows["y"], name=chart_text(name, 40), mode="lines+markers",
            line={"color": look["color"], "width": 2},
            marker={"symbol": look["symbol"], "size": 6, "color": look["color"]},
            customdata=rows[["label", "low", "high", "n"]].to_numpy(dtype=object),
            hovertemplate=chart_text(name, 40) + ", %{customdata[0]}<br>%{y:.4g}<br>"
            "%{customdata[1]:.4g} to %{customdata[2]:.4g}, n = %{customdata[3]:,}<extra></extra>",
        )  # fmt: skip
    for at in changes:
        chart.add_vline(
            x=pd.Timestamp(at, unit="s"), line_dash="dot", line_width=2, line_color=ALARM
        )
    chart.update_yaxes(title=chart_text(y), rangemode="tozero")
    if percent:
        chart.update_yaxes(tickformat=".0%")
    return finish(chart, height=360, legend=len(names) > 1)


def _band(chart: go.Figure, rows: pd.DataFrame, color: str) -> None:
    if rows["low"].notna().any():
        x = moments(rows["x"])
        chart.add_scatter(
            x=[*x, *x[::-1]], y=[*rows["high"], *rows["low"][::-1]], fill="toself",
            fillcolor=color, opacity=BAND, line={"width": 0}, hoverinfo="skip", showlegend=False,
        )  # fmt: skip


def moved(table: pd.DataFrame) -> go.Figure:
    """What moved?  A bar a category: how much its share changed, with interval.

    table: columns label, y, low, high, n; the greatest part in the change first
    """
    rows = table.sort_values("x")
    chart = go.Figure(
        go.Bar(
            x=rows["y"],
            y=np.arange(len(rows)),
            orientation="h",
            marker_color=np.where(rows["y"] > 0, ACCENT, WARM).tolist(),
            error_x={**whiskers(rows["low"], rows["y"], rows["high"]), "color": QUIET},
            customdata=rows[["label", "low", "high", "n"]].to_numpy(dtype=object),
            hovertemplate="%{customdata[0]}: %{x:+.2%}<br>%{customdata[1]:+.2%} to "
            "%{customdata[2]:+.2%}, n = %{customdata[3]:,}<extra></extra>",
        )
    )
    chart.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[chart_text(label, 34) for label in rows["label"]],
        autorange="reversed",
    )
    chart.update_xaxes(title="change of share", tickformat="+.1~%")
    return finish(chart, height=rows_height(len(rows)))


def driven(table: pd.DataFrame, cut: str) -> go.Figure:
    """Whose doing?  Each segment's part in the change beside its part of the users.

    table: columns series ("CUT: part in the change", "CUT: part of users"), label, y, low, high
    """
    part = table[table["series"] == f"{cut}: part in the change"].sort_values("y")
    users = table[table["series"] == f"{cut}: part of users"].set_index("label")["y"]
    names = [chart_text(label, 34) for label in part["label"]]
    chart = go.Figure()
    chart.add_scatter(
        x=users.reindex(part["label"]), y=names, mode="markers", name="part of the users",
        marker={"symbol": "diamond-open", "size": 11, "color": QUIET, "line": {"width": 2}},
        hovertemplate="%{y}: %{x:.1%} of the users<extra></extra>",
    )  # fmt: skip
    chart.add_scatter(
        x=part["y"], y=names, mode="markers", name="part in the change",
        marker={"symbol": "circle", "size": 11, "color": ACCENT},
        error_x={**whiskers(part["low"], part["y"], part["high"]), "color": ACCENT},
        customdata=part[["low", "high", "n"]].to_numpy(dtype=object),
        hovertemplate="%{y}: %{x:.1%} of the change<br>%{customdata[0]:.1%} to "
        "%{customdata[1]:.1%}, n = %{customdata[2]:,}<extra></extra>",
    )  # fmt: skip
    chart.update_xaxes(tickformat=".0%", title="part")
    chart.update_yaxes(type="category", showgrid=True)
    return finish(chart, height=rows_height(len(names)) + 40, legend=True)


def states(table: pd.DataFrame, y: str, kinds: str = "states") -> go.Figure:
    """What does time do to a model?  A line with its band for each state of it.

    table: columns series, x, label, y, low, high, n; kinds: "states" of a model, "ages" of lists
    """
    known = STATES if kinds == "states" else AGES
    chart = go.Figure()
    for name in [name for name in known if name in set(table["series"])]:
        color, dash, symbol = known[name]
        rows = table[table["series"] == name].sort_values("x")
        _band(chart, rows, color)
        chart.add_scatter(
            x=moments(rows["x"]), y=rows["y"], name=name, mode="lines+markers",
            line={"color": color, "dash": dash, "width": 2.5},
            marker={"symbol": symbol, "size": 9, "color": color},
            customdata=rows[["label", "low", "high", "n"]].to_numpy(dtype=object),
            hovertemplate=f"{name}, %{{customdata[0]}}<br>%{{y:.4f}}<br>95 %: "
            "%{customdata[1]:.4f} to %{customdata[2]:.4f}, n = %{customdata[3]:,}<extra></extra>",
        )  # fmt: skip
    chart.update_yaxes(title=chart_text(y), rangemode="tozero")
    return finish(chart, height=340, legend=True)


def gains(table: pd.DataFrame, x: str) -> go.Figure:
    """Is it worth it?  A row a model or setting, filled where it is more than chance.

    table: columns name, effect, low, high, n, is_sure
    """
    rows = table.iloc[::-1]
    chart = go.Figure(
        go.Scatter(
            x=rows["effect"], y=[chart_text(name) for name in rows["name"]], mode="markers",
            marker={
                "size": 12, "color": ACCENT, "line": {"width": 2, "color": ACCENT},
                "symbol": np.where(rows["is_sure"], "circle", "circle-open").tolist(),
            },
            error_x={**whiskers(rows["low"], rows["effect"], rows["high"]), "color": QUIET},
            customdata=rows[["name", "low", "high", "n"]].to_numpy(dtype=object),
            hovertemplate="%{customdata[0]}: %{x:+.4f}<br>95 %: %{customdata[1]:+.4f} to "
            "%{customdata[2]:+.4f}, n = %{customdata[3]:,}<extra></extra>",
        )
    )  # fmt: skip
    chart.add_vline(x=0, line_dash="dot", line_width=2, line_color=WARM)
    chart.update_yaxes(type="category", showgrid=True)
    chart.update_xaxes(title=chart_text(x, 80))
    return finish(chart, height=rows_height(len(rows)))


def sweep(table: pd.DataFrame, y: str) -> go.Figure:
    """Does it pay to forget?  Quality by half-life, no decay at the right end.

    table: columns x (days, inf for no decay), label, y, low, high, n
    """
    rows = table.sort_values("x")
    chart = go.Figure(
        go.Scatter(
            x=[chart_text(label) for label in rows["label"]], y=rows["y"], mode="lines+markers",
            line={"color": ACCENT, "width": 2}, marker={"size": 9},
            error_y={**whiskers(rows["low"], rows["y"], rows["high"]), "color": QUIET},
            customdata=rows[["low", "high", "n"]].to_numpy(dtype=object),
            hovertemplate="half-life %{x}: %{y:.4f}<br>95 %: %{customdata[0]:.4f} to "
            "%{customdata[1]:.4f}, n = %{customdata[2]:,}<extra></extra>",
        )
    )  # fmt: skip
    chart.update_xaxes(type="category", title="a liking counts half after")
    chart.update_yaxes(title=chart_text(y), rangemode="tozero")
    return finish(chart, height=320)


def season(table: pd.DataFrame, name: str) -> go.Figure:
    """When are people active?  Activity of each part of a cycle, 1 being an even spread.

    table: columns x, label, y, low, high, n
    """
    rows = table.sort_values("x")
    chart = go.Figure(
        go.Bar(
            x=rows["label"], y=rows["y"], marker_color=ACCENT,
            error_y={**whiskers(rows["low"], rows["y"], rows["high"]), "color": QUIET},
            customdata=rows[["low", "high", "n"]].to_numpy(dtype=object),
            hovertemplate="%{x}: %{y:.2f} times an even spread<br>95 %: %{customdata[0]:.2f} to "
            "%{customdata[1]:.2f}<extra></extra>",
        )
    )  # fmt: skip
    chart.add_hline(y=1, line_dash="dot", line_width=2, line_color=WARM)
    chart.update_xaxes(type="category", title=chart_text(name))
    chart.update_yaxes(title="active users, 1 = even", rangemode="tozero")
    return finish(chart, height=300)
