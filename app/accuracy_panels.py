"""The panels of the Accuracy page: query, chart, one caption."""

import pandas as pd
import streamlit as st

from app import accuracy, charts_accuracy, queries, shell, slices
from app.accuracy import Choice
from app.words import plain


def draw_forest(choice: Choice, estimates: pd.DataFrame) -> None:
    st.subheader("Side by side")
    rows = queries.at_cutoff(estimates, choice.metric.name, choice.k)
    chart = charts_accuracy.forest(
        rows, choice.metric.name, choice.k, choice.metric.better, choice.baseline
    )
    shell.draw(
        chart,
        key=accuracy.FOREST,
        caption=f"{_who(choice)}{shell.caption_of(choice.metric, rows)} Hollow: the baseline.",
        alt=f"{choice.name} of each model with its interval, {choice.who}",
        numbers=rows.drop(columns=["group_by", "group"]),
        clickable=True,
    )


def draw_differences(choice: Choice) -> None:
    st.subheader(f"Lead over {plain(choice.baseline)}")
    table = accuracy.differences(choice)
    if table.empty:
        st.info("Choose another model besides the baseline to compare.", icon=":material/info:")
        return
    column = accuracy.CORRECTIONS[choice.correction]
    chart = charts_accuracy.differences(
        table, choice.metric.name, choice.k, choice.metric.better, column
    )
    method, n = plain(table["method"].iloc[0]), table["n"].max()
    shell.draw(
        chart,
        key=accuracy.DIFFERENCES,
        caption=f"{_who(choice)}Mean over users of the paired difference in {choice.name}, "
        f"with 95 % bootstrap interval, n = {n:,.0f} users scored by both. p: {method}. Filled: p "
        f"corrected by {choice.correction} for {len(table)} comparisons below 0.05. Hollow: could "
        "be chance. Holm 1979, jstor:4615733; Benjamini & Hochberg 1995, "
        "doi:10.1111/j.2517-6161.1995.tb02031.x. The "
        f"smallest difference that could have been seen is about {table['mde'].max():.3f}.",
        alt=f"Paired difference in {choice.name} to {choice.baseline} for each model",
        numbers=table,
        clickable=True,
    )


def draw_curves(choice: Choice, estimates: pd.DataFrame) -> None:
    st.subheader("By length of the list")
    rows = estimates.dropna(subset=["k"])
    if rows["k"].nunique() < 2:
        st.info("This metric has one cutoff only in this run.", icon=":material/info:")
        return
    chart = charts_accuracy.curves(rows, choice.metric.name, choice.metric.better, choice.known)
    shell.draw(
        chart,
        key=accuracy.CURVES,
        caption=f"{_who(choice)}{shell.caption_of(choice.metric, rows)} Marks of one k stand a "
        "little aside of each other so that intervals can be read.",
        alt=f"{choice.metric.name} of each model at every cutoff",
        numbers=rows.drop(columns=["group_by", "group"]),
    )


def draw_distribution(choice: Choice) -> None:
    st.subheader("Is the mean carried by a few?")
    values = accuracy.per_user(choice)
    if values.empty or not values.notna().any().any():
        st.info("No value per user is stored for this metric.", icon=":material/info:")
        return
    chart = charts_accuracy.distribution(values, choice.metric.name, choice.k)
    undefined = int(values.isna().any(axis=1).sum())
    shell.draw(
        chart,
        key=accuracy.DISTRIBUTION,
        caption=f"{_who(choice)}Share of users whose {choice.name} lies in each range; the grey "
        "end is users who got nothing out of their list. Counted, not estimated: no interval. "
        f"n = {len(values) - undefined:,} users; {undefined:,} undefined are left out; source: "
        f"{plain(choice.metric.source, 300)}.",
        alt=f"Share of users by range of {choice.name}, for each model",
        numbers=values.describe().T.rename_axis("model").reset_index(),
    )


def draw_slices(choice: Choice, estimates: pd.DataFrame) -> None:
    st.subheader("Who is served worse?")
    rows = queries.at_cutoff(estimates, choice.metric.name, choice.k)
    best = rows.sort_values("mean", ascending=choice.metric.better == "lower")["model"]
    table = accuracy.by_group(choice, str(best.iloc[0])) if len(best) else pd.DataFrame()
    if table.empty:
        st.info(
            "The users of this run have no attribute with groups large enough to show.",
            icon=":material/info:",
        )
        return
    small = slices.n_small_groups(choice.run_id, str(choice.by))
    hidden = f" {small} groups too small to show are left out." if small else ""
    chart = charts_accuracy.slices(table, choice.metric.name, choice.k, choice.known)
    shell.draw(
        chart,
        key=accuracy.SLICES,
        caption=f"{shell.caption_of(choice.metric, table, 'n beside each group')} "
        f"Click a group to see only its users above; click again to see all.{hidden}",
        alt=f"{choice.name} by {choice.by}, with intervals",
        numbers=table,
        clickable=True,
    )


def _who(choice: Choice) -> str:
    return "" if choice.cell is None else f"**Only {plain(choice.who)}.** "
