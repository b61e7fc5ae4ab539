"""What the Accuracy page asks its reader, and the tables its charts need."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import choices, headline, queries, shell, slices
from app.words import metric_at
from evaluators.doors import metrics
from evaluators.metric import Metric

PAGE = "accuracy"
BEST, EVERYBODY = "the best model", "everybody"
CORRECTIONS = {"Holm": "p_holm", "BH": "p_bh"}  # name → column of comparisons
METRIC, CUTOFF, MODELS, BASELINE, BY, GROUP, FOCUS = (
    f"{PAGE}.{name}" for name in ("metric", "k", "models", "baseline", "by", "group", "focus")
)
FOREST, DIFFERENCES, CURVES, DISTRIBUTION, SLICES = (
    f"{PAGE}.{name}" for name in ("forest", "differences", "curves", "distribution", "slices")
)


@dataclass(frozen=True)
class Choice:
    """What the filters say.

    models  models on show, in the order of the run; known: all of them
    by      attribute that cuts users into groups; group: one of its values, or None for everybody
    focus   the model looked at closely
    """

    run_id: str
    metric: Metric
    k: float | None
    models: tuple[str, ...]
    known: list[str]
    baseline: str
    by: str | None
    group: str | None
    focus: str | None
    correction: str

    @property
    def name(self) -> str:
        return metric_at(self.metric.name, self.k)

    @property
    def cell(self) -> tuple[str, str] | None:
        return (self.by, self.group) if self.by and self.group else None

    @property
    def who(self) -> str:
        return "all users" if self.cell is None else f"users with {self.by} = {self.group}"


def take_clicks() -> None:
    """Turn a click on a chart into a filter; before the filters are drawn, which then show it."""
    for chart in (FOREST, DIFFERENCES):
        if (picked := shell.fresh_click(chart)) is not None:
            st.session_state[FOCUS] = str(picked[0][0]) if picked else BEST
    if (picked := shell.fresh_click(SLICES)) is not None:
        st.session_state[GROUP] = str(picked[0][0]) if picked else EVERYBODY


def choose(run_id: str) -> Choice:
    """Draw the filters; every one of them stands in the address."""
    table, known = queries.everybody(run_id), queries.models(run_id)
    declared = metrics()
    names = [name for name in dict.fromkeys(table["metric"]) if name in declared]
    usual = headline.headline_metric(names)
    first, second, third, fourth = st.columns([3, 2, 3, 3])
    with first:
        name = st.selectbox(
            "Metric", names, index=names.index(usual), key=METRIC, bind="query-params"
        )
    cutoffs = sorted(table.loc[table["metric"] == name, "k"].dropna().unique())
    with second:
        k = _cutoff(cutoffs)
    with third:
        usual_baseline = known.index(slices.baseline(run_id))
        baseline = st.selectbox(
            "Baseline", known, index=usual_baseline, key=BASELINE, bind="query-params"
        )
    with fourth:
        focus = st.selectbox(
            "Look closely at",
            [BEST, *known],
            key=FOCUS,
            help="Or click a model in a chart.",
            bind="query-params",
        )
    left, middle, right, last = st.columns([3, 2, 3, 3])
    with left:
        models = st.multiselect(
            "Models", known, key=MODELS, placeholder="all models", bind="query-params"
        )
    with last:
        correction = st.segmented_control(
            "Correct p for many comparisons",
            list(CORRECTIONS),
            default="Holm",
            required=True,
            key=f"{PAGE}.correction",
            help="Holm bounds the chance of any false alarm; Benjamini-Hochberg (BH) bounds the "
            "share of false alarms among the findings.",
            bind="query-params",
        )
    by, group = _group(run_id, middle, right)
    shown = tuple(model for model in known if model in (models or known))
    return Choice(
        run_id,
        declared[name],
        k,
        shown,
        known,
        baseline,
        by,
        group,
        None if focus == BEST else focus,
        correction or "Holm",
    )


def _cutoff(cutoffs: list[float]) -> float | None:
    if not cutoffs:
        st.segmented_control("Length of the list, k", ["no cutoff"], default="no cutoff")
        return None
    return choices.cutoff(cutoffs, CUTOFF)


def _group(
    run_id: str, middle: DeltaGenerator, right: DeltaGenerator
) -> tuple[str | None, str | None]:
    attributes = slices.attributes(run_id)
    if not attributes:
        return None, None
    by = middle.selectbox("Cut users by", attributes, key=BY, bind="query-params")
    groups = slices.groups(run_id, by)
    if st.session_state.get(GROUP, EVERYBODY) not in [EVERYBODY, *groups]:
        st.session_state[GROUP] = EVERYBODY  # it held a value of the attribute shown before
    group = right.selectbox(
        f"Only users with {by} =",
        [EVERYBODY, *groups],
        key=GROUP,
        bind="query-params",
        help="Or click a group in the chart of groups.",
    )
    return by, None if group == EVERYBODY else group


def estimates(choice: Choice) -> pd.DataFrame:
    """Every cutoff of the chosen metric, chosen models, chosen users."""
    table = slices.cell_estimates(choice.run_id, choice.metric.name, choice.cell)
    return table[table["model"].isin(choice.models)]


def differences(choice: Choice) -> pd.DataFrame:
    """Paired differences of the chosen models to the baseline, over the chosen users."""
    return slices.compared(choice.run_id, choice.name, choice.baseline, choice.models, choice.cell)


def per_user(choice: Choice) -> pd.DataFrame:
    """One column a chosen model, one row a chosen user."""
    values = slices.column(choice.run_id, choice.name, choice.cell)
    return values[[model for model in choice.models if model in values.columns]]


def by_group(choice: Choice, best: str) -> pd.DataFrame:
    """Estimates by group of the model looked at and of the baseline."""
    if choice.by is None:
        return pd.DataFrame()
    focus = choice.focus or best
    wanted = list(dict.fromkeys([focus, choice.baseline]))
    table = slices.group_estimates(choice.run_id, choice.metric.name, choice.by)
    rows = queries.at_cutoff(table, choice.metric.name, choice.k)
    return rows[rows["model"].isin(wanted)]
