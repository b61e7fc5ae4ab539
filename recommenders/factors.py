"""Factor models of likings, trained by the package implicit, ranked here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from core.errors import ConfigError
from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.parameters import setting
from recommenders.rank import product, rank_in_blocks


def _learn(make: Callable[..., Any], train: Interactions, **settings: Any) -> tuple[Floats, Floats]:
    """Train; user factors (n_users, n_factors) and item factors, transposed (n_factors, n_items).

    Items nobody liked keep whatever they were drawn with, so their column says nothing: see
    `_scores`. One BLAS thread: implicit runs its own threads, and warns of a second pool.
    """
    from scipy.sparse import csr_matrix
    from threadpoolctl import threadpool_limits

    if not train.liked.nnz:
        raise ConfigError(
            "no interaction in train counts as a liking, so there is nothing to learn; "
            "lower the relevance threshold"
        )
    with threadpool_limits(1, "blas"):
        trainer = make(**settings)
        trainer.fit(csr_matrix(train.liked), show_progress=False)
    return np.array(trainer.user_factors), np.ascontiguousarray(trainer.item_factors.T)


def _scores(users: Codes | Ints, user_factors: Floats, item_factors: Floats, liked: Any) -> Floats:
    scores = product(user_factors[users], item_factors)
    scores[:, ~liked] = -np.inf
    return scores


def _is_liked_by_any(train: Interactions) -> Any:
    return np.bincount(train.liked.indices, minlength=train.n_items) > 0


@dataclass
class ALS:
    """Factors that predict likings, sure of what was liked and unsure of what was not.

    Weighted alternating least squares: an absent pair is a weak "no", a liking counts alpha times
    as much. Items that nobody liked in train are not listed.
    """

    source: ClassVar[str] = "Hu, Koren & Volinsky 2008, doi:10.1109/ICDM.2008.22"

    n_factors: int = setting(64, "Length of each user's and item's vector.", low=1)
    regularization: float = setting(0.05, "Penalty on long vectors.", low=0)
    alpha: float = setting(5.0, "Confidence in a liking, an absent pair having 1.", low=0)
    iterations: int = setting(15, "Passes over users and items.", low=1)
    seed: int = setting(0, "Draws the first vectors.", low=0)

    def fit(self, train: Interactions) -> Self:
        from implicit.cpu.als import AlternatingLeastSquares

        self.user_factors_, self.item_factors_ = _learn(
            AlternatingLeastSquares,
            train,
            factors=self.n_factors,
            regularization=self.regularization,
            alpha=self.alpha,
            iterations=self.iterations,
            random_state=self.seed,
        )
        self.is_listed_ = _is_liked_by_any(train)
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        return _scores(users, self.user_factors_, self.item_factors_, self.is_listed_)


@dataclass
class BPR:
    """Factors that put what a user liked above what the user did not.

    Bayesian personalised ranking by stochastic gradient, on one thread: with several the
    threads race and no two runs agree. Items that nobody liked in train are not listed.
    """

    source: ClassVar[str] = "Rendle et al. 2009, arXiv:1205.2618"

    n_factors: int = setting(64, "Length of each user's and item's vector.", low=1)
    learning_rate: float = setting(0.01, "Size of each step.", low=1e-9)
    regularization: float = setting(0.01, "Penalty on long vectors.", low=0)
    iterations: int = setting(60, "Passes over the likings.", low=1)
    seed: int = setting(0, "Draws the first vectors and the pairs.", low=0)

    def fit(self, train: Interactions) -> Self:
        from implicit.cpu.bpr import BayesianPersonalizedRanking

        self.user_factors_, self.item_factors_ = _learn(
            BayesianPersonalizedRanking,
            train,
            factors=self.n_factors,
            learning_rate=self.learning_rate,
            regularization=self.regularization,
            iterations=self.iterations,
            num_threads=1,
            random_state=self.seed,
        )
        self.is_listed_ = _is_liked_by_any(train)
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        return _scores(users, self.user_factors_, self.item_factors_, self.is_listed_)
