"""Calibration: do scores mean what they say, and lists mirror tastes?"""

import streamlit as st

from app import calibration, calibration_panels, queries, shell

shell.require_router(__file__)
shell.heading(
    "Do scores mean what they say, do lists mirror tastes, does strength compare between users?"
)
run_id = shell.require_run()

with shell.mendable():
    if queries.audit(run_id, calibration.FAMILY) is None:
        calibration_panels.draw_lists(run_id, queries.models(run_id))
    report = shell.require_audit(run_id, calibration.FAMILY)
    choice = calibration.choose(run_id, report)
    left, right = st.columns(2, gap="large")
    with left:
        calibration_panels.draw_diagrams(choice)
    with right:
        calibration_panels.draw_errors(choice)
        calibration_panels.draw_lists(run_id, choice.models)
        calibration_panels.draw_ratings(choice)
    calibration_panels.draw_groups(choice)
    calibration_panels.draw_strength(choice)
    calibration_panels.draw_table(choice)
    shell.tell_notes(report.notes)
