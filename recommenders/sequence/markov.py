"""Which item follows which: a Markov chain of likings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array

from core.tables import Bools, Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.history import together
from recommenders.parameters import setting
from recommenders.rank import rank_in_blocks
from recommenders.sequence.histories import Histories, histories_of, in_order
from recommenders.sequence.places import sequential
from recommenders.taxonomy import Place

if TYPE_CHECKING:
    Counts = csr_array[Any]


@dataclass
class Markov:
    """Items that followed the user's latest likings in other users' histories.

    score(i) = Σ_j decay^age(j) · n(j → i) / (n(j →) + shrink) over the user's likings j, the latest
    of age 0, plus a little popularity, which ranks what never followed. Items that nobody liked
    in train are not listed. Learns more by counting anew for the users that have new rows.
    """

    source: ClassVar[str] = (
        "Rendle, Freudenthaler & Schmidt-Thieme 2010, doi:10.1145/1772690.1772773"
    )
    taxonomy: ClassVar[Place] = sequential("Markov chain of items")

    n_steps: int = setting(3, "Likings ahead that count as following.", low=1)
    decay: float = setting(0.8, "Weight of a liking, of that of the one after it.", low=0, high=1)
    shrink: float = setting(10.0, "Pulls items with few followers to zero.", low=0)
    popularity: float = setting(
        0.01, "Weight of an item's share of all likings, for what never followed.", low=0
    )

    def fit(self, train: Interactions) -> Self:
        self.histories_ = histories_of(train)
        everybody = np.ones(train.n_users, dtype=bool)
        self.counts_ = followers(self.histories_, everybody, self.n_steps, train.n_items)
        return self._weighed(train)

    def partial_fit(self, new: Interactions) -> Self:
        """As `recommenders.base.LearnsMore`: exact, for new rows of old users and for new users."""
        require_fitted(self)
        train = together(self.train_, new)
        old, self.histories_ = self.histories_, histories_of(train)
        is_touched = np.zeros(train.n_users, dtype=bool)
        is_touched[new.users] = True
        size = (train.n_items, self.n_steps)
        before = followers(old, is_touched[: old.n_users], size[1], size[0])
        after = followers(self.histories_, is_touched, size[1], size[0])
        self.counts_ = csr_array(grown(self.counts_, train.n_items) - before + after)
        self.counts_.eliminate_zeros()
        return self._weighed(train)

    def _weighed(self, train: Interactions) -> Self:
        self.counts_.sort_indices()
        out = np.asarray(self.counts_.sum(axis=1)) + self.shrink
        inverse = np.divide(1.0, out, out=np.zeros(len(out)), where=out > 0)
        self.chances_ = csr_array(diags_array(inverse) @ self.counts_)
        self.chances_.sort_indices()
        n_liked = np.bincount(self.histories_.items, minlength=train.n_items)
        self.popularity_ = n_liked / n_liked.sum()
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        return self._scores_of([self.histories_.of(int(user))[0] for user in users])

    def _scores_of(self, sequences: list[Ints]) -> Floats:
        lengths = np.array([len(items) for items in sequences], dtype=np.int64)
        rows = np.repeat(np.arange(len(sequences)), lengths)
        ages = [np.arange(len(items))[::-1] for items in sequences]
        weights = self.decay ** np.concatenate([*ages, np.zeros(0)])
        columns = np.concatenate([*sequences, np.zeros(0, dtype=np.int64)])
        shape = (len(sequences), len(self.popularity_))
        latest = csr_array(coo_array((weights, (rows, columns)), shape=shape))
        latest.sort_indices()
        scores: Floats = (latest @ self.chances_).toarray() + self.popularity * self.popularity_
        scores[:, self.popularity_ == 0] = -np.inf
        return scores

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:
        """As `recommenders.base.ScoresHistories`: the user's own items keep the user's order.

        Other items come before them. Without a user items come by code, since a set has no order.
        """
        require_fitted(self)
        own = None if user is None else self.histories_.of(user)
        rows = range(histories.shape[0])
        return self._scores_of([in_order(histories, row, own)[0] for row in rows])


def followers(
    histories: Histories, is_counted: Bools, n_steps: int, n_items: int
) -> "csr_array[Any]":
    """How often did an item (column) follow another (row) within so many likings?

    is_counted  bool (n_users,) whose histories are read; the farther of n_steps count as the first
    """
    users = np.repeat(np.arange(histories.n_users), np.diff(histories.starts))
    counts = csr_array((n_items, n_items), dtype=np.float64)
    for step in range(1, n_steps + 1):
        is_pair = (users[:-step] == users[step:]) & is_counted[users[:-step]]
        pairs = histories.items[:-step][is_pair], histories.items[step:][is_pair]
        ones = np.ones(len(pairs[0]))
        counts = csr_array(counts + csr_array(coo_array((ones, pairs), shape=counts.shape)))
    return counts


def grown(counts: "csr_array[Any]", n_items: int) -> "csr_array[Any]":
    """The same counts over so many items, the new ones without any."""
    more = np.full(n_items - counts.shape[0], counts.indptr[-1], dtype=counts.indptr.dtype)
    starts = np.concatenate([counts.indptr, more])
    return csr_array((counts.data, counts.indices, starts), shape=(n_items, n_items))
