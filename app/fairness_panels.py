"""The panels of the Fairness page about users: query, chart, one caption."""

import numpy as np
import pandas as pd
import streamlit as st

from app import charts_accuracy, charts_fairness, fairness, fairness_data, shell
from app.fairness import Choice
from app.fairness_data import Gaps
from app.words import count, each, number, p_value, plain
from evaluators import METRICS
from recscope.cuts import BETWEEN
from recscope.estimate import SMALLEST_CELL

MOST_ROWS = 16
INTERVALS = (
    "95 % interval: allows for the search among all groups (Tukey-Kramer below, "
    "doi:10.2307/3001469; Berger 1982 above, doi:10.2307/1268769)"
)
NO_AUDIT = (
    "This run was not audited for fairness to users, so nothing here is tested for chance over all "
    "attributes. Do it in a terminal with `python -m recscope audit {run} --family user_fairness`."
)


def draw_users(choice: Choice) -> None:
    """Everything about users."""
    if choice.report is None:
        st.info(NO_AUDIT.format(run=choice.run_id), icon=":material/info:")
    found = fairness_data.gaps(
        choice.run_id, choice.name, choice.metric, choice.by, (*choice.models,)
    )
    left, right = st.columns(2, gap="large")
    with left:
        draw_groups(choice, found)
    with right:
        draw_gaps(choice, found)
    if choice.report is None:
        return
    left, right = st.columns(2, gap="large")
    with left:
        draw_ranking(choice)
    with right:
        draw_worst(choice)
    draw_inequality(choice)
    shell.tell_notes(choice.report.notes)


def draw_groups(choice: Choice, found: Gaps) -> None:
    st.subheader("Who gets how much?")
    if found.groups.empty:
        _cannot(choice, found)
        return
    rows = found.groups
    order = rows[rows["model"] == rows["model"].iloc[0]].sort_values("mean")["group"].tolist()
    if choice.metric.better == "lower":
        order = order[::-1]
    kept = order[:MOST_ROWS] if len(order) > MOST_ROWS else _in_order(rows, order)
    shown = rows[rows["group"].isin(kept)]
    shown = shown.sort_values(
        "group", key=lambda names: names.map(kept.index), kind="stable", ignore_index=True
    )
    small = (
        f" {count(found.n_small, 'group')} of fewer than {SMALLEST_CELL} users left out."
        if found.n_small
        else ""
    )
    cut = (
        f" The {MOST_ROWS} worst served of {len(order)} groups; all in the numbers below."
        if len(kept) < len(order)
        else ""
    )
    chart = charts_accuracy.slices(shown, choice.metric.name, choice.k, choice.known)
    shell.draw(
        chart,
        key=fairness.GROUPS,
        caption=f"Mean {choice.name} of each group. {plain(choice.metric.summary, 400)} Source: "
        f"{plain(choice.metric.source, 300)}. 95 % interval: Student's t; the spread of small "
        f"groups is drawn towards that of all. n beside each group; up to "
        f"{rows['n_undefined'].max():,.0f} of a group undefined and left out.{small}{cut}",
        alt=f"{choice.name} by {choice.cut}, with intervals",
        numbers=rows,
    )


def _in_order(rows: pd.DataFrame, order: list[str]) -> list[str]:
    """Groups as the attribute orders them: ages from young to old."""
    return [str(name) for name in dict.fromkeys(rows["group"]) if name in order]


def draw_gaps(choice: Choice, found: Gaps) -> None:
    st.subheader("How far apart are the groups?")
    if found.between.empty:
        if not found.groups.empty:
            _cannot(choice, found)
        return
    wide = found.between[found.between["number"] == "user_gap"]
    others = found.between.pivot_table(index="model", columns="number", values="value")
    tests = _tests_by_model(choice)
    rows = []
    for row in each(wide.sort_values("value", ascending=False, kind="stable")):
        test = tests.get(row.model)
        ratio = others["user_ratio"].get(row.model, np.nan) if "user_ratio" in others else np.nan
        share = f"worst gets {100 * ratio:.0f} % of best" if np.isfinite(ratio) else ""
        rows.append(
            {
                "label": row.model,
                "key": row.model,
                "value": row.value,
                "low": row.low,
                "high": row.high,
                "is_sure": row.low > 0 if test is None else test[0] < charts_fairness.SURE,
                "by_chance": np.nan if test is None else test[1],
                "said": share if test is None else f"{share}, corrected {p_value(test[0])}",
            }
        )
    tested = (
        "Filled: corrected p below 0.05 (permutation test over all attributes, Holm)."
        if tests
        else "Filled: the interval lies above 0 (this attribute was not audited)."
    )
    metric = METRICS["user_gap"]
    shell.draw(
        charts_fairness.gaps(pd.DataFrame(rows), f"largest gap in {choice.name}"),
        key=fairness.GAPS,
        caption=f"{metric.summary} Largest mean less smallest among groups of {choice.cut}. "
        f"{INTERVALS}. {tested} Chance alone makes a gap: the red mark shows the size expected if "
        f"group made no difference. n = {found.groups.groupby('model')['n'].sum().max():,.0f} "
        f"users; source: {plain(metric.source, 300)}.",
        alt=f"Largest gap in {choice.name} between groups of {choice.cut}, for each model",
        numbers=found.between,
    )


def _tests_by_model(choice: Choice) -> dict[str, tuple[float, float]]:
    """Model to corrected p and expected gap by chance, where the audit judged this very cut."""
    found = {}
    for model in choice.models:
        own = fairness.of_focus(choice, model)
        tests = fairness.tested(own, "gap")
        if tests.empty:
            continue
        # gender × age and age × gender are one crossing
        names = {frozenset(name.split(BETWEEN)): name for name in tests["group_by"]}
        cut = names.get(frozenset(choice.by))
        tests = tests[tests["group_by"] == cut]
        if len(tests):
            numbers = fairness.audited(own)
            numbers = numbers[numbers["group_by"] == cut]
            by_chance = numbers[numbers["metric"] == "user_gap_by_chance"]["mean"]
            found[model] = (
                float(tests["corrected"].iloc[0]),
                float(by_chance.iloc[0]) if len(by_chance) else np.nan,
            )
    return found


def draw_ranking(choice: Choice) -> None:
    st.subheader("Which attribute matters most?")
    tests, numbers = fairness.tested(choice, "gap"), fairness.audited(choice)
    if tests.empty:
        st.info(
            f"The audit did not judge {choice.name} by any attribute: name it in "
            "`[audit.user_fairness] metrics`.",
            icon=":material/info:",
        )
        return
    chance = numbers[numbers["metric"] == "user_gap_by_chance"].set_index("group_by")["mean"]
    rows = tests.assign(
        label=tests["group_by"],
        key=tests["group_by"],
        value=tests["effect"],
        is_sure=tests["corrected"] < charts_fairness.SURE,
        by_chance=tests["group_by"].map(chance),
        said=[f"worst: {row.group}, corrected {p_value(row.corrected)}" for row in each(tests)],
    )
    # first what is sure, then what stands out most from chance
    rows = rows.sort_values(["corrected", "value"], ascending=[True, False], kind="stable")
    shown = rows.head(MOST_ROWS)
    shell.draw(
        charts_fairness.gaps(shown, f"largest gap in {choice.name}"),
        key=fairness.RANKING,
        caption=f"{plain(choice.focus)}: largest gap between groups of each attribute, and where "
        f"attributes cross (×). {INTERVALS}. Filled: p below 0.05, corrected by "
        f"{choice.correction} over attributes, and over crossings, of this model; permutation test "
        "of the farthest group in standard errors (Westfall & Young 1993). Red: the gap expected "
        f"by chance alone. n = {tests['n'].max():,.0f} users; groups of fewer than "
        f"{_smallest(choice)} are left out. Click an attribute to cut users by it above."
        f"{charts_fairness.hidden_note(len(rows), len(shown))}",
        alt=f"Gap in {choice.name} by attribute, {choice.focus}, with the gap expected by chance",
        numbers=tests,
        clickable=True,
    )


def draw_worst(choice: Choice) -> None:
    st.subheader("Who gets less than all others?")
    tests = fairness.tested(choice, "group")
    if tests.empty:
        st.info("No group was tested against all others.", icon=":material/info:")
        return
    sign = -1 if choice.metric.better == "lower" else 1
    behind = tests[tests["effect"] * sign < 0].sort_values(
        ["corrected", "p", "effect"], kind="stable"
    )
    shown = behind.head(MOST_ROWS - 4)
    means = _means(choice, shown)
    shown = shown.assign(label=[f"{row.group_by} = {row.group}" for row in each(shown)], mean=means)
    numbers = fairness.audited(choice)
    missed = numbers.loc[numbers["metric"] == "user_gap_detectable", "mean"].to_numpy()
    side = "left" if sign > 0 else "right"
    shell.draw(
        charts_fairness.worst(shown, choice.name),
        key=fairness.WORST,
        caption=f"{plain(choice.focus)}: mean {choice.name} of a group less that of all other "
        f"users, least likely by chance on top; {side} of the line is worse off. 95 % interval: "
        "Student's t. Filled: p of the "
        f"permutation test below 0.05, corrected by {choice.correction}. n beside each group. "
        f"Smaller lags may be there unseen: by attribute, a lag of {number(missed.min())} to "
        f"{number(missed.max())} would be found four times in five."
        f"{charts_fairness.hidden_note(len(behind), len(shown))}",
        alt=f"Groups served worse than all others in {choice.name}, {choice.focus}",
        numbers=behind,
    )


def _means(choice: Choice, shown: pd.DataFrame) -> list[float]:
    """Mean of each group: that of all others plus the difference."""
    found = []
    for row in each(shown):
        made = fairness_data.gaps(
            choice.run_id,
            choice.name,
            choice.metric,
            tuple(str(row.group_by).split(BETWEEN)),
            (choice.focus,),
        ).groups
        means = dict(zip(made["group"], made["mean"], strict=True)) if len(made) else {}
        found.append(float(means.get(row.group, np.nan)))
    return found


def draw_inequality(choice: Choice) -> None:
    st.subheader("How unequal is it, whatever the group?")
    table = fairness.inequality(choice)
    if table.empty:
        st.info("The audit did not judge this metric.", icon=":material/info:")
        return
    names = list(dict.fromkeys(table["metric"]))
    shown = table.pivot_table(index="model", columns="metric", values="mean", sort=False)
    shown = shown.reindex(columns=names).reset_index()
    for name in names:
        of = table[table["metric"] == name].set_index("model")
        shown[f"{name}, 95 %"] = [
            f"{number(of['low'][model])} to {number(of['high'][model])}" for model in shown["model"]
        ]
    order = ["model", *(column for name in names for column in (name, f"{name}, 95 %"))]
    st.dataframe(
        shown[order],
        hide_index=True,
        key="fairness.inequality",
        alt=f"Inequality of {choice.name} among users, for each model",
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in names},
    )
    said = " ".join(f"**{name}**: {plain(METRICS[name].summary, 200)}" for name in names)
    st.caption(
        f"{said} Intervals: bootstrap over users, percentiles; worst_tenth: closed form. "
        f"n = {table['n'].max():,.0f} users; sources in the reference of metrics."
    )


def _smallest(choice: Choice) -> int:
    settings = choice.report.settings if choice.report else {}
    return int(settings.get("smallest", SMALLEST_CELL))


def _cannot(choice: Choice, found: Gaps) -> None:
    why = found.why or f"no model on show has {choice.name}"
    st.info(
        f"{plain(choice.cut)} cannot be judged, because {plain(why, 400)}.",
        icon=":material/block:",
    )
