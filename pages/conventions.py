"""Why is my number different?: which clause of which tool makes it so?"""

import streamlit as st

from app import conventions, conventions_panels, shell

shell.require_router(__file__)
shell.heading("Why does another tool give another number for the same lists?")

with shell.mendable():
    choice = conventions.choose(shell.chosen_run())
    found = conventions.compared(choice.lists, choice.metric.name, choice.k)
    conventions_panels.draw_answer(choice, found.table)
    conventions_panels.draw_reported(choice)
    left, right = st.columns(2, gap="large")
    with left:
        conventions_panels.draw_side_by_side(choice, found.table)
    with right:
        conventions_panels.draw_made_of(choice, found.table)
    conventions_panels.draw_clauses(found.table)
    conventions_panels.draw_user(choice, found.per_user)
