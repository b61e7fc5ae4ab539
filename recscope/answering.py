"""Judge the answers of a language model as they stand in a file; no model and no run is needed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.answers import Answer, answer_of, read_answers
from core.answers_match import Names
from core.encode import encode, look_up
from core.errors import ConfigError, EmptyError
from core.frames_roles import bare
from core.tables import Ids
from recscope.audits.report import Report
from recscope.estimate import Sureness
from recscope.frames_in import FrameIn, column_names, frame_in
from recscope.language_lists import Answers, audit_answers, counted
from recscope.outputs import as_json, records, write

TITLES = ("title", "name", "itemname", "producttitle", "movietitle", "productname")


@dataclass(frozen=True, eq=False)
class Answered:
    """How usable and how steady the answers are.

    estimates  metric, k, group_by, group, mean, low, high, n, n_undefined, n_imputed, method
    curves     how often each place in the prompt came first
    tests      does the answer follow the order of the candidates, beyond chance?
    notes      what cannot be judged, and why
    per_answer one row an answer: user (outside id), kind, template, order, seed, and counts
    """

    estimates: pd.DataFrame
    curves: pd.DataFrame
    tests: pd.DataFrame
    notes: tuple[tuple[str, str], ...]
    per_answer: pd.DataFrame

    def to_json(self) -> str:
        """{"estimates": […], "curves": […], "tests": […], "notes": […]}; undefined is null."""
        return as_json(
            {
                "estimates": records(self.estimates),
                "curves": records(self.curves),
                "tests": records(self.tests),
                "notes": [{"about": about, "reason": reason} for about, reason in self.notes],
            }
        )

    def write(self, path: str | Path) -> Path:
        """Write .json (all of it), .parquet or .csv (the estimates), whole or not at all."""
        return write(Path(path), self.estimates, self.to_json())


def answers(  # noqa: PLR0913 - the options of `python -m recscope answers`
    given: str | Path | Iterable[Mapping[str, Any]],
    items: Any,
    *,
    history: Any = None,
    truth: Any = None,
    k: int = 10,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    columns: Mapping[str, str] | None = None,
) -> Answered:
    """Can these answers be used as lists, and are they always the same?

    As `recscope.api.answers`, where the arguments are told. Raises DatasetError for a file or a
    table that does not say what is needed, ConfigError for settings that cannot be.
    """
    if k < 1:
        raise ConfigError(f"k must be a whole number of 1 or more; got {k!r}")
    sure = Sureness(resamples, confidence, seed)
    found = _answers(given)
    users = Ids("user", _names(answer.user for answer in found))
    catalogue = frame_in(items, "items", ("item",), columns)
    names = _catalogue(catalogue)
    had = _sets(history, "history", users, names.ids, columns)
    relevant = _sets(truth, "truth", users, names.ids, columns)
    read = counted(found, users, names, had)
    report = audit_answers(read, sure, k=k, relevant=relevant)
    return _answered(report, read, users)


def _answers(given: str | Path | Iterable[Mapping[str, Any]]) -> list[Answer]:
    if isinstance(given, str | Path):
        return read_answers(Path(given))
    found = [answer_of(record, f"answer {place}") for place, record in enumerate(given, 1)]
    if not found:
        raise EmptyError("no answer was given; one mapping with user and answer was wanted")
    return found


def _names(texts: Iterable[str]) -> Any:
    made = np.empty(len(known := sorted(set(texts))), dtype=object)
    made[:] = known
    return made


def _catalogue(frame: FrameIn) -> Names:
    """Items by id and title; of an id that stands there twice the first row counts."""
    codes, ids = encode(frame.of("item"), "item")
    by_bare = {bare(name): name for name in reversed(column_names(frame.table))}
    column = next((by_bare[name] for name in TITLES if name in by_bare), None)
    if column is None:
        return Names(ids)
    titles = np.full(len(ids), "", dtype=object)
    texts = frame.series(column).fillna("").astype(str).to_numpy()
    titles[codes[codes >= 0][::-1]] = texts[codes >= 0][::-1]
    return Names(ids, titles)


def _sets(
    frame: Any, name: str, users: Ids, items: Ids, columns: Mapping[str, str] | None
) -> dict[int, set[int]] | None:
    """User → items of a table of interactions, liked ones where there are ratings."""
    if frame is None:
        return None
    table = frame_in(frame, name, ("user", "item", "rating"), columns)
    user, item = look_up(table.of("user"), users), look_up(table.of("item"), items)
    is_known = (user >= 0) & (item >= 0)
    if name == "truth" and "rating" in table.columns:
        is_known &= table.numbers("rating") > 0
    sets: dict[int, set[int]] = {}
    for code, one in zip(user[is_known].tolist(), item[is_known].tolist(), strict=True):
        sets.setdefault(code, set()).add(one)
    return sets


def _answered(report: Report, read: Answers, users: Ids) -> Answered:
    per_answer = read.table.assign(user=users.names[read.table["user"].to_numpy()])
    return Answered(
        report.estimates.drop(columns="model"),
        report.curves.drop(columns="model"),
        report.tests.drop(columns="model"),
        tuple((note.about, note.reason) for note in report.notes),
        per_answer,
    )
