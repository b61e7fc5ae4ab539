"""Your own data: files of any layout to a checked data set, with every line that was refused.

imported = read_own("ratings.csv", items="films.csv")
imported.dataset        what the rest of the program works on
imported.rejects        line, column, reason, text
imported.guess.columns  which column was taken for what
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from core.clean import Raw, clean
from core.frames import Source, as_file, read_table, sample
from core.frames_roles import ROLES
from core.frames_sniff import Layout, Sample
from core.own_facts import facts_of, sha256_of_all
from core.own_roles import check_roles, choose_roles
from core.own_rows import cleaned_away, gathered, sieve_of, sieved
from core.own_side import check_overlap, read_side
from core.tables import Dataset

N_PREVIEW = 20


@dataclass(frozen=True, eq=False)
class Guess:
    """How a file is laid out and which column means what, before it is read.

    columns  role (user, item, rating, timestamp) → column name; a role without a column is left out
    reasons  role → why this column, or why none
    preview  the first rows as text
    layout   all that reading needs; replace a field and pass it on to correct the guess
    """

    format: str
    delimiter: str | None
    encoding: str
    has_header: bool
    columns: Mapping[str, str]
    reasons: Mapping[str, str]
    preview: pd.DataFrame
    layout: Layout


@dataclass(frozen=True, eq=False)
class Imported:
    """A data set, the lines that are not in it (line, column, reason, text), and the guess used."""

    dataset: Dataset
    rejects: pd.DataFrame
    guess: Guess


def guess_columns(source: Source, name: str | None = None, layout: Layout | None = None) -> Guess:
    """What is in this file?  Reads the first rows only.  name: what messages call it.

    Raises DatasetError, EmptyError for what cannot be a table of users and items.
    """
    return _guess(sample(source, name, layout))


def read_own(  # noqa: PLR0913 - three files and what a person may correct about them
    interactions: Source,
    users: Source | None = None,
    items: Source | None = None,
    columns: Mapping[str, str] | None = None,
    name: str | None = None,
    threshold: float | None = None,
    *,
    layout: Layout | None = None,
) -> Imported:
    """Read interactions, and attributes of users and items where there are files of them.

    columns    role → column name where the guess is wrong; "" for a role that no column has
    threshold  rating from which on a user is taken to like the item; None: every row is a liking
    layout     how to read the interactions; None: sniffed

    Dropped, listed and counted: lines that do not fit the table, rows without a user, an item, a
    finite rating or a readable time, and all but the last row of a (user, item) pair. Raises
    DatasetError where a column is missing, doubled or of mixed type, EmptyError where no row stays.
    """
    by_hand = check_roles(columns or {})
    with as_file(interactions, None) as (path, label):
        found = sample(path, label, layout)
        table = read_table(path, label, layout, id_columns=list(by_hand.values()))
        roles = choose_roles(found.roles.columns, list(table.frame.columns), by_hand, label)
        sieve = sieve_of(table)
        frame = sieved(sieve, table, roles)
        sides = {
            kind: read_side(source, kind, roles[kind], sieve.ledger)
            for kind, source in (("user", users), ("item", items))
            if source is not None
        }
        frames = {kind: side.frame for kind, side in sides.items()}
        tables = [table, *(side.table for side in sides.values())]
        if threshold is None and table.layout.format == "trec-qrels":
            threshold = 1.0  # a judgement of 0 says that the document is not relevant
        dataset = clean(
            Raw(frame, frames.get("user"), frames.get("item"), ledger=sieve.ledger),
            name=name or Path(label).stem,
            sha256=sha256_of_all(tables),
            threshold=threshold,
        )
        for side in sides.values():
            check_overlap(side, dataset)
        dataset = replace(dataset, facts=facts_of(dataset, tables, roles, threshold))
        rejects = [table.read.rejects, *sieve.rejects, *cleaned_away(sieve, frame, dataset)]
        return Imported(dataset, gathered(rejects), _guess(found, roles))


def load_own(
    interactions: Source,
    users: Source | None = None,
    items: Source | None = None,
    columns: Mapping[str, str] | None = None,
    name: str | None = None,
    threshold: float | None = None,
) -> Dataset:
    """The data set alone; its ledger still counts what was refused."""
    return read_own(interactions, users, items, columns, name, threshold).dataset


def _guess(found: Sample, columns: Mapping[str, str] | None = None) -> Guess:
    """columns: the roles in force, where a person has corrected some."""
    guessed, layout = found.roles.columns, found.layout
    columns = guessed if columns is None else columns
    by_hand = {role for role in ROLES if columns.get(role) != guessed.get(role)}
    width = len(layout.names)
    rows = [[*row[:width], *[""] * (width - len(row))] for row in found.rows[:N_PREVIEW]]
    return Guess(
        layout.format,
        layout.delimiter,
        layout.encoding,
        layout.has_header,
        dict(columns),
        {**found.roles.reasons, **dict.fromkeys(by_hand, "mapped by hand")},
        pd.DataFrame(rows, columns=list(layout.names)),
        layout,
    )
