"""The panels of the Calibration page: query, chart, one caption."""

import pandas as pd
import streamlit as st

from app import calibration, charts_calibration, shell
from app.calibration import Choice
from app.words import count, each, metric_at, number, p_value, plain, signed
from evaluators import METRICS
from evaluators.doors import metrics

BAND = (
    "Grey band: where the marks would lie in 95 of 100 cases, were the promises kept and each item "
    "a draw of its own (Bröcker & Smith 2007, doi:10.1175/WAF993.1)."
)


def draw_diagrams(choice: Choice) -> None:
    st.subheader("Are promises kept?")
    points = calibration.curve(choice, "reliability")
    if points.empty:
        st.info(
            "No model of this run has scores that could be read as probabilities; the notes at "
            "the end of this page say why.",
            icon=":material/info:",
        )
        return
    shown = [model for model in choice.models if model in set(points["model"])]
    chart = charts_calibration.diagrams(
        points, calibration.curve(choice, "consistency"), shown, calibration.ways(choice.report)
    )
    shell.draw(
        chart,
        key=calibration.DIAGRAMS,
        caption="Left: the scores as they stand, or squashed into 0 to 1 as the title says. Right: "
        "after the map that was fitted on validation data. Across: the mean probability promised "
        "to a tenth of the listed items; up: the share of them that users chose in the test part, "
        "with 95 % bootstrap interval over users. On the dotted line a promise is kept, below it "
        f"too much is promised. {BAND} {_population(choice)} The two sides of a row have scales "
        "of their own.",
        alt="Reliability diagram of each model, before and after a map",
        numbers=points.drop(columns=["label"]),
    )


def _population(choice: Choice) -> str:
    told = calibration.curve(choice, "population")
    mine = told[told["model"] == choice.focus].set_index("label")["y"]
    if mine.empty:
        return f"Judged: the first {choice.k} items of each list."
    fitted = ""
    if "entries the map was fitted on" in mine:
        fitted = (
            f", map fitted on {mine['entries the map was fitted on']:,.0f} items of "
            f"{mine['lists the map was fitted on']:,.0f} validation users by the model fitted on "
            "train alone"
        )
    return (
        f"Judged: the first {choice.k} items of each list of the model's own; for "
        f"{plain(choice.focus)} {mine['entries judged']:,.0f} items of "
        f"{count(mine['lists judged'], 'user')}, {mine['of them chosen']:,.0f} chosen{fitted}."
    )


def draw_errors(choice: Choice) -> None:
    st.subheader("How far off are they?")
    table = calibration.before_and_after(choice)
    if table.empty:
        st.info("No error of this kind could be judged.", icon=":material/info:")
        return
    metric = choice.metric
    shown = [model for model in choice.models if model in set(table["model"])]
    title = metric_at(metric.name, choice.k) + {
        "lower": "   (← lower is better)",
        "higher": "   (higher is better →)",
        "neither": "",
    }.get(metric.better, "")
    is_signed = metric.name == "calibration_bias"
    chart = charts_calibration.errors(table, shown, title, ideal=is_signed)
    tests = calibration.tests(choice, "miscalibration")
    alarms = [plain(model) for model in tests.loc[tests["is_alarm"], "model"]]
    verdict = (
        f"Promises that speak for the model are broken beyond chance for {', '.join(alarms)} "
        if alarms
        else "For no model are promises that speak for it broken beyond chance "
    )
    shell.draw(
        chart,
        key=calibration.ERRORS,
        caption=f"{shell.caption_of(metric, table, _users(table))} Hollow: before the map; filled: "
        f"after. {verdict}(signs of all a user adds turned at random, p corrected by Holm for "
        f"{len(tests)} models; Cameron, Gelbach & Miller 2008, doi:10.1162/rest.90.3.414).",
        alt=f"{metric.name} of each model before and after a map, with intervals",
        numbers=table.drop(columns=["group_by", "group"]),
    )


def _users(table: pd.DataFrame) -> str:
    low, high = int(table["n"].min()), int(table["n"].max())
    return f"n = {low:,} users" if low == high else f"n = {low:,} to {high:,} users, by model"


def draw_table(choice: Choice) -> None:
    table = calibration.all_errors(choice)
    if table.empty:
        return
    st.subheader("Every error, with its interval")
    st.dataframe(
        table, hide_index=True, key=f"{calibration.TABLE}.table", alt="Errors of every model"
    )
    st.caption(
        "Number (95 % interval). Sums of each user are drawn again, bin edges stay. Intervals of "
        "errors are read from debiased draws and reach 0 where chance could make all of the error."
    )


def draw_groups(choice: Choice) -> None:
    st.subheader(f"To whom does {plain(choice.focus)} promise too much or too little?")
    table = calibration.by_group(choice)
    if table.empty or choice.by is None:
        st.info(
            "No group of users is large enough to be judged for this model.",
            icon=":material/info:",
        )
        return
    metric = calibration.group_metric(choice)
    left, right = st.columns(2, gap="large")
    hidden = calibration.n_suppressed(choice)
    small = f" {count(hidden, 'group')} too small to show." if hidden else ""
    labelled = table.assign(shown=[f"{row.group}  (n {row.n:,})" for row in each(table)])
    with left:
        shell.draw(
            charts_calibration.dots(labelled, "shown", metric_at(metric.name, choice.k)),
            key=calibration.GROUPS,
            caption=f"{shell.caption_of(metric, table, 'n beside each group')} "
            f"{_gap(choice)}{small}",
            alt=f"{metric.name} of {choice.focus} by {choice.by}",
            numbers=table,
        )
    points = calibration.curve(choice, "reliability by group")
    points = points[(points["model"] == choice.focus) & (points["series"] == choice.by)]
    drawn = calibration.largest_groups(table)
    more = len(table) - len(drawn)
    rest = f" The {len(drawn)} largest groups; {more} more in the numbers." if more else ""
    with right:
        shell.draw(
            charts_calibration.group_diagrams(points, drawn),
            key=calibration.BY_GROUP,
            caption="The reliability diagram of each group, in the bins of all users; below the "
            "dotted line a group is promised too much. Intervals stand in the numbers: bins of "
            f"small groups hold few items.{rest} Bröcker & Smith 2007, "
            "doi:10.1175/WAF993.1. n users as beside.",
            alt=f"Reliability diagram of {choice.focus} by {choice.by}",
            numbers=points,
        )


def _gap(choice: Choice) -> str:
    tests = choice.report.tests
    mine = tests[
        (tests["test"] == "calibration gap")
        & (tests["model"] == choice.focus)
        & (tests["group_by"] == choice.by)
    ]
    if mine.empty:
        return "The gap between groups cannot be judged, because fewer than two are large enough."
    row = mine.iloc[0]
    verdict = "more than chance" if row["is_alarm"] else "no more than chance allows"
    return (
        f"Largest gap of the debiased error {number(row['effect'])} "
        f"({number(row['low'])} to {number(row['high'])}), worst for {plain(row['group'])}: "
        f"{verdict} (users dealt out to groups anew, {p_value(row['p'])}, "
        f"corrected {p_value(row['p_adjusted'])})."
    )


def draw_strength(choice: Choice) -> None:
    st.subheader("Does strength compare between users?")
    table = calibration.strength(choice)
    if table.empty:
        st.info("No model has scores to compare between users.", icon=":material/info:")
        return
    metric = METRICS["between_user_deviation"]
    left, right = st.columns(2, gap="large")
    with left:
        shell.draw(
            charts_calibration.dots(
                table, "model", metric_at(metric.name, choice.k), filled=list(table["is_alarm"])
            ),
            key=calibration.STRENGTH,
            caption=f"{shell.caption_of(metric, table, _users(table))} Filled: beyond chance "
            "(outcomes shuffled among neighbouring scores, p corrected by Holm below 0.05). 0.1 "
            "says: at equal scores one user finds 10 of 100 items more than the mean, another 10 "
            "fewer.",
            alt="Deviation between users at equal scores, each model",
            numbers=table.drop(columns=["group_by", "group"]),
        )
    scales = calibration.scales(choice)
    with right:
        if scales.empty:
            st.info(
                f"The scores of {plain(choice.focus)} leave nothing to put on another scale.",
                icon=":material/info:",
            )
            return
        first = scales[scales["group"] == "as given"]["mean"].iloc[0]
        best = scales.sort_values("mean").iloc[0]
        change = signed(float(best["mean"] - first))
        told = (
            "No scale per user makes the scores compare better than they do as given."
            if best["group"] == "as given"
            else f"Least with {plain(best['group'])}: {change} against the scores as given."
        )
        shell.draw(
            charts_calibration.dots(
                scales, "group", f"{metric_at(metric.name, choice.k)}, {choice.focus}"
            ),
            key=calibration.SCALES,
            caption=f"The same for {plain(choice.focus)}, after each user's scores were put on a "
            f"scale of their own. {told} The numbers also hold what the scores still tell apart "
            "(brier_resolution): a scale that takes the differences away takes the information "
            f"with them. Source: {plain(metric.source, 300)}. 95 % interval: "
            f"{shell.interval_method(scales['method'].unique())}. {_users(scales)}.",
            alt=f"Deviation between users of {choice.focus} under each normalisation",
            numbers=scales.drop(columns=["group_by"]),
        )


def draw_ratings(choice: Choice) -> None:
    points = calibration.curve(choice, "ratings")
    if points.empty:
        return
    st.subheader("Are predicted ratings right in the mean?")
    metric = METRICS["rating_calibration_error"]
    table = calibration.everybody(choice.report, metric.name)
    table = table[table["model"].isin(choice.models)]
    told = "; ".join(
        f"{plain(row.model)} {number(row.mean)} ({number(row.low)} to {number(row.high)})"
        for row in each(table)
    )
    shell.draw(
        charts_calibration.ratings(points, choice.models),
        key=calibration.RATINGS,
        caption=f"{shell.caption_of(metric, table, _users(table))} {told}. A mark is a tenth of "
        "the predicted test ratings; on the dotted line predictions are right in the mean.",
        alt="Mean given rating by mean predicted rating",
        numbers=points.drop(columns=["label"]),
    )


def draw_lists(run_id: str, models: list[str]) -> None:
    st.subheader("Do lists mirror tastes?")
    names = calibration.list_metrics(run_id)
    if not names:
        st.info(
            "This run holds no metric that lays lists beside the tastes of their users: its items "
            "have no groups such as genres, or it was judged without the family "
            "`list-calibration`.",
            icon=":material/info:",
        )
        return
    name = st.selectbox("Distance", names, key=calibration.LIST_METRIC, bind="query-params")
    metric = metrics()[name]
    table = calibration.lists(run_id, models, name)
    if table.empty:
        st.info("This number is undefined for every model.", icon=":material/info:")
        return
    k = table["k"].iloc[0]
    way = {"lower": "   (← lower is better)", "higher": "   (higher is better →)"}
    shell.draw(
        charts_calibration.dots(table, "model", metric_at(name, k) + way.get(metric.better, "")),
        key=calibration.LISTS,
        caption=shell.caption_of(metric, table),
        alt=f"{name} of each model with its interval",
        numbers=table.drop(columns=["group_by", "group"]),
    )
