"""Runs: what was computed, and what is running?"""

import streamlit as st

from app import board, runs, shell, start_form

shell.require_router(__file__)
shell.heading("What was computed, what is being computed, and what next?")

with shell.mendable():
    tabs = st.tabs(
        [
            ":material/list: Runs and jobs",
            ":material/add_circle: Start a run",
            ":material/compare_arrows: Compare two",
        ],
        key="runs.tab",
        on_change="rerun",
    )
    with tabs[0]:
        board.watch("runs", only_live=False)
        runs.draw_runs()
    with tabs[1]:
        start_form.draw("runs")
    with tabs[2]:
        runs.draw_comparison()
