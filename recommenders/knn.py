"""Neighbourhood models: what similar items say of you, and what similar users chose."""

from dataclasses import dataclass
from typing import ClassVar, Self

from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.neighbours import neighbours, supported
from recommenders.parameters import setting
from recommenders.rank import rank_in_blocks


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

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        return supported(self.train_.liked[users] @ self.similar_items_)


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

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        return supported(self.similar_users_[users] @ self.train_.liked)
