"""The panels of what time does to models, to lists and to the week: query, chart, one caption."""

import numpy as np
import pandas as pd
import streamlit as st

from app import charts_drift, drift, shell
from app.words import metric_at, number, p_value, plain
from recscope.audits.report import Report

BOOTSTRAP = "95 % interval: bootstrap over users (Efron 1979, doi:10.1214/aos/1176344552)"
ROLLING = "doi:10.1007/s11257-012-9136-x"
NO_MODEL = "No model of this run was refitted over time; see why below."


def _model(report: Report) -> str | None:
    known = drift.models(report)
    if not known:
        st.info(NO_MODEL, icon=":material/info:")
        return None
    if st.session_state.get(drift.MODEL) not in known:
        st.session_state[drift.MODEL] = known[-1]
    chosen = st.selectbox("Model", known, key=drift.MODEL, bind="query-params")
    return str(chosen)


def _quality_name(report: Report) -> str:
    gains = drift.numbers(report, "refresh_gain")
    k = float(gains["k"].iloc[0]) if len(gains) else None
    return metric_at(str(report.settings.get("metric", "ndcg")), k)


def draw_quality(report: Report) -> None:
    """One model through the windows, and what refreshing is worth to each."""
    model = _model(report)
    if model is None:
        return
    quality = _quality_name(report)
    _through(report, model, quality)
    left, right = st.columns(2, gap="large")
    with left:
        _worth(report, quality)
    with right:
        _for_whom(report, model, quality)


def _through(report: Report, model: str, quality: str) -> None:
    st.subheader(f"{plain(model)}: left alone, fitted again, taught what came since")
    rows = drift.curve(report, "quality", model=model)
    if rows.empty:
        st.info("Too few users to show.", icon=":material/info:")
        return
    shell.draw(
        charts_drift.states(rows, quality),
        key=f"{drift.PAGE}.quality",
        caption=f"{plain(quality)} in rolling windows of equally many rows, marks at the middle of "
        "each; every state of the model is asked for the same users, without what they had by "
        f"then. {BOOTSTRAP}. n = {int(rows['n'].min()):,} to {int(rows['n'].max()):,} users a "
        f"window. Source: {ROLLING}. {_half_life(report, model)}",
        alt=f"{quality} of {model} over time: frozen, refitted and updated",
        numbers=rows.drop(columns=["curve"]),
    )


def _half_life(report: Report, model: str) -> str:
    rows = drift.numbers(report, "quality_half_life", model=model)
    if rows.empty:
        return "Its half-life cannot be judged."
    row = rows.iloc[0]
    if not np.isfinite(row["mean"]):
        least = f", at least {number(row['low'])} days" if np.isfinite(row["low"]) else ""
        return f"Left alone it lost nothing that could be seen{least}."
    top = f"{number(row['high'])} days" if np.isfinite(row["high"]) else "no end"
    return (
        f"Half-life of its quality: {number(row['mean'])} days "
        f"({number(row['low'])} days to {top})."
    )


def _worth(report: Report, quality: str) -> None:
    st.subheader("Would refreshing help?")
    tests = drift.effects(report, drift.REFRESH)
    rows = tests.assign(name=tests["model"], is_sure=tests["p_adjusted"] < 0.05)
    n = int(rows["n"].max())
    shell.draw(
        charts_drift.gains(rows, f"{quality}, refitted minus frozen"),
        key=f"{drift.PAGE}.worth",
        caption=f"{plain(drift.about('refresh_gain'), 500)} Mean over all windows after the first. "
        f"{BOOTSTRAP}, n = {n:,} users. Filled: p corrected by Holm over the models below 0.05 "
        "(jstor:4615733).",
        alt=f"Gain in {quality} from refitting each model",
        numbers=rows.drop(columns=["group_by", "group", "name"]),
    )


def _for_whom(report: Report, model: str, quality: str) -> None:
    st.subheader("For whom?")
    rows = drift.numbers(report, "refresh_gain", model=model, group_by="known at freezing")
    if rows.empty:
        st.info("Too few users of either kind to show.", icon=":material/info:")
        return
    table = rows.assign(
        name=[f"{group} (n {n:,})" for group, n in zip(rows["group"], rows["n"], strict=True)],
        effect=rows["mean"],
        is_sure=(rows["low"] > 0) | (rows["high"] < 0),
    )
    shell.draw(
        charts_drift.gains(table, f"{quality}, refitted minus frozen"),
        key=f"{drift.PAGE}.whom",
        caption=f"What refreshing {plain(model)} is worth to users it knew when it was frozen, and "
        f"to those who joined later: to them a frozen model can only offer what is popular. "
        f"{BOOTSTRAP}, n = {int(rows['n'].sum()):,} users. Source: {ROLLING}.",
        alt=f"Gain in {quality} from refitting {model} for known and for new users",
        numbers=rows,
    )


def draw_lists(report: Report) -> None:
    """How much lists change from refit to refit, and whether it pays to forget."""
    model = _model(report)
    if model is not None:
        left, right = st.columns(2, gap="large")
        with left:
            _changed(report, model, "refit_churn", "How much of a list does a refit replace?")
        with right:
            _changed(report, model, "refit_overlap", "How alike are the lists, the top most?")
    _forgetting(report)


def _changed(report: Report, model: str, metric: str, title: str) -> None:
    st.subheader(title)
    rows = drift.curve(report, metric, model=model)
    if rows.empty:
        st.info("Too few users were there before to compare.", icon=":material/info:")
        return
    pooled = drift.numbers(report, metric, model=model)
    told = ""
    if len(pooled):
        row = pooled.iloc[0]
        told = (
            f" From one window to the next: {number(row['mean'])} ({number(row['low'])} to "
            f"{number(row['high'])})."
        )
    shell.draw(
        charts_drift.states(rows, metric, "ages"),
        key=f"{drift.PAGE}.{metric}",
        caption=f"{plain(drift.about(metric), 500)} The refitted model against the one fitted a "
        "window earlier, and against the frozen one, same users, same moment. "
        f"{BOOTSTRAP}, n = {int(rows['n'].min()):,} to {int(rows['n'].max()):,} users.{told}",
        alt=f"{metric} of {model} over time",
        numbers=rows.drop(columns=["curve"]),
    )


def _forgetting(report: Report) -> None:
    st.subheader("Does it pay to forget?")
    rows, quality = drift.curve(report, "decay"), _quality_name(report)
    if rows.empty:
        st.info("Forgetting could not be judged; see why below.", icon=":material/info:")
        return
    tests = drift.effects(report, drift.FORGET)
    better = tests[tests["is_alarm"]].sort_values("effect")
    told = "No half-life does better than counting every liking the same."
    if len(better):
        best = better.iloc[-1]
        told = (
            f"Best: {plain(best['group'])}, {best['effect']:+.4f} ({best['low']:+.4f} to "
            f"{best['high']:+.4f}) over no decay, {p_value(best['p_adjusted'])}."
        )
    shell.draw(
        charts_drift.sweep(rows, quality),
        key=f"{drift.PAGE}.decay",
        caption=f"{plain(drift.about('decay_gain'), 500)} Refitted popularity in all windows, by "
        f"half-life. {BOOTSTRAP}, n = {int(rows['n'].max()):,} users; p corrected by Holm over the "
        f"half-lives. {told}",
        alt=f"{quality} of popularity by half-life",
        numbers=rows.drop(columns=["curve", "model"]),
    )


def draw_seasons(report: Report) -> None:
    """The day, the week and the year, as far as the data reach."""
    rows = drift.curve(report, "season")
    if rows.empty:
        st.info("The data cover no full day, week or year.", icon=":material/info:")
        return
    for name in dict.fromkeys(rows["series"]):
        _season(report, str(name), rows[rows["series"] == name])


def _season(report: Report, name: str, rows: pd.DataFrame) -> None:
    st.subheader(f"By {plain(name)}")
    tests = drift.effects(report, drift.SEASON)
    test = tests[tests["group_by"] == name]
    n = int(rows["n"].max())
    if len(test):
        row = test.iloc[0]
        is_sure = "a season" if row["is_alarm"] else "no season beyond chance"
        told = (
            f"{is_sure}: Cramér's V against an even spread {number(row['effect'])} "
            f"({number(row['low'])} to {number(row['high'])}), {p_value(row['p_adjusted'])}, "
            "corrected by Holm"
        )
    else:
        told = "too few cycles to tell from chance"
    shell.draw(
        charts_drift.season(rows, name),
        key=f"{drift.PAGE}.season-{name.split(' ', maxsplit=1)[0]}",
        caption="Share of a cycle's active users on each part, over the part's share of the time; "
        f"each full cycle counts once, n = {n:,} cycles. 95 % interval: Student's t over cycles. "
        f"{told[:1].upper()}{told[1:]} (Rao & Scott 1984, doi:10.1214/aos/1176346391).",
        alt=f"Activity by {name}",
        numbers=rows.drop(columns=["curve", "model"]),
    )
