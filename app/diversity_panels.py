"""The panels of the Diversity page: query, chart, one caption."""

import pandas as pd
import streamlit as st

from app import charts_diversity, diversity, shell
from app.diversity import Choice
from app.words import metric_at, plain
from evaluators.between_models import rbo
from evaluators.spread import coverage, gini
from recscope.audits import diversity as audit


def draw_trade(choice: Choice) -> None:
    st.subheader("What does accuracy cost in diversity?")
    table = diversity.trade(choice, choice.accurate) if choice.accurate else pd.DataFrame()
    if choice.accurate is None or table.empty:
        st.info("There is no accuracy and diversity to hold together.", icon=":material/info:")
        return
    beside, k = choice.accurate, choice.k
    up = charts_diversity.axis(choice.metric.name, k, choice.metric.better, "↑")
    if not choice.metric.cutoff:
        up = charts_diversity.axis(choice.metric.name, None, choice.metric.better, "↑")
    across = charts_diversity.axis(beside.name, k if beside.cutoff else None, beside.better, "→")
    shell.draw(
        charts_diversity.trade(table, across, up, choice.known),
        key=diversity.TRADE,
        caption=f"{plain(beside.summary, 300)} Source: {plain(beside.source, 200)}. Upwards: "
        f"{shell.caption_of(choice.metric, diversity.at(choice, choice.metric))}",
        alt=f"{choice.name} of each model against {beside.name}, with intervals",
        numbers=table,
    )


def draw_tail(choice: Choice) -> None:
    st.subheader("Who gets the places?")
    curves = diversity.curve(choice, audit.LORENZ)
    k = int(curves["label"].dropna().max())  # as many places as the audit looked at
    rows = diversity.at(choice, gini)
    rows = rows if choice.k == k else rows.iloc[:0]
    n_places = curves.loc[curves["model"].notna(), "n"].max()
    shell.draw(
        charts_diversity.lorenz(curves, choice.known),
        key=diversity.TAIL,
        caption="Lorenz curve: items of the catalogue from the least to the most shown, and the "
        "share of all places they hold together; the deeper it hangs, the fewer items share the "
        f"lists. Its bend is the Gini coefficient ({_figures(rows)}), source: "
        f"{plain(gini.source, 200)}. First {k} places of every list; counted, so "
        f"without an interval here; n = {n_places:,.0f} places. Dashed: the history that "
        "models learn from.",
        alt="Share of places held by the least shown share of the catalogue, for each model",
        numbers=curves[["model", "series", "x", "y", "n"]],
    )


def draw_growth(choice: Choice) -> None:
    st.subheader("Do longer lists show more of the catalogue?")
    curves = diversity.curve(choice, audit.GROWTH)
    shell.draw(
        charts_diversity.growth(curves, choice.known),
        key=diversity.GROWTH,
        caption=f"{plain(coverage.summary)} Source: {plain(coverage.source, 200)}. 95 % interval: "
        "delete-a-group jackknife over users, for as many other users of the same kind; it errs on "
        f"the wide side. n = {curves['n'].max():,.0f} users. More users are shown more items, so "
        "runs of unlike size cannot be compared.",
        alt="Share of the catalogue shown by list length, for each model",
        numbers=curves[["model", "x", "y", "low", "high", "n"]],
    )


def draw_overlap(choice: Choice) -> None:
    st.subheader("Which models recommend alike?")
    curves = diversity.curve(choice, audit.OVERLAP)
    curves = curves[curves["series"].isin(choice.models)]
    if curves.empty:
        st.info("Choose two models or more to see how they overlap.", icon=":material/info:")
        return
    p = choice.report.settings.get("p", rbo.settings["p"])
    shell.draw(
        charts_diversity.overlap(curves, choice.known),
        key=diversity.OVERLAP,
        caption=f"{plain(rbo.summary)} Rank-biased overlap with p = {p}, mean over users: 1 is the "
        f"same list in the same order, 0 no item in common. Source: {plain(rbo.source, 200)}. "
        f"95 % bootstrap interval on hovering; n = {curves['n'].max():,.0f} users.",
        alt="Rank-biased overlap of each two models",
        numbers=curves[["model", "series", "y", "low", "high", "n"]],
    )


def draw_bands(choice: Choice) -> None:
    st.subheader("How popular is what is shown?")
    curves = diversity.curve(choice, audit.BAND)
    if curves.empty:
        st.info("What users had before is not known, so nor is popularity.", icon=":material/info:")
        return
    models = curves[curves["model"].notna()]
    shell.draw(
        charts_diversity.bands(curves, choice.known),
        key=diversity.BANDS,
        caption="Items from the most to the least popular in the history, in ten bands of equally "
        "many items; share of all places that each takes. Bars: the share of the history itself. "
        "Source: Abdollahpouri et al. 2019, doi:10.48550/arXiv.1907.13286. 95 % interval: "
        f"bootstrap over users, n = {models['n'].max():,.0f} users.",
        alt="Share of places by tenth of the items, most popular first, for each model",
        numbers=curves[["model", "series", "label", "y", "low", "high", "n"]],
    )


def draw_groups(choice: Choice) -> None:
    st.subheader("Do some users get less variety?")
    table = diversity.by_group(choice) if choice.by else pd.DataFrame()
    if table.empty:
        st.info("The run was not cut by an attribute of its users.", icon=":material/info:")
        return
    k = choice.k if choice.metric.cutoff else None
    unlike = (
        " The number grows with the number of users, so groups of unlike size are not comparable."
        if choice.metric.per == "run"
        else ""
    )
    shell.draw(
        charts_diversity.groups(table, choice.metric.name, k, choice.known),
        key=diversity.GROUPS,
        caption=f"{shell.caption_of(choice.metric, table, 'n beside each group')}{unlike}",
        alt=f"{choice.name} by {choice.by}, with intervals",
        numbers=table,
    )


def draw_table(choice: Choice) -> None:
    st.subheader("All measures of diversity")
    table = diversity.everything(choice)
    shell.offer(table, "diversity-all")


def _figures(rows: pd.DataFrame) -> str:
    """Such as: ease 0.958, popularity 0.994."""
    figures = [f"{plain(row.model)} {row.mean:.3f}" for row in rows.itertuples()]
    name = metric_at(gini.name, None if rows.empty else rows["k"].iloc[0])
    return f"{name}: " + ", ".join(figures) if figures else "not judged here"
