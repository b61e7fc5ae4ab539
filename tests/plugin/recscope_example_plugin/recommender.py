"""A recommender in forty lines."""

from dataclasses import dataclass
from typing import ClassVar, Self

from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.parameters import setting
from recommenders.rank import rank_in_blocks


@dataclass
class Neighbours:
    """Items that were liked together with the user's, each pair counting by its rarity."""

    source: ClassVar[str] = "An example: co-occurrence over the square root of both counts"

    power: float = setting(0.5, "How much a popular item is held back.", low=0, high=1)

    def fit(self, train: Interactions) -> Self:
        likings = train.liked
        counts = likings.sum(axis=0)
        counts[counts == 0] = 1
        weighted = likings / counts**self.power
        together = (weighted.T @ weighted).tocsr()
        together.setdiag(0)
        self.together_ = together.sorted_indices()
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        scores: Floats = (self.train_.liked[users] @ self.together_).toarray()
        return scores
