"""Sums over users that metrics of the whole run are made of, and the same block by block."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from core.tables import Bools, Codes, Floats, Ints
from evaluators.rows import count
from recscope.judged_catalogue import Listed

Array = npt.NDArray[Any]
SHORT = 32  # places up to which comparing every two is faster than sorting
Rows = Ints | slice
Summed = Callable[[Listed, int, Rows, Ints, int], Floats]


def again(items: Codes) -> Bools:
    """Which places show an item that stands further up in the same list? bool (n_users, k)."""
    repeats = np.zeros(items.shape, dtype=bool)
    has_twice = _has_twice(items)
    rows = np.flatnonzero(has_twice)
    some = items[rows]
    order = np.argsort(some, axis=1, kind="stable")
    ordered = np.take_along_axis(some, order, axis=1)
    later = np.zeros(some.shape, dtype=bool)
    later[:, 1:] = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
    found = np.zeros(some.shape, dtype=bool)
    np.put_along_axis(found, order, later, axis=1)
    repeats[rows] = found
    return repeats


def _has_twice(items: Codes) -> Bools:
    """Which lists show an item twice? bool (n_users,)."""
    if items.shape[1] > SHORT:
        by_item = np.sort(items, axis=1)
        return np.asarray(((by_item[:, 1:] == by_item[:, :-1]) & (by_item[:, 1:] >= 0)).any(axis=1))
    found = np.zeros(len(items), dtype=bool)
    ranks = np.ascontiguousarray(items.T)  # side by side, all users of a rank compare at once
    for rank, here in enumerate(ranks):
        for above in ranks[:rank]:
            found |= (here == above) & (here >= 0)
    return found


def _counts(
    items: Codes, counts: Bools, block: Ints, n_blocks: int, weights: Floats | None = None
) -> tuple[Ints, Floats]:
    """Sum of the weights (1 where not given) of each item's places: float64 (n_blocks, n_listed).

    counts  bool (n_users, k) which places count; only items that stand at one have a column

    And the item of each column: int64 (n_listed,), ascending.
    """
    is_all = bool(counts.all())
    at = items.ravel() if is_all else items[counts]
    n_places = np.bincount(at)
    listed = np.flatnonzero(n_places)
    if n_blocks == 1:
        summed = n_places if weights is None else np.bincount(at, weights)
        return listed, summed[None, listed].astype(np.float64)
    column = np.cumsum(n_places > 0) - 1
    place = column[at]
    n_of_user = items.shape[1] if is_all else count(counts)
    place += np.repeat(block, n_of_user) * len(listed)
    summed = np.bincount(place, weights, minlength=n_blocks * len(listed))
    return listed, summed.reshape(n_blocks, len(listed)).astype(np.float64)


def _item_counts(judged: Listed, k: int, rows: Rows, block: Ints, n_blocks: int) -> Floats:
    items = judged.items[rows, :k]
    listed, places = _counts(items, items >= 0, block, n_blocks)
    if judged.catalogue is None or (is_available := judged.catalogue.is_available[listed]).all():
        return places
    return places[:, is_available]


def _item_weights(judged: Listed, k: int, rows: Rows, block: Ints, n_blocks: int) -> Floats:
    items = judged.items[rows, :k]
    counts_once = (items >= 0) & ~again(items)
    n_different = count(counts_once)
    if (n_different == n_different[:1]).all():  # lists of one length need no weight each
        _, places = _counts(items, counts_once, block, n_blocks)
        return np.asarray(places / np.sqrt(max(int(n_different.max(initial=1)), 1)))
    weights = np.broadcast_to(1 / np.sqrt(np.maximum(n_different, 1))[:, None], items.shape)
    return _counts(items, counts_once, block, n_blocks, weights[counts_once])[1]


def _n_lists(judged: Listed, k: int, rows: Rows, block: Ints, n_blocks: int) -> Floats:
    has_list = (judged.items[rows, :k] >= 0).any(axis=1)
    return np.bincount(block, has_list, minlength=n_blocks).astype(np.float64)


# sums over the users at `rows` by the block that each is in: float64 (n_blocks, ...)
ITEM_SUMMED: Mapping[str, Summed] = {
    "item_counts": _item_counts,
    "item_weights": _item_weights,
    "n_lists": _n_lists,
}


def _of_all(summed: Summed) -> Callable[[Listed, int], Array]:
    def total(judged: Listed, k: int) -> Array:
        block = np.zeros(len(judged.items), dtype=np.int64)
        return np.asarray(summed(judged, k, slice(None), block, 1)[0])

    return total


ITEM_SUM_PROVIDERS: Mapping[str, Callable[[Listed, int], Array]] = {
    name: _of_all(summed) for name, summed in ITEM_SUMMED.items()
}
