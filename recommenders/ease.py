"""EASE: every item predicted from all the others by one ridge regression."""

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

BYTES_PER_WEIGHT = 8 + 4  # the float64 matrix that is inverted, and the float32 weights


@dataclass
class EASE:
    """Linear item-to-item model in closed form, no item predicting itself.

    B = I − P · diag(1 / diag(P)) with P = (XᵀX + l2·I)⁻¹, X the liked matrix; scores are X B.
    Memory grows with the square of the catalogue: 12 bytes · n_items².
    """

    source: ClassVar[str] = "Steck 2019, doi:10.1145/3308558.3313710"

    l2: float = setting(250.0, "Ridge weight; larger smooths more.", low=1e-6)

    def fit(self, train: Interactions) -> Self:
        from scipy.linalg import lapack

        _require_memory(train.n_items)
        gram = (train.liked.T @ train.liked).toarray(order="F").astype(np.float64, copy=False)
        gram[np.diag_indices_from(gram)] += self.l2
        # gram is positive definite, and Cholesky costs a third of a general inverse
        factor, failed = lapack.dpotrf(gram, lower=1, overwrite_a=1)
        precision, failed_too = lapack.dpotri(factor, lower=1, overwrite_c=1)
        if failed or failed_too:
            raise ConfigError(
                f"EASE could not invert the item-to-item matrix with l2={self.l2:g}; raise l2"
            )
        self.item_weights_ = _weights(precision)
        self.train_ = train
        return self

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


def _require_memory(n_items: int) -> None:
    import psutil

    needed, free = BYTES_PER_WEIGHT * n_items**2, psutil.virtual_memory().available
    if needed > free:
        raise ConfigError(
            f"EASE needs {needed / 2**30:.1f} GiB for {n_items:,} items, and "
            f"{free / 2**30:.1f} GiB are free; use item-knn or als, or keep fewer items"
        )
