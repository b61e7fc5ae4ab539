"""What the Calibration page asks its reader, and the tables its charts need."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from app import headline, queries
from app.charts_calibration import AFTER, BEFORE
from app.words import interval, number
from evaluators import METRICS
from evaluators.calibration_maps import MAPS
from evaluators.doors import metrics
from evaluators.metric import Metric
from recscope.audits.calibration_judged import WAYS
from recscope.audits.calibration_strength import BY as NORMALISATION
from recscope.audits.report import Report

PAGE = "calibration"
FAMILY = "calibration"
WORST = "the model of largest error"
METRIC, MODELS, FOCUS, BY, LIST_METRIC = (
    f"{PAGE}.{name}" for name in ("metric", "models", "focus", "by", "list_metric")
)
DIAGRAMS, ERRORS, TABLE, GROUPS, BY_GROUP, STRENGTH, SCALES, RATINGS, LISTS = (
    f"{PAGE}.{name}"
    for name in (
        "diagrams",
        "errors",
        "all",
        "groups",
        "by_group",
        "strength",
        "scales",
        "ratings",
        "lists",
    )
)
ASKED = (
    "ece_debiased",
    "ece_equal_mass",
    "ece",
    "smooth_ece",
    "mce",
    "calibration_bias",
    "brier",
    "brier_reliability",
    "brier_resolution",
    "log_loss",
    "ece_squared",
    "brier_uncertainty",
)
NOT_BY_GROUP = {"smooth_ece"}
MOST_LINES = 6  # groups drawn as lines of one diagram


@dataclass(frozen=True)
class Choice:
    """What the filters say.

    models  on show, in the order of the run; focus: the one looked at closely
    by      attribute that cuts users into groups; None where there is none
    """

    run_id: str
    report: Report
    metric: Metric
    models: list[str]
    focus: str | None
    by: str | None

    @property
    def k(self) -> int:
        """Places of each list that were judged."""
        return int(self.report.estimates["k"].dropna().max())


def choose(run_id: str, report: Report) -> Choice:
    """Draw the filters; every one of them stands in the address."""
    known = queries.models(run_id)
    table = report.estimates
    names = [name for name in ASKED if name in set(table["metric"])] or [ASKED[0]]
    first, second, third, fourth = st.columns([3, 3, 3, 3])
    with first:
        name = st.selectbox("Error", names, key=METRIC, bind="query-params")
    with second:
        shown = st.multiselect(
            "Models", known, key=MODELS, placeholder="all models", bind="query-params"
        )
    with third:
        focus = st.selectbox("Look closely at", [WORST, *known], key=FOCUS, bind="query-params")
    attributes = attributes_of(report)
    with fourth:
        by = (
            st.selectbox("Cut users by", attributes, key=BY, bind="query-params")
            if attributes
            else None
        )
    models = [model for model in known if model in (shown or known)]
    worst = worst_model(report, models)
    return Choice(run_id, report, METRICS[name], models, worst if focus == WORST else focus, by)


def attributes_of(report: Report) -> list[str]:
    """Attributes of users by which errors were cut."""
    table = report.estimates
    asked = table[table["metric"] == "ece_gap"]["group_by"]
    cut = table[table["group"].notna()]["group_by"]
    return [
        str(name) for name in dict.fromkeys([*asked, *cut]) if name not in (WAYS, NORMALISATION)
    ]


def worst_model(report: Report, models: list[str]) -> str | None:
    """The model whose promises are kept worst, as they speak for it."""
    table = everybody(report, "ece_debiased")
    rows = table[table["model"].isin(models)].sort_values("mean", ascending=False)
    if len(rows):
        return str(rows["model"].iloc[0])
    return models[0] if models else None


def everybody(report: Report, metric: str) -> pd.DataFrame:
    """Estimates over all users of what speaks for each model."""
    table = report.estimates
    return table[(table["metric"] == metric) & table["group_by"].isna()]


def is_after(way: object) -> bool:
    """Is this way to come by probabilities a map?"""
    return str(way) in MAPS


def ways(report: Report) -> pd.DataFrame:
    """Columns model, series, stage: which ways stand before a map, which after."""
    made = report.curves[report.curves["curve"] == "reliability"][["model", "series"]]
    made = made.drop_duplicates()
    return made.assign(stage=[AFTER if is_after(way) else BEFORE for way in made["series"]])


def before_and_after(choice: Choice) -> pd.DataFrame:
    """The chosen error of each model, columns model, stage, way, mean, low, high, n."""
    table = choice.report.estimates
    rows = table[(table["group_by"] == WAYS) & (table["metric"] == choice.metric.name)]
    rows = rows[rows["model"].isin(choice.models)]
    stage = [AFTER if is_after(way) else BEFORE for way in rows["group"]]
    return rows.assign(stage=stage, way=rows["group"])


def all_errors(choice: Choice) -> pd.DataFrame:
    """A row a model and way, a column a metric: number and interval as a person reads them."""
    table = choice.report.estimates
    rows = table[(table["group_by"] == WAYS) & table["model"].isin(choice.models)]
    made: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows.to_dict("records"):
        line = made.setdefault((str(row["model"]), str(row["group"])), {})
        line[str(row["metric"])] = _told(row)
    columns = [name for name in ASKED if name in set(rows["metric"])]
    lines: list[dict[str, Any]] = [
        {"model": model, "scores": way, **{name: line.get(name, "–") for name in columns}}
        for (model, way), line in made.items()
    ]
    return pd.DataFrame(lines, columns=["model", "scores", *columns])


def _told(row: dict[Any, Any]) -> str:
    return f"{number(row['mean'])} ({interval(row['low'], row['high'])})"


def by_group(choice: Choice) -> pd.DataFrame:
    """The chosen error of the model looked at, by group; the debiased where it has none."""
    table = choice.report.estimates
    name = group_metric(choice).name
    rows = table[
        (table["model"] == choice.focus)
        & (table["metric"] == name)
        & (table["group_by"] == choice.by)
        & table["group"].notna()
    ]
    return rows.dropna(subset=["mean"])


def largest_groups(table: pd.DataFrame) -> list[str]:
    """Groups that get a line, in the order of the table: more could not be told apart."""
    largest = table.sort_values("n", ascending=False, kind="stable")["group"].head(MOST_LINES)
    return [str(group) for group in table["group"] if group in set(largest)]


def group_metric(choice: Choice) -> Metric:
    """The error that is shown by group."""
    return METRICS["ece_debiased"] if choice.metric.name in NOT_BY_GROUP else choice.metric


def n_suppressed(choice: Choice) -> int:
    """Groups of the attribute that are too small to show."""
    table = choice.report.estimates
    rows = table[(table["model"] == choice.focus) & (table["group_by"] == choice.by)]
    rows = rows[rows["metric"] == group_metric(choice).name]
    return int(rows["method"].astype(str).str.startswith("suppressed").sum())


def tests(choice: Choice, name: str) -> pd.DataFrame:
    """Tests of one name, of the models on show."""
    table = choice.report.tests
    return table[(table["test"] == name) & table["model"].isin(choice.models)]


def scales(choice: Choice) -> pd.DataFrame:
    """How far users lie apart under each normalisation, for the model looked at."""
    table = choice.report.estimates
    mine = table[(table["model"] == choice.focus) & (table["group_by"] == NORMALISATION)]
    apart = mine[mine["metric"] == "between_user_deviation"]
    told = mine[mine["metric"] == "brier_resolution"].set_index("group")["mean"]
    return apart.assign(resolution=apart["group"].map(told))


def strength(choice: Choice) -> pd.DataFrame:
    """How far users lie apart at equal scores, most first, and whether chance explains it."""
    rows = everybody(choice.report, "between_user_deviation")
    rows = rows[rows["model"].isin(choice.models)].sort_values("mean", ascending=False)
    alarms = tests(choice, "strength between users").set_index("model")["is_alarm"]
    return rows.assign(is_alarm=rows["model"].map(alarms).fillna(value=False).astype(bool))


def curve(choice: Choice, name: str) -> pd.DataFrame:
    """Points of one curve of the models on show."""
    table = choice.report.curves
    return table[(table["curve"] == name) & table["model"].isin(choice.models)]


def list_metrics(run_id: str) -> list[str]:
    """Metrics of the run that hold lists against tastes."""
    declared = metrics()
    found = dict.fromkeys(queries.everybody(run_id)["metric"])
    return [
        name for name in found if name in declared and declared[name].family == "list-calibration"
    ]


def lists(run_id: str, models: list[str], name: str) -> pd.DataFrame:
    """One such metric for everybody, at the cutoff that speaks for the run."""
    rows = queries.everybody(run_id)
    rows = rows[(rows["metric"] == name) & rows["model"].isin(models)]
    cutoffs = sorted(rows["k"].dropna().unique())
    if cutoffs:
        rows = rows[rows["k"] == headline.headline_cutoff(cutoffs)]
    better = metrics()[name].better
    return rows.dropna(subset=["mean"]).sort_values("mean", ascending=better != "higher")
