"""Items and providers on the Fairness page: what the visitor chooses, and the panels."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app import charts_items, fairness_lists, queries, shell
from app.words import metric_at, number, plain
from evaluators import METRICS
from recscope.audits.item_fairness import BY
from recscope.audits.report import Report

PAGE = "fairness"
COLUMN, MODEL, NUMBER = (f"{PAGE}.{name}" for name in ("items_by", "items_model", "items_number"))
NUMBERS = (
    "disparate_treatment",
    "disparate_impact",
    "demographic_parity",
    "awrf",
    "group_exposure_loss",
    "rsp",
    "reo",
    "exposure_gini",
    "exposure_min_max",
    "worst_half_share",
    "exposure_entropy",
    "unexposed_share",
)


@dataclass(frozen=True)
class Choice:
    """column: what items are grouped by; model: the one looked at; k: places that are seen."""

    run_id: str
    report: Report
    models: list[str]
    column: str
    model: str
    k: int

    @property
    def rows(self) -> pd.DataFrame:
        """Estimates of the chosen grouping."""
        return self.report.estimates[self.report.estimates["group_by"] == BY + self.column]

    @property
    def is_provider(self) -> bool:
        return f"lorenz by {self.column}" in set(self.report.curves["curve"])


def draw_items(run_id: str) -> None:
    """Items, providers, popularity and counterfactuals of one run."""
    st.subheader("Items and providers: who gets seen?")
    report = queries.audit(run_id, "item_fairness")
    if report is None:
        fairness_lists.not_audited(run_id, "item_fairness")
    elif report.estimates.empty:
        fairness_lists.notes(report, "Items cannot be judged here")
    else:
        choice = _choose(run_id, report)
        left, right = st.columns(2, gap="large")
        with left:
            _draw_exposure(choice)
        with right:
            _draw_times_due(choice)
        _draw_groups(choice)
        left, right = st.columns(2, gap="large")
        with left:
            _draw_numbers(choice)
        with right:
            _draw_lorenz(choice)
        fairness_lists.notes(report, "What could not be judged, and what was left out")
    fairness_lists.draw_popularity(run_id)
    fairness_lists.draw_counterfactual(run_id)


def _choose(run_id: str, report: Report) -> Choice:
    columns = [name.removeprefix(BY) for name in report.estimates["group_by"].unique()]
    models = [m for m in queries.models(run_id) if m in set(report.estimates["model"])]
    left, right = st.columns(2)
    with left:
        column = st.selectbox("Group items by", columns, key=COLUMN, bind="query-params")
    with right:
        model = st.selectbox("Look closely at", models, key=MODEL, bind="query-params")
    k = int(report.estimates["k"].dropna().iloc[0])
    return Choice(run_id, report, models, column, model, k)


def _draw_exposure(choice: Choice) -> None:
    st.markdown(f"**Seen, there, wanted: {plain(choice.model)}**")
    curves = choice.report.curves
    rows = curves[curves["curve"] == f"exposure by {choice.column}"]
    rows = rows[rows["model"].isna() | (rows["model"] == choice.model)]
    lists = rows.loc[rows["series"] == "exposure", "n"].max()
    shell.draw(
        charts_items.exposure(rows),
        key=f"{PAGE}.items-exposure",
        caption=f"What users see: each of the first {choice.k} places counts 1 / log2(place + 1), "
        "split evenly over an item's groups (Singh & Joachims 2018, doi:10.1145/3219819.3220088). "
        "What they went on to like: relevant test items, one vote a user. Interval: 95 %, users "
        f"drawn again or left out. n = {number(float(lists))} lists.",
        alt=f"Share of exposure, catalogue and relevance by {choice.column}, {choice.model}",
        numbers=rows.drop(columns=["curve", "x"]),
    )


def _draw_times_due(choice: Choice) -> None:
    st.markdown("**Seen more or less than wanted, by every model**")
    rows = choice.rows[choice.rows["metric"] == "exposure_to_relevance"].dropna(subset=["mean"])
    tests = choice.report.tests
    sure = tests[tests["is_alarm"] & (tests["group_by"] == BY + choice.column)]
    if rows.empty:
        st.info(
            "What users want of each group is not known: no relevant test item has a group.",
            icon=":material/info:",
        )
        return
    n_none = int((rows["mean"] == 0).sum())
    none = (
        f" {n_none} pairs of model and group with no exposure at all are off the scale."
        if n_none
        else ""
    )
    shell.draw(
        charts_items.times_due(
            rows, choice.models, set(zip(sure["model"], sure["group"], strict=True))
        ),
        key=f"{PAGE}.items-due",
        caption=f"{plain(METRICS['exposure_to_relevance'].summary, 400)} Filled: outside 4/5 to "
        "5/4 and no chance (linearised test of the two shares, p corrected by Holm over groups, "
        f"below 0.05). Hollow: could be chance or is small.{none} n on each mark: users who like "
        "some of the group.",
        alt=f"Exposure over relevance by {choice.column} for each model",
        numbers=rows.drop(columns=["group_by"]),
    )


def _draw_groups(choice: Choice) -> None:
    """The same as a table: what each group gets, of the model looked at."""
    rows = choice.rows
    rows = rows[(rows["model"] == choice.model) & rows["group"].notna()]
    table = rows.pivot_table(
        index="group", columns="metric", values="mean", sort=False, dropna=False
    )
    curves = choice.report.curves
    there = curves[
        (curves["curve"] == f"exposure by {choice.column}") & (curves["series"] == "catalogue")
    ]
    table.insert(0, "items", there.set_index("label")["n"].reindex(table.index))
    tests = choice.report.tests
    mine = tests[(tests["model"] == choice.model) & (tests["group_by"] == BY + choice.column)]
    table["corrected p"] = mine.set_index("group")["p_adjusted"].reindex(table.index)
    title = (
        "Every provider on show" if choice.is_provider else f"Every group by {plain(choice.column)}"
    )
    with st.expander(f"{title}, {plain(choice.model)}", icon=":material/table_rows:"):
        shares = st.column_config.NumberColumn(format="percent")
        times = st.column_config.NumberColumn(format="%.2f ×")
        st.dataframe(
            table.sort_values("exposure_share", ascending=False).reset_index(),
            hide_index=True,
            key=f"{PAGE}.items-table",
            column_config={
                "exposure_share": shares, "recommended_rate": shares, "found_rate": shares,
                "exposure_to_catalogue": times, "exposure_to_relevance": times,
                "corrected p": st.column_config.NumberColumn(format="%.3f"),
            },
            alt=f"What each group of {choice.column} gets from {choice.model}",
        )  # fmt: skip


def _draw_numbers(choice: Choice) -> None:
    st.markdown("**In one number**")
    rows = choice.rows[choice.rows["group"].isna()]
    names = [name for name in NUMBERS if name in set(rows["metric"])]
    name = st.selectbox("Number", names, key=NUMBER, bind="query-params")
    metric, table = METRICS[name], rows[rows["metric"] == name].dropna(subset=["mean"])
    if table.empty:
        st.info("This number is undefined for every model here.", icon=":material/info:")
        return
    shell.draw(
        charts_items.numbers_of_models(table, metric_at(name, choice.k), metric.better),
        key=f"{PAGE}.items-number",
        caption=shell.caption_of(metric, table),
        alt=f"{name} of each model by {choice.column}",
        numbers=table.drop(columns=["group_by", "group"]),
    )


def _draw_lorenz(choice: Choice) -> None:
    st.markdown("**How few share the attention?**")
    curves = choice.report.curves
    rows = curves[curves["curve"] == f"lorenz by {choice.column}"]
    if rows.empty:
        st.info(
            f"Lists of providers only: {plain(choice.column)} does not say who offers an item.",
            icon=":material/info:",
        )
        return
    shell.draw(
        charts_items.lorenz(rows, choice.models),
        key=f"{PAGE}.items-lorenz",
        caption=f"Lorenz curve of what users see over {rows['n'].max():,} providers, those that "
        "nobody sees included; the farther below the dotted line, the fewer share it (Lorenz 1905, "
        "doi:10.2307/2276207). Counted over all lists: no interval.",
        alt="Share of exposure of the least seen providers, each model a line",
        numbers=rows[["model", "x", "y"]],
    )
