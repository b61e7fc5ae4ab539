"""Attributes of users or items out of a file of their own."""

from dataclasses import dataclass

import pandas as pd

from core.encode import look_up
from core.errors import DatasetError
from core.frames import Source, Table, read_table
from core.frames_roles import bare, guess_roles
from core.frames_sniff import refuse_doubled
from core.ledger import Ledger
from core.own_cells import STAGE
from core.tables import Dataset

_TITLES = ("title", "name", "movietitle", "itemname", "productname", "producttitle", "headline")
_GENRES = ("genres", "genre", "categories", "category", "class")
_LISTS = {*_GENRES, "tags", "keywords", "topics", "subjects"}
_NO_GENRES = "(no genres listed)"  # how MovieLens writes an empty list


@dataclass(frozen=True, eq=False)
class Described:
    """kind: user or item; frame: its id in a column of that name, and attributes."""

    kind: str
    frame: pd.DataFrame
    table: Table


def read_side(source: Source, kind: str, id_column: str, ledger: Ledger) -> Described:
    """Read a file of users or of items.

    id_column  what the interactions call the id; here it may also be `id`, or any name that says
               user or item. Columns called or filled like genres become lists, split at `|`.
    Raises DatasetError where no column is the id, or where lines cannot be read at all.
    """
    table = read_table(source, id_columns=[id_column])
    names = list(table.frame.columns)
    guessed = guess_roles(names).columns.get(kind)
    by_id = next((name for name in names if bare(name) == "id"), None)
    key = id_column if id_column in names else guessed or by_id
    if key is None:
        raise DatasetError(
            f"{table.label} has no column of {kind} ids; its columns are {', '.join(names)}. Call "
            f"it {id_column!r}, as in the interactions"
        )
    for line in table.read.rejects.itertuples():
        reason = f"line of the {kind}s file cannot be read: {line.reason}"
        ledger.add(STAGE, "dropped", reason, 1, examples=[f"line {line.line}: {line.text}"])
    frame = table.frame.rename(columns=_renamed(names, key, kind))
    refuse_doubled(list(frame.columns), table.label)
    for name in frame.columns.drop(kind):
        if name == "title":
            frame[name] = frame[name].map(_joined, na_action="ignore")
        elif _holds_lists(frame[name]):
            frame[name] = frame[name].map(_split, na_action="ignore").astype(object)
    return Described(kind, frame, table)


def check_overlap(side: Described, dataset: Dataset) -> None:
    """Refuse a file that describes nobody: its ids are surely written another way."""
    ids = dataset.user_ids if side.kind == "user" else dataset.item_ids
    if (look_up(side.frame[side.kind], ids) >= 0).any():
        return
    raise DatasetError(
        f"none of the {side.kind} ids in {side.table.label}, such as "
        f"{str(side.frame[side.kind].iloc[0])!r}, occurs in the interactions, which have ids such "
        f"as {ids.names[0]!r}; is its id column another one, or are ids written another way?"
    )


def _renamed(names: list[str], key: str, kind: str) -> dict[str, str]:
    """The id becomes `user` or `item`; a title and genres get the names that the tables use."""
    renamed = {name: f"{name} (attribute)" for name in names if name == kind}
    renamed[key] = kind
    if kind == "item":
        by_bare = {bare(name): name for name in reversed(names) if name != key}
        for wanted, aliases in (("title", _TITLES), ("genres", _GENRES)):
            found = next((by_bare[alias] for alias in aliases if alias in by_bare), None)
            if found is not None:
                renamed[found] = wanted
    return renamed


def _holds_lists(column: pd.Series) -> bool:
    """Text with `|` in a column that is named like a list, or in a quarter of the cells."""
    if not isinstance(column.dtype, pd.StringDtype):
        return False
    has_bar = column.str.contains("|", regex=False).fillna(value=False)
    return bool(has_bar.any()) and (bare(str(column.name)) in _LISTS or bool(has_bar.mean() > 0.25))


def _split(text: str) -> list[str]:
    return [] if text == _NO_GENRES else [part.strip() for part in text.split("|") if part.strip()]


def _joined(title: object) -> str:
    """RecBole keeps a title as a list of words."""
    return " ".join(title) if isinstance(title, list) else str(title)
