"""One model for each shard of users: to forget a user exactly is to train one shard again."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from core.errors import ConfigError
from core.tables import Codes, Floats, Ids, Interactions, Ints, TopK
from recommenders.base import ScoresHistories, Told, require_fitted, untold
from recommenders.history import without_users
from recommenders.language.candidates import inner
from recommenders.parameters import setting
from recommenders.rank import rank_in_blocks
from recommenders.taxonomy import DEPLOY, Place

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass
class Sharded:
    """Models of one kind, each trained on a shard of the users, that answer together.

    A user's shard depends on the user alone. Every model scores the user's history, each row of
    scores is brought to mean 0 and deviation 1 over the items the model lists (what it does not
    list counts as its lowest), and the mean is ranked. `forget` trains the shards of the forgotten
    again and comes to the bits of a model that never had them. The base has to score histories.
    """

    source: ClassVar[str] = "Bourtoule et al. 2021 (SISA), arXiv:1912.03817"
    taxonomy: ClassVar[Place] = Place(
        DEPLOY, "unlearning", "exact retraining on shards", ("APA", "E2URec")
    )

    base: str = setting("ease", "The recommender that each shard is given.")
    base_params: str = setting("", 'Its parameters in one line, such as "l2 = 50".')
    shards: int = setting(5, "Shards of users; more of them forget faster and rank worse.", low=1)
    seed: int = setting(0, "Draws the shard of each user.", low=0)
    _ids: tuple[Ids, Ids] | None = field(default=None, init=False, repr=False)
    _told: Told = field(default_factory=lambda: untold, init=False, repr=False)

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        """As `recommenders.base.NeedsIds`: for bases that speak with the outside by names."""
        self._ids = user_ids, item_ids
        return self

    def bind_progress(self, told: Told) -> Self:
        """As `recommenders.base.TellsProgress`."""
        self._told = told
        return self

    def fit(self, train: Interactions) -> Self:
        self.shard_of_ = shard_of(train.n_users, self.shards, self.seed)
        self.models_: list[Any] = [None] * self.shards
        self._train(train, np.arange(self.shards))
        return self

    def forget(self, users: Codes | Ints) -> Self:
        """As `recommenders.base.Forgets`: only shards that hold one of them are trained again."""
        require_fitted(self)
        asked = np.asarray(users, dtype=np.int64)
        had_rows = np.bincount(self.train_.users, minlength=self.train_.n_users) > 0
        touched = np.unique(self.shard_of_[asked[had_rows[asked]]])
        self._train(without_users(self.train_, asked), touched)
        return self

    def _train(self, train: Interactions, shards: Ints) -> None:
        for done, shard in enumerate(shards):
            self._told("shards", done, len(shards))
            part = train.take(self.shard_of_[train.users] == shard)
            model: Any = inner(self.base, self.base_params, "base", part, self._ids)
            if not isinstance(model, ScoresHistories):
                raise ConfigError(
                    f"sharded asks every shard about every history, and {self.base} cannot score "
                    "histories; take one that can, such as ease, item-knn or als"
                )
            self.models_[int(shard)] = fitted(model, part) if part.liked.nnz else None
        self.n_trained_ = len(shards)
        self.train_ = train

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        liked = self.train_.liked
        # one at a time: a base may use dense products, whose last bits depend on the batch
        rows = [self.score_histories(liked[[user]], int(user)) for user in users]
        return np.vstack(rows) if rows else np.zeros((0, self.train_.n_items))

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:
        """As `recommenders.base.ScoresHistories`."""
        require_fitted(self)
        models = [model for model in self.models_ if model is not None]
        shape = (histories.shape[0], self.train_.n_items)
        total, is_listed = np.zeros(shape), np.zeros(shape, dtype=bool)
        for model in models:
            told = np.asarray(model.score_histories(histories, user), dtype=np.float64)
            total += levelled(told)
            is_listed |= np.isfinite(told)
        return np.where(is_listed, total / max(len(models), 1), -np.inf)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_told": untold}


def fitted(model: Any, train: Interactions) -> Any:
    """The model after fit, which may answer with another object or with none."""
    return model.fit(train) or model


def levelled(scores: Floats) -> Floats:
    """Each row at mean 0 and deviation 1 over its finite entries; others get the row's lowest."""
    is_real = np.isfinite(scores)
    n = np.maximum(is_real.sum(axis=1, keepdims=True), 1)
    real = np.where(is_real, scores, 0.0)
    mean = real.sum(axis=1, keepdims=True) / n
    off = np.where(is_real, scores - mean, 0.0)
    spread = np.sqrt((off * off).sum(axis=1, keepdims=True) / n)
    level = off / np.where(spread > 0, spread, 1.0)
    lowest = level.min(axis=1, keepdims=True, where=is_real, initial=0.0)
    return np.where(is_real, level, lowest)


def shard_of(n_users: int, shards: int, seed: int) -> Ints:
    """Each user's shard, by the user's code and the seed alone: int64 (n_users,).

    SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195) of both.
    """
    with np.errstate(over="ignore"):  # wraps around, as it should
        start = _mixed(np.array([seed], dtype=np.uint64))
        mixed = _mixed(start ^ np.arange(n_users, dtype=np.uint64))
    found: Ints = (mixed % np.uint64(shards)).astype(np.int64)
    return found


def _mixed(x: Any) -> Any:
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
