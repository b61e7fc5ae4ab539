"""The way into a page goes through the router. Light: it is imported before anything is drawn."""

from pathlib import Path

import streamlit as st

ROUTED, WANTED = "shell.routed", "shell.wanted"


def require_router(page_file: str) -> None:
    """Reach the page through streamlit_app.py.

    Until the first st.navigation call of a server's life, Streamlit serves pages/ by itself, so
    the first visitor to open /accuracy directly would get the page without its menu and title.
    """
    if ROUTED not in st.session_state:
        st.session_state[WANTED] = f"pages/{Path(page_file).name}"
        st.switch_page("streamlit_app.py", query_params=st.query_params.to_dict())


def enter_router() -> None:
    """Note that the router has run, and go on to the page that asked for it, if one did."""
    st.session_state[ROUTED] = True
    if wanted := st.session_state.pop(WANTED, None):
        st.switch_page(wanted, query_params=st.query_params.to_dict())
