"""What each user did, in order: the one reading of the data that all prompts are made of."""

from dataclasses import dataclass

import numpy as np

from core.order import by_time, by_user
from core.tables import Bools, Floats, Interactions, Ints
from recommenders.texts import names_of


@dataclass(frozen=True, eq=False)
class Timelines:
    """Rows of train by user, each user's oldest first.

    starts   int64 (n_users + 1,) user u has the rows starts[u]:starts[u + 1]
    items    int64 (n,); is_liked: bool (n,); ratings: float64 (n,), NaN where there are none
    names    what the items are called; groups: their genres or categories, "" for none
    weights  float64 (n_items,) how often an item is drawn as one the user did not touch: the square
             root of how many liked it, one added
    """

    starts: Ints
    items: Ints
    is_liked: Bools
    ratings: Floats
    names: tuple[str, ...]
    groups: tuple[str, ...]
    weights: Floats

    def liked(self, user: int) -> Ints:
        """Items the user liked, oldest first, each once: where it was liked last."""
        return self._distinct(user, wanted=True)

    def disliked(self, user: int) -> Ints:
        """Items the user touched and did not like, oldest first."""
        return self._distinct(user, wanted=False)

    def rating(self, user: int, item: int) -> float:
        """The user's last rating of the item; NaN where there is none."""
        rows = slice(self.starts[user], self.starts[user + 1])
        found = self.ratings[rows][self.items[rows] == item]
        return float(found[-1]) if len(found) else float("nan")

    def _distinct(self, user: int, *, wanted: bool) -> Ints:
        rows = slice(self.starts[user], self.starts[user + 1])
        chosen = self.items[rows][self.is_liked[rows] == wanted][::-1]
        _, first = np.unique(chosen, return_index=True)
        return np.asarray(chosen[np.sort(first)][::-1])


def timelines(train: Interactions) -> Timelines:
    """Read train; without timestamps its rows are taken in the order they came."""
    n = len(train)
    order = np.arange(n) if train.timestamps is None else by_time(train.timestamps)
    rows = by_user(train.users, train.n_users, order)
    counts = np.bincount(train.users, minlength=train.n_users)
    ratings = np.full(n, np.nan) if train.ratings is None else train.ratings.astype(np.float64)
    popularity = np.bincount(train.liked.indices, minlength=train.n_items)
    return Timelines(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        train.items[rows].astype(np.int64),
        train.is_liked[rows],
        ratings[rows],
        names_of(train),
        groups_of(train),
        np.sqrt(popularity + 1.0),
    )


def groups_of(train: Interactions) -> tuple[str, ...]:
    """Genres or categories of every item in words; "" where there are none."""
    from core.errors import ConfigError
    from recommenders.texts import item_texts

    try:
        return item_texts(train, parts=("groups",), longest=60)
    except ConfigError:  # the items are of no group, which is no fault
        return ("",) * train.n_items
