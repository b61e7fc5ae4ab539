"""Popularity among users alike in one attribute: a model that reads what is said of users."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from core.errors import ConfigError, UnknownNameError
from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.history import together
from recommenders.parameters import setting
from recommenders.rank import rank_in_blocks

UNSAID = 0  # the group of users whose value is missing, and of everybody before bind_users
MOST_VALUES = 1000


@dataclass
class GroupPopularity:
    """The items liked most by users with the same value of one attribute.

    A group starts with the taste of all, as if `strength` of its users had it, and what its own
    users liked is added; so a small group leans on everybody. Users without a value get what is
    popular with everybody. Before `bind_users` nobody has a value, and it is plain popularity.
    """

    source: ClassVar[str] = "Pazzani 1999 (demographic filtering), doi:10.1023/A:1006544522159"

    attribute: str = setting("gender", "The column of the users that it reads.")
    strength: float = setting(
        10.0, "Users with the taste of everybody that each group starts with.", low=0
    )
    _told: Any = field(default=None, init=False, repr=False)  # Series, index: user code

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.attribute,)

    def bind_users(self, users: pd.DataFrame) -> Self:
        """Tell it the users.

        Raises UnknownNameError where they have no such attribute, ConfigError where it hardly
        groups them (over 1,000 values).
        """
        if self.attribute not in users.columns:
            known = [str(column) for column in users.columns]
            raise UnknownNameError("user attribute to read", self.attribute, known)
        self._told = users[self.attribute]
        n_values = self._told.nunique()
        if n_values > MOST_VALUES:
            raise ConfigError(
                f"group-popularity cannot read {self.attribute!r}: it has {n_values:,} values, at "
                f"most {MOST_VALUES:,} make groups; put its values into bands first"
            )
        if hasattr(self, "values_"):
            self.group_of_ = self._groups(self.train_.n_users)
        return self

    def fit(self, train: Interactions) -> Self:
        self.train_ = train
        told = [] if self._told is None else sorted(self._told.dropna().map(str).unique())
        self.values_ = {value: place for place, value in enumerate(told, start=UNSAID + 1)}
        self.group_of_ = self._groups(train.n_users)
        n_groups = len(self.values_) + 1
        ones = np.ones(train.n_users)
        to_group = csr_array(
            (ones, (self.group_of_, np.arange(train.n_users))), shape=(n_groups, train.n_users)
        )
        liked = train.liked.astype(np.float64)
        n_liking = max(int((np.diff(liked.indptr) > 0).sum()), 1)
        everybody = np.bincount(liked.indices, minlength=train.n_items).astype(np.float64)
        own = np.asarray((to_group @ liked).toarray(), dtype=np.float64)
        self.scores_ = own + self.strength * everybody / n_liking
        self.scores_[UNSAID] = everybody
        return self

    def partial_fit(self, new: Interactions) -> Self:
        """As `recommenders.base.LearnsMore`: counts are added up again."""
        require_fitted(self)
        return self.fit(together(self.train_, new))

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        everybody = np.ones(self.train_.n_users, dtype=bool)
        return rank_in_blocks(self._score, users, self.train_, k, known=everybody)

    def _score(self, users: Codes | Ints) -> Floats:
        return np.asarray(self.scores_[self.group_of_[users]])

    def _groups(self, n_users: int) -> Ints:
        """Which group each user is in now: int64 (n_users,); UNSAID for a value never learned."""
        groups = np.full(n_users, UNSAID, dtype=np.int64)
        if self._told is not None:
            told = self._told.dropna().map(str).map(self.values_).dropna()
            groups[told.index.to_numpy(dtype=np.int64)] = told.to_numpy(dtype=np.int64)
        return groups
