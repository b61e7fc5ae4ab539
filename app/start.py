"""The very first visit: nobody should meet an empty screen."""

import streamlit as st

from recscope.first_audit import LABEL, MARK, audit, begin

__all__ = ["LABEL", "MARK", "audit", "first_audit"]


def first_audit() -> str | None:
    """Start the default audit where nothing was ever computed; its job id if so."""
    if st.session_state.get("start.asked"):
        return None
    st.session_state["start.asked"] = True
    return begin()
