"""Named arrays that need to know the items, or what users had before.

`evaluators.arrays.ARRAYS` says what each means; `why_not` says which cannot be made here, and why.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from core.tables import Codes, Floats
from evaluators.subtopics import best_gains
from recscope.catalogue import NO_HISTORY, NO_ITEMS, NO_TIMES, NO_VECTORS, Catalogue
from recscope.judged_truth import Truth

Array = npt.NDArray[Any]

OF_HISTORY = ("n_history_users", "listed_popularity", "item_popularity")
OF_GROUPS = ("item_groups", "ideal_novel_gains")
OF_BOTH = ("profile_groups", "profile_direction")
OF_TIMES = ("listed_age",)
OF_VECTORS = ("item_vectors",)


class Listed(Protocol):
    """What is asked of a `recscope.judged.Judged` here."""

    @property
    def truth(self) -> Truth: ...
    @property
    def items(self) -> Codes: ...
    @property
    def n_items(self) -> int: ...
    @property
    def n_catalogue(self) -> int: ...
    @property
    def catalogue(self) -> Catalogue | None: ...


def why_not(judged: Listed, name: str) -> str | None:
    """Why this array cannot be made; None where it can.  Looks at no more than it asks for."""
    catalogue = judged.catalogue
    history = None if catalogue is None else catalogue.history
    if name in {*OF_HISTORY, *OF_BOTH, *OF_TIMES} and history is None:
        return NO_HISTORY
    if name in {*OF_GROUPS, *OF_BOTH} and (catalogue is None or catalogue.groups is None):
        return NO_ITEMS if catalogue is None else catalogue.why_no_groups
    if name in OF_TIMES and history is not None and history.timestamps is None:
        return NO_TIMES
    if name in OF_VECTORS and (catalogue is None or catalogue.vectors is None):
        return NO_VECTORS if catalogue is None else catalogue.why_no_vectors
    return None


def _known(judged: Listed) -> Catalogue:
    if judged.catalogue is None:
        raise KeyError(NO_ITEMS)
    return judged.catalogue


def _listed(judged: Listed, k: int, of_item: Array | None, empty: float) -> Array | None:
    """What is known of the item at each rank."""
    if of_item is None:
        return None
    items = judged.items[:, :k]
    found = of_item.take(items, axis=0, mode="clip")
    found[items < 0] = empty
    return found


def _profile(judged: Listed, of_item: Floats) -> Floats | None:
    """Mean of the items' rows over what each user liked: float64 (n_users, n_groups).

    of_item  float64 (n_items, n_groups); items whose row is zero are left out of the mean
    """
    liked = _known(judged).liked
    if liked is None:
        return None
    of_users = liked[judged.truth.users].astype(np.float64)
    has_row = np.asarray(of_item.any(axis=1), dtype=np.float64)[:, None]
    n_known = np.asarray(of_users @ has_row)
    total = np.asarray(of_users @ of_item)
    return np.where(n_known > 0, total / np.maximum(n_known, 1), np.nan)


def _profile_groups(judged: Listed, _: int) -> Array | None:
    groups = _known(judged).groups
    return None if groups is None else _profile(judged, groups.shares)


def _profile_direction(judged: Listed, _: int) -> Array | None:
    groups = _known(judged).groups
    if groups is None:
        return None
    rows = groups.dense.astype(np.float64)
    return _profile(judged, rows / np.maximum(np.sqrt(rows.sum(axis=1, keepdims=True)), 1))


def _item_groups(judged: Listed, _: int) -> Array | None:
    groups = _known(judged).groups
    return None if groups is None else groups.dense


def _ideal_novel_gains(judged: Listed, k: int) -> Array | None:
    groups = _known(judged).groups
    if groups is None:
        return None
    truth = judged.truth
    starts = np.append(0, np.cumsum(truth.n_relevant))
    return best_gains(starts, truth.items[truth.is_relevant], groups.dense, k)


def _is_available(judged: Listed, _: int) -> Array:
    if judged.catalogue is None:
        return np.ones(judged.n_items, dtype=bool)
    return judged.catalogue.is_available


CATALOGUE_PROVIDERS: Mapping[str, Callable[[Listed, int], Array | None]] = {
    "n_history_users": lambda judged, _: np.asarray(_known(judged).n_users),
    "n_available": lambda judged, _: np.asarray(judged.n_catalogue),
    "listed_popularity": lambda judged, k: _listed(judged, k, _known(judged).popularity, -1),
    "listed_age": lambda judged, k: _listed(judged, k, _known(judged).age, np.nan),
    "profile_groups": _profile_groups,
    "profile_direction": _profile_direction,
    "item_popularity": lambda judged, _: _known(judged).popularity,
    "item_groups": _item_groups,
    "item_vectors": lambda judged, _: _known(judged).vectors,
    "is_available": _is_available,
    "ideal_novel_gains": _ideal_novel_gains,
}
