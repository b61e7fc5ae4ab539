"""Factor models of likings, trained by the package implicit, ranked here."""

import itertools
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from core.errors import ConfigError
from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.history import newly_liked, together
from recommenders.parameters import setting
from recommenders.rank import product, rank_in_blocks

if TYPE_CHECKING:
    from scipy.sparse import csr_array

PANEL = 128  # items that stand for what was not liked, when a history is folded into BPR
STEPS = 5  # of a fold-in
# Of the passes of training, what a fold-in makes: users were trained while the items' vectors
# still grew, so as many steps along vectors at full length would lead too far.
SHARE_OF_PASSES = 1 / 3


class _Factors(ABC):
    """What both share: trained by implicit, listing what anybody liked.

    Items nobody liked keep whatever vector they were drawn with, which says nothing.
    """

    @abstractmethod
    def _trainer(self) -> Any:
        """The model of implicit, not trained yet."""

    def fit(self, train: Interactions) -> Self:
        from scipy.sparse import csr_matrix
        from threadpoolctl import threadpool_limits

        if not train.liked.nnz:
            raise ConfigError(
                "no interaction in train counts as a liking, so there is nothing to learn; "
                "lower the relevance threshold"
            )
        # implicit runs its own threads, and warns of a second pool; a limit holds for what is
        # loaded already
        import implicit.cpu.als
        import implicit.cpu.bpr  # noqa: F401

        with threadpool_limits(1, "blas"):
            trainer = self._trainer()
            trainer.fit(csr_matrix(train.liked), show_progress=False)
        self.user_factors_ = np.array(trainer.user_factors)
        self.item_factors_ = np.ascontiguousarray(trainer.item_factors.T)
        self.is_listed_ = np.bincount(train.liked.indices, minlength=train.n_items) > 0
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        scores = product(self.user_factors_[users], self.item_factors_)
        scores[:, ~self.is_listed_] = -np.inf
        return scores


@dataclass
class ALS(_Factors):
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

    def _trainer(self) -> Any:
        from implicit.cpu.als import AlternatingLeastSquares

        return AlternatingLeastSquares(
            factors=self.n_factors,
            regularization=self.regularization,
            alpha=self.alpha,
            iterations=self.iterations,
            random_state=self.seed,
        )

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:  # noqa: ARG002 - items alone are known
        """As `recommenders.base.ScoresHistories`: each history gets the vector that fits it best.

        Hu, Koren & Volinsky 2008, eq. 4, the items' vectors held fast: (YᵀY + (alpha - 1) Σ y yᵀ +
        regularization) x = alpha Σ y over the liked items. For a history from train it is the
        half-step that training would take next, so scores agree up to what the last pass moved.
        """
        require_fitted(self)
        vectors = self.item_factors_.T.astype(np.float64)
        scores = self._fitting(histories, vectors) @ vectors.T
        scores[:, ~self.is_listed_] = -np.inf
        return scores

    def partial_fit(self, new: Interactions) -> Self:
        """As `recommenders.base.LearnsMore`, folded in: near to fitting all at once, not equal.

        Half-steps of training for what changed alone, all else held fast (online updating: Rendle &
        Schmidt-Thieme 2008, doi:10.1145/1454008.1454047): users who liked something new get the
        vectors that fit best to the items', items newly liked those that fit best to the users',
        then those users once more, for what they liked may have had no vector before.
        """
        require_fitted(self)
        train = together(self.train_, new)
        came = newly_liked(self.train_, train)
        users = np.flatnonzero(np.diff(came.indptr))
        items = np.unique(came.indices)
        of_users = _grown(self.user_factors_, train.n_users)
        of_items = _grown(self.item_factors_.T, train.n_items)
        liked_by = train.liked.T.tocsr()
        of_users[users] = self._fitting(train.liked[users], of_items)
        of_items[items] = self._fitting(liked_by[items], of_users)
        of_users[users] = self._fitting(train.liked[users], of_items)
        kind = self.user_factors_.dtype
        self.user_factors_ = of_users.astype(kind)
        self.item_factors_ = np.ascontiguousarray(of_items.T.astype(kind))
        self.is_listed_ = np.bincount(train.liked.indices, minlength=train.n_items) > 0
        self.train_ = train
        return self

    def _fitting(self, rows: "csr_array[Any]", vectors: Floats) -> Floats:
        """Eq. 4 for each row: float64 (n_rows, n_factors).

        rows  0/1 CSR (n_rows, n), what goes together with each; vectors: float64 (n, n_factors)
        """
        common = vectors.T @ vectors + self.regularization * np.eye(vectors.shape[1])
        found = np.zeros((rows.shape[0], vectors.shape[1]))
        for row, (start, end) in enumerate(itertools.pairwise(rows.indptr)):
            liked = vectors[rows.indices[start:end]]
            if len(liked):
                wanted = common + (self.alpha - 1) * liked.T @ liked
                found[row] = np.linalg.solve(wanted, self.alpha * liked.sum(axis=0))
        return found


def _grown(vectors: Floats, n: int) -> Floats:
    """One row for each of n things, float64: zeros for those that came since."""
    grown = np.zeros((n, vectors.shape[1]))
    grown[: len(vectors)] = vectors
    return grown


@dataclass
class BPR(_Factors):
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

    def _trainer(self) -> Any:
        from implicit.cpu.bpr import BayesianPersonalizedRanking

        return BayesianPersonalizedRanking(
            factors=self.n_factors,
            learning_rate=self.learning_rate,
            regularization=self.regularization,
            iterations=self.iterations,
            num_threads=1,
            random_state=self.seed,
        )

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:  # noqa: ARG002 - items alone are known
        """As `recommenders.base.ScoresHistories`: each history moves a vector as training would.

        The items' vectors are held fast, and the mean over a panel of items, from the most to the
        least popular as training draws them, takes the place of drawn pairs: the same history
        always gets the same scores. Near the trained scores of a user, not equal: on MovieLens
        100K they correlate at 0.98 and share eight of the first ten items.
        """
        from recommenders.kernels import follow_pairs

        require_fitted(self)
        vectors = np.ascontiguousarray(self.item_factors_.T.astype(np.float64))
        users = np.zeros((histories.shape[0], vectors.shape[1]))
        users[:, -1] = 1.0  # goes with the items' biases
        rate = self.learning_rate * self.iterations * SHARE_OF_PASSES / STEPS
        follow_pairs(
            histories.indptr,
            histories.indices,
            vectors,
            self._panel(),
            rate,
            self.regularization,
            STEPS,
            users,
        )
        scores = product(users, vectors.T)
        scores[:, ~self.is_listed_] = -np.inf
        return scores

    def _panel(self) -> Ints:
        """Items at even steps through all likings, those of the most popular item first."""
        popularity = np.bincount(self.train_.liked.indices, minlength=self.train_.n_items)
        order = np.argsort(-popularity, kind="stable")
        places = (np.arange(PANEL) + 0.5) / PANEL * popularity.sum()
        return np.asarray(order[np.searchsorted(np.cumsum(popularity[order]), places, "right")])
