"""Gates on screen: paste them, upload them or take presets; each gets a verdict with its reason."""

import pandas as pd
import streamlit as st

from app import fairness, queries, shell
from app.words import count, plain
from recscope.gates import ABOUT, Verdict, check, gate_of, read_gates

PRESET, TEXT, FILE = (f"{fairness.PAGE}.{name}" for name in ("preset", "gates", "gates-file"))
EXAMPLE = """[[gate]]
preset = "four-fifths"

[[gate]]
name = "nobody is left far behind"
metric = "worst_group"
group = "ndcg"
min = 0.05
holds = "interval"
"""
MOST_BYTES = 100_000


def draw_gates(run_id: str) -> None:
    """Choose gates, then their verdicts."""
    st.subheader("Does this run hold what you ask of it?")
    left, right = st.columns([2, 3], gap="large")
    with left:
        names = st.multiselect(
            "Presets", list(ABOUT), default=["four-fifths"], key=PRESET, bind="query-params"
        )
        for name in names:
            st.caption(f"**{name}**: {ABOUT[name]}.")
        uploaded = st.file_uploader(
            "Gates as a TOML file", type=["toml"], key=FILE, max_upload_size=1
        )
    with right:
        text = st.text_area(
            "Gates as text",
            key=TEXT,
            height=220,
            placeholder=EXAMPLE,
            max_chars=MOST_BYTES,
            help="The same file that `python -m recscope check ID --gates GATES.toml` reads.",
        )
    gates = [gate_of({"preset": name}) for name in names]
    if text and text.strip():
        gates += read_gates(text)
    if uploaded is not None:
        gates += read_gates(uploaded.getvalue().decode("utf-8-sig", errors="replace"))
    if not gates:
        st.info("Choose a preset, or write a gate.", icon=":material/info:")
        return
    verdicts = check(queries.run_at(queries.stamp(run_id)), gates)
    failed = sum(not verdict.is_held for verdict in verdicts)
    if failed:
        st.error(f"{failed} of {count(len(verdicts), 'gate')} failed.", icon=":material/cancel:")
    else:
        st.success(
            f"{count(len(verdicts), 'gate')} checked: nothing failed.",
            icon=":material/check_circle:",
        )
    for place, verdict in enumerate(verdicts):
        _draw_verdict(place, verdict)


def _draw_verdict(place: int, verdict: Verdict) -> None:
    gate = verdict.gate
    with st.container(border=True, key=f"fairness.verdict-{place}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            icon = ":material/check_circle:" if verdict.is_held else ":material/cancel:"
            st.markdown(
                f"{icon} **{plain(gate.title)}**: {plain(gate.metric)} {plain(gate.bound)}",
                width="stretch",
            )
            st.badge(
                "holds" if verdict.is_held else "fails",
                color="green" if verdict.is_held else "red",
            )
        st.markdown(plain(verdict.reason, 900))
        if len(verdict.numbers):
            shell.offer(_readable(verdict.numbers), f"fairness-gate-{place}")


def _readable(numbers: pd.DataFrame) -> pd.DataFrame:
    first = ["holds", "model", "metric", "k", "group_by", "group", "mean", "low", "high", "n"]
    return numbers[[*first, "method"]]
