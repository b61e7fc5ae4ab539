"""From tables with outside ids to codes: what `score` works on."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.encode import look_up
from core.errors import ConfigError, DatasetError, EmptyError, UnknownNameError
from core.ledger import Ledger
from core.tables import Bools, Codes, Ids, Interactions
from recscope.frames_in import FrameIn, unite
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
STRANGER = "described user who is not in the truth"
NOT_DESCRIBED = "user of the truth without a row of attributes: group (missing)"


@dataclass(frozen=True, eq=False)
class Material:
    """The tables over one space of codes.

    rows          the recommendations
    truth, seen   what users chose later, and what they had before (None: not said)
    in_catalogue  bool (n_items,) what could be recommended
    sha256        fingerprint of each table, still in the making
    """

    rows: Rows
    truth: Interactions
    seen: Interactions | None
    user_ids: Ids
    item_ids: Ids
    in_catalogue: Bools
    sha256: Mapping[str, "Future[str]"]


def prepare(frames: Mapping[str, FrameIn], ledger: Ledger, helper: Executor) -> Material:
    """Code the ids of all tables, and lay the numbers beside them.

    helper  takes the fingerprints while the work goes on

    Rows without an id are dropped and counted. Raises DatasetError for ids or numbers that cannot
    be read and where no user of the lists is in the truth, EmptyError where no row is left.
    """
    raw_users = {name: frame.ids("user") for name, frame in frames.items() if name in OF_PAIRS}
    raw_items = {name: frame.ids("item") for name, frame in frames.items() if name != "users"}
    numbers = {name: _numbers(frame) for name, frame in frames.items()}
    marks = {
        name: helper.submit(
            fingerprint,
            [raw[name] for raw in (raw_users, raw_items) if name in raw],
            numbers[name],
        )
        for name in frames
        if name != "users"
    }
    for role in ("user", "item"):
        _note_types(role, frames, ledger)
    users, user_ids = unite(raw_users, "user")
    items, item_ids = unite(raw_items, "item")
    tables = {
        name: _whole_rows(name, {"user": users[name], "item": items[name]} | numbers[name], ledger)
        for name in users
    }
    lists = tables["recommendations"]
    truth = _interactions(tables["truth"], user_ids, item_ids)
    _check_users(lists["user"], truth.users, user_ids)
    in_catalogue = np.ones(len(item_ids), dtype=bool)
    if "items" in items:
        in_catalogue = np.bincount(items["items"][items["items"] >= 0], minlength=len(item_ids)) > 0
    return Material(
        rows=Rows(lists["user"], lists["item"], lists.get("rank"), lists.get("score")),
        truth=truth,
        seen=_interactions(tables["train"], user_ids, item_ids) if "train" in tables else None,
        user_ids=user_ids,
        item_ids=item_ids,
        in_catalogue=in_catalogue,
        sha256=marks,
    )


def _numbers(frame: FrameIn) -> Columns:
    """The columns of numbers; a score beside a rank is not looked at for the order."""
    roles = [role for role in ("rank", "score", "rating") if role in frame.columns]
    if "rank" in roles and "score" in roles:
        roles.remove("score")
    return {role: frame.numbers(role) for role in roles}


def _note_types(role: str, frames: Mapping[str, FrameIn], ledger: Ledger) -> None:
    kinds = {name: frame.kind_of(role) for name, frame in frames.items() if role in frame.columns}
    if len(set(kinds.values())) > 1:
        said = [f"{name}: {kind}" for name, kind in kinds.items()]
        ledger.add("ids", "noted", f"{role} {TYPES}", len(kinds), unit="tables", examples=said)


def _whole_rows(name: str, columns: Columns, ledger: Ledger) -> Columns:
    """The rows that have both ids."""
    has_user, has_item = columns["user"] >= 0, columns["item"] >= 0
    has_both = has_user & has_item
    if has_both.all():
        return columns
    ledger.add(name, "dropped", NO_USER, (~has_user).sum())
    ledger.add(name, "dropped", NO_ITEM, (has_user & ~has_item).sum())
    if not has_both.any():
        raise EmptyError(
            f"{name}: no row has both a user id and an item id; check that the right columns are "
            "named"
        )
    return {role: column[has_both] for role, column in columns.items()}


def _interactions(columns: Columns, user_ids: Ids, item_ids: Ids) -> Interactions:
    """A rating above 0 is a liking; without ratings every row is."""
    ratings = columns.get("rating")
    return Interactions(
        users=columns["user"],
        items=columns["item"],
        n_users=len(user_ids),
        n_items=len(item_ids),
        ratings=None if ratings is None else ratings.astype(np.float32),
        threshold=None if ratings is None else ABOVE_ZERO,
    )


def _check_users(listed: Codes, tested: Codes, ids: Ids) -> None:
    is_tested = np.zeros(len(ids), dtype=bool)
    is_tested[tested] = True
    if not is_tested[listed].any():
        raise DatasetError(
            f"no user of the recommendations is in the truth: users such as "
            f"{ids.names[listed[0]]!r} got lists, users such as {ids.names[tested[0]]!r} are in the "
            "truth. Check that both name users the same way"
        )


def fingerprint(coded: Sequence[tuple[Codes, Ids]], numbers: Columns) -> str:
    """sha256 of a table: the same for the same ids and numbers in the same order of rows."""
    digest = sha256()
    for codes, ids in coded:
        digest.update("\n".join(ids.names).encode("utf-8", "surrogatepass"))
        digest.update(codes)
    for role, column in numbers.items():
        digest.update(role.encode())
        for start in range(0, len(column), 1 << 16):  # as float64, whatever it came as
            digest.update(column[start : start + (1 << 16)].astype("<f8"))
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
    there = [str(name) for name in frame.native.columns]
    for name in groups:
        if name not in there:
            raise UnknownNameError("user attribute", name, there)
    codes = look_up(frame.series(frame.columns["user"]), material.user_ids)
    table = pd.DataFrame({name: frame.series(name).to_numpy() for name in groups}, index=codes)
    ledger.add("users", "dropped", NO_USER, (codes == -1).sum())
    ledger.add("users", "dropped", STRANGER, (codes < -1).sum(), unit="users")
    table = table[codes >= 0]
    is_again = table.index.duplicated()
    ledger.add("users", "dropped", TWICE, is_again.sum())
    table = table[~is_again]
    tested = np.unique(material.truth.users)
    ledger.add("users", "noted", NOT_DESCRIBED, (~np.isin(tested, table.index)).sum(), unit="users")
    return table
