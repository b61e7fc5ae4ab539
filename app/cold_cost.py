"""The panels of cost and of language models: query, chart, one caption."""

import pandas as pd
import streamlit as st

from app import charts_accuracy, charts_cold, cold, shell
from app.cold import Choice
from app.words import count, plain
from evaluators import METRICS
from recscope.audits.report import Report

MOST_NAMED = 6  # models beaten by one, in a caption
TITLES = {
    "model": "model",
    "fit_seconds": "to learn, s",
    "latency_p50": "one list p50, ms",
    "latency_p95": "p95, ms",
    "latency_p99": "p99, ms",
    "batch_latency_p50": "a batch p50, ms",
    "batch_latency_p95": "batch p95, ms",
    "batch_latency_p99": "batch p99, ms",
    "throughput": "lists a second",
    "model_size": "learned, MB",
    "peak_memory": "peak memory, MB",
    "tokens_per_list": "tokens a list",
    "cost_per_1000_lists": "price of 1,000 lists",
}
RATES = {
    "out_of_catalogue_rate": "names no item",
    "duplicate_rate": "repeats itself",
    "history_repeat_rate": "had before",
    "off_candidate_rate": "not a candidate",
    "refusal_rate": "declines",
    "format_error_rate": "no list to read",
    "short_list_rate": "too short",
}
STEADY = {
    "prompt_sensitivity": "other wording",
    "order_sensitivity": "other order",
    "run_to_run_distance": "asked again",
}


def draw_cost(choice: Choice, report: Report) -> None:
    """Quality against cost, waiting times, and everything in one table."""
    left, right = st.columns(2, gap="large")
    with left:
        _pareto(choice, report)
    with right:
        _latency(choice, report)
    st.subheader("Every cost")
    table = cold.costs(report, choice.models)
    shown = table[[name for name in TITLES if name in table]].rename(columns=TITLES)
    whole = {TITLES[name]: 0 for name in ("throughput", "peak_memory")}
    st.dataframe(
        shown.round(whole).round(3),
        hide_index=True,
        key=f"{cold.PAGE}.costs",
        alt="Costs of each model",
    )
    st.caption(
        "Measured once, on the machine of the run, right after the lists were made. Learned: bytes "
        "of the fitted arrays, the training data left out. Peak memory: of the whole process. "
        "Schwartz et al. 2020, doi:10.1145/3381831."
    )


def _pareto(choice: Choice, report: Report) -> None:
    st.subheader("What is quality worth?")
    points = cold.curve(report, "pareto", choice.models)
    axes = [axis for axis in cold.AXES if axis in set(points["series"])]
    if not axes:
        st.info("No quality can be held against a cost in this run.", icon=":material/info:")
        return
    axis = st.selectbox(
        "Cost", axes, format_func=cold.AXES.__getitem__, key=cold.AXIS, bind="query-params"
    )
    rows = points[points["series"] == (axis or axes[0])]
    quality = str(report.settings.get("quality", "quality"))
    spread = rows["x"].max() / max(rows["x"].min(), 1e-12)
    beaten = rows[rows["label"].str.startswith("beaten")]
    told = "; ".join(
        f"{plain(label)}: {named(part['model'].tolist())}"
        for label, part in beaten.groupby("label", sort=False)
    )
    told = told[:1].upper() + told[1:]
    shell.draw(
        charts_cold.pareto(
            rows, choice.known, cold.AXES[str(axis or axes[0])], quality, logarithmic=spread > 30
        ),
        key=f"{cold.PAGE}.pareto",
        caption=f"{plain(METRICS[str(axis or axes[0])].summary)} Filled and joined: models that no "
        f"other beats in one and matches in both (Pareto front). {told or 'None is beaten'}. 95 % "
        f"interval of {plain(quality)} by bootstrap over users, n = {int(rows['n'].max()):,}.",
        alt=f"{quality} against cost for each model",
        numbers=rows.drop(columns=["curve"]),
    )


def named(models: list[str]) -> str:
    """The first few by name, the others counted."""
    shown = ", ".join(plain(model) for model in models[:MOST_NAMED])
    left = len(models) - MOST_NAMED
    return f"{shown} and {count(left, 'other')}" if left > 0 else shown


def _latency(choice: Choice, report: Report) -> None:
    st.subheader("How long does one user wait?")
    table = cold.latencies(report, choice.models)
    if table.empty:
        st.info("No waiting time was measured; see below why.", icon=":material/info:")
        return
    shell.draw(
        charts_cold.latency(table, list(table["model"])),
        key=f"{cold.PAGE}.latency",
        caption="Wall clock of calls for one user each, warm, on the machine of the run, with no "
        "answer of a language model taken from those kept: median, "
        f"95th and 99th percentile of up to {int(table['n'].max())} calls. 95 % interval by order "
        "statistics, without an upper end where too few calls tell (Dean & Barroso 2013, "
        "doi:10.1145/2408776.2408794).",
        alt="Percentiles of the waiting time for one list, for each model",
        numbers=table,
    )


def draw_answers(choice: Choice, report: Report) -> None:
    """Can a language model's lists be used, and are they always the same?"""
    rows = cold.numbers(report, choice.models, group_by=None)
    if rows.empty:
        st.info(
            "No model of this run keeps answers of a language model. Add one with "
            '`use = "answers:FILE.jsonl"`, or judge a file by itself: '
            "`python -m recscope answers FILE --items ITEMS`.",
            icon=":material/info:",
        )
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Can the answers be used?")
        _group(choice, rows, RATES, "rates", "share of entries, or of answers")
    with right:
        st.subheader("Are the answers always the same?")
        _group(choice, rows, STEADY, "steady", "distance between two lists")
    _positions(choice, report)


def _group(choice: Choice, rows: pd.DataFrame, names: dict[str, str], key: str, axis: str) -> None:
    shown = rows[rows["metric"].isin(names)]
    if shown.empty:
        st.info("This cannot be judged here; see below why.", icon=":material/info:")
        return
    order = {metric: place for place, metric in enumerate(names)}
    shown = shown.assign(group=shown["metric"].map(names))
    shown = shown.sort_values("metric", key=lambda column: column.map(order))
    told = " ".join(
        f"**{names[metric]}**: {plain(METRICS[metric].summary)}"
        for metric in names
        if metric in set(shown["metric"])
    )
    shell.draw(
        charts_cold.roomy(
            charts_accuracy.slices(shown, axis, None, choice.known), shown["model"].nunique()
        ),
        key=f"{cold.PAGE}.{key}",
        caption=f"{told} 95 % interval by bootstrap over users, all answers of a user together; n "
        f"beside each. {plain(METRICS[str(shown['metric'].iloc[0])].source)}.",
        alt=f"{axis} for each language model",
        numbers=shown,
    )


def _positions(choice: Choice, report: Report) -> None:
    curve = cold.curve(report, "first choice by place in the prompt", choice.models)
    if curve.empty:
        return
    st.subheader("Does what stands first in the prompt come first in the answer?")
    bias = cold.numbers(report, choice.models, metric="candidate_position_bias")
    told = "; ".join(
        f"{plain(row.model)} {row.mean:+.3f} ({row.low:+.3f} to {row.high:+.3f}, n = {row.n})"
        for row in bias.itertuples()
    )
    shell.draw(
        charts_cold.positions(curve, choice.known),
        key=f"{cold.PAGE}.positions",
        caption=f"{plain(METRICS['candidate_position_bias'].summary)} Correlation of places, 0 "
        f"where the order does not matter: {told}. Dotted: no preference. Bars: 95 % interval by "
        f"bootstrap over users. {plain(METRICS['candidate_position_bias'].source)}.",
        alt="How often each place in the prompt is the first choice",
        numbers=curve.drop(columns=["curve"]),
    )
