"""What the Fairness page asks its reader, and the tables of its audit."""

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from app import choices, fairness_data, headline, queries, shell, slices
from app.words import metric_at
from evaluators.doors import metrics
from evaluators.metric import Metric
from recscope.audits.report import Report
from recscope.compare import benjamini_hochberg
from recscope.cuts import BETWEEN
from recscope.estimate import split_label

PAGE = "fairness"
BEST = "the best model"
VIEWS = ("Users", "Items and providers", "Trade-off", "Gates")
FEW = 4  # models on show where nobody chose
MOST_CROSSED = 3
CORRECTIONS = ("Holm", "BH")
METRIC, CUTOFF, MODELS, BY, FOCUS, VIEW, CORRECTION = (
    f"{PAGE}.{name}" for name in ("metric", "k", "models", "by", "focus", "view", "correction")
)
GROUPS, GAPS, RANKING, WORST = (f"{PAGE}.{name}" for name in ("groups", "gaps", "ranking", "worst"))


@dataclass(frozen=True)
class Choice:
    """What the filters say.

    by     attributes crossed; models: on show, in the order of the run; known: all of them
    focus  the model looked at closely
    report what the audit of fairness to users found; None where it was not made
    """

    run_id: str
    metric: Metric
    k: float | None
    by: tuple[str, ...]
    models: tuple[str, ...]
    known: list[str]
    focus: str
    correction: str
    report: Report | None

    @property
    def name(self) -> str:
        return metric_at(self.metric.name, self.k)

    @property
    def cut(self) -> str:
        return BETWEEN.join(self.by)


def choose_view() -> str:
    """Which side of fairness to look at; it stands in the address."""
    asked = st.segmented_control(
        "Who gets less?",
        list(VIEWS),
        default=VIEWS[0],
        required=True,
        key=VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    return asked or VIEWS[0]


def take_clicks() -> None:
    """A click on an attribute of the ranking cuts the users by it."""
    if (picked := shell.fresh_click(RANKING)) and picked:
        st.session_state[BY] = str(picked[0][0]).split(BETWEEN)


def choose(run_id: str, *, with_models: bool = True) -> Choice:
    """Draw the filters; every one of them stands in the address.

    with_models  False: all models are on show, and none is looked at closely
    """
    found, declared = fairness_data.labels(run_id), metrics()
    names = [name for name in found if name in declared]
    known = queries.models(run_id)
    first, second, third = st.columns([3, 2, 3])
    with first:
        usual = names.index(headline.headline_metric(names))
        name = st.selectbox("Metric", names, index=usual, key=METRIC, bind="query-params")
    cutoffs = sorted(float(k) for k in (split_label(one)[1] for one in found[name]) if k)
    with second:
        k = _cutoff(cutoffs)
    attributes = fairness_data.attributes(run_id)
    with third:
        by = st.multiselect(
            "Cut users by",
            attributes,
            # no default: Streamlit drops it from an address that names it beside others
            placeholder=attributes[0],
            max_selections=MOST_CROSSED,
            key=BY,
            bind="query-params",
            help="Several attributes are crossed: every combination is a group.",
        )
    best = ranked(run_id, declared[name], k)
    asked, correction, focus = _models(known) if with_models else (known, "Holm", BEST)
    chosen = set(asked or best[:FEW])
    return Choice(
        run_id,
        declared[name],
        k,
        tuple(by or attributes[:1]),
        tuple(model for model in known if model in chosen),
        known,
        best[0] if focus == BEST else str(focus),
        correction,
        queries.audit(run_id, "user_fairness"),
    )


def _models(known: list[str]) -> tuple[list[str], str, str]:
    """Models on show, the correction of p, and the model looked at closely."""
    left, middle, right = st.columns([3, 2, 3])
    with left:
        asked = st.multiselect(
            "Models", known, key=MODELS, placeholder=f"the best {FEW}", bind="query-params"
        )
    with middle:
        correction = st.segmented_control(
            "Correct p",
            list(CORRECTIONS),
            default="Holm",
            required=True,
            key=CORRECTION,
            bind="query-params",
            help="Holm bounds the chance of any false alarm; Benjamini-Hochberg (BH) bounds the "
            "share of false alarms among the findings.",
        )
    with right:
        focus = st.selectbox("Look closely at", [BEST, *known], key=FOCUS, bind="query-params")
    return asked, correction or "Holm", str(focus)


def _cutoff(cutoffs: list[float]) -> float | None:
    if not cutoffs:
        st.segmented_control("Length of the list, k", ["no cutoff"], default="no cutoff")
        return None
    return choices.cutoff(cutoffs, CUTOFF)


def ranked(run_id: str, metric: Metric, k: float | None) -> list[str]:
    """Models of the run, best first."""
    rows = queries.at_cutoff(queries.everybody(run_id), metric.name, k)
    ordered = rows.sort_values("mean", ascending=metric.better == "lower", kind="stable")
    known = queries.models(run_id)
    named = [str(model) for model in ordered["model"] if model in known]
    return named + [model for model in known if model not in named] or [slices.baseline(run_id)]


def tested(choice: Choice, kind: str) -> pd.DataFrame:
    """Tests of the audit for the model looked at and the chosen metric.

    kind  "gap" or "group". Columns of tests; `corrected` is p as the reader wants it corrected, for
    all tests of the model and kind
    """
    if choice.report is None:
        return pd.DataFrame()
    tests = queries.numbered(choice.report.tests)
    names = [f"user {kind}", f"intersection {kind}"]
    own = tests[(tests["model"] == choice.focus) & tests["test"].isin(names)]
    own = own.assign(corrected=own["p_adjusted"])
    if choice.correction == "BH":
        for _, rows in own.groupby("test"):
            own.loc[rows.index, "corrected"] = benjamini_hochberg(rows["p"].to_numpy())
    return queries.at_cutoff(own, choice.metric.name, choice.k)


def audited(choice: Choice) -> pd.DataFrame:
    """Numbers between groups of the model looked at, by attribute and crossing."""
    if choice.report is None:
        return pd.DataFrame()
    table = queries.numbered(choice.report.estimates)
    is_own = (table["model"] == choice.focus) & (table["group"] == choice.metric.name)
    rows = table[is_own]
    return rows[rows["k"].isna()] if choice.k is None else rows[rows["k"] == choice.k]


def inequality(choice: Choice) -> pd.DataFrame:
    """Theil, entropy, Jain and worst tenth of every model on show."""
    if choice.report is None:
        return pd.DataFrame()
    table = queries.numbered(choice.report.estimates)
    is_own = (table["group_by"] == "users") & (table["group"] == choice.metric.name)
    rows = table[is_own & table["model"].isin(choice.models)]
    return rows[rows["k"].isna()] if choice.k is None else rows[rows["k"] == choice.k]


def of_focus(choice: Choice, model: str) -> Choice:
    """The same look at another model."""
    return replace(choice, focus=model)
