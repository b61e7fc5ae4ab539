"""The very first start: nobody should meet an empty workbench."""

import os

from core.paths import home
from recscope import jobs, store
from recscope.config import RunConfig, default_config

MARK = "first-audit"
LABEL = "Default audit"


def audit() -> RunConfig:
    """The default audit; $RECSCOPE_FIRST_AUDIT names another data card for it."""
    named = os.environ.get("RECSCOPE_FIRST_AUDIT")
    return default_config(named) if named else default_config()


def begin() -> str | None:
    """Start the default audit where there is neither a run nor a job; its job id if so.

    Whoever creates the mark file starts it, so two at once start one audit. The mark stays:
    deleting every run does not start one unasked.
    """
    if store.list_runs() or jobs.list_jobs(limit=1):
        return None
    mark = home() / MARK
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return None
    try:
        return jobs.submit(audit(), LABEL)
    except Exception:
        mark.unlink(missing_ok=True)  # nothing was started, so the next one may try
        raise
