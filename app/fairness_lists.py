"""Lists against tastes on the Fairness page: popularity, and users described otherwise."""

import pandas as pd
import streamlit as st

from app import charts_items, queries, shell
from app.words import each, metric_at, number, plain
from evaluators import METRICS
from recscope.audits.counterfactual import NEUTRAL
from recscope.audits.report import Report

PAGE = "fairness"
POPULARITY, USERS, LIKENESS = (f"{PAGE}.{name}" for name in ("popularity", "lift_by", "likeness"))
BIAS = ("popularity_lift", "delta_gap", "arp", "aplt", "aclt", "pop_rsp", "pop_reo")


def not_audited(run_id: str, family: str) -> None:
    """Why nothing is shown, and how to change that."""
    how = f"python -m recscope audit {run_id} --family {family}"
    st.info(
        f"This run was not audited for this. In a terminal: `{how}`",
        icon=":material/info:",
    )


def notes(report: Report, title: str) -> None:
    """What an audit could not judge, folded away."""
    if report.notes:
        with st.expander(title, icon=":material/info:"):
            st.markdown(
                "\n".join(f"- **{plain(n.about)}**: {plain(n.reason, 500)}" for n in report.notes)
            )


def draw_popularity(run_id: str) -> None:
    """How strongly lists lean to the popular, for everybody and for groups of users."""
    st.subheader("Popularity: are lists more mainstream than their users?")
    table = queries.estimates(run_id)
    names = [name for name in BIAS if name in set(table["metric"])]
    if not names:
        st.info(
            "This run holds no metric of popularity. Run it with the metrics `popularity` and "
            "`list-calibration`, or with all of them.",
            icon=":material/info:",
        )
        return
    left, right = st.columns(2)
    with left:
        name = st.selectbox("Popularity by", names, key=POPULARITY, bind="query-params")
    rows = table[table["metric"] == name].dropna(subset=["mean"])
    cutoffs = sorted(rows["k"].dropna().unique())
    k = 10.0 if 10.0 in cutoffs else cutoffs[len(cutoffs) // 2]
    rows = rows[rows["k"] == k]
    attributes = list(rows["group_by"].dropna().unique())
    metric, models = METRICS[name], queries.models(run_id)
    with right:
        by = (
            st.selectbox("For groups of users by", attributes, key=USERS, bind="query-params")
            if attributes
            else None
        )
    left, right = st.columns(2, gap="large")
    with left:
        everybody = rows[rows["group"].isna()]
        shell.draw(
            charts_items.numbers_of_models(everybody, metric_at(name, k), metric.better),
            key=f"{PAGE}.popularity-all",
            caption=shell.caption_of(metric, everybody),
            alt=f"{name} of each model, all users",
            numbers=everybody.drop(columns=["group_by", "group"]),
        )
    with right:
        if by is None:
            st.info("The users of this run have no groups.", icon=":material/info:")
            return
        of_groups = rows[rows["group_by"] == by]
        shell.draw(
            charts_items.by_group(of_groups, models, metric_at(name, k)),
            key=f"{PAGE}.popularity-groups",
            caption=f"The same for users by {plain(by)}. n on each mark; groups too small to "
            "show are left out.",
            alt=f"{name} of each model by {by}",
            numbers=of_groups,
        )


def draw_counterfactual(run_id: str) -> None:
    """What happens to the lists when a user says something else."""
    st.subheader("Counterfactual: the same user, described otherwise")
    report = queries.audit(run_id, "counterfactual")
    if report is None:
        not_audited(run_id, "counterfactual")
        return
    if report.estimates.empty:
        st.info(
            "No model of this run reads attributes of its users, so none can be swapped. "
            "`group-popularity` is one that does.",
            icon=":material/info:",
        )
        return
    curves, table = report.curves, report.estimates
    name = st.selectbox(
        "Likeness of lists by", list(curves["series"].unique()), key=LIKENESS, bind="query-params"
    )
    metric, models = METRICS[name], queries.models(run_id)
    left, right = st.columns(2, gap="large")
    neutral = table[table["group_by"].str.startswith(NEUTRAL) & (table["metric"] == name)]
    swapped = table[~table["group_by"].str.startswith(NEUTRAL) & (table["metric"] == name)]
    with left:
        st.markdown("**With each value, against with none**")
        shell.draw(
            charts_items.by_group(neutral, models, name),
            key=f"{PAGE}.counterfactual-neutral",
            caption="Every user was given each value in turn, and none. "
            f"{_sensitivity(table, name)} {shell.caption_of(metric, neutral)}",
            alt=f"{name} between lists with each value and lists without the attribute",
            numbers=neutral,
        )
    with right:
        st.markdown("**True value against the others**")
        shell.draw(
            charts_items.by_group(
                swapped.assign(group=swapped["group"].fillna("all users")), models, name
            ),
            key=f"{PAGE}.counterfactual-swapped",
            caption="Lists of users as they are against the lists they would get under the other "
            f"values, mean over those. 1: nothing changes. {shell.caption_of(metric, swapped)}",
            alt=f"{name} between true lists and those under other values",
            numbers=swapped,
        )
    notes(report, "Models without anything to swap")


def _sensitivity(table: pd.DataFrame, name: str) -> str:
    """SNSR and SNSV of each model and attribute, in a sentence."""
    rows = table[table["metric"].isin(["snsr", "snsv"]) & (table["group"] == name)]
    told = [
        f"{plain(row.model)}, {plain(str(row.group_by).removeprefix(NEUTRAL))}: "
        f"{str(row.metric).upper()} {number(row.mean)}"
        for row in each(rows)
    ]
    return f"Range (SNSR) and deviation (SNSV) over values: {'; '.join(told)}." if told else ""
