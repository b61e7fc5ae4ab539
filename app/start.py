"""The very first start: nobody should meet an empty screen."""

import os

import streamlit as st

from core.paths import home
from recscope import jobs, store
from recscope.config import RunConfig, default_config

MARK = "first-audit"
LABEL = "Default audit"


def audit() -> RunConfig:
    """The default audit; $RECSCOPE_FIRST_AUDIT names another data card for it."""
    named = os.environ.get("RECSCOPE_FIRST_AUDIT")
    return default_config(named) if named else default_config()


def first_audit() -> str | None:
    """Start the default audit where there is neither a run nor a job; its job id if so.

    Two browsers that open an empty workbench at once start one audit: who creates the mark file
    wins. The mark stays, so that deleting every run does not start one unasked.
    """
    if st.session_state.get("start.asked") or store.list_runs() or jobs.list_jobs(limit=1):
        return None
    st.session_state["start.asked"] = True
    mark = home() / MARK
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return None
    try:
        return jobs.submit(audit(), LABEL)
    except Exception:
        mark.unlink(missing_ok=True)  # nothing was started, so the next visitor may try
        raise
