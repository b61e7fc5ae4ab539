"""Figures of the Explanation quality page. Pure: no Streamlit, no files, no clock."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.charts import (
    ACCENT,
    PALETTE,
    QUIET,
    SYMBOLS,
    WARM,
    better_axis,
    finish,
    rows_height,
    whiskers,
)
from app.words import chart_text, count, each

SURE = 0.05
LOOKS = {  # kind of explainer: colour, filled, symbol
    "pre": (PALETTE[2], "diamond"),
    "post": (ACCENT, "circle"),
    "baseline": (QUIET, "circle-open"),
}
NAMES = {
    "pre": "before ranking",
    "post": "after ranking",
    "baseline": "baseline: nobody should believe it",
}
HOVER = "%{y}<br>%{x:.4f}<br>95 %: %{customdata[1]:.4f} to %{customdata[2]:.4f}<br>%{customdata[3]}"


def scores(table: pd.DataFrame, scorer: str, better: str, unit: str = "user") -> go.Figure:
    """Which explainer scores best, and how sure is that?  A row each, best on top.

    table  explainer, kind (pre, post, baseline), mean, low, high, n; unit: what n counts
    """
    table = table.sort_values("mean", ascending=better != "lower", kind="stable")
    chart = go.Figure()
    for kind, (color, symbol) in LOOKS.items():
        rows = table[table["kind"] == kind]
        if rows.empty:
            continue
        chart.add_scatter(
            x=rows["mean"],
            y=[chart_text(name) for name in rows["explainer"]],
            mode="markers",
            name=NAMES[kind],
            customdata=np.column_stack(
                [
                    [chart_text(name) for name in rows["explainer"]],
                    rows["low"],
                    rows["high"],
                    [count(n, unit) for n in rows["n"]],
                ]
            ),
            marker={"size": 12, "color": color, "symbol": symbol, "line": _line(color)},
            error_x={**whiskers(rows["low"], rows["mean"], rows["high"]), "color": color},
            hovertemplate=HOVER + "<extra></extra>",
        )
    names = [chart_text(name) for name in table["explainer"]]
    chart.update_yaxes(type="category", showgrid=True, categoryorder="array", categoryarray=names)
    chart.update_xaxes(title=better_axis(scorer, better))
    return finish(chart, height=rows_height(len(table)) + 64, legend=True)


def trade(table: pd.DataFrame, across: str, up: str) -> go.Figure:
    """Is what sounds true also what the model did?  A point an explainer, with both intervals.

    table  explainer, kind, x, x_low, x_high, y, y_low, y_high
    """
    chart = go.Figure()
    table = table.sort_values("kind", key=lambda kinds: kinds == "baseline", kind="stable")
    for place, row in enumerate(each(table)):
        # the second time round each colour meets another symbol
        color = PALETTE[place % len(PALETTE)]
        symbol = SYMBOLS[(place + place // len(PALETTE)) % len(SYMBOLS)]
        name = chart_text(row.explainer)
        if row.kind == "baseline":
            color, symbol, name = QUIET, f"{symbol}-open", f"{name} (baseline)"
        chart.add_scatter(
            x=[row.x],
            y=[row.y],
            mode="markers",
            name=name,
            marker={"size": 13, "color": color, "symbol": symbol, "line": _line(color)},
            error_x=_reach(row.x_low, row.x, row.x_high, color),
            error_y=_reach(row.y_low, row.y, row.y_high, color),
            hovertemplate=f"{chart_text(row.explainer)}<br>{chart_text(across)}: %{{x:.4f}}<br>"
            f"{chart_text(up)}: %{{y:.4f}}<extra></extra>",
        )
    chart.update_xaxes(title=chart_text(across, 80))
    chart.update_yaxes(title=chart_text(up, 80))
    return finish(chart, height=480, legend=True)


def judges(table: pd.DataFrame, floor: float) -> go.Figure:
    """Can a judge tell good explanations from spoilt ones?  A row a judge, a mark a corruption.

    table  judge, corruption ("all" is filled and large), auc, low, high, n, is_flagged
    floor  the AUC below which a judge is not believed
    """
    order = table[table["corruption"] == "all"].sort_values("auc", kind="stable")["judge"]
    names = list(dict.fromkeys([*order, *table["judge"]]))
    place = {name: number for number, name in enumerate(names)}
    kinds = [kind for kind in dict.fromkeys(table["corruption"]) if kind != "all"]
    chart = go.Figure()
    for number, kind in enumerate(kinds):
        rows = table[table["corruption"] == kind]
        aside = 0.16 + 0.24 * (number + 1) / (len(kinds) + 1)
        chart.add_scatter(
            x=rows["auc"],
            y=[place[name] - aside for name in rows["judge"]],
            mode="markers",
            name=chart_text(kind),
            marker={
                "size": 8,
                "color": PALETTE[number % len(PALETTE)],
                "symbol": SYMBOLS[number % len(SYMBOLS)],
            },
            customdata=_told(rows),
            hovertemplate=_judge_hover(kind),
        )
    for flagged in (False, True):
        rows = table[(table["corruption"] == "all") & (table["is_flagged"] == flagged)]
        color = WARM if flagged else ACCENT
        if rows.empty:
            continue
        chart.add_scatter(
            x=rows["auc"],
            y=[place[name] + 0.12 for name in rows["judge"]],
            mode="markers",
            name="all corruptions: flagged" if flagged else "all corruptions: may be believed",
            marker={
                "size": 14,
                "color": color,
                "symbol": "x-open" if flagged else "circle",
                "line": _line(color),
            },
            error_x={**whiskers(rows["low"], rows["auc"], rows["high"]), "color": color},
            customdata=_told(rows),
            hovertemplate=_judge_hover("all corruptions"),
        )
    chart.add_vline(x=floor, line_dash="dot", line_width=2, line_color=WARM)
    chart.add_vline(x=0.5, line_dash="dash", line_width=1, line_color=QUIET)
    chart.update_yaxes(
        tickvals=list(place.values()),
        ticktext=[chart_text(name) for name in names],
        range=[-0.6, len(names) - 0.4],
        showgrid=False,
    )
    chart.update_xaxes(title="AUC, good against spoilt   (higher is better →)")
    return finish(chart, height=190 + 62 * len(names), legend=True)


def differences(table: pd.DataFrame, x: str) -> go.Figure:
    """What does it change, and could that be chance?  A row each, filled where it is not.

    table  label, difference, low, high, p_adjusted (NaN: not tested), said; the first row on top
    """
    table = table.iloc[::-1]
    sure = table["p_adjusted"].lt(SURE).to_numpy()
    color = np.where(sure, ACCENT, QUIET).tolist()
    names = [chart_text(label, 44) for label in table["label"]]
    chart = go.Figure(
        go.Scatter(
            x=table["difference"],
            y=names,
            mode="markers",
            customdata=table.assign(said=[chart_text(said, 120) for said in table["said"]])[
                ["low", "low", "high", "said"]
            ].to_numpy(dtype=object),
            marker={
                "size": 12,
                "color": color,
                "symbol": np.where(sure, "circle", "circle-open").tolist(),
                "line": {"width": 2, "color": color},
            },
            error_x={
                **whiskers(table["low"], table["difference"], table["high"]),
                "color": QUIET,
            },
            hovertemplate=HOVER + "<extra></extra>",
        )
    )
    chart.add_vline(x=0, line_dash="dot", line_width=2, line_color=WARM)
    chart.update_yaxes(type="category", showgrid=True, categoryorder="array", categoryarray=names)
    chart.update_xaxes(title=chart_text(x, 90))
    return finish(chart, height=rows_height(len(table)))


def _line(color: str) -> dict[str, object]:
    return {"width": 2, "color": color}


def _reach(low: float, mean: float, high: float, color: str) -> dict[str, object] | None:
    if not (np.isfinite(low) and np.isfinite(high)):
        return None
    return {"array": [high - mean], "arrayminus": [mean - low], "thickness": 1, "color": color}


def _told(rows: pd.DataFrame) -> "np.ndarray[tuple[int, int], np.dtype[np.object_]]":
    told: np.ndarray[tuple[int, int], np.dtype[np.object_]]
    shown = rows.assign(judge=[chart_text(name) for name in rows["judge"]])
    told = shown[["judge", "low", "high", "n"]].to_numpy(dtype=object)
    return told


def _judge_hover(kind: str) -> str:
    return (
        f"%{{customdata[0]}}<br>{chart_text(kind)}<br>AUC %{{x:.3f}}<br>95 %: "
        "%{customdata[1]:.3f} to %{customdata[2]:.3f}<br>n = %{customdata[3]}<extra></extra>"
    )
