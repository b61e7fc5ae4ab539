"""What users went on to do, laid out so that a list can be held against it fast."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import EmptyError
from core.ledger import Ledger
from core.tables import Bools, Codes, Interactions, Ints
from recscope.judged_rows import group

REPEATED_ROW = "repeated (user, item) pair in the truth: the last row counts"


@dataclass(frozen=True, eq=False)
class Truth:
    """The test items of every user who has any, relevant or not.

    users        int64 (n_users,)      codes, ascending
    starts       int64 (n_users + 1,)  rows starts[u]:starts[u + 1] belong to users[u]
    items        int32 (n_rows,)       no repeats within a user
    is_relevant  bool (n_rows,)
    ratings      float32 (n_rows,) or None
    """

    users: Ints
    starts: Ints
    items: Codes
    is_relevant: Bools
    ratings: npt.NDArray[np.float32] | None

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
        )


def gather(test: Interactions, ledger: Ledger) -> tuple[Truth, Ints | None]:
    """Truth of the test rows, and which test row each of its rows is (None: all, in order).

    Raises EmptyError when there are no rows.
    """
    if not len(test):
        raise EmptyError(
            "there is no test interaction to judge against; make the test part larger, or check "
            "the truth that was handed over"
        )
    rows = group(test.users, test.items, test.n_items)
    ledger.add("judge", "dropped", REPEATED_ROW, rows.n_repeats)
    truth = Truth(
        users=rows.users,
        starts=rows.starts,
        items=rows.items,
        is_relevant=rows.taken(test.is_liked),
        ratings=None if test.ratings is None else rows.taken(test.ratings),
    )
    return truth, rows.source
