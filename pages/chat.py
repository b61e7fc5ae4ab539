"""Chat: what does a ranker offer once it can be talked to?"""

import streamlit as st

from app import chat, chat_panels, shell

shell.require_router(__file__)
shell.heading("What does a ranker offer once it can be told what is wanted and what is wrong?")
run_id = shell.require_run()

with shell.mendable():
    choice = chat.choose(run_id)
    left, right = st.columns([3, 2], gap="large")
    with left:
        chat_panels.draw_conversation(choice)
    with right:
        chat_panels.draw_state(choice)
