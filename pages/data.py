"""Data: what is in here, what was dropped, who is missing?"""

import streamlit as st

from app import data, data_panels, shell, upload

shell.require_router(__file__)
shell.heading("What is in here, what was dropped, and who is missing?")

with shell.mendable():
    chosen = data.choose(shell.chosen_run())
    if chosen == data.UPLOAD:
        upload.draw()
        st.stop()
    found = data.profile_of(chosen, shell.chosen_run())
    if found is None:
        st.stop()
    data_panels.draw(found)
    data_panels.draw_card(chosen, found)
