"""What users liked, in the order of time: what models of sequences learn from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from core.errors import ConfigError
from core.order import by_time, by_user
from core.tables import Bools, Interactions, Ints

N_CHECKED = 2000  # users at most whose last item is held back
SHORTEST = 3  # a history of which one item is held back


@dataclass(frozen=True, eq=False)
class Histories:
    """Likings by user, oldest first.

    starts  int64 (n_users + 1,): user u's are rows starts[u] to starts[u + 1]
    items   int64 (n,) codes; times: int64 (n,) seconds, or zeros where the data have none
    """

    starts: Ints
    items: Ints
    times: Ints

    @property
    def n_users(self) -> int:
        return len(self.starts) - 1

    def of(self, user: int) -> tuple[Ints, Ints]:
        """Items and times of one user."""
        rows = slice(self.starts[user], self.starts[user + 1])
        return self.items[rows], self.times[rows]


def histories_of(train: Interactions) -> Histories:
    """Every user's liked items by time; rows of one second, or without times, stay as they came.

    Raises ConfigError where nothing was liked.
    """
    liked = train.take(train.is_liked)
    if not len(liked):
        raise ConfigError(
            "no interaction in train counts as a liking, so there is nothing to learn; "
            "lower the relevance threshold"
        )
    times = np.zeros(len(liked), dtype=np.int64) if liked.timestamps is None else liked.timestamps
    order = by_user(liked.users, train.n_users, by_time(times))
    counts = np.bincount(liked.users, minlength=train.n_users)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Histories(starts, liked.items[order].astype(np.int64), times[order])


@dataclass(frozen=True, eq=False)
class Windows:
    """Parts of histories to learn from: rows first to last - 1 of `histories`, at most so long."""

    histories: Histories
    first: Ints
    last: Ints

    def __len__(self) -> int:
        return len(self.first)

    def padded(self, places: Ints, pad: int) -> tuple[Ints, Ints]:
        """Items and times of some windows, (n, longest); `pad` and 0 past the end of a short one.

        Filled up on the right, so that what comes before never sees it.
        """
        first, last = self.first[places], self.last[places]
        rows = first[:, None] + np.arange(int((last - first).max()))
        is_there = rows < last[:, None]
        rows = np.minimum(rows, last[:, None] - 1)
        items = np.where(is_there, self.histories.items[rows], pad)
        return items, np.where(is_there, self.histories.times[rows], 0)


def windows_of(histories: Histories, length: int, ends: Ints) -> Windows:
    """All likings of each user up to row ends[u], cut from the end in parts of length + 1.

    Neighbouring parts share one liking, so that each but the first is to be predicted once. A
    history of one liking has nothing to predict.
    """
    starts = histories.starts[:-1]
    n_to_predict = np.maximum(ends - starts - 1, 0)
    n_parts = -(-n_to_predict // length)
    users = np.repeat(np.arange(histories.n_users), n_parts)
    number = np.arange(len(users)) - np.repeat(np.cumsum(n_parts) - n_parts, n_parts)
    last = ends[users] - number * length
    first = np.maximum(last - length - 1, starts[users])
    return Windows(histories, first.astype(np.int64), last.astype(np.int64))


def held_back(histories: Histories, seed: int, n: int = N_CHECKED) -> Ints:
    """Users, at most n, whose last liking is kept from training to see how well it is foreseen."""
    able = np.flatnonzero(np.diff(histories.starts) >= SHORTEST)
    if len(able) <= n:
        return able
    return np.sort(np.random.default_rng([seed, 7]).choice(able, size=n, replace=False))


def ends_without(histories: Histories, users: Ints) -> Ints:
    """Where each user's history ends for training: one row earlier for these users."""
    ends = histories.starts[1:].copy()
    ends[users] -= 1
    return ends


def in_order(
    history: "csr_array[Any]", row: int, own: tuple[Ints, Ints] | None
) -> tuple[Ints, Ints]:
    """A set of liked items as a sequence: items and times.

    own  the user's own history: its items come in its order; others come before them, and as early
         as its first. Without it items come by code, at no time: order is not in a set.
    """
    wanted = history.indices[history.indptr[row] : history.indptr[row + 1]]
    if own is None:
        return np.sort(wanted).astype(np.int64), np.zeros(len(wanted), dtype=np.int64)
    items, times = own
    is_kept: Bools = np.isin(items, wanted)
    foreign = np.setdiff1d(wanted, items)
    earliest: npt.NDArray[np.int64] = np.full(len(foreign), times[0] if len(times) else 0)
    return (
        np.concatenate([foreign, items[is_kept]]).astype(np.int64),
        np.concatenate([earliest, times[is_kept]]).astype(np.int64),
    )
