"""Rows of each user side by side, and the search of a list among them.

Every listed item is held against every row of the same user, one row of all users of a block at a
time: no sorting and no hashing, and the processor compares many at once.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.tables import Bools, Codes, Ints

USERS_AT_A_TIME = 1 << 14
CELLS_AT_A_TIME = 1 << 20


@dataclass(frozen=True, eq=False)
class Grouped:
    """Rows by user.

    users      int64 (n_users,)      codes of the users who have rows, ascending
    starts     int64 (n_users + 1,)  rows starts[u]:starts[u + 1] belong to users[u]
    items      int32 (n_rows,)       no repeats within a user
    source     int64 (n_rows,)       which of the rows handed over each is; None: all, as they came
    n_repeats  rows that were left out because a later one names the same user and item
    """

    users: Ints
    starts: Ints
    items: Codes
    source: Ints | None
    n_repeats: int

    def taken(self, column: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Another column of the rows handed over, in this order."""
        return column if self.source is None else column[self.source]


def group(users: Codes, items: Codes, n_items: int) -> Grouped:
    """Put the rows of each user together; of a repeated (user, item) pair the last one stays."""
    source: Ints | None = None
    if not (users[1:] >= users[:-1]).all():
        source = stable_order(users)
        users, items = users[source], items[source]
    heads = _heads(users)
    starts = np.append(heads, len(users))
    dropped = _earlier_repeats(starts, items, n_items)
    if len(dropped):
        source = np.delete(np.arange(len(users)) if source is None else source, dropped)
        users, items = np.delete(users, dropped), np.delete(items, dropped)
        heads = _heads(users)
        starts = np.append(heads, len(users))
    return Grouped(users[heads].astype(np.int64), starts, items, source, len(dropped))


def stable_order(codes: Codes) -> Ints:
    """As np.argsort(codes, kind="stable"), several times faster: one plain sort of code and row."""
    bits = len(codes).bit_length()
    packed = codes.astype(np.int64) << bits
    packed |= np.arange(len(codes))
    packed.sort()
    packed &= (1 << bits) - 1
    return packed


def _heads(users: Codes) -> Ints:
    """Where each run of equal users begins."""
    is_first = np.ones(len(users), dtype=bool)
    np.not_equal(users[1:], users[:-1], out=is_first[1:])
    return np.flatnonzero(is_first)


def _earlier_repeats(starts: Ints, items: Codes, n_items: int) -> Ints:
    """Rows whose (user, item) pair comes again further down.

    Looks at some users at a time, which the cache rewards, and only at those closely who have a
    pair twice.
    """
    n_users = len(starts) - 1
    at_a_time = max(1, min(n_users * (1 << 16) // max(len(items), 1), 2**31 // max(n_items, 1)))
    found = [np.empty(0, dtype=np.int64)]
    for first in range(0, n_users, at_a_time):
        some = starts[first : first + at_a_time + 1]
        user = np.repeat(np.arange(len(some) - 1, dtype=np.int32), np.diff(some))
        keys = user * np.int32(n_items) + items[some[0] : some[-1]]
        ordered = np.sort(keys)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        if len(twice):
            has_twice = np.zeros(len(some), dtype=bool)
            has_twice[twice // n_items] = True
            rows = np.flatnonzero(has_twice[user])
            rows = rows[np.argsort(keys[rows], kind="stable")]
            found.append(rows[:-1][keys[rows[1:]] == keys[rows[:-1]]] + some[0])
    return np.concatenate(found)


def find(lists: Codes, starts: Ints, items: Codes) -> Codes:
    """Which row of its user is each listed item? int32 like `lists`, -1 where it is none.

    lists   int32 (n_users, width)  PAD finds nothing
    starts  int64 (n_users + 1,)    rows of `items` of each user
    """
    n_users, width = lists.shape
    found = np.empty(lists.shape, dtype=np.int32)
    at_a_time = max(1, min(USERS_AT_A_TIME, CELLS_AT_A_TIME // max(width, 1)))
    for first in range(0, n_users, at_a_time):
        last = min(first + at_a_time, n_users)
        n_rows = np.diff(starts[first : last + 1])
        order = np.argsort(-n_rows, kind="stable")  # who has many rows comes first
        place = starts[first:last][order].astype(np.int32)
        listed = np.ascontiguousarray(lists[first:last].T[:, order])
        row = np.full(listed.shape, -1, dtype=np.int32)
        n_with_more = np.cumsum(np.bincount(n_rows)[::-1])[::-1]
        for n in n_with_more[1:]:  # so many users have yet another row
            here = place[:n]
            np.copyto(row[:, :n], here, where=listed[:, :n] == items[here])
            here += 1
        found[first + order] = row.T
    return found


def aligned(rows: Grouped, users: Ints) -> Ints:
    """Starts of the rows of each of these users, some of whom may have none: int64 (n_users + 1,).

    users  ascending, all of rows.users among them
    """
    counts = np.zeros(len(users), dtype=np.int64)
    counts[np.searchsorted(users, rows.users)] = np.diff(rows.starts)
    return np.append(0, np.cumsum(counts))


def among(codes: Codes, known: Ints, size: int) -> Bools:
    """Which of the codes are known ones?  size: of the code space."""
    is_known = np.zeros(size, dtype=bool)
    is_known[known] = True
    return np.asarray(is_known[codes])
