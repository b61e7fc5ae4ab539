"""Biased matrix factorisation: how would this user rate this item?"""

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from core.errors import ConfigError
from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.parameters import setting
from recommenders.rank import product, rank_in_blocks

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass
class BiasedMF:
    """Ratings as mean + user bias + item bias + a product of factors; lists the highest.

    Learns from every rating, low ones included, by stochastic gradient. Needs ratings. An item
    that nobody rated in train is not listed, a user who rated nothing gets no list.
    """

    source: ClassVar[str] = "Koren, Bell & Volinsky 2009, doi:10.1109/MC.2009.263"

    n_factors: int = setting(32, "Length of each user's and item's vector.", low=1)
    learning_rate: float = setting(0.015, "Size of the first steps; shrinks each pass.", low=1e-9)
    regularization: float = setting(0.06, "Pull of biases and vectors towards zero.", low=0)
    iterations: int = setting(30, "Passes over the ratings.", low=1)
    seed: int = setting(0, "Draws the first vectors and the order of ratings.", low=0)

    def fit(self, train: Interactions) -> Self:
        from recommenders.kernels import descend

        if train.ratings is None or not len(train):
            raise ConfigError(
                "biased-mf learns from ratings, and train holds none; map a rating column, or use "
                "a model that learns from likings, such as als"
            )
        rng = np.random.default_rng(self.seed)
        ratings = train.ratings.astype(np.float64)
        self.mean_ = ratings.mean()
        self.range_ = ratings.min(), ratings.max()
        self.user_bias_, self.item_bias_ = np.zeros(train.n_users), np.zeros(train.n_items)
        self.user_factors_ = rng.normal(0, 0.1, (train.n_users, self.n_factors))
        self.item_factors_ = rng.normal(0, 0.1, (train.n_items, self.n_factors))
        for step in range(self.iterations):
            descend(
                rng.permutation(len(train)),
                train.users,
                train.items,
                ratings - self.mean_,
                self.user_bias_,
                self.item_bias_,
                self.user_factors_,
                self.item_factors_,
                self.learning_rate * 0.95**step,
                self.regularization,
            )
        self.is_known_user_ = np.bincount(train.users, minlength=train.n_users) > 0
        self.is_known_item_ = np.bincount(train.items, minlength=train.n_items) > 0
        self.user_factors_[~self.is_known_user_] = 0
        self.item_factors_[~self.is_known_item_] = 0
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k, known=self.is_known_user_)

    def _score(self, users: Codes | Ints) -> Floats:
        scores = product(self.user_factors_[users], self.item_factors_.T)
        scores += self.item_bias_
        scores += self.mean_ + self.user_bias_[users, None]
        scores[:, ~self.is_known_item_] = -np.inf
        return scores

    def predict(self, users: Codes | Ints, items: Codes | Ints) -> Floats:
        """Predict the rating of each pair, float64 (n,), cut to the range of ratings in train.

        A user or item without ratings counts as average; NaN where both are without.
        """
        require_fitted(self)
        rating = self.mean_ + self.user_bias_[users] + self.item_bias_[items]
        rating += (self.user_factors_[users] * self.item_factors_[items]).sum(axis=1)
        unknown = ~self.is_known_user_[users] & ~self.is_known_item_[items]
        predicted: Floats = np.where(unknown, np.nan, np.clip(rating, *self.range_))
        return predicted

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:
        """As `recommenders.base.ScoresHistories`: the bias and vector that fit a history.

        The items' biases and vectors held fast, least squares over the ratings of one user, each
        pulling towards zero as in training: (QᵀQ + n · regularization) x = Qᵀ(r - mean - item
        bias), the first column of Q all ones. What a user rated and did not like stays as it was,
        whatever is taken from the history; a liked item that the user did not rate, and every one
        where no user is named, counts as rated by the mean of all likings.
        """
        require_fitted(self)
        liked = self.train_.is_liked
        ratings = np.full(self.train_.n_items, self._mean_liking())
        other: Codes = np.zeros(0, dtype=np.int32)
        if user is not None and self.train_.ratings is not None:
            own = self.train_.users == user
            ratings[self.train_.items[own]] = self.train_.ratings[own]
            other = self.train_.items[own & ~liked]
        design = np.hstack([np.ones((len(self.item_bias_), 1)), self.item_factors_])
        fits = np.zeros((histories.shape[0], design.shape[1]))
        for row, (start, end) in enumerate(itertools.pairwise(histories.indptr)):
            rated = np.union1d(histories.indices[start:end], other)
            if len(rated):
                of_rated = design[rated]
                pull = len(rated) * self.regularization * np.eye(design.shape[1])
                left = ratings[rated] - self.mean_ - self.item_bias_[rated]
                fits[row] = np.linalg.solve(of_rated.T @ of_rated + pull, of_rated.T @ left)
        scores: Floats = product(fits, design.T) + self.item_bias_ + self.mean_
        scores[:, ~self.is_known_item_] = -np.inf
        return scores

    def _mean_liking(self) -> float:
        if self.train_.ratings is None or not self.train_.is_liked.any():
            return float(self.mean_)
        return float(self.train_.ratings[self.train_.is_liked].mean())
