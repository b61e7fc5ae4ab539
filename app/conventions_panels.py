"""The panels of the page Why is my number different?"""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app import charts_conventions, conventions, shell
from app.charts_conventions import SAME
from app.conventions import Choice
from app.words import count, each, interval, metric_at, number, plain, signed
from recscope.conventions.side_by_side import OWN
from recscope.conventions.steps import Step, listed

HOW = {
    "run": "checked against the tool itself",
    "hand-worked": "worked by hand from its source: it does not install here",
}
INTERVAL = (
    "95 % interval: bootstrap over users (Efron 1987, doi:10.1080/01621459.1987.10478410); for "
    "numbers of item counts by leaving users out (doi:10.1023/A:1008800423698)"
)


def draw_answer(choice: Choice, table: pd.DataFrame) -> None:
    """One sentence: how many tools say something else, and whose number was typed."""
    said = table.dropna(subset=["value"])
    others = said[said["tool"] != OWN]
    n_other = int((others["difference"].abs() > SAME).sum())
    name = metric_at(choice.metric.name, choice.cutoff)
    st.markdown(
        f"RecScope counts **{plain(name)} = {number(float(said['value'].iloc[0]), 4)}**; "
        f"**{n_other} of {len(others)}** tools that have this metric say something else of the "
        "same lists."
    )
    if not choice.mine:
        return
    found = conventions.matches(choice, table)
    if found is None:
        st.warning(
            f"Your number must be a number such as 0.352; {plain(choice.mine, 40)} came.",
            icon=":material/error:",
        )
        return
    value, tools = found
    names = [plain(row.name) for row in each(said) if row.tool in tools]
    if names:
        st.success(f"{value:g} is what **{', '.join(names)}** would say.", icon=":material/check:")
        return
    nearest = said.iloc[(said["value"] - value).abs().to_numpy().argmin()]
    st.info(
        f"No convention gives {value:g}. The nearest is **{plain(nearest['name'])}** with "
        f"{number(float(nearest['value']), 4)}. Are these the same lists, the same test items and "
        "the same depth?",
        icon=":material/info:",
    )


def draw_reported(choice: Choice) -> None:
    """A tool's own output, held against every convention."""
    with st.expander("Paste what a tool reported", icon=":material/content_paste:"):
        text = st.text_area(
            "Its output",
            key="conventions.reported",
            placeholder="P_5 all 0.3000\nndcg_cut_10 all 0.3100\nor {'ndcg@10': 0.31}",
            max_chars=100_000,
        )
        if not text.strip():
            return
        with shell.mendable():
            table = conventions.held_against(choice, text)
            if table.empty:
                st.info("None of these metrics can be counted here.", icon=":material/info:")
                return
            st.dataframe(
                table,
                hide_index=True,
                key="conventions.held",
                alt="Reported numbers beside those of every convention",
                column_config={
                    name: st.column_config.NumberColumn(format="%.4f")
                    for name in ("reported", "RecScope")
                },
            )


def draw_side_by_side(choice: Choice, table: pd.DataFrame) -> None:
    st.subheader("Every tool's number")
    shown = table.dropna(subset=["value"])
    chart = charts_conventions.side_by_side(table, choice.metric.name, choice.cutoff)
    shell.draw(
        chart,
        key="conventions.tools",
        caption=f"{plain(choice.metric.summary, 400)} As each tool counts it, from the same lists. "
        "Blue and dotted line: RecScope. Orange: another number. Grey: the same. Source of each: "
        f"the tool's own code, in the version named below. {INTERVAL}. "
        f"n = {shown['n'].min():,.0f} to {shown['n'].max():,.0f} users, by whom the tool counts.",
        alt=f"{metric_at(choice.metric.name, choice.cutoff)} as each tool counts it",
        numbers=table.drop(columns=["users", "clause"]),
    )


def draw_made_of(choice: Choice, table: pd.DataFrame) -> None:
    st.subheader("What is the difference made of?")
    rows = table.dropna(subset=["by_users", "by_formula"])
    rows = rows[(rows["by_users"].abs() > SAME) | (rows["by_formula"].abs() > SAME)]
    if rows.empty:
        st.info(
            "No mean over users differs. Where a number differs all the same it is one fraction "
            "for everybody, or a number of item counts: the clause below says how it is made.",
            icon=":material/info:",
        )
        return
    shell.draw(
        charts_conventions.made_of(rows, choice.metric.name, choice.cutoff),
        key="conventions.parts",
        caption="Another formula: mean over the users whom both count of what the tool says "
        "otherwise of them. Other users counted: the rest, from leaving users out or taking more "
        "in. The two add up to the difference. Source: this page's own arithmetic. Counted, not "
        f"estimated: no interval. n = {rows['n'].min():,.0f} to {rows['n'].max():,.0f} users.",
        alt="Difference of each tool to RecScope, by formula and by users counted",
        numbers=rows[["name", "value", "difference", "by_formula", "by_users", "n"]],
    )


def draw_clauses(table: pd.DataFrame) -> None:
    st.subheader("What makes the difference, in words")
    said = table[table["tool"] != OWN]
    differs = said["difference"].abs() > SAME
    stops = said["value"].isna() & said["clause"].notna()
    with st.grid("auto", min_column_width=320, gap="small"):
        for row in each(said[differs | stops]):
            with st.container(border=True, height="stretch", gap="xsmall"):
                _draw_clause(row)
    same = said[said["value"].notna() & ~differs]
    if len(same):
        with st.expander(f"The same number as here ({len(same)})"):
            for row in each(same):
                st.markdown(
                    f"**{plain(row.name)}** {plain(row.version)}, `{row.theirs}`: "
                    f"{plain(row.clause, 600)}. {HOW[row.checked].capitalize()}."
                )
    without = said[said["value"].isna() & said["clause"].isna()]
    if len(without):
        with st.expander(f"Cannot be counted their way ({len(without)})"):
            for row in each(without):
                st.markdown(f"**{plain(row.name)}**: {plain(row.stops, 600)}.")


def _draw_clause(row: Any) -> None:
    st.markdown(f"**{plain(row.name)}** {plain(row.version)} · `{row.theirs}`")
    if np.isnan(row.value):
        st.markdown(f":material/block: {plain(row.stops, 600)}.")
    else:
        st.markdown(
            f"**{number(row.value, 4)}** ({signed(row.difference, 4)}); "
            f"{interval(row.low, row.high)}"
        )
    st.markdown(f"{plain(row.clause, 800)}.")
    who = f"{count(row.n, 'user')} counted" if row.n else "nobody counted"
    out = f", {row.n_undefined:,.0f} left out" if row.n_undefined else ""
    added = f", {row.n_imputed:,.0f} of them without a list" if row.n_imputed else ""
    st.caption(f"{who}{added}{out}. {HOW[row.checked].capitalize()}.")


def draw_user(choice: Choice, per_user: pd.DataFrame) -> None:
    st.subheader("One user, step by step")
    row = conventions.pick_user(choice, per_user)
    steps = conventions.steps_of(choice, row)
    left, right = st.columns([2, 3], gap="large")
    with left:
        _draw_list(choice, row)
    with right:
        _draw_values(choice, steps)
    _draw_steps(steps)


def _draw_list(choice: Choice, row: int) -> None:
    scene = conventions.scene_at(*choice.lists)
    given = scene.handed.given
    places = listed(given, row, choice.k)
    lines = []
    for rank, (item, hit) in enumerate(places, start=1):
        name = plain(scene.items[item], 48)
        lines.append(f"{rank}. ✓ **{name}**" if hit else f"{rank}. {name}")
    st.markdown("\n".join(lines) or ":material/block: no list")
    hits = sum(hit for _, hit in places)
    beyond = int(given.is_match[row].sum()) - hits
    st.caption(
        f"k = {choice.k}; {count(int(given.n_listed[row]), 'place')} handed over; "
        f"{count(hits, 'hit')} within k{f', {beyond} below' if beyond else ''}; "
        f"{count(int(given.n_relevant[row]), 'relevant item')} of "
        f"{count(int(given.n_tested[row]), 'test item')}. ✓: relevant in the test set."
    )


def _draw_values(choice: Choice, steps: list[Step]) -> None:
    counted = [step for step in steps if not step.why]
    if not counted:
        st.info(
            "No tool says anything of this user alone: "
            + (steps[0].why if steps else "the number is one of all lists together")
            + ".",
            icon=":material/info:",
        )
        return
    shell.draw(
        charts_conventions.of_user(counted, choice.metric.name, choice.cutoff),
        key="conventions.user-chart",
        caption="This user's own value in each convention. Source: each tool's own code. Counted, "
        f"not estimated: no interval. n = 1 user; {len(steps) - len(counted)} tools do not count "
        "this user.",
        alt="This user's value in each convention",
    )


def _draw_steps(steps: list[Step]) -> None:
    if not steps:
        return
    st.dataframe(
        pd.DataFrame(
            {
                "tool": [step.name for step in steps],
                "value": [step.value for step in steps],
                "how": [step.text or step.why or "not a single fraction" for step in steps],
            }
        ),
        hide_index=True,
        key="conventions.steps",
        height="content",
        alt="How each tool comes to its value for this user",
        column_config={
            "tool": st.column_config.TextColumn(width="medium"),
            "value": st.column_config.NumberColumn(format="%.4f", width="small"),
            "how": st.column_config.TextColumn(width="large"),
        },
    )
