"""One user: what did they like, and what does every model offer them?"""

import streamlit as st

from app import shell, user

shell.require_router(__file__)
shell.heading("What did this user like, and what does every model offer?")
run_id = shell.require_run()

with shell.mendable():
    chosen = user.choose(run_id)
    if chosen is None:
        st.stop()
    user.draw_facts(run_id, chosen)
    user.draw_lists(run_id, chosen)
    left, right = st.columns([3, 2], gap="large")
    with left:
        user.draw_history(run_id, chosen)
    with right:
        user.draw_standing(run_id, chosen)
