"""What the Overview page says and draws."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd
import streamlit as st

from app import board, findings, findings_audits, headline, queries, shell, slices, start
from app.gaps import COLUMNS
from app.words import count, each, interval, metric_at, plain, seconds, share
from evaluators.doors import metrics
from evaluators.metric import Metric
from recscope import jobs

NO_GAPS = pd.DataFrame(columns=[*COLUMNS, "p", "p_holm"])
LOOKS: dict[str, tuple[str, Literal["red", "orange"], str]] = {
    "bad": (":material/error:", "red", "Do not trust it yet"),
    "warn": (":material/warning:", "orange", "Read with care"),
}
PAGES = {
    "data": ("pages/data.py", "Look at the data"),
    "accuracy": ("pages/accuracy.py", "Look at accuracy"),
    "calibration": ("pages/calibration.py", "Look at calibration"),
    "fairness": ("pages/fairness.py", "Look at fairness"),
    "diversity": ("pages/diversity.py", "Look at diversity"),
    "drift": ("pages/drift.py", "Look at drift"),
    "cold_start": ("pages/cold_start.py", "Look at cold start and cost"),
    "user": ("pages/user.py", "Look at one user"),
    "explanation_quality": ("pages/explanation_quality.py", "Look at explanation quality"),
    "runs": ("pages/runs.py", "Open Runs"),
}


@dataclass(frozen=True)
class Look:
    """One run at its headline metric.  estimates: everybody's rows, best model first."""

    run_id: str
    metric: Metric
    k: float | None
    estimates: pd.DataFrame
    baseline: str

    @property
    def name(self) -> str:
        return metric_at(self.metric.name, self.k)

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(str(model) for model in self.estimates["model"])


def look(run_id: str) -> Look:
    """What can be said at once: it reads one small table."""
    everybody = queries.everybody(run_id)
    metric = metrics()[headline.headline_metric(list(everybody["metric"].unique()))]
    rows = everybody[everybody["metric"] == metric.name]
    k = headline.headline_cutoff([float(k) for k in rows["k"].dropna().unique()])
    rows = queries.at_cutoff(rows, metric.name, k).sort_values(
        "mean", ascending=metric.better == "lower", kind="stable"
    )
    return Look(run_id, metric, k, rows, slices.baseline(run_id))


def compared(seen: Look) -> pd.DataFrame:
    """Every model against the baseline; no rows where there is one model."""
    return slices.compared(seen.run_id, seen.name, seen.baseline, seen.models)


def found(seen: Look) -> list[findings.Finding]:
    """What the run's tables and its audits tell, worst first."""
    audits = {family: queries.audit(seen.run_id, family) for family in queries.audits(seen.run_id)}
    known = {family: report for family, report in audits.items() if report is not None}
    looked_at = evidence(seen, with_gaps="user_fairness" not in known)
    told = findings.findings(looked_at)
    audited = findings_audits.audit_findings(looked_at, known)
    return findings.ranked([*told, *audited, *_explained(seen.run_id)])


def _explained(run_id: str) -> list[findings.Finding]:
    """What the run's explanations tell; nothing where none were made."""
    from app import explained, findings_explanations  # what they import is much, and shown last

    found = explained.explained(run_id)
    return [] if found is None else list(findings_explanations.explanation_findings(found))


def evidence(seen: Look, *, with_gaps: bool = True) -> findings.Evidence:
    """What the checks look at; reads more of the run."""
    run_id = seen.run_id
    return findings.Evidence(
        manifest=queries.manifest(run_id),
        estimates=seen.estimates,
        compared=compared(seen),
        users=queries.users(run_id),
        reach=queries.reach(run_id),
        gaps=slices.gaps(run_id, seen.name, seen.models[0]) if with_gaps else NO_GAPS,
        leakage=queries.leakage(run_id),
        winners=_winners(queries.everybody(run_id), seen.k),
        metric=seen.name,
        better=seen.metric.better,
    )


def _winners(everybody: pd.DataFrame, k: float | None) -> dict[str, str]:
    """The best model by every other accuracy metric at the same cutoff."""
    found, declared = {}, metrics()
    rows = everybody[everybody["k"] == k] if k is not None else everybody
    for name, part in rows.dropna(subset=["mean"]).groupby("metric", sort=False):
        if str(name) in declared:
            ordered = part.sort_values("mean", ascending=declared[str(name)].better == "lower")
            found[metric_at(str(name), k)] = str(ordered["model"].iloc[0])
    return found


def draw_start() -> None:
    """No run yet: the audit that is being computed, or the way to start one."""
    with shell.mendable():
        known = jobs.list_jobs(limit=5)
        live = [job for job in known if job.is_live]
        if live:
            st.markdown(
                "The first audit is being computed. It fits the models, asks each for a list for "
                "every test user and judges them; the result appears here once it is there."
            )
        elif not known:
            st.info(shell.NO_RUN, icon=":material/info:")
        if not live and st.button(
            f"Start the {start.LABEL.lower()}",
            key="overview.start",
            type="primary",
            icon=":material/play_arrow:",
        ):
            jobs.submit(start.audit(), start.LABEL)
            st.rerun()
        board.watch("overview", shown=2)
        st.page_link(
            "pages/runs.py", label="Choose data and models yourself", icon=":material/tune:"
        )


def draw_leads(seen: Look) -> None:
    """Could the best model's lead over the baseline and over the next one be chance?"""
    best, cards = seen.models[0], []
    ahead = findings.of_model(compared(seen), best)
    if len(ahead):
        cards.append(headline.versus(ahead.iloc[0], f"over the baseline, {seen.baseline}"))
    for second in seen.models[1:2]:
        rows = slices.compared(seen.run_id, seen.name, second, (best,))
        if len(rows):
            cards.append(headline.versus(rows.iloc[0], f"over the runner-up, {second}", "p"))
    for column, card in zip(st.columns(max(len(cards), 1)), cards, strict=False):
        with column.container(border=True, height="stretch"):
            st.metric(f"Lead in {seen.name} {card.label}", card.figure)
            icon = ":material/check_circle:" if card.is_sure else ":material/casino:"
            st.markdown(f"{icon} {card.meaning}")


def draw_findings(found: list[findings.Finding]) -> None:
    """What to worry about, worst first; each says why and where to look."""
    n_bad, n_warn = (sum(f.level == level for f in found) for level in ("bad", "warn"))
    st.subheader("Warnings")
    if not n_bad and not n_warn:
        st.success("Nothing alarming was found by the checks.", icon=":material/check_circle:")
    for place, finding in enumerate(f for f in found if f.level != "note"):
        icon, color, name = LOOKS[finding.level]
        with st.container(border=True, gap="xsmall", key=f"overview.finding-{place}"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{icon} **{finding.title}**", width="stretch")
                st.badge(name, color=color)
            st.markdown(finding.detail)
            if finding.page in PAGES:
                page, label = PAGES[finding.page]
                st.page_link(page, label=label, icon=":material/arrow_forward:")


def draw_notes(found: list[findings.Finding]) -> None:
    """What is no worry, and good to know."""
    notes = [finding for finding in found if finding.level == "note"]
    if notes:
        st.subheader("Good to know")
        st.markdown("\n".join(f"- **{note.title}.** {note.detail}" for note in notes))


def forest_caption(seen: Look) -> str:
    """Definition, source, interval, population."""
    return f"{shell.caption_of(seen.metric, seen.estimates)} Hollow: the baseline."


def draw_models(seen: Look) -> None:
    """One row a model: the headline metric with interval, other metrics, reach and cost."""
    run_id = seen.run_id
    everybody = queries.everybody(run_id)
    others = [
        name
        for name in ("recall", "precision", "mrr", "hit_rate")
        if name in set(everybody["metric"]) and name != seen.metric.name
    ][:3]
    table = seen.estimates[["model", "mean"]].rename(columns={"mean": seen.name})
    table["95 % interval"] = [interval(row.low, row.high) for row in each(seen.estimates)]
    for name in others:
        rows = queries.at_cutoff(everybody, name, seen.k).set_index("model")["mean"]
        table[metric_at(name, seen.k)] = table["model"].map(rows)
    reach = queries.reach(run_id).set_index("model")
    table["catalogue shown"] = [
        share(reach["n_recommended"][model], reach["n_items"][model]) for model in table["model"]
    ]
    costs = queries.costs(run_id)
    table["fit"] = [seconds(costs[model].get("fit_seconds")) for model in table["model"]]
    st.dataframe(
        table,
        hide_index=True,
        key="overview.models",
        alt="Models with their metrics, interval, share of the catalogue and time to fit",
        column_config={
            name: st.column_config.NumberColumn(format="%.3f")
            for name in table.select_dtypes("number").columns
        },
    )


def draw_population(seen: Look) -> None:
    """From everybody in the data to those behind the numbers."""
    row, users = seen.estimates.iloc[0], queries.users(seen.run_id)
    tested = users[users["n_test"] > 0]
    steps = [
        ("Users in the data", len(users)),
        ("have a test part", len(tested)),
        ("could be scored", int(row["n"])),
        ("never seen in training", int((tested["n_train"] == 0).sum())),
    ]
    with st.grid(4, min_column_width=135, gap="small"):
        for label, n in steps:
            st.metric(label, f"{n:,}", border=True)
    ledger = findings.ledger(queries.manifest(seen.run_id))
    if ledger:
        with st.expander(f"Everything dropped, repaired or noted ({count(len(ledger), 'reason')})"):
            st.dataframe(
                pd.DataFrame(ledger),
                hide_index=True,
                key="overview.ledger",
                alt="Population ledger: what was dropped or repaired, and why",
            )
    for worst in each(seen.estimates.nlargest(1, "n_imputed")):
        if worst.n_imputed:
            st.caption(
                f"Up to {count(worst.n_imputed, 'user')} without a list count as 0 "
                f"({plain(worst.model)})."
            )
