"""What every page shares: the router around it, the run it talks about, captions and downloads."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app import charts, queries
from app.router import require_router as require_router  # noqa: PLC0414 - pages call it here
from app.words import plain
from core.errors import RecScopeError
from evaluators.metric import Metric
from recscope.audits.report import Note, Report

RUN = "run"
RUN_ID = re.compile(r"(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)\d\d-(.+)-[0-9a-f]{4}")
NO_RUN = (
    "No finished run yet. Start one on the **Runs** page, or in a terminal with "
    "`python -m recscope run`."
)


def choose_run() -> None:
    """The run that all pages talk about, in the sidebar and as ?run= in the address."""
    known = queries.finished_runs()
    if not known:
        return
    if st.session_state.get(RUN) not in known:
        asked = st.query_params.get(RUN)
        st.session_state[RUN] = asked if asked in known else known[0]
    chosen = st.sidebar.selectbox(
        "Run", known, format_func=run_label, key=RUN, persist_state="session"
    )
    # not bound, because a bound default stays out of the address: a link that is opened after a
    # newer run has finished would then show that one
    if st.query_params.get(RUN) != chosen:
        st.query_params[RUN] = chosen


def run_label(run_id: str) -> str:
    """Day, time and data of a run: what the sidebar has room for."""
    found = RUN_ID.fullmatch(run_id)
    return "{1}-{2} {3}:{4} {5}".format(*found.groups()) if found else run_id


def chosen_run() -> str | None:
    """The chosen run's id; the newest where none was chosen; None where none is finished."""
    known = queries.finished_runs()
    asked = st.session_state.get(RUN) or st.query_params.get(RUN)
    if asked in known:
        return str(asked)
    return known[0] if known else None


def require_run() -> str:
    """The chosen run's id; without a finished run, say how to get one and stop the page."""
    run_id = chosen_run()
    if run_id is None:
        st.info(NO_RUN, icon=":material/info:")
        st.page_link("pages/runs.py", label="Open Runs", icon=":material/play_circle:")
        st.stop()
    return run_id


def require_audit(run_id: str, family: str) -> Report:
    """What the audit of a family found; without it, say how to get it and stop the page."""
    report = queries.audit(run_id, family)
    if report is None:
        st.info(
            f"This run was not audited for {family.replace('_', ' ')}. Do it in a terminal with "
            f"`python -m recscope audit {run_id} --family {family}`, or start a new run.",
            icon=":material/info:",
        )
        st.stop()
    return report


def tell_notes(notes: Sequence[Note]) -> None:
    """What cannot be judged, and why, under one fold."""
    if not notes:
        return
    with st.expander(f"Cannot be judged ({len(notes)})", icon=":material/block:"):
        for note in notes:
            st.markdown(f"- **{plain(note.about, 100)}**: {plain(note.reason, 600)}")


@contextmanager
def mendable() -> Iterator[None]:
    """Show what a user can mend as a message, never as a traceback."""
    try:
        yield
    except RecScopeError as error:
        st.error(plain(error, 1500), icon=":material/error:")


def link(page: str, label: str, icon: str, query: Mapping[str, str] | None = None) -> None:
    """A link to another page, with what stands in the address there."""
    from streamlit.errors import StreamlitPageNotFoundError

    try:
        st.page_link(f"pages/{page}.py", label=label, icon=icon, query_params=query)
    except StreamlitPageNotFoundError:
        st.markdown(f"{icon} {label}")  # a page opened by itself knows of no other


def heading(question: str) -> None:
    """The question that the page answers."""
    st.markdown(question)


def draw(
    chart: go.Figure,
    *,
    key: str,
    caption: str,
    alt: str,
    numbers: pd.DataFrame | None = None,
    clickable: bool = False,
) -> None:
    """A chart, one caption, and its numbers to read or to take away."""
    name = key.replace(".", "-")
    image = st.session_state.get("shell.image", "PNG").lower()
    options: dict[str, Any] = (
        {"on_select": "rerun", "selection_mode": "points"} if clickable else {}
    )
    st.plotly_chart(chart, key=key, config=charts.plot_config(name, image), alt=alt, **options)
    st.caption(f"{caption}{drawn_users()}")
    if numbers is not None:
        offer(numbers, name)


def draw_light(html: str, *, key: str, caption: str) -> None:
    """A chart of app.light and its one caption."""
    with st.container(key=key):
        st.html(html)
    st.caption(f"{caption}{drawn_users()}")


def drawn_users() -> str:
    """What every caption adds where not all users of the test set were judged; else nothing."""
    run_id = chosen_run()
    return "" if run_id is None else drawn_by_lot(run_id)


def drawn_by_lot(run_id: str) -> str:
    """The same of a run that is named."""
    drawn = queries.drawn_users(run_id)
    return f" Users drawn by lot: {drawn[0]:,} of {drawn[1]:,}." if drawn else ""


def offer(numbers: pd.DataFrame, name: str) -> None:
    """The numbers of a chart as a table and as CSV, and the format its camera saves."""
    with st.expander("Numbers and downloads", icon=":material/table_view:"):
        st.dataframe(numbers, hide_index=True, key=f"{name}.table", alt=f"Numbers of {name}")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.download_button(
                "CSV",
                data=lambda: csv_of(numbers),
                file_name=f"{name}.csv",
                mime="text/csv",
                on_click="ignore",
                key=f"{name}.csv",
                icon=":material/download:",
            )
            st.segmented_control(
                "Image format of the camera on each chart",
                ["PNG", "SVG"],
                default=st.session_state.get("shell.image", "PNG"),
                required=True,
                key=f"{name}.image",
                on_change=_keep_image,
                args=(f"{name}.image",),
            )


def csv_of(numbers: pd.DataFrame) -> str:
    """CSV in which no spreadsheet finds a formula."""
    from core.escape import safe_csv

    return safe_csv(numbers)


def _keep_image(key: str) -> None:
    st.session_state["shell.image"] = st.session_state[key]


def caption_of(metric: Metric, estimates: pd.DataFrame, who: str | None = None) -> str:
    """Under a chart of estimates: definition, source, interval method, and who is counted.

    who: replaces "n = 943 users" where n differs from mark to mark
    """
    n, n_undefined, n_imputed = (
        estimates[name].max() for name in ("n", "n_undefined", "n_imputed")
    )
    how = interval_method(estimates["method"].dropna().unique())
    return (
        f"{plain(metric.summary, 400)} Source: {plain(metric.source, 300)}. "
        f"95 % interval: {how}. {who or f'n = {n:,.0f} users'}; "
        f"{n_undefined:,.0f} undefined are left out; "
        + (f"up to {n_imputed:,.0f} without a list count as 0." if n_imputed else "none imputed.")
    )


METHODS = {
    "bca": "bootstrap over users, bias-corrected and accelerated "
    "(Efron 1987, doi:10.1080/01621459.1987.10478410)",
    "percentile": "bootstrap over users, percentiles (Efron 1979, doi:10.1214/aos/1176344552)",
    "normal": "closed form for a mean of many users",
    "clopper-pearson": "exact where all users have the lowest or the highest value "
    "(Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404)",
    "jackknife": "leaving out blocks of users "
    "(Busing, Meijer & van der Leeden 1999, doi:10.1023/A:1008800423698)",
    "tukey-kramer": "holds for the largest of all gaps at once (Tukey-Kramer, its quantile by "
    "permutation; Kramer 1956, doi:10.2307/3001469)",
    "fieller": "of a ratio of two means (Fieller 1954, doi:10.1111/j.2517-6161.1954.tb00159.x)",
    "simultaneous": "holds for all groups at once",
    "dkw": "band around a distribution (Massart 1990, doi:10.1214/aop/1176990746)",
    "student": "Student's t over users",
    "noise taken off": "drawn again, less what chance alone would give",
    "normal over users": "closed form, users as units",
    "none": "not asked for",
    "undefined": "none, the number is undefined",
    "suppressed": "not shown for groups of very few users",
}


def interval_method(methods: Iterable[object]) -> str:
    """How intervals were made, in words; a method of another layer is named as it is."""
    return "; ".join(METHODS.get(str(method), plain(method, 200)) for method in methods) or "none"


def fresh_click(key: str) -> list[list[Any]] | None:
    """What was newly clicked in the chart of this key: each point's customdata.

    [] where a selection was undone; None where nothing changed since the last call, so that a
    filter which the user moves by hand afterwards is not overwritten by an old click.
    """
    state = st.session_state.get(key) or {}
    points: Sequence[dict[str, Any]] = state.get("selection", {}).get("points", [])
    picked = [list(point["customdata"]) for point in points if "customdata" in point]
    seen = st.session_state.get(f"{key}.seen", [])
    st.session_state[f"{key}.seen"] = picked
    return None if picked == seen else picked
