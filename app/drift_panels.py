"""The panels of what changed in the data: query, chart, one caption."""

import pandas as pd
import streamlit as st

from app import charts_drift, drift, shell
from app.words import count, plain
from recscope.audits.report import Report

RAO_SCOTT = (
    "Rao-Scott test over users, each counting once (Rao & Scott 1984, "
    "doi:10.1214/aos/1176346391); p corrected by Benjamini-Hochberg over all windows and aspects "
    "(doi:10.1111/j.2517-6161.1995.tb02031.x)"
)
AROUND = "95 % interval: what chance comes to, taken off and put on"


def draw_data(report: Report) -> None:
    """The map of alarms, then one aspect closely."""
    known = drift.aspects(report)
    if not known:
        st.info("Nothing in the data could be judged; see why below.", icon=":material/info:")
        return
    left, right = st.columns([2, 3])
    with left:
        against = st.segmented_control(
            "Compare each window with",
            list(drift.REFERENCES),
            default="the first window",
            required=True,
            key=drift.AGAINST,
            bind="query-params",
        )
    reference = drift.REFERENCES[against or "the first window"]
    if st.session_state.get(drift.ASPECT) not in known:
        st.session_state[drift.ASPECT] = drift.loudest(report, reference)
    with right:
        aspect = st.selectbox(
            "Look closely at",
            known,
            key=drift.ASPECT,
            help="Or click a row of the map.",
            bind="query-params",
        )
    _map(report, reference, known)
    if aspect in ("new users", "new items"):
        _newcomers(report, aspect)
    else:
        _closely(report, str(aspect))
    _segments(report)


def _map(report: Report, reference: str, known: list[str]) -> None:
    st.subheader("What changed when?")
    table = drift.heat(report, reference)
    least = report.settings.get("smallest_effect", 0.05)
    n_alarms = int(table["is_alarm"].sum())
    shell.draw(
        charts_drift.heat(table, list(drift.windows(report)["label"]), known),
        key=drift.MAP,
        caption=f"Colour: how far each window lies from the {reference} one: Cramér's V of shares "
        "(doi:10.1515/9781400883868), √MMD of item features (doi:10.5555/2188385.2188410), excess "
        f"of newcomers over a steady coming. Mark: alarm, {count(n_alarms, 'window')} out of "
        f"{len(table):,} tested; {RAO_SCOTT}; shifts of V below {least:g} raise none. {AROUND}. "
        f"n = {int(table['n'].min()):,} to {int(table['n'].max()):,} users or items a test. "
        "Blank: cannot be judged.",
        alt=f"Alarms of each aspect in each window against the {reference} one",
        numbers=table,
        clickable=True,
    )


def _closely(report: Report, aspect: str) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        _shares(report, aspect)
    with right:
        _distance(report, aspect)
    _moved(report, aspect)


def _shares(report: Report, aspect: str) -> None:
    st.subheader(f"{plain(aspect)[:1].upper()}{plain(aspect)[1:]} over time")
    rows = drift.curve(report, f"shares: {aspect}")
    if rows.empty:
        st.info("Features have no shares to show; see their distance.", icon=":material/info:")
        return
    changes = drift.changes(report, aspect)
    told = ", ".join(f"{plain(row.group)} (V {row.effect:.2f})" for row in changes.itertuples())
    shell.draw(
        charts_drift.lines(rows, "share", changes=list(changes["x"]), percent=True),
        key=f"{drift.PAGE}.shares",
        caption="Mean over users of the share of their rows, the categories that moved most; 95 % "
        f"interval: normal over users, n = {int(rows['n'].min()):,} to {int(rows['n'].max()):,} "
        "users a window. Upright: change points by PELT (Killick et al. 2012, "
        "doi:10.1080/01621459.2012.737745; ruptures, doi:10.1016/j.sigpro.2019.107299): "
        f"{told or 'none'}.",
        alt=f"Shares of {aspect} over time, with change points",
        numbers=rows.drop(columns=["curve", "model"]),
    )


def _distance(report: Report, aspect: str) -> None:
    st.subheader("Distance from the first window")
    known = drift.distances(report, aspect)
    if not known:
        st.info("Fewer than two windows can be compared.", icon=":material/info:")
        return
    if st.session_state.get(drift.DISTANCE) not in known:
        st.session_state[drift.DISTANCE] = known[0]
    name = str(st.selectbox("Measured by", known, key=drift.DISTANCE, bind="query-params"))
    rows = drift.curve(report, name, aspect)
    shell.draw(
        charts_drift.lines(rows, name),
        key=f"{drift.PAGE}.far",
        caption=f"{plain(drift.about(name), 600)} {AROUND}; it leaves 0 where the shift is more "
        f"than chance. n = {int(rows['n'].min()):,} to {int(rows['n'].max()):,} users.",
        alt=f"{name} of {aspect} in each window from the first",
        numbers=rows.drop(columns=["curve", "model"]),
    )


def _moved(report: Report, aspect: str) -> None:
    rows = drift.curve(report, f"moved: {aspect}")
    if rows.empty:
        return
    st.subheader("What moved, from the first window to the last?")
    shell.draw(
        charts_drift.moved(rows),
        key=f"{drift.PAGE}.moved",
        caption="Change of each share, those on top that make up most of Cramér's V (source: "
        "Cramér 1946, doi:10.1515/9781400883868); 95 % interval: normal over users, "
        f"n = {int(rows['n'].max()):,} users in either window.",
        alt=f"Change of the shares of {aspect}",
        numbers=rows.drop(columns=["curve", "model", "x"]),
    )


def _newcomers(report: Report, aspect: str) -> None:
    st.subheader(f"Do {plain(aspect)} come in more than usual?")
    parts = [
        drift.curve(report, name, aspect).assign(series=label)
        for name, label in (("newcomers", "first time here"), ("newcomers expected", "expected"))
    ]
    rows = pd.concat(parts, ignore_index=True)
    shell.draw(
        charts_drift.lines(rows, "share of those active", percent=True),
        key=f"{drift.PAGE}.newcomers",
        caption=f"{plain(drift.about('newcomer_excess'), 600)} Expected: were nobody to join or "
        "leave, and each spread over the windows by chance. 95 % interval of the excess in the "
        f"numbers of the map. n = {int(rows['n'].min()):,} to {int(rows['n'].max()):,} a window.",
        alt=f"Share of {aspect} in each window, and what a steady coming would give",
        numbers=rows.drop(columns=["curve", "model", "low", "high"]),
    )


def _segments(report: Report) -> None:
    st.subheader("Which segment drives the change?")
    found = drift.segments(report)
    if found is None:
        st.info(
            "Nothing that is chosen changed enough, at the end, to ask whose doing it was.",
            icon=":material/info:",
        )
        return
    aspect, rows = found
    cuts = list(dict.fromkeys(series.split(": part ")[0] for series in rows["series"]))
    if st.session_state.get(drift.CUT) not in cuts:
        st.session_state[drift.CUT] = cuts[0]
    cut = str(st.selectbox("Users by", cuts, key=drift.CUT, bind="query-params"))
    tests = drift.effects(report, drift.SEGMENT)
    tests = tests[(tests["group_by"] == cut) & tests["is_alarm"]]
    told = ", ".join(plain(group) for group in tests["group"])
    shell.draw(
        charts_drift.driven(rows, cut),
        key=f"{drift.PAGE}.driven",
        caption=f"The largest change of what is chosen, {plain(aspect)}, from the first window to "
        "the last, split by who did it: what the members of a segment do otherwise, and there "
        "being more or fewer of them (parts of Cramér's V squared, doi:10.1515/9781400883868). "
        "Interval by bootstrap over users (Efron 1979, doi:10.1214/aos/1176344552), 95 % for all "
        f"segments together; n = {int(rows['n'].sum() / 2):,} users. More than its part of the "
        f"users: {told or 'none'}.",
        alt=f"Part of each {cut} in the change of {aspect}, beside its part of the users",
        numbers=rows.drop(columns=["curve", "model", "x"]),
    )
