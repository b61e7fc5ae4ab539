"""Biased matrix factorisation: how would this user rate this item?"""

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from core.errors import ConfigError
from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.history import together
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
        self.user_bias_: Floats
        self.item_bias_: Floats
        self.user_factors_: Floats
        self.item_factors_: Floats
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

    def partial_fit(self, new: Interactions) -> Self:
        """As `recommenders.base.LearnsMore`, folded in: near to fitting all at once, not equal.

        Users with new ratings get the bias and vector that fit all their ratings best, the items'
        held fast, as in `score_histories`; then items with new ratings, the users' held fast; then
        those users again. The mean rating stays as it was.
        """
        require_fitted(self)
        train = together(self.train_, new)
        if train.ratings is None:
            raise ConfigError("biased-mf learns from ratings, and the new interactions hold none")
        if not len(new):
            return self
        of_users = _grown(self.user_bias_, self.user_factors_, train.n_users)
        of_items = _grown(self.item_bias_, self.item_factors_, train.n_items)
        users, items = np.unique(new.users), np.unique(new.items)
        left = train.ratings.astype(np.float64) - self.mean_
        self._fold(users, train.users, train.items, left, of_users, of_items)
        self._fold(items, train.items, train.users, left, of_items, of_users)
        self._fold(users, train.users, train.items, left, of_users, of_items)
        self.user_bias_, self.user_factors_ = of_users[:, 0].copy(), of_users[:, 1:].copy()
        self.item_bias_, self.item_factors_ = of_items[:, 0].copy(), of_items[:, 1:].copy()
        self.range_ = float(train.ratings.min()), float(train.ratings.max())
        self.is_known_user_ = np.bincount(train.users, minlength=train.n_users) > 0
        self.is_known_item_ = np.bincount(train.items, minlength=train.n_items) > 0
        self.train_ = train
        return self

    def _fold(
        self, who: Codes, own: Codes, other: Codes, left: Floats, found: Floats, fixed: Floats
    ) -> None:
        """Write the best bias and vector of each of `who` into `found`; the other side is fixed."""
        order = np.argsort(own, kind="stable")
        bounds = np.searchsorted(own[order], [who, who + 1])
        for code, start, end in zip(who, *bounds, strict=True):
            rated = other[order[start:end]]
            wanted = left[order[start:end]] - fixed[rated, 0]
            found[code] = self._fit_of(fixed[rated, 1:], wanted)

    def _fit_of(self, vectors: Floats, wanted: Floats) -> Floats:
        """Bias and vector by least squares, each pulling towards zero: float64 (1 + n_factors,)."""
        design = np.hstack([np.ones((len(vectors), 1)), vectors])
        pull = len(vectors) * self.regularization * np.eye(design.shape[1])
        fit: Floats = np.linalg.solve(design.T @ design + pull, design.T @ wanted)
        return fit

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
                left = ratings[rated] - self.mean_ - self.item_bias_[rated]
                fits[row] = self._fit_of(self.item_factors_[rated], left)
        scores: Floats = product(fits, design.T) + self.item_bias_ + self.mean_
        scores[:, ~self.is_known_item_] = -np.inf
        return scores

    def _mean_liking(self) -> float:
        if self.train_.ratings is None or not self.train_.is_liked.any():
            return float(self.mean_)
        return float(self.train_.ratings[self.train_.is_liked].mean())


def _grown(bias: Floats, vectors: Floats, n: int) -> Floats:
    """Biases and vectors side by side, zeros for what came since: float64 (n, 1 + n_factors)."""
    grown = np.zeros((n, 1 + vectors.shape[1]))
    grown[: len(bias), 0], grown[: len(vectors), 1:] = bias, vectors
    return grown
