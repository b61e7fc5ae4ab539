"""Estimators in the manner of scikit-learn as recommenders."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_array

from core.errors import ConfigError
from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.parameters import setting
from recommenders.rank import rank_in_blocks

PAIRS_AT_ONCE = 200_000
Features = Callable[[Codes | Ints, Codes | Ints], Any]


@dataclass
class ScikitMatrix:
    """An estimator that maps rows of likings to fewer numbers and back (TruncatedSVD, NMF, PCA …).

    Score of an item: its entry in inverse_transform(transform(the user's likings)).
    """

    source: ClassVar[str] = "Cremonesi, Koren & Turrin 2010 (PureSVD), doi:10.1145/1864708.1864721"

    estimator: Any
    refit: bool = setting(default=True, doc="Train a copy of the estimator on train.")

    def fit(self, train: Interactions) -> Self:
        self.estimator_ = self.estimator
        if self.refit:
            self.estimator_ = deepcopy(self.estimator).fit(_old_style(train.liked))
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        reduced = self.estimator_.transform(_old_style(self.train_.liked[users]))
        return np.asarray(self.estimator_.inverse_transform(reduced))


@dataclass
class ScikitPairs:
    """An estimator that judges (user, item) pairs by their features.

    features(users, items) turns n pairs of codes into (n, n_features), dense or sparse; without
    it a pair is the user and the item, one-hot. A classifier learns whether the user liked the
    item and scores by the probability (or decision value) of yes; a regressor learns the rating
    and scores by its prediction.
    """

    source: ClassVar[str] = "Pedregosa et al. 2011 (scikit-learn), jmlr.org/papers/v12/pedregosa11a"

    estimator: Any
    features: Features | None = None
    refit: bool = setting(default=True, doc="Train a copy of the estimator on train.")

    @property
    def is_classifier(self) -> bool:
        return hasattr(self.estimator, "predict_proba") or hasattr(
            self.estimator, "decision_function"
        )

    def fit(self, train: Interactions) -> Self:
        self.train_ = train
        self.estimator_ = self.estimator
        if self.refit:
            pairs = self._features(train.users, train.items)
            self.estimator_ = deepcopy(self.estimator).fit(pairs, self._target(train))
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        block = max(1, PAIRS_AT_ONCE // max(self.train_.n_items, 1))
        return rank_in_blocks(self._score, users, self.train_, k, block=block)

    def predict(self, users: Codes | Ints, items: Codes | Ints) -> Floats:
        """Predict the rating of each pair, float64 (n,); NaN from a classifier, which has none."""
        require_fitted(self)
        if self.is_classifier:
            return np.full(len(users), np.nan)
        return np.asarray(self.estimator_.predict(self._features(users, items)), dtype=np.float64)

    def _score(self, users: Codes | Ints) -> Floats:
        n_items = self.train_.n_items
        items = np.tile(np.arange(n_items), len(users))
        pairs = self._features(np.repeat(np.asarray(users, np.int64), n_items), items)
        if hasattr(self.estimator_, "predict_proba"):
            scores = self.estimator_.predict_proba(pairs)[:, 1]
        elif self.is_classifier:
            scores = self.estimator_.decision_function(pairs)
        else:
            scores = self.estimator_.predict(pairs)
        return np.asarray(scores, dtype=np.float64).reshape(len(users), n_items)

    def _features(self, users: Codes | Ints, items: Codes | Ints) -> Any:
        if self.features is not None:
            return self.features(users, items)
        n_pairs, n_users = len(users), self.train_.n_users
        columns = np.column_stack([users, np.asarray(items) + n_users]).ravel()
        starts = np.arange(0, 2 * n_pairs + 1, 2)
        shape = (n_pairs, n_users + self.train_.n_items)
        return _old_style(csr_array((np.ones(2 * n_pairs), columns, starts), shape=shape))

    def _target(self, train: Interactions) -> Any:
        if not self.is_classifier:
            if train.ratings is None:
                raise ConfigError(
                    "a regressor learns ratings, and train holds none; use a classifier, or map a "
                    "rating column"
                )
            return train.ratings
        if train.is_liked.all() or not train.is_liked.any():
            raise ConfigError(
                "a classifier needs liked and other rows, and train has only one kind; set a "
                "relevance threshold on ratings, or use ScikitMatrix"
            )
        return train.is_liked


def _old_style(matrix: "csr_array[Any]") -> Any:
    """As csr_matrix: not every estimator that imitates scikit-learn takes the newer csr_array."""
    from scipy.sparse import csr_matrix

    return csr_matrix(matrix)
