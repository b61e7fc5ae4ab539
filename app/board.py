"""Jobs on screen: where one is, how long it will take, and a button that stops it."""

import datetime as dt

import streamlit as st

from app import queries, shell
from app.words import plain
from recscope import jobs
from recscope.config import RunConfig
from recscope.jobs import Job

STAGES = {
    "fetch": "Fetching the data",
    "load": "Reading the data",
    "split": "Splitting the data",
    "fit": "Fitting",
    "recommend": "Making lists",
    "judge": "Judging",
    "compare": "Comparing",
    "audit": "Auditing",
    "explain": "Explaining",
}
UNITS = {"fit": "users", "recommend": "users", "judge": "models", "audit": "audits"}
ICONS = {
    "queued": ":material/hourglass_empty:",
    "running": ":material/autorenew:",
    "done": ":material/check_circle:",
    "failed": ":material/error:",
    "cancelled": ":material/cancel:",
    "lost": ":material/help:",
}


def progress_text(job: Job) -> str:
    """Such as: Fitting ease · 300 of 943 users · about 12 s left."""
    if job.state == "queued":
        return plain(job.message) or "waiting to start"
    stage = STAGES.get(job.stage, plain(job.stage) or "Starting")
    parts = [f"{stage} {plain(job.model)}".strip()]
    if job.total and job.stage == "fetch":
        parts.append(f"{job.done / 1e6:.1f} of {job.total / 1e6:.1f} MB")
    elif job.total and (unit := plain(job.message) or UNITS.get(job.stage)):
        parts.append(f"{job.done:,} of {job.total:,} {unit}")
    if job.eta_s is not None:
        left = job.eta_s
        parts.append(f"about {left:.0f} s left" if left < 90 else f"about {left / 60:.0f} min left")
    return " · ".join(parts)


def draw_job(job: Job, page: str) -> None:
    """One job: its name, its state in words and an icon, and what can be done about it."""
    with st.container(border=True, key=f"{page}.job-{job.id}"):
        st.markdown(f"{ICONS[job.state]} **{plain(job.label)}** · {job.state}")
        if job.is_live:
            st.progress(min(max(job.fraction, 0.0), 1.0), text=progress_text(job))
        elif job.message:
            st.markdown(plain(job.message, 800))
        started = dt.datetime.fromtimestamp(job.created, tz=dt.UTC)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"job `{job.id}` · {started:%Y-%m-%d %H:%M} UTC", width="stretch")
            _buttons(job, page)


def _buttons(job: Job, page: str) -> None:
    key = f"{page}.{{}}-{job.id}"
    if job.is_live and st.button("Cancel", key=key.format("cancel"), icon=":material/stop:"):
        with shell.mendable():
            jobs.cancel(job.id)
        st.rerun()
    resumable = job.state in {"failed", "cancelled", "lost"}
    if resumable and st.button("Resume", key=key.format("resume"), icon=":material/resume:"):
        with shell.mendable():
            jobs.submit(RunConfig.from_toml(job.config), job.label, resume=job.run_id)
        st.rerun()
    if job.state == "done" and job.run_id and st.button("Open", key=key.format("open")):
        st.session_state[shell.RUN] = job.run_id
        st.switch_page("pages/overview.py", query_params={shell.RUN: job.run_id})


def watch(page: str, shown: int = 5, *, only_live: bool = False) -> None:
    """Live jobs, then the last ones that ended; redrawn every second while one is at work.

    The whole page is drawn anew when a job begins or ends, and when a run can be read that could
    not be before: its audits may take a while longer than its numbers.
    """
    with shell.mendable():
        known = jobs.list_jobs()
        busy = {job.id for job in known if job.is_live}
        readable = queries.finished_runs()

        @st.fragment(run_every="1s" if busy else None, key=f"{page}.board")
        def board() -> None:
            now = jobs.list_jobs()
            live = {job.id for job in now if job.is_live}
            if live != busy or queries.finished_runs() != readable:
                st.rerun()
            over = [] if only_live else [job for job in now if not job.is_live][:shown]
            for job in [job for job in now if job.is_live] + over:
                draw_job(job, page)

        board()
