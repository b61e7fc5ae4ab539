"""Explanations of a run, read and computed: cached, keyed by ids and the moment of writing."""

from typing import Any

import streamlit as st

from app import queries
from app.queries import Stamp
from core.errors import RecScopeError
from explain.explanation import Explanation
from recscope.bench import Bench, bench_of
from recscope.explained import FACTS, FOLDER, Explained, explanation_of, is_explained

PATIENCE = 20.0  # seconds of reading and fitting that nobody is asked about first


def stamp(run_id: str) -> Stamp | None:
    """Where a run's explanations lie and when they were written; None where there are none."""
    run = queries.run_at(queries.stamp(run_id))
    if not is_explained(run):
        return None
    return str(run.path), (run.path / FOLDER / FACTS).stat().st_mtime_ns


def explained(run_id: str) -> Explained | None:
    """All that was kept of a run's explanations; None where none were made."""
    at = stamp(run_id)
    return None if at is None else read(at)


def stored(run_id: str, model: str, user: int, item: int) -> dict[str, Explanation]:
    """The run's own explanations of one recommendation, by explainer."""
    found = explained(run_id)
    if found is None:
        return {}
    rows = found.explanations
    mine = rows[(rows["user"] == user) & (rows["item"] == item) & (rows["model"] == model)]
    rows_of: list[Any] = mine.to_dict("records")
    return {row["explainer"]: explanation_of(row) for row in rows_of}


def by_history(run_id: str) -> list[str]:
    """Models of the run that say what they think of a history, so that it can explain a list."""
    return [name for name in queries.models(run_id) if name in _by_history(queries.stamp(run_id))]


def writes_by_model(explainer: str) -> bool:
    """Does a language model take part, so that it costs seconds and may be refused?"""
    from explain.explainers import EXPLAINERS

    row = EXPLAINERS.get(explainer)
    return row is not None and any("language model" in need for need in row.needs)


def names(run_id: str) -> tuple[str, ...]:
    """What the items are called in sentences; place i speaks of item code i."""
    return _names(queries.stamp(run_id))


def costly(run_id: str) -> float:
    """Seconds that reading and fitting of the slowest model took in the run."""
    manifest = queries.manifest(run_id)
    load = (manifest.get("stages") or {}).get("load") or {}
    fits = [cost.get("fit_seconds", 0.0) for cost in queries.costs(run_id).values()]
    return float(load.get("seconds") or 0.0) + max(fits, default=0.0)


@st.cache_data(max_entries=8, max_size="300mb", show_spinner=False)
def read(at: Stamp) -> Explained:
    """The explanations at a stamp of `stamp`."""
    from recscope.explained import read_explained

    return read_explained(queries.run_at(at))


@st.cache_data(max_entries=32, show_spinner=False)
def _by_history(at: Stamp) -> set[str]:
    from recommenders.base import ScoresHistories
    from recommenders.doors import resolve
    from recscope.config import RunConfig

    found: set[str] = set()
    try:
        asked = RunConfig.from_toml(queries.run_at(at).config_text(), "config.toml").models
    except RecScopeError:
        return found  # of another version: its models cannot be asked again
    for name, entry in asked.items():
        try:
            model = resolve(entry.use, entry.params)
        except RecScopeError:
            continue  # its package is not here any more; the run's lists are
        if isinstance(model, ScoresHistories):
            found.add(name)
    return found


@st.cache_data(max_entries=8, max_size="100mb", show_spinner=False)
def _names(at: Stamp) -> tuple[str, ...]:
    from core.naming import item_names
    from core.tables import Ids

    items = queries.run_at(at).items()
    ids = items["item_id"].astype(str).to_numpy(dtype=object)
    return item_names(items.reset_index(drop=True), Ids("item", ids))


@st.cache_resource(max_entries=2, show_spinner="Reading the data of this run …")
def bench(at: Stamp) -> Bench:
    """The run's data laid out again; shared by everybody who looks at this run."""
    made = bench_of(queries.run_at(at))
    _ = made.world  # made here, under the spinner and once
    return made


@st.cache_resource(max_entries=6, show_spinner="Fitting the model as in the run …")
def fitted(at: Stamp, model: str) -> Any:
    """The run's model, fitted again; nobody changes it."""
    return bench(at).fitted(model)


@st.cache_resource(max_entries=2, show_spinner="Loading the language model …")
def language(name: str) -> Any:
    """The language model of this name, loaded once for everybody."""
    from core.language import language_model

    return language_model(name)


@st.cache_data(max_entries=256, max_size="100mb", show_spinner="Looking for reasons …")
def computed(at: Stamp, model: str, user: int, item: int, explainer: str) -> Explanation:
    """One explanation made now.  Raises what explain.make.explain raises."""
    from explain.explainers import EXPLAINERS
    from explain.make import explain

    laid = bench(at)
    asked = fitted(at, model) if EXPLAINERS[explainer].stage == "post" else None
    question = laid.question(asked, user, item)
    (made,) = explain(question, explainer)
    return made


def told_to_model(at: Stamp, made: Explanation) -> str:
    """What the language model was told of this item; empty where it was not asked.

    The prompt as it stands now, filled with the evidence of then; the reason where it cannot be.
    """
    try:
        return _told_to_model(at, made)
    except RecScopeError as error:
        return f"cannot be shown: {error}"


def _told_to_model(at: Stamp, made: Explanation) -> str:
    from explain.briefs import brief_of
    from explain.prompts import prompt
    from explain.reasons import Reasons

    known = str(made.facts.get("prompt") or "")
    if not known:
        return ""
    words = prompt(known.partition(" ")[0])
    reasons = Reasons(made.evidence, made.attribution)
    brief = brief_of(bench(at).world, made.user, made.item, reasons)
    lines = [f"[{said['role']}]\n{said['content']}" for said in words.messages(brief)]
    if begun := words.begun(brief):
        lines.append(f"[assistant, begun for it]\n{begun}")
    if words.id != known:
        lines.insert(0, f"This prompt is now {words.id}; then it was {known}.")
    return "\n\n".join(lines)


def written(
    at: Stamp, model: str, user: int, item: int, explainer: str, language_model: str
) -> Explanation:
    """One explanation with a language model's words, asked for now.

    Raises ConfigError, FetchError or LanguageError where the model cannot be had or used.
    """
    from explain.explainers import EXPLAINERS
    from explain.make import explain

    laid = bench(at)
    asked = fitted(at, model) if EXPLAINERS[explainer].stage == "post" else None
    question = laid.question(asked, user, item, language_model=language_model)
    (made,) = explain(question, explainer, language_model=language(language_model))
    return made
