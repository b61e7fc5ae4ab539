"""Accuracy: which model is better, and could it be chance?"""

import streamlit as st

from app import accuracy, accuracy_panels, shell

shell.require_router(__file__)
shell.heading("Which model is better, and could it be chance?")
run_id = shell.require_run()

with shell.mendable():
    accuracy.take_clicks()
    choice = accuracy.choose(run_id)
    estimates = accuracy.estimates(choice)
    left, right = st.columns(2, gap="large")
    with left:
        accuracy_panels.draw_forest(choice, estimates)
    with right:
        accuracy_panels.draw_differences(choice)
    left, right = st.columns(2, gap="large")
    with left:
        accuracy_panels.draw_curves(choice, estimates)
    with right:
        accuracy_panels.draw_distribution(choice)
    accuracy_panels.draw_slices(choice, estimates)
