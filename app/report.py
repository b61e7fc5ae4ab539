"""A run as one page that can be sent: it opens without a server, a script or a network."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import pandas as pd

from app import overview, queries, report_tables, shell
from app.findings import Finding, ledger
from app.headline import sentence
from app.light import forest
from app.overview import Look
from app.report_page import folded, page, rich, section, table
from app.words import count, each, interval, number
from core.atomic import new_file
from evaluators.doors import metrics
from recscope.store import open_run

EVERY = "Every number, with its interval"
LEVELS = {**{level: name for level, (_, _, name) in overview.LOOKS.items()}, "note": "Good to know"}


def report(run_id: str) -> str:
    """The page of a finished run, as HTML.

    Raises UnknownNameError for a run that is not there, StorageError where its files are broken.
    """
    seen = overview.look(run_id)
    rows = report_tables.everybody(run_id)
    config = open_run(run_id).config_text()
    parts = [
        _headline(seen, rows),
        _findings(overview.found(seen)),
        _models(seen, rows),
        *_families(seen, rows),
        *_fairness(seen),
        *_unjudged(seen),
        *report_tables.explanations(run_id),
        _population(seen),
        section("Settings", folded("The configuration", f"<pre>{escape(config)}</pre>")),
    ]
    manifest = queries.manifest(run_id)
    data = manifest["data"]
    facts = [
        f"data set {data['name']}",
        count(data["counts"]["users"], "user"),
        count(data["counts"]["items"], "item"),
        count(len(queries.models(run_id)), "model"),
        f"made {str(manifest['created'])[:16].replace('T', ' ')}",
    ]
    return page(f"RecScope report: {run_id}", " · ".join(facts), parts)


def write(run_id: str, file: Path) -> None:
    """The page into a file, whole or not at all.  StorageError where the disk refuses."""
    text = report(run_id)
    with new_file(file) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _headline(seen: Look, rows: pd.DataFrame) -> str:
    best = seen.estimates.iloc[0]
    return section(
        "Which model is best, and how sure is that?",
        f"<p>{rich(sentence(best, seen.name))}</p>" + _forest(seen, rows, seen.metric.name),
    )


def _forest(seen: Look, everybody: pd.DataFrame, name: str) -> str:
    metric = metrics()[name]
    rows = everybody[everybody["metric"] == name]
    k = None if rows["k"].isna().any() else float(rows["k"].iloc[0])
    alt = "; ".join(
        f"{row.model} {number(row.mean)} ({interval(row.low, row.high)})" for row in each(rows)
    )
    drawn = forest(rows, name, k, metric.better, seen.baseline, alt=alt)
    caption = shell.caption_of(metric, rows) + shell.drawn_by_lot(seen.run_id)
    return f"{drawn}<p class='caption'>{rich(caption)} Hollow: the baseline.</p>"


def _findings(found: Sequence[Finding]) -> str:
    cards = [
        f"<li class='{one.level}'><b>{LEVELS[one.level]}: {rich(one.title)}</b> "
        f"{rich(one.detail)}</li>"
        for one in found
    ]
    if not cards:
        return section("What should worry me?", "<p>Nothing was found by the checks.</p>")
    return section("What should worry me?", f"<ul class='findings'>{''.join(cards)}</ul>")


def _models(seen: Look, rows: pd.DataFrame) -> str:
    told = report_tables.models(seen.run_id, rows, seen.models)
    return section("Models", table(told), "Time and memory as this machine took them.")


def _families(seen: Look, rows: pd.DataFrame) -> list[str]:
    """One section a family of metrics: a chart of the first, every number in a table below."""
    parts = []
    for family in report_tables.families(rows):
        lead = report_tables.lead(rows, family, seen.metric.name)
        chart = "" if lead == seen.metric.name else _forest(seen, rows, lead)
        numbers = report_tables.numbers(rows, family, seen.models)
        body = chart + folded(EVERY, table(numbers))
        parts.append(section(family.replace("-", " ").capitalize(), body, _brackets(seen)))
    return parts


def _fairness(seen: Look) -> list[str]:
    """How far are groups of users apart, and how unevenly is quality spread over users?"""
    found = report_tables.user_fairness(seen.run_id, seen.metric.name, seen.models)
    if found is None:
        return []
    gaps, spread = found
    body = (
        f"<p>The largest gap in {escape(seen.name)} between groups of users, by attribute:</p>"
        f"{table(gaps)}{folded('How it is spread over users', table(spread))}"
    )
    return [section("User fairness", body, _brackets(seen))]


def _brackets(seen: Look) -> str:
    return f"95 % intervals in brackets.{shell.drawn_by_lot(seen.run_id)}"


def _unjudged(seen: Look) -> list[str]:
    rows = report_tables.unjudged(seen.run_id)
    if not len(rows):
        return []
    title = f"{count(len(rows), 'reason')}, in the words of the audits"
    return [section("What could not be judged", folded(title, table(rows)))]


def _population(seen: Look) -> str:
    row, users = seen.estimates.iloc[0], queries.users(seen.run_id)
    told = (
        f"{count(len(users), 'user')} in the data, {int((users['n_test'] > 0).sum()):,} of them "
        f"with a test part, {int(row['n']):,} behind the first chart."
    )
    rows = ledger(queries.manifest(seen.run_id))
    body = f"<p>{escape(told + shell.drawn_by_lot(seen.run_id))}</p>"
    return section("Who is counted, and what was dropped", body + table(pd.DataFrame(rows)))
