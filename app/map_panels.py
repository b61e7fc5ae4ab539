"""The panels of the map: counts, branches, built-ins with their results, systems."""

from typing import Literal

import pandas as pd
import streamlit as st

from app import charts_map, map_data, shell
from app.map_data import Atlas, BuiltIn, Result
from app.words import count, interval, number, plain
from recommenders.survey import SURVEY, systems

COLUMNS = 3
ICONS = {map_data.RECOMMENDER: ":material/recommend:", map_data.EXPLAINER: ":material/lightbulb:"}


def draw_counts(atlas: Atlas) -> None:
    """How much of the survey is built in."""
    placed = [one for one in atlas.built_ins if one.place]
    n_models = sum(one.kind == map_data.RECOMMENDER for one in placed)
    with st.container(horizontal=True, gap="large"):
        st.metric("Systems in the survey", f"{len(systems()):,}")
        st.metric("With a built-in that stands for them", f"{len(atlas.stands):,}")
        st.metric("Recommenders on the map", f"{n_models:,}")
        st.metric("Explainers on the map", f"{len(placed) - n_models:,}")
    st.caption(
        f"Survey: {plain(SURVEY)}, sections 3 to 5. A built-in stands for a system when it runs "
        "the same mechanism, often with a much smaller model; it is not that system, and its "
        "numbers are not that paper's. A system may stand on several branches."
    )


def draw_branches(tier: str, atlas: Atlas) -> None:
    """Of each branch: how many systems, and how many with a built-in."""
    rows = [(b.label, n, listed) for b, n, listed in map_data.coverage(tier, atlas.stands)]
    table = pd.DataFrame(rows, columns=["branch", "with a built-in", "listed"])
    shell.draw(
        charts_map.coverage(rows),
        key="map.coverage",
        caption=f"The branches of this tier, after {plain(SURVEY)}. Counted, not estimated: no "
        f"interval. n = {count(len(map_data.of_tier(tier)), 'system')}.",
        alt="Systems of each branch of the survey, with and without a built-in",
        numbers=table,
    )


def draw_built_ins(found: list[BuiltIn]) -> None:
    """A card each: what it does, whom it stands for, and what runs here measured."""
    st.subheader(f"Built in ({len(found)})")
    if not found:
        st.info("Nothing is built in on this tier.", icon=":material/info:")
        return
    for start in range(0, len(found), COLUMNS):
        for column, one in zip(st.columns(COLUMNS), found[start : start + COLUMNS], strict=False):
            with column, st.container(border=True, height="stretch", gap="xsmall"):
                _draw_card(one)
    st.caption(
        "Number: the run's headline metric over everybody, with its 95 % interval; n counts users. "
        "The newest run of each data set, two at most; where several models of a run are of one "
        "kind, the best."
    )


def _draw_card(one: BuiltIn) -> None:
    st.markdown(f"{ICONS[one.kind]} **{plain(one.name)}**")
    if one.place is not None:
        color: Literal["blue", "green"] = "blue" if one.kind == map_data.RECOMMENDER else "green"
        st.badge(plain(one.place.technique, 60), color=color)
    st.markdown(plain(one.summary, 220))
    named = [
        f"[{plain(system.label, 60)}]({system.address})"
        if system.address
        else plain(system.label, 60)
        for system in one.systems
    ]
    named += [plain(name, 60) for name in one.beyond]
    if named:
        st.markdown(f"Stands for {', '.join(named)}")
    else:
        st.markdown(f"Source: {plain(one.source, 120)}")
    measured = map_data.results(one)
    if not measured:
        st.caption("No run here has it yet.")
    for result in measured[:2]:
        _draw_result(one, result)


def _draw_result(one: BuiltIn, result: Result) -> None:
    where = plain(result.data or result.run_id, 40)
    if one.kind == map_data.EXPLAINER:
        query = {shell.RUN: result.run_id}
        shell.link("explanation_quality", f"Its scores on {where}", ":material/fact_check:", query)
        return
    if result.metric:
        st.markdown(
            f"{result.metric} **{number(result.mean)}** "
            f"({interval(result.low, result.high)}), n = {count(result.n, 'user')}"
            + (" drawn by lot" if result.is_sample else "")
        )
    query = {shell.RUN: result.run_id}
    shell.link("accuracy", f"Its results on {where}", ":material/target:", query)


def draw_systems(tier: str, atlas: Atlas) -> None:
    """Every system of the tier: where it stands, who stands for it, and where to read it."""
    listed = map_data.of_tier(tier)
    st.subheader(f"Systems of the survey ({len(listed)})")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Find",
            key=map_data.FIND,
            placeholder="name, title, year or company",
            bind="query-params",
        )
        standing = st.toggle(
            "Only those with a built-in", key=map_data.STANDING, bind="query-params"
        )
    shown = [
        system
        for system in map_data.searched(listed, words or "")
        if not standing or system in atlas.stands
    ]
    if not shown:
        st.info("No system of this tier fits. Clear the field to see all.", icon=":material/info:")
        return
    rows = [
        {
            "system": system.label,
            "built-in": ", ".join(atlas.stands.get(system, [])),
            "branch": "; ".join(b.label for b in system.branches if b.tier == tier),
            "year": system.year,
            "company": system.company,
            "paper": system.address,
            "title": system.title,
        }
        for system in shown
    ]
    table = pd.DataFrame(rows)
    if not table["company"].any():
        table = table.drop(columns="company")
    st.dataframe(
        table,
        hide_index=True,
        key="map.systems",
        height=min(600, 38 + 35 * len(table)),
        alt="Systems of the survey on this tier",
        column_config={
            "system": st.column_config.TextColumn(width="medium", pinned=True),
            "branch": st.column_config.TextColumn(width="medium"),
            "year": st.column_config.NumberColumn(format="%d", width="small"),
            "paper": st.column_config.LinkColumn(display_text="read", width="small"),
            "title": st.column_config.TextColumn("title of the paper", width="large"),
        },
    )
    st.caption(
        f"{count(len(shown), 'system')} of {len(listed):,}. A system without a name of its own is "
        "called by its paper's title. Empty: nothing built in stands for it."
    )
