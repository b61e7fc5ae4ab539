"""What did each user like, in order?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.order import by_time, by_user
from core.tables import Interactions, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class Histories:
    """Liked items of each user, oldest first; without times in the order of the rows.

    starts  int64 (n_users + 1,) where each user's begin; items: int64 (n,) codes
    """

    starts: Ints
    items: Ints

    @classmethod
    def of(cls, train: Interactions) -> "Histories":
        rows = np.arange(len(train)) if train.timestamps is None else by_time(train.timestamps)
        rows = by_user(train.users, train.n_users, rows)
        rows = rows[train.is_liked[rows]]
        counts = np.bincount(train.users[rows], minlength=train.n_users)
        return cls(np.cumsum([0, *counts]), train.items[rows].astype(np.int64))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, user: int) -> Ints:
        return self.items[self.starts[user] : self.starts[user + 1]]

    @property
    def lengths(self) -> Ints:
        return np.diff(self.starts)

    def pieces(self, n: int) -> Ints:
        """Every history in pieces of n items, counted from its end: int64 (n_pieces, at most n).

        A shorter piece stands on the left, -1 past its end.
        """
        found = []
        for user in range(len(self)):
            items = self[user]
            found += [items[max(0, end - n) : end] for end in range(len(items), 0, -n)]
        table = np.full((len(found), max(map(len, found), default=0)), -1, dtype=np.int64)
        for row, items in enumerate(found):
            table[row, : len(items)] = items
        return table

    def ordered(self, rows: "csr_array[Any]", user: int | None) -> list[Ints]:
        """Sets of items as sequences, a row of `rows` each.

        user  whose they are: they stand in that user's order, and before it, by code, those that
              the user did not like; None: by code
        """
        own = self[user] if user is not None and user < len(self) else np.zeros(0, dtype=np.int64)
        found = []
        for start, end in zip(rows.indptr[:-1], rows.indptr[1:], strict=True):
            some = np.sort(rows.indices[start:end]).astype(np.int64)
            found.append(np.concatenate([np.setdiff1d(some, own), own[np.isin(own, some)]]))
        return found
