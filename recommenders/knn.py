"""Neighbourhood models: what similar items say of you, and what similar users chose."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.history import newly_liked, together, without_users
from recommenders.neighbours import nearest, neighbours, renewed, supported
from recommenders.parameters import setting
from recommenders.rank import rank_in_blocks

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass
class ItemKNN:
    """Items most similar, by who liked them, to those the user liked.

    Score: sum of cosines between the item and the user's liked items, among each liked item's
    nearest. An item that no neighbour speaks for is not listed.
    """

    source: ClassVar[str] = "Deshpande & Karypis 2004, doi:10.1145/963770.963776"

    n_neighbours: int = setting(40, "Most similar items kept for each item.", low=1)
    shrink: float = setting(10.0, "Takes trust from similarities of few users.", low=0)

    def fit(self, train: Interactions) -> Self:
        self.similar_items_ = neighbours(train.liked.T.tocsr(), self.n_neighbours, self.shrink)
        self.train_ = train
        return self

    def partial_fit(self, new: Interactions) -> Self:
        """As `recommenders.base.LearnsMore`: what fitting all at once would give, bit for bit.

        Items that were newly liked, and items liked together with one of them, look for their
        neighbours again.
        """
        require_fitted(self)
        train = together(self.train_, new)
        changed = np.unique(newly_liked(self.train_, train).indices).astype(np.int64)
        self.similar_items_ = renewed(
            self.similar_items_, train.liked.T.tocsr(), changed, self.n_neighbours, self.shrink
        )
        self.train_ = train
        return self

    def forget(self, users: Codes | Ints) -> Self:
        """As `recommenders.base.Forgets`: what these users liked looks for its neighbours again."""
        require_fitted(self)
        train, old = without_users(self.train_, users), self.train_.liked
        changed = np.unique(old[np.asarray(users, dtype=np.int64)].indices).astype(np.int64)
        self.similar_items_ = renewed(
            self.similar_items_, train.liked.T.tocsr(), changed, self.n_neighbours, self.shrink,
            old.T.tocsr(),
        )  # fmt: skip
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        return self.score_histories(self.train_.liked[users])

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:  # noqa: ARG002 - nothing here is the user's own
        """As `recommenders.base.ScoresHistories`."""
        return supported(histories @ self.similar_items_)

    def history_weights(self) -> "csr_array[Any]":
        """As `recommenders.base.IsLinear`; an item that nothing speaks for is not listed."""
        require_fitted(self)
        return self.similar_items_


@dataclass
class UserKNN:
    """Items liked by the users who are most similar, by what they liked.

    Score: sum of the cosines of those neighbours who liked the item. An item that no neighbour
    liked is not listed.
    """

    source: ClassVar[str] = "Herlocker et al. 1999, doi:10.1145/312624.312682"

    n_neighbours: int = setting(100, "Most similar users kept for each user.", low=1)
    shrink: float = setting(10.0, "Takes trust from similarities of few items.", low=0)

    def fit(self, train: Interactions) -> Self:
        self.similar_users_ = neighbours(train.liked, self.n_neighbours, self.shrink)
        self.train_ = train
        return self

    def partial_fit(self, new: Interactions) -> Self:
        """As `recommenders.base.LearnsMore`: what fitting all at once would give, bit for bit.

        Users who liked something new, and users who share an item with one of them, look for their
        neighbours again.
        """
        require_fitted(self)
        train = together(self.train_, new)
        changed = np.flatnonzero(np.diff(newly_liked(self.train_, train).indptr))
        self.similar_users_ = renewed(
            self.similar_users_, train.liked, changed, self.n_neighbours, self.shrink
        )
        self.train_ = train
        return self

    def forget(self, users: Codes | Ints) -> Self:
        """As `recommenders.base.Forgets`: who shared an item with them looks again."""
        require_fitted(self)
        train, old = without_users(self.train_, users), self.train_.liked
        changed = np.unique(np.asarray(users, dtype=np.int64))
        self.similar_users_ = renewed(
            self.similar_users_, train.liked, changed, self.n_neighbours, self.shrink, old
        )
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        return supported(self.similar_users_[users] @ self.train_.liked)

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:
        """As `recommenders.base.ScoresHistories`: neighbours are looked for anew."""
        require_fitted(self)
        known = self.train_.liked
        near = nearest(histories, known, self.n_neighbours, self.shrink, hidden=user)
        return supported(near @ known)
