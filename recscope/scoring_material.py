"""From tables with outside ids to codes: what `score` works on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.encode import MISSING
from core.errors import ConfigError, EmptyError, UnknownNameError
from core.ledger import Ledger
from core.tables import Bools, Interactions
from recscope.frames_ids import BLOCK, Coded, Space, code_ids, digest_of
from recscope.frames_in import FrameIn, column_names
from recscope.scoring_lists import Rows

Columns = dict[str, npt.NDArray[Any]]  # role → one array of the table's length

WANTED: Mapping[str, tuple[str, ...]] = {
    "recommendations": ("user", "item", "rank", "score"),
    "truth": ("user", "item", "rating"),
    "train": ("user", "item"),
    "users": ("user",),
    "items": ("item",),
}
OF_PAIRS = ("recommendations", "truth", "train")
ABOVE_ZERO = float(np.finfo(np.float32).tiny)  # the least threshold that 0 does not reach

NO_USER = "no user id"
NO_ITEM = "no item id"
TYPES = "ids of different types, matched as text"
TWICE = "user described twice: the first row counts"
ITEM_TWICE = "item described twice: the first row counts"
STRANGER = "described user who is in no list and not in the truth"
NOT_DESCRIBED = "user of the truth without a row of attributes: group (missing)"


@dataclass(frozen=True, eq=False)
class Material:
    """The tables over one space of codes.

    rows          the recommendations
    truth, seen   what users chose later, and what they had before (None: not said)
    in_catalogue  bool (n_items,) what could be recommended
    fingerprints  table name → 64 hex digits, the same for the same content
    """

    rows: Rows
    truth: Interactions
    seen: Interactions | None
    users: Space
    items: Space
    in_catalogue: Bools
    fingerprints: Mapping[str, str]


def prepare(frames: Mapping[str, FrameIn], ledger: Ledger) -> Material:
    """Code the ids of all tables, and lay the numbers beside them.

    Rows without an id are dropped and counted. Raises DatasetError for ids or numbers that cannot
    be read, EmptyError where no row is left.
    """
    numbers = {name: _numbers(frame) for name, frame in frames.items()}
    pairs = {name: frame for name, frame in frames.items() if name in OF_PAIRS}
    items = code_ids({name: frame for name, frame in frames.items() if name != "users"}, "item")
    users = code_ids(pairs, "user")
    for coded in (users, items):
        _note_types(coded, ledger)
    tables = {
        name: {"user": users.codes[name], "item": items.codes[name], **numbers[name]}
        for name in pairs
    }
    if users.space.first is None or items.space.first is None:  # else no id can be missing
        tables = {name: _whole_rows(name, table, ledger) for name, table in tables.items()}
    lists = tables["recommendations"]
    return Material(
        rows=Rows(lists["user"], lists["item"], lists.get("rank"), lists.get("score")),
        truth=_interactions(tables["truth"], users.space, items.space),
        seen=_interactions(tables["train"], users.space, items.space)
        if "train" in tables
        else None,
        users=users.space,
        items=items.space,
        in_catalogue=_catalogue(items),
        fingerprints={
            name: _fingerprint(name, users, items, numbers[name])
            for name in frames
            if name != "users"
        },
    )


def _numbers(frame: FrameIn) -> Columns:
    """The columns of numbers; a score beside a rank is not looked at for the order."""
    roles = [role for role in ("rank", "score", "rating") if role in frame.columns]
    if "rank" in roles and "score" in roles:
        roles.remove("score")
    return {role: frame.numbers(role) for role in roles}


def _note_types(coded: Coded, ledger: Ledger) -> None:
    if len(set(coded.kinds.values())) > 1:
        said = [f"{name}: {kind}" for name, kind in coded.kinds.items()]
        reason = f"{coded.space.kind} {TYPES}"
        ledger.add("ids", "noted", reason, len(said), unit="tables", examples=said)


def _whole_rows(name: str, columns: Columns, ledger: Ledger) -> Columns:
    """The rows that have both ids."""
    if columns["user"].min() > MISSING and columns["item"].min() > MISSING:
        return columns
    has_user, has_item = columns["user"] > MISSING, columns["item"] > MISSING
    has_both = has_user & has_item
    ledger.add(name, "dropped", NO_USER, (~has_user).sum())
    ledger.add(name, "dropped", NO_ITEM, (has_user & ~has_item).sum())
    if not has_both.any():
        raise EmptyError(
            f"{name}: no row has both a user id and an item id; check that the right columns are "
            "named"
        )
    return {role: column[has_both] for role, column in columns.items()}


def _interactions(columns: Columns, users: Space, items: Space) -> Interactions:
    """A rating above 0 is a liking; without ratings every row is."""
    ratings = columns.get("rating")
    return Interactions(
        users=columns["user"],
        items=columns["item"],
        n_users=len(users),
        n_items=len(items),
        ratings=None if ratings is None else ratings.astype(np.float32),
        threshold=None if ratings is None else ABOVE_ZERO,
    )


def _catalogue(items: Coded) -> Bools:
    """Items of the table of items; of all tables where there is none."""
    only = ["items"] if "items" in items.codes else list(items.codes)
    occurs = np.zeros(len(items.space) + 1, dtype=bool)  # the last one serves MISSING
    for codes in (items.codes[name] for name in only):
        for start in range(0, len(codes), BLOCK):
            occurs[codes[start : start + BLOCK]] = True
            if occurs[:-1].all():
                return occurs[:-1]
    return occurs[:-1]


def _fingerprint(name: str, users: Coded, items: Coded, numbers: Columns) -> str:
    """sha256 of a table: the same for the same ids and numbers in the same order of rows."""
    digest = sha256()
    for coded in (users, items):
        if name in coded.marks:
            digest.update(coded.marks[name])
    for role, column in numbers.items():
        digest.update(role.encode() + digest_of(column))
    return digest.hexdigest()


def attributes(
    frame: FrameIn | None, groups: Sequence[str], material: Material, ledger: Ledger
) -> pd.DataFrame:
    """The columns to group by, one row a described user, index code.

    Raises ConfigError where there is no table of users, UnknownNameError for a column it lacks.
    """
    if frame is None:
        raise ConfigError(
            f"groups {', '.join(groups)} need a table of users with these columns: users=…"
        )
    there = column_names(frame.table)
    for name in groups:
        if name not in there:
            raise UnknownNameError("user attribute", name, there)
    codes = material.users.look_up(frame.of("user"))
    table = pd.DataFrame({name: frame.series(name).to_numpy() for name in groups}, index=codes)
    ledger.add("users", "dropped", NO_USER, (codes == MISSING).sum())
    ledger.add("users", "dropped", STRANGER, (codes < MISSING).sum(), unit="users")
    table = table[codes > MISSING]
    is_again = table.index.duplicated()
    ledger.add("users", "dropped", TWICE, is_again.sum())
    table = table[~is_again]
    tested = np.unique(material.truth.users)
    ledger.add("users", "noted", NOT_DESCRIBED, (~np.isin(tested, table.index)).sum(), unit="users")
    return table


def described(frame: FrameIn | None, material: Material, ledger: Ledger) -> pd.DataFrame | None:
    """What the table of items says besides their ids, index: item code; None without a table."""
    if frame is None:
        return None
    names = [name for name in column_names(frame.table) if name != frame.columns["item"]]
    codes = material.items.look_up(frame.of("item"))
    table = pd.DataFrame(
        {name: frame.series(name).to_numpy() for name in names}, index=pd.Index(codes)
    )
    table = table[codes > MISSING]
    is_again = table.index.duplicated()
    ledger.add("items", "dropped", ITEM_TWICE, is_again.sum())
    return table[~is_again]
