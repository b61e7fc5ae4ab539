"""EASE: every item predicted from all the others by one ridge regression."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from core.errors import ConfigError
from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.history import newly_liked, together, without_users
from recommenders.parameters import setting
from recommenders.rank import product, rank_in_blocks

if TYPE_CHECKING:
    from scipy.sparse import csr_array

BYTES_PER_WEIGHT = 8 + 4  # the float64 matrix that is inverted, and the float32 weights
# an update of this many rows per item costs what inverting anew does
MOST_ROWS = 1 / 4


@dataclass
class EASE:
    """Linear item-to-item model in closed form, no item predicting itself.

    B = I − P · diag(1 / diag(P)) with P = (XᵀX + l2·I)⁻¹, X the liked matrix; scores are X B.
    Memory grows with the square of the catalogue: 12 bytes · n_items².
    """

    source: ClassVar[str] = "Steck 2019, doi:10.1145/3308558.3313710"

    l2: float = setting(250.0, "Ridge weight; larger smooths more.", low=1e-6)

    def fit(self, train: Interactions) -> Self:
        self.item_weights_ = _weights(self._inverse(train))
        self.train_ = train
        vars(self).pop("precision_", None)
        return self

    def partial_fit(self, new: Interactions) -> Self:
        """As `recommenders.base.LearnsMore`: what fitting all at once would give, up to rounding.

        Each user who liked something new adds two rows to XᵀX, so P follows by Woodbury's identity:
        (A + U C Uᵀ)⁻¹ = P − P U (C⁻¹ + Uᵀ P U)⁻¹ Uᵀ P, with one row of U for each such user as the
        history was (C = −1) and one as it is (C = +1); an item not seen before begins at 1 / l2.
        (Hager 1989, doi:10.1137/1031049.) The first call inverts anew and keeps P, 8 more bytes ·
        n_items²; so does one that changes more users than pays.
        """
        require_fitted(self)
        train = together(self.train_, new)
        came = newly_liked(self.train_, train)
        changed = np.flatnonzero(np.diff(came.indptr))
        if len(changed):
            precision = getattr(self, "precision_", None)
            if precision is None or 2 * len(changed) > MOST_ROWS * train.n_items:
                precision = _whole(self._inverse(train))
            else:
                now = train.liked[changed]
                precision = _updated(precision, now, now - came[changed], self.l2)
            self.precision_ = precision
            self.item_weights_ = _weights(precision)
        elif train.n_items > self.train_.n_items:
            return self.fit(train)
        self.train_ = train
        return self

    def forget(self, users: Codes | Ints) -> Self:
        """As `recommenders.base.Forgets`, up to rounding: their rows are taken out of XᵀX.

        By Woodbury's identity as in `partial_fit`, with the same cost of the first call.
        """
        require_fitted(self)
        train, asked = without_users(self.train_, users), np.asarray(users, dtype=np.int64)
        gone = self.train_.liked[np.unique(asked)]
        precision = getattr(self, "precision_", None)
        if precision is None or gone.shape[0] > MOST_ROWS * train.n_items:
            precision = _whole(self._inverse(train))
        else:
            precision = _updated(precision, gone[:0], gone, self.l2)
        self.precision_, self.item_weights_ = precision, _weights(precision)
        self.train_ = train
        return self

    def _inverse(self, train: Interactions) -> Floats:
        """P in its lower triangle: float64 (n_items, n_items), Fortran order."""
        from scipy.linalg import lapack

        _require_memory(train.n_items)
        gram = (train.liked.T @ train.liked).toarray(order="F").astype(np.float64, copy=False)
        gram[np.diag_indices_from(gram)] += self.l2
        # gram is positive definite, and Cholesky costs a third of a general inverse
        factor, failed = lapack.dpotrf(gram, lower=1, overwrite_a=1)
        precision: Floats
        precision, failed_too = lapack.dpotri(factor, lower=1, overwrite_c=1)
        if failed or failed_too:
            raise ConfigError(
                f"EASE could not invert the item-to-item matrix with l2={self.l2:g}; raise l2"
            )
        return precision

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        return self.score_histories(self.train_.liked[users])

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:  # noqa: ARG002 - nothing here is the user's own
        """As `recommenders.base.ScoresHistories`."""
        return product(histories, self.item_weights_)

    def history_weights(self) -> Floats:
        """As `recommenders.base.IsLinear`."""
        require_fitted(self)
        return self.item_weights_


def _weights(precision: Floats) -> Floats:
    """float32 (n_items, n_items); column j is −P[:, j] / P[j, j], its diagonal zero.

    precision: P in its lower triangle; what stands above the diagonal is not read.
    """
    diagonal = np.diag(precision).copy()
    weights = np.tril(precision).astype(np.float32)
    weights += np.tril(weights, -1).T
    weights /= -diagonal.astype(np.float32)
    np.fill_diagonal(weights, 0.0)  # an item must not recommend itself
    return np.ascontiguousarray(weights)


def _whole(precision: Floats) -> Floats:
    """P in both triangles."""
    lower = np.tril(precision)
    return np.asarray(lower + np.tril(lower, -1).T)


def _updated(
    precision: Floats, now: "csr_array[Any]", before: "csr_array[Any]", l2: float
) -> Floats:
    """P after rows of X have changed: float64 (n_items, n_items).

    now, before  CSR (n_changed, n_items) these rows as they are, and as they were
    """
    from scipy.sparse import csr_array, vstack

    n_old, n_items = len(precision), now.shape[1]
    if n_items > n_old:
        grown = np.zeros((n_items, n_items))
        grown[:n_old, :n_old] = precision
        grown[np.arange(n_old, n_items), np.arange(n_old, n_items)] = 1 / l2
        precision = grown
    had = np.diff(before.indptr) > 0
    rows = csr_array(vstack([now, before[had]])).astype(np.float64)
    signs = np.append(np.ones(now.shape[0]), -np.ones(int(had.sum())))
    moved = np.asarray(rows @ precision)
    core = np.diag(signs) + rows @ moved.T
    change = moved.T @ np.linalg.solve(core, moved)
    return np.asarray(precision - (change + change.T) / 2)


def _require_memory(n_items: int) -> None:
    import psutil

    needed, free = BYTES_PER_WEIGHT * n_items**2, psutil.virtual_memory().available
    if needed > free:
        raise ConfigError(
            f"EASE needs {needed / 2**30:.1f} GiB for {n_items:,} items, and "
            f"{free / 2**30:.1f} GiB are free; use item-knn or als, or keep fewer items"
        )
