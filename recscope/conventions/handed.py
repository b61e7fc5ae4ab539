"""Lists, truth and history as every convention takes them: one row for everybody who occurs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.ledger import Ledger
from core.tables import PAD, Codes, Floats, Interactions, Ints, TopK
from evaluators.conventions import Given
from recscope.judged_rows import find
from recscope.judged_truth import Truth, gather

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class Handed:
    """What a tool is handed, and whose rows these are.

    users  int64 (n_users,) codes, ascending: everybody with a list, a test row or a history
    """

    users: Ints
    given: Given


@dataclass(frozen=True, eq=False)
class Names:
    """Outside ids of items, by which some tools order ties: (n_items,), text or numbers."""

    ids: npt.NDArray[Any]

    @property
    def as_text(self) -> Ints:
        return _places(self.ids.astype(str))

    @property
    def natural(self) -> Ints:
        """Numbers as numbers, where all of them are."""
        try:
            return _places(self.ids.astype(np.int64))
        except ValueError:
            return self.as_text


def _places(values: npt.NDArray[Any]) -> Ints:
    """Place of each value among all of them, sorted."""
    places = np.empty(len(values), dtype=np.int64)
    places[np.argsort(values, kind="stable")] = np.arange(len(values))
    return places


def hand_over(  # noqa: PLR0913 - one argument per thing that tools take
    lists: TopK,
    test: Interactions,
    history: Interactions | None = None,
    *,
    n_items: int | None = None,
    scores: Floats | None = None,
    names: Names | None = None,
    features: Floats | None = None,
) -> Handed:
    """Lay out what other tools would be handed.

    lists     as delivered; whoever has only PAD has no list
    test      the test rows; `threshold` says which are relevant. A repeated pair counts once
    history   what users had before
    n_items   items that could be recommended; all of the code space when not given
    scores    float (n, k) what the order of `lists` was made of; None: ranks decided
    names     ids of items, needed where scores tie
    features  float (n_items, d) 1 where the item is in the group

    Raises EmptyError if there is no test row.
    """
    truth, _ = gather(test, Ledger())
    has_list = (lists.items != PAD).any(axis=1)
    everybody = [lists.users[has_list].astype(np.int64), truth.users]
    if history is not None:
        everybody.append(history.users.astype(np.int64))
    users = np.unique(np.concatenate(everybody))
    rows = np.searchsorted(users, lists.users[has_list])
    items = np.full((len(users), lists.k), PAD, dtype=np.int32)
    items[rows] = lists.items[has_list]
    match = find(items, _starts(truth, users), truth.items)
    is_match = (match >= 0) & truth.is_relevant[match]
    wide_scores = None
    if scores is not None:
        wide_scores = np.full(items.shape, -np.inf)
        wide_scores[rows] = scores[has_list]
    gains = ideal = None
    if truth.ratings is not None:
        gains = np.where(is_match, truth.ratings[match], np.nan)
        ideal = _best_ratings(truth, users, lists.k)
    given = Given(
        items=items,
        is_match=is_match,
        n_relevant=_on_rows(truth, users, truth.n_relevant),
        n_tested=_on_rows(truth, users, np.diff(truth.starts)),
        n_items=test.n_items if n_items is None else n_items,
        scores=wide_scores,
        gains=gains,
        ideal_gains=ideal,
        threshold=0.0 if test.threshold is None else test.threshold,
        text_order=None if names is None or scores is None else names.as_text,
        id_order=None if names is None or scores is None else names.natural,
        history=None if history is None else _had(history, users),
        features=features,
    )
    return Handed(users, given)


def _on_rows(truth: Truth, users: Ints, values: Ints) -> Ints:
    wide = np.zeros(len(users), dtype=np.int64)
    wide[np.searchsorted(users, truth.users)] = values
    return wide


def _starts(truth: Truth, users: Ints) -> Ints:
    return np.append(0, np.cumsum(_on_rows(truth, users, np.diff(truth.starts))))


def _best_ratings(truth: Truth, users: Ints, k: int) -> Floats:
    """Ratings of the relevant items, best first, NaN past them: float64 (n_users, k)."""
    if truth.ratings is None:
        raise ValueError("there are no ratings")
    ratings = np.where(truth.is_relevant, truth.ratings.astype(np.float64), -np.inf)
    order = np.lexsort((-ratings, truth.row_of))
    place = np.arange(len(order)) - truth.starts[truth.row_of]
    kept = (place < k) & np.isfinite(ratings[order])
    best = np.full((len(users), k), np.nan)
    rows = np.searchsorted(users, truth.users)[truth.row_of]
    best[rows[kept], place[kept]] = ratings[order][kept]
    return best


def _had(history: Interactions, users: Ints) -> "csr_array[Any]":
    return history.seen[users]


def codes_of(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Codes]:
    """Different values, ascending, and which of them each one is: exact where floats are not."""
    different, place = np.unique(values, return_inverse=True)
    return different, place.astype(np.int32)
