"""Named arrays about head and long tail, and about how popular a user's history was.

`evaluators.arrays.ARRAYS` says what each means.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from core.tables import Bools, Codes, Floats, Ints
from evaluators.popularity import mean_popularity
from recscope.catalogue import NO_HISTORY, Catalogue
from recscope.judged_truth import Truth

Array = npt.NDArray[Any]
HEAD_SHARE = 0.8  # of the history goes to the head

# kept while their owner lives: every group of users and every block of them asks again
_tails: "WeakKeyDictionary[Catalogue, Bools]" = WeakKeyDictionary()
_added: "WeakKeyDictionary[Any, dict[tuple[str, int], Floats]]" = WeakKeyDictionary()


class Listed(Protocol):
    """What is asked of a `recscope.judged.Judged` here."""

    @property
    def truth(self) -> Truth: ...
    @property
    def items(self) -> Codes: ...
    @property
    def hits(self) -> Bools: ...
    @property
    def catalogue(self) -> Catalogue | None: ...


def tail_of(popularity: Ints) -> Bools:
    """Which items are in the long tail?  bool (n_items,); popularity: int (n_items,).

    The head are the most popular items, equal ones by code, until HEAD_SHARE of all is reached.
    """
    order = np.argsort(-popularity, kind="stable")
    before = np.cumsum(popularity[order]) - popularity[order]
    is_tail = np.empty(len(popularity), dtype=bool)
    is_tail[order] = before >= HEAD_SHARE * popularity.sum()
    return is_tail


def why_no_popularity(judged: Listed, name: str) -> str | None:
    """Why this array cannot be made; None where it can."""
    is_known = judged.catalogue is not None and judged.catalogue.history is not None
    return NO_HISTORY if name in POPULARITY_PROVIDERS and not is_known else None


def _catalogue(judged: Listed) -> Catalogue:
    if judged.catalogue is None or judged.catalogue.history is None:
        raise KeyError(NO_HISTORY)
    return judged.catalogue


def _popularity(judged: Listed) -> Ints:
    return np.asarray(_catalogue(judged).popularity)


def _is_tail(judged: Listed) -> Bools:
    catalogue = _catalogue(judged)
    if catalogue not in _tails:
        _tails[catalogue] = tail_of(_popularity(judged))
    return _tails[catalogue]


def _listed_tail(judged: Listed, k: int) -> Bools:
    items = judged.items[:, :k]
    return np.asarray((items >= 0) & _is_tail(judged)[items])


def _profile_popularity(judged: Listed, _: int) -> Floats:
    """float64 (n_users,): mean popularity of the items in the user's history, NaN for none."""
    had = _catalogue(judged).had
    if had is None:
        raise KeyError(NO_HISTORY)
    of_users = had[judged.truth.users]
    n_had = np.diff(of_users.indptr)
    total = np.asarray(of_users @ _popularity(judged).astype(np.float64))
    return np.where(n_had > 0, total / np.maximum(n_had, 1), np.nan)


def _split(is_tail: Bools, counted: Bools) -> Floats:
    """float64 (n_users, 2): how many of the counted places are head, and tail."""
    tail = (counted & is_tail).sum(axis=1)
    return np.stack([counted.sum(axis=1) - tail, tail], axis=1).astype(np.float64)


def _tail_listed(judged: Listed, k: int) -> Floats:
    items = judged.items[:, :k]
    return _split(_is_tail(judged)[items], items >= 0)


def _tail_hits(judged: Listed, k: int) -> Floats:
    return _split(_is_tail(judged)[judged.items[:, :k]], judged.hits[:, :k])


def _tail_open(judged: Listed, _: int) -> Floats:
    catalogue, is_tail = _catalogue(judged), _is_tail(judged)
    had = catalogue.had
    if had is None:
        raise KeyError(NO_HISTORY)
    is_open = catalogue.is_available
    kinds = np.stack([is_open & ~is_tail, is_open & is_tail], axis=1).astype(np.float64)
    return np.asarray(kinds.sum(axis=0) - had[judged.truth.users] @ kinds)


def _tail_relevant(judged: Listed, _: int) -> Floats:
    truth = judged.truth
    tail = truth.sums((truth.is_relevant & _is_tail(judged)[truth.items]).astype(np.float64))
    return np.stack([truth.n_relevant - tail, tail], axis=1)


def _gap_sums(judged: Listed, k: int) -> Floats:
    items = judged.items[:, :k]
    listed = mean_popularity(np.where(items >= 0, _popularity(judged)[items], -1))
    both = np.stack([listed, _profile_popularity(judged, k)], axis=1)
    return np.where(np.isnan(both).any(axis=1, keepdims=True), 0, both)


ADDED: Mapping[str, Callable[[Any, int], Floats]] = {
    "tail_listed": _tail_listed,
    "tail_open": _tail_open,
    "tail_hits": _tail_hits,
    "tail_relevant": _tail_relevant,
    "gap_sums": _gap_sums,
}


def _of_users(judged: Any, name: str, k: int) -> Floats:
    """What each user adds: float64 (n_users, m)."""
    known = _added.setdefault(judged, {})
    if (name, k) not in known:
        known[name, k] = ADDED[name](judged, k)
    return known[name, k]


def _total(name: str) -> Callable[[Any, int], Floats]:
    return lambda judged, k: np.asarray(_of_users(judged, name, k).sum(axis=0))


def _by_block(name: str) -> Callable[[Any, int, Ints, Ints, int], Floats]:
    def summed(judged: Any, k: int, rows: Ints, block: Ints, n_blocks: int) -> Floats:
        of_users = _of_users(judged, name, k)[rows]
        columns = [np.bincount(block, of_users[:, c], n_blocks) for c in range(of_users.shape[1])]
        return np.stack(columns, axis=1)

    return summed


POPULARITY_PROVIDERS: Mapping[str, Callable[[Any, int], Array]] = {
    "listed_tail": _listed_tail,
    "profile_popularity": _profile_popularity,
    **{name: _total(name) for name in ADDED},
}
POPULARITY_SUMMED = {name: _by_block(name) for name in ADDED}
