"""Diversity: how varied, how new and how unlike are lists?"""

import streamlit as st

from app import diversity, diversity_panels, shell

shell.require_router(__file__)
shell.heading("How varied and new are lists, what of the catalogue is shown, do models differ?")
run_id = shell.require_run()

with shell.mendable():
    report = diversity.report(run_id)
    choice = diversity.choose(run_id, report)
    if choice is not None:
        left, right = st.columns(2, gap="large")
        with left:
            diversity_panels.draw_trade(choice)
        with right:
            diversity_panels.draw_groups(choice)
        left, right = st.columns(2, gap="large")
        with left:
            diversity_panels.draw_tail(choice)
        with right:
            diversity_panels.draw_bands(choice)
        left, right = st.columns(2, gap="large")
        with left:
            diversity_panels.draw_growth(choice)
        with right:
            diversity_panels.draw_overlap(choice)
        diversity_panels.draw_table(choice)
    shell.tell_notes(report.notes)
