"""What a recommender is. Optional abilities are Protocols of their own; there is no base class."""

from typing import Any, Protocol, Self, runtime_checkable

from core.errors import NotFittedError
from core.tables import Codes, Floats, Ids, Interactions, Ints, TopK


@runtime_checkable
class Recommender(Protocol):
    """Hyperparameters are dataclass fields with defaults, learned state in names ending so_.

    fit learns from `train.liked` (and whatever else `train` holds) and returns self. recommend
    answers with one list per asked user, best first, without the items of `train.seen`; a user it
    knows nothing of gets a row of PAD. Same data and same fields (seed included), same bits.
    """

    def fit(self, train: Interactions) -> Self: ...

    def recommend(self, users: Codes | Ints, k: int) -> TopK: ...


@runtime_checkable
class PredictsRatings(Protocol):
    """Can say how a user would rate an item: float (n,), one per pair; NaN where it cannot."""

    def predict(self, users: Codes | Ints, items: Codes | Ints) -> Floats: ...


@runtime_checkable
class LearnsMore(Protocol):
    """Can take in new interactions without starting over."""

    def partial_fit(self, new: Interactions) -> Self: ...


@runtime_checkable
class NeedsIds(Protocol):
    """Speaks with the outside by names, so it has to be told them before fit.

    What it lists is still codes. A model that meets names which the data set does not hold keeps
    count of them in `ledger_` (core.ledger.Ledger) once it is fitted.
    """

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self: ...


def require_fitted(model: Any) -> None:
    if not any(name.endswith("_") and not name.startswith("_") for name in vars(model)):
        name = type(model).__name__
        raise NotFittedError(f"{name} has not been fitted; call {name}.fit(train) first")
