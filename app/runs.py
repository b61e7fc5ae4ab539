"""What the Runs page lists, deletes and compares."""

from typing import Any

import pandas as pd
import streamlit as st

from app import charts_accuracy, headline, queries, shell
from app.words import interval, metric_at, number, plain, seconds, signed
from evaluators.doors import metrics
from recscope import store
from recscope.store import Run

TABLE, LEFT, RIGHT = "runs.table", "runs.a", "runs.b"


def draw_runs() -> None:
    """Every run folder, newest first; a row can be opened, compared or deleted."""
    known = store.list_runs()
    st.subheader(f"Runs ({len(known)})")
    if not known:
        st.info("No run yet. Start one in the next tab.", icon=":material/info:")
        return
    table = pd.DataFrame([_row(run) for run in known])
    event = st.dataframe(
        table,
        hide_index=True,
        key=TABLE,
        on_select="rerun",
        selection_mode="multi-row",
        alt="Runs with their data, state, models and time",
    )
    rows = [row for row in event["selection"]["rows"] if row < len(known)]
    chosen = [known[row] for row in rows]
    with st.container(horizontal=True):
        _actions(chosen)
    if not chosen:
        st.caption(
            "Select one run to open it, to take its report along or to delete it; two to compare."
        )


def _actions(chosen: list[Run]) -> None:
    one = chosen[0] if len(chosen) == 1 else None
    is_readable = one is not None and one.id in queries.finished_runs()
    asked = st.button(
        "Open", disabled=not is_readable, key="runs.open", icon=":material/open_in_new:"
    )
    if asked and one is not None:
        st.session_state[shell.RUN] = one.id
        st.switch_page("pages/overview.py", query_params={shell.RUN: one.id})
    st.download_button(
        "Report",
        data=lambda: _report(one),
        file_name=f"{one.id if one else 'run'}.html",
        mime="text/html",
        on_click="ignore",
        disabled=not is_readable,
        key="runs.report",
        icon=":material/description:",
        help="The run as one page that opens without a server",
    )
    if st.button(
        "Compare",
        disabled=len(chosen) != 2,
        key="runs.compare",
        icon=":material/compare_arrows:",
    ):
        newer, older = chosen
        st.session_state[LEFT], st.session_state[RIGHT] = older.id, newer.id
        st.success("Open the tab **Compare two**: both runs are chosen there.")
    if st.button("Delete", disabled=not chosen, key="runs.delete", icon=":material/delete:"):
        confirm_deletion(chosen)


def _report(run: Run | None) -> str:
    from app.report import report  # it needs every family's tables, the page that offers it none

    return report(run.id) if run else ""


@st.dialog("Delete for good?", icon=":material/delete:")
def confirm_deletion(chosen: list[Run]) -> None:
    st.markdown("These folders and everything in them will be removed:")
    st.markdown("\n".join(f"- {plain(run.id)}" for run in chosen))
    if st.button("Delete", type="primary", key="runs.confirm"):
        with shell.mendable():
            for run in chosen:
                run.delete()
            st.session_state.pop(TABLE, None)
            st.rerun()


def _row(run: Run) -> dict[str, Any]:
    manifest = run.manifest
    entries = manifest.get("models", {})
    failed = [name for name, entry in entries.items() if entry.get("status") == "failed"]
    spent = sum(stage.get("seconds") or 0 for stage in manifest.get("stages", {}).values())
    return {
        "run": run.id,
        "data": manifest.get("data", {}).get("name", ""),
        "state": run.status,
        "models": len(entries) - len(failed),
        "failed": ", ".join(failed),
        "took": seconds(spent),
        "started": str(manifest.get("created", ""))[:16].replace("T", " "),
    }


def draw_comparison() -> None:
    """Two runs side by side: the estimates of the models that both judged."""
    known = queries.finished_runs()
    if len(known) < 2:
        st.info("Two finished runs are needed to compare.", icon=":material/info:")
        return
    left, right = st.columns(2)
    a = left.selectbox("Run A", known, index=1, key=LEFT, bind="query-params")
    b = right.selectbox("Run B", known, index=0, key=RIGHT, bind="query-params")
    tables = {run: queries.everybody(run) for run in (a, b)}
    shared = [
        name for name in dict.fromkeys(tables[a]["metric"]) if name in set(tables[b]["metric"])
    ]
    shared = [name for name in shared if name in metrics()]
    if not shared:
        st.warning("These runs share no metric.", icon=":material/warning:")
        return
    name = st.selectbox(
        "Metric",
        shared,
        index=shared.index(headline.headline_metric(shared)),
        key="runs.metric",
        bind="query-params",
    )
    metric = metrics()[name]
    cutoffs = set.intersection(
        *(set(t.loc[t["metric"] == name, "k"].dropna()) for t in tables.values())
    )
    k = headline.headline_cutoff(sorted(cutoffs))
    table = side_by_side(*(queries.at_cutoff(t, name, k) for t in tables.values()))
    if table.empty:
        st.warning("No model was judged in both runs.", icon=":material/warning:")
        return
    _draw_differences_of_settings(a, b)
    shell.draw(
        charts_accuracy.two_runs(table, name, k, metric.better),
        key="runs.two",
        caption=f"{shell.caption_of(metric, queries.at_cutoff(tables[a], name, k))} A: {plain(a)}. "
        f"B: {plain(b)}. Two runs are not paired by user here: intervals that overlap leave the "
        "question open.",
        alt=f"{metric_at(name, k)} of each model in both runs",
        numbers=_readable(table),
    )


def side_by_side(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Columns model, then mean, low, high of either run, for models in both."""
    columns = ["model", "mean", "low", "high"]
    return a[columns].merge(b[columns], on="model", suffixes=("_a", "_b"))


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model": table["model"],
            "A": table["mean_a"].map(number),
            "A 95 %": [
                interval(low, high)
                for low, high in zip(table["low_a"], table["high_a"], strict=True)
            ],
            "B": table["mean_b"].map(number),
            "B 95 %": [
                interval(low, high)
                for low, high in zip(table["low_b"], table["high_b"], strict=True)
            ],
            "B − A": (table["mean_b"] - table["mean_a"]).map(signed),
        }
    )


def _draw_differences_of_settings(a: str, b: str) -> None:
    """Say what differs, so that a change is not read as progress when the data changed."""
    first, second = queries.manifest(a), queries.manifest(b)
    if first.get("data", {}).get("sha256") != second.get("data", {}).get("sha256"):
        st.warning(
            "The two runs were made on different data: their numbers cannot be compared.",
            icon=":material/warning:",
        )
    differing = [
        section
        for section in ("split", "relevance", "evaluate")
        if first.get("config", {}).get(section) != second.get("config", {}).get(section)
    ]
    if differing:
        st.warning(
            f"Settings differ in: {', '.join(differing)}. A difference may come from there.",
            icon=":material/warning:",
        )
