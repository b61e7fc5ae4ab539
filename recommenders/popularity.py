"""Models that know no user: the floor that any other recommender has to rise above."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_array

from core.errors import ConfigError
from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.history import together
from recommenders.parameters import setting
from recommenders.rank import rank_in_blocks

SECONDS_PER_DAY = 86_400


def same_for_all(scores: Floats, train: Interactions, users: Codes | Ints, k: int) -> TopK:
    """Rank one row of item scores for everybody, each without what the user has seen."""
    everybody = np.ones(train.n_users, dtype=bool)
    return rank_in_blocks(
        lambda block: np.tile(scores, (len(block), 1)), users, train, k, known=everybody
    )


@dataclass
class Random:
    """Unseen items in an order drawn anew for each user: what chance alone would score.

    A user's list depends on the seed and the user, not on who else is asked.
    """

    source: ClassVar[str] = "Baseline; no parameters learned"

    seed: int = setting(0, "Another seed draws other lists.", low=0)

    def fit(self, train: Interactions) -> Self:
        self.train_ = train
        return self

    def partial_fit(self, new: Interactions) -> Self:
        require_fitted(self)
        return self.fit(together(self.train_, new))

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        everybody = np.ones(self.train_.n_users, dtype=bool)
        return rank_in_blocks(self._draw, users, self.train_, k, known=everybody)

    def _draw(self, users: Codes | Ints) -> Floats:
        from recommenders.kernels import draw_uniforms

        drawn = np.empty((len(users), self.train_.n_items))
        draw_uniforms(np.uint64(self.seed), np.asarray(users, dtype=np.uint64), drawn)
        return drawn


@dataclass
class Popularity:
    """The items most users liked, for everybody."""

    source: ClassVar[str] = "Cremonesi, Koren & Turrin 2010 (TopPop), doi:10.1145/1864708.1864721"

    def fit(self, train: Interactions) -> Self:
        self.train_ = train
        self.counts_ = _liking_users(train.liked)
        return self

    def partial_fit(self, new: Interactions) -> Self:
        require_fitted(self)
        return self.fit(together(self.train_, new))

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return same_for_all(self.counts_, self.train_, users, k)


def _liking_users(liked: "csr_array[Any]") -> Floats:
    return np.bincount(liked.indices, minlength=liked.shape[1]).astype(np.float64)


@dataclass
class DecayedPopularity:
    """The items liked most of late: a liking counts half after each half-life.

    Time runs from the last interaction in train backwards. Needs timestamps.
    """

    source: ClassVar[str] = "Ji et al. 2020 (DecayPop), doi:10.1145/3397271.3401233"

    half_life: float = setting(30.0, "Days after which a liking counts half as much.", low=1 / 1440)

    def fit(self, train: Interactions) -> Self:
        if train.timestamps is None:
            raise ConfigError(
                "decayed-popularity needs a timestamp for each interaction, and this data has "
                "none; map a timestamp column, or use popularity"
            )
        self.train_ = train
        ages = (
            train.timestamps.max(initial=0) - train.timestamps[train.is_liked]
        ) / SECONDS_PER_DAY
        self.weights_ = np.bincount(
            train.items[train.is_liked],
            weights=np.exp2(-ages / self.half_life),
            minlength=train.n_items,
        ).astype(np.float64)
        return self

    def partial_fit(self, new: Interactions) -> Self:
        require_fitted(self)
        return self.fit(together(self.train_, new))

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return same_for_all(self.weights_, self.train_, users, k)
