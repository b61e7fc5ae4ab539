"""What the Drift page asks its reader, and the tables its charts need."""

import numpy as np
import pandas as pd
import streamlit as st

from app import queries, shell
from evaluators import METRICS
from recscope.audits.report import Report

PAGE = "drift"
DATA, QUALITY, LISTS, SEASONS = "Data", "Quality", "Lists", "Seasons"
VIEWS = (DATA, QUALITY, LISTS, SEASONS)
REFERENCES = {"the first window": "first", "the previous window": "previous"}
DISTANCES = ("cramers_v", "psi", "jensen_shannon", "kolmogorov_smirnov", "wasserstein", "mmd")
NEWCOMERS = "newcomers against a steady coming"
CHANGE, SEGMENT, SEASON = "change point", "segment drives the change", "season"
REFRESH, FORGET = "refreshing pays", "forgetting pays"
LAST = "last window against the first"
VIEW, AGAINST, ASPECT, DISTANCE, MODEL, CUT, MAP = (
    f"{PAGE}.{name}" for name in ("view", "against", "aspect", "distance", "model", "cut", "map")
)


def choose() -> str:
    """What to look at; it stands in the address."""
    view = st.segmented_control(
        "What to look at",
        list(VIEWS),
        default=DATA,
        required=True,
        key=VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    return view or DATA


def take_clicks() -> None:
    """A click on the map chooses the aspect; before the filters are drawn, which then show it."""
    if picked := shell.fresh_click(MAP):
        st.session_state[ASPECT] = str(picked[0][0])


def aspects(report: Report) -> list[str]:
    """Everything that was looked at in the data, in the order of the audit."""
    tests = report.tests
    rows = tests[tests["test"].str.startswith("data against") | (tests["test"] == NEWCOMERS)]
    return list(dict.fromkeys(rows["group_by"]))


def loudest(report: Report, against: str) -> str:
    """The aspect with the strongest alarm, or the first of all."""
    rows = data_tests(report, against)
    alarms = rows[rows["is_alarm"] & (rows["metric"] == "cramers_v")]
    if len(alarms):
        return str(alarms.sort_values("effect")["group_by"].iloc[-1])
    return aspects(report)[0]


def data_tests(report: Report, against: str) -> pd.DataFrame:
    """Rows of tests of the data against one reference, and of newcomers."""
    tests = report.tests
    return tests[tests["test"].isin([f"data against the {against} window", NEWCOMERS])]


def heat(report: Report, against: str) -> pd.DataFrame:
    """Columns aspect, window, size (0 to 1), effect, low, high, p_adjusted, n, is_alarm.

    size  of the effect: V; √MMD of features, which is a distance too; |excess| of newcomers
    """
    rows = data_tests(report, against).rename(columns={"group_by": "aspect", "group": "window"})
    size = rows["effect"].abs()
    is_mmd = rows["metric"] == "mmd"
    size = size.mask(is_mmd, np.sqrt(rows["effect"].clip(lower=0)))
    kept = ["aspect", "window", "size", "metric", "effect", "low", "high", "p_adjusted", "n"]
    return rows.assign(size=size)[[*kept, "is_alarm"]].reset_index(drop=True)


def windows(report: Report) -> pd.DataFrame:
    """Columns label, x (seconds since 1970) of every window, in order of time."""
    curves = report.curves
    rows = curves[
        curves["curve"].isin([*DISTANCES, "newcomers"]) | curves["curve"].str.startswith("shares: ")
    ]
    return rows[["label", "x"]].drop_duplicates("label").sort_values("x").reset_index(drop=True)


def changes(report: Report, aspect: str | None = None) -> pd.DataFrame:
    """Change points large enough to be an alarm: columns of tests, x (seconds since 1970)."""
    tests = report.tests
    rows = tests[(tests["test"] == CHANGE) & tests["is_alarm"]]
    if aspect is not None:
        rows = rows[rows["group_by"] == aspect]
    return rows.assign(x=[moment(label) for label in rows["group"]])


def moment(label: str) -> float:
    """Seconds since 1970 of a window's name: 2000-11-20, 2000-11, 2000-Q4, 2000-11-20 20:00."""
    if "-Q" in label:
        year, quarter = label.split("-Q")
        label = f"{year}-{3 * int(quarter) - 2:02d}"
    return float(np.datetime64(label.replace(" ", "T"), "s").astype(np.int64))


def curve(
    report: Report, name: str, series: str | None = None, model: str | None = None
) -> pd.DataFrame:
    """One curve's points, in order of x."""
    rows = report.curves[report.curves["curve"] == name]
    if series is not None:
        rows = rows[rows["series"] == series]
    if model is not None:
        rows = rows[rows["model"] == model]
    return rows.sort_values("x", kind="stable")


def distances(report: Report, aspect: str) -> list[str]:
    """Metrics that say how far this aspect has moved."""
    rows = report.curves[report.curves["series"] == aspect]
    there = set(rows["curve"])
    return [name for name in DISTANCES if name in there]


def segments(report: Report) -> tuple[str, pd.DataFrame] | None:
    """The aspect whose change was traced to segments, and its points."""
    rows = report.curves[report.curves["curve"].str.startswith("driven: ")]
    if rows.empty:
        return None
    return str(rows["curve"].iloc[0]).removeprefix("driven: "), rows


def models(report: Report) -> list[str]:
    """Models that were refitted over time."""
    found: list[str] = list(dict.fromkeys(curve(report, "quality")["model"]))
    order = list(dict.fromkeys(report.estimates["model"].dropna()))
    return sorted(found, key=order.index) if set(found) <= set(order) else found


def numbers(report: Report, metric: str, **facts: object) -> pd.DataFrame:
    """Estimates of a metric in which every named column has this value; None: is missing."""
    rows = report.estimates[report.estimates["metric"] == metric]
    for name, value in facts.items():
        rows = rows[rows[name].isna()] if value is None else rows[rows[name] == value]
    return queries.numbered(rows)


def effects(report: Report, test: str) -> pd.DataFrame:
    return report.tests[report.tests["test"] == test]


def about(metric: str) -> str:
    """Definition and source of a metric, for a caption."""
    declared = METRICS[metric]
    return f"{declared.summary} Source: {declared.source}."
