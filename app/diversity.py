"""What the Diversity page asks its reader, and the tables its charts need."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app import choices, headline, queries, shell
from app.words import metric_at
from evaluators.doors import metrics
from evaluators.metric import Metric
from recscope.audits.report import Report

PAGE, FAMILY = "diversity", "diversity"
METRIC, ACCURATE, CUTOFF, MODELS, BY = (
    f"{PAGE}.{name}" for name in ("metric", "accuracy", "k", "models", "by")
)
TRADE, TAIL, GROWTH, OVERLAP, BANDS, GROUPS, TABLE = (
    f"{PAGE}.{name}" for name in ("trade", "tail", "growth", "overlap", "bands", "groups", "all")
)
USUAL = ("ild", "coverage", "novelty")


@dataclass(frozen=True)
class Choice:
    """What the filters say.

    metric   of diversity; accurate: of accuracy, or None where the run has none
    models   models on show, in the order of the run; known: all of them
    by       attribute that cuts users into groups, or None
    """

    run_id: str
    report: Report
    metric: Metric
    accurate: Metric | None
    k: float | None
    models: list[str]
    known: list[str]
    by: str | None

    @property
    def name(self) -> str:
        return metric_at(self.metric.name, self.k if self.metric.cutoff else None)


def choose(run_id: str, report: Report) -> Choice | None:
    """Draw the filters, which stand in the address; None where no diversity was judged."""
    table, known, declared = queries.everybody(run_id), queries.models(run_id), metrics()
    there = [name for name in dict.fromkeys(table["metric"]) if name in declared]
    diverse = [name for name in there if declared[name].family == FAMILY]
    accurate = [name for name in there if declared[name].family == "accuracy"]
    if not diverse:
        st.info(
            "No diversity metric was judged in this run: ask for the family in [evaluate], "
            'metrics = ["accuracy", "diversity"].',
            icon=":material/info:",
        )
        return None
    first, second, third = st.columns([3, 3, 2])
    usual = next((name for name in USUAL if name in diverse), diverse[0])
    name = first.selectbox(
        "Diversity", diverse, index=diverse.index(usual), key=METRIC, bind="query-params"
    )
    beside = None
    if accurate:
        place = accurate.index(headline.headline_metric(accurate))
        beside = second.selectbox(
            "Against accuracy", accurate, index=place, key=ACCURATE, bind="query-params"
        )
    with third:
        k = _cutoff(sorted(table["k"].dropna().unique()))
    left, right = st.columns([5, 3])
    asked = left.multiselect(
        "Models", known, key=MODELS, placeholder="all models", bind="query-params"
    )
    by = _attribute(run_id, name, right)
    shown = [model for model in known if model in (asked or known)]
    return Choice(
        run_id, report, declared[name], declared[beside] if beside else None, k, shown, known, by
    )


def _cutoff(cutoffs: list[float]) -> float | None:
    if not cutoffs:
        return None
    return choices.cutoff(cutoffs, CUTOFF)


def _attribute(run_id: str, metric: str, where: "st.delta_generator.DeltaGenerator") -> str | None:
    table = queries.estimates(run_id)
    judged = table.loc[(table["metric"] == metric) & table["group_by"].notna(), "group_by"]
    names = [str(name) for name in dict.fromkeys(judged)]
    if not names:
        return None
    chosen: str | None = where.selectbox("Cut users by", names, key=BY, bind="query-params")
    return chosen


def at(choice: Choice, metric: Metric) -> pd.DataFrame:
    """Estimates over everybody of the chosen models, at the chosen cutoff."""
    rows = queries.at_cutoff(
        queries.everybody(choice.run_id), metric.name, choice.k if metric.cutoff else None
    )
    return rows[rows["model"].isin(choice.models)]


def trade(choice: Choice, accurate: Metric) -> pd.DataFrame:
    """Columns model, x, x_low, x_high (accuracy), y, y_low, y_high (diversity), n."""
    parts = [
        at(choice, metric)
        .set_index("model")[["mean", "low", "high"]]
        .set_axis([axis, f"{axis}_low", f"{axis}_high"], axis=1)
        for axis, metric in (("x", accurate), ("y", choice.metric))
    ]
    return parts[0].join(parts[1], how="inner").dropna(subset=["x", "y"]).reset_index()


def by_group(choice: Choice) -> pd.DataFrame:
    """Estimates of the chosen metric for every group of the chosen attribute."""
    table = queries.estimates(choice.run_id)
    rows = queries.at_cutoff(
        table[table["group_by"] == choice.by],
        choice.metric.name,
        choice.k if choice.metric.cutoff else None,
    )
    return rows[rows["model"].isin(choice.models)]


def curve(choice: Choice, name: str) -> pd.DataFrame:
    """One of the audit's curves, of the chosen models and of the history."""
    rows = choice.report.curves
    rows = rows[rows["curve"] == name]
    return rows[rows["model"].isna() | rows["model"].isin(choice.models)]


def everything(choice: Choice) -> pd.DataFrame:
    """A row a diversity metric, a column a model: means over everybody at the chosen cutoff."""
    table, declared = queries.everybody(choice.run_id), metrics()
    is_diverse = table["metric"].map(lambda name: name in declared and declared[name].family)
    rows = table[(is_diverse == FAMILY) & (table["k"].isna() | (table["k"] == choice.k))]
    wide = rows.pivot_table(index="metric", columns="model", values="mean", sort=False)
    questions = {name: declared[name].summary for name in wide.index}
    shown = wide[[model for model in choice.models if model in wide]].reset_index()
    shown.insert(1, "question", shown["metric"].map(questions))
    return shown


def report(run_id: str) -> Report:
    """The audit's report; says how to get it and stops the page where there is none."""
    return shell.require_audit(run_id, FAMILY)
