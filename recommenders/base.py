"""What a recommender is. Optional abilities are Protocols of their own; there is no base class."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

import pandas as pd

from core.errors import NotFittedError
from core.tables import Codes, Floats, Ids, Interactions, Ints, TopK

if TYPE_CHECKING:
    from scipy.sparse import csr_array


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
class Forgets(Protocol):
    """Can lose users it learned from, and be what it would be had it never known them.

    forget  users: int (n,) codes. Their rows are gone afterwards: asked for one of them, it answers
            as for anybody without a history.
    """

    def forget(self, users: Codes | Ints) -> Self: ...


@runtime_checkable
class ScoresHistories(Protocol):
    """Can say what it would think of somebody who liked just these items.

    All that explaining a recommendation by the user's history needs: take items out, score again.
    """

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:
        """Scores of every item after each history: float (m, n_items), -inf for what is not listed.

        histories  0/1 CSR (m, n_items), the liked items of one history a row
        user       whose histories they are: a model that learned from this user leaves the user's
                   own row out of what it knows of others
        """
        ...


@runtime_checkable
class IsLinear(Protocol):
    """Scores are sums over the history: score_histories(h) is h @ history_weights()."""

    def history_weights(self) -> "Floats | csr_array[Any]":
        """What a liked item (row) adds to the score of each item (column): (n_items, n_items)."""
        ...


@runtime_checkable
class ScoresCandidates(Protocol):
    """Can put in order what another recommender found: the second stage of two.

    Has a field `retriever`, the recommender that finds candidates where it is asked by itself; it
    may be "" where candidates are handed to it.
    """

    retriever: str

    def score_candidates(self, users: Codes | Ints, candidates: Codes) -> Floats:
        """How well does each candidate fit its user?  float (n, m), higher is better.

        candidates  int32 (n, m) item codes, PAD past the end: -inf there, and where there is no
                    opinion
        """
        ...


@runtime_checkable
class NeedsIds(Protocol):
    """Speaks with the outside by names, so it has to be told them before fit.

    What it lists is still codes. A model that meets names which the data set does not hold keeps
    count of them in `ledger_` (core.ledger.Ledger) once it is fitted.
    """

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self: ...


@runtime_checkable
class ReadsUsers(Protocol):
    """Looks at attributes of the users, so it is told them before fit, and says which it reads.

    reads       names of the columns that its lists depend on
    bind_users  users: attributes, index: code of the user. May be called again once it is fitted:
                what was learned stays, the lists follow the new attributes. That is how an audit
                asks what a user would be shown who was described otherwise. Missing is None or NaN.
    """

    @property
    def reads(self) -> tuple[str, ...]: ...

    def bind_users(self, users: pd.DataFrame) -> Self: ...


Told = Callable[[str, int, int], None]  # what is at work, pieces done, pieces in all


def untold(_what: str, _done: int, _total: int) -> None:
    """For a caller who does not watch."""


@runtime_checkable
class TellsProgress(Protocol):
    """Takes its time, and says how far it is.

    bind_progress is called before fit and between calls. `told` may be called at any time within
    fit and recommend; what it raises (core.errors.Cancelled) must be let through.
    """

    def bind_progress(self, told: Told) -> Self: ...


@runtime_checkable
class KeepsCurve(Protocol):
    """Learned step by step, and remembers how it went.

    curve_  one mapping a step or epoch, in order: `step` (number from 1), `loss` (of training), if
            known `validation` (with `metric`, its name), `rate`, `seconds` since the first
    """

    curve_: Sequence[Mapping[str, Any]]


@runtime_checkable
class CountsTokens(Protocol):
    """Works with a language model, and counts what it sends and gets: since fit, all in all.

    tokens_  prompt: tokens of all prompts, completion: tokens of all answers
    """

    tokens_: Mapping[str, int]


@runtime_checkable
class AnswersInText(Protocol):
    """Makes its lists of texts that a language model wrote, and keeps them as they came.

    answers_  one mapping an answer: user (outside id) and answer (the text); if known also prompt,
              candidates (outside ids in the order shown), asked (how many items), template, order,
              seed: the fields of a file of answers (core.answers)
    """

    answers_: Sequence[Mapping[str, Any]]


def require_fitted(model: Any) -> None:
    if not any(name.endswith("_") and not name.startswith("_") for name in vars(model)):
        name = type(model).__name__
        raise NotFittedError(f"{name} has not been fitted; call {name}.fit(train) first")
