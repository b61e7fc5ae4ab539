"""What users went on to do, laid out so that a list can be held against it fast."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import EmptyError
from core.ledger import Ledger
from core.tables import Bools, Codes, Interactions, Ints

BLOCK = 1 << 20  # pairs looked up at a time: temporaries stay within a few MB


@dataclass(frozen=True, eq=False)
class Truth:
    """The test items of every user who has any, relevant or not.

    users        int64 (n_users,)      codes, ascending
    starts       int64 (n_users + 1,)  rows starts[u]:starts[u + 1] belong to users[u]
    items        int32 (n_rows,)       ascending within a user, no repeats
    is_relevant  bool (n_rows,)
    ratings      float32 (n_rows,) or None
    source       int64 (n_rows,)       row of the interactions that it was made from
    """

    users: Ints
    starts: Ints
    items: Codes
    is_relevant: Bools
    ratings: npt.NDArray[np.float32] | None
    source: Ints

    def __len__(self) -> int:
        return len(self.users)

    @cached_property
    def all_relevant(self) -> bool:
        return bool(self.is_relevant.all())

    @cached_property
    def row_of(self) -> Ints:
        """Which user (position in `users`) each row belongs to: int64 (n_rows,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def sums(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Sum over the rows of each user."""
        return np.add.reduceat(values, self.starts[:-1])

    @cached_property
    def n_relevant(self) -> Ints:
        if self.all_relevant:
            return np.diff(self.starts)
        return np.asarray(self.sums(self.is_relevant.astype(np.int64)))

    def block(self, start: int, stop: int) -> "Truth":
        """The users at positions start to stop alone."""
        first, last = self.starts[start], self.starts[stop]
        return Truth(
            users=self.users[start:stop],
            starts=self.starts[start : stop + 1] - first,
            items=self.items[first:last],
            is_relevant=self.is_relevant[first:last],
            ratings=None if self.ratings is None else self.ratings[first:last],
            source=self.source[first:last],
        )


def pair_keys(users: npt.NDArray[Any], items: npt.NDArray[Any], n_items: int) -> Ints:
    """One number per (user, item) pair, ordered by user, then item: int64."""
    return np.asarray(users.astype(np.int64) * n_items + items)


def gather(test: Interactions, ledger: Ledger) -> tuple[Truth, Ints]:
    """Truth of the test rows, and its sorted pair keys.

    Of a repeated (user, item) pair the last row counts; the others are dropped and counted.
    Raises EmptyError when there are no rows.
    """
    if not len(test):
        raise EmptyError(
            "there is no test interaction to judge against; make the test part larger, or check "
            "the truth that was handed over"
        )
    keys = pair_keys(test.users, test.items, test.n_items)
    source = np.arange(len(keys))
    if not (keys[1:] > keys[:-1]).all():
        source = np.argsort(keys, kind="stable")
        keys = keys[source]
        is_last = np.append(keys[1:] != keys[:-1], True)
        ledger.add("judge", "dropped", "repeated (user, item) pair in the truth", (~is_last).sum())
        source, keys = source[is_last], keys[is_last]
    owners = test.users[source]
    heads = np.flatnonzero(np.append(True, owners[1:] != owners[:-1]))
    truth = Truth(
        users=owners[heads].astype(np.int64),
        starts=np.append(heads, len(keys)),
        items=test.items[source],
        is_relevant=test.is_liked[source],
        ratings=None if test.ratings is None else test.ratings[source],
        source=source,
    )
    return truth, keys


def find(users: npt.NDArray[Any], lists: Codes, keys: Ints, n_items: int) -> Codes:
    """Where each listed pair stands among sorted keys: int32 like `lists`, -1 where it does not."""
    found = np.full(lists.shape, -1, dtype=np.int32)
    if not len(keys) or not lists.size:
        return found
    n_rows = max(1, BLOCK // lists.shape[1])
    for start in range(0, len(lists), n_rows):
        rows = slice(start, start + n_rows)
        wanted = pair_keys(users[rows, None], lists[rows], n_items)
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        is_there = (keys[place] == wanted) & (lists[rows] >= 0)
        found[rows][is_there] = place[is_there]
    return found
