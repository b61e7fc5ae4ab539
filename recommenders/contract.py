"""What a plug-in's answer must be, checked before anything is computed from it."""

from typing import Any

import numpy as np

from core.errors import PluginError
from core.ledger import Ledger
from core.tables import PAD, Bools, Codes, Floats, Interactions, Ints, TopK
from recommenders.guard import guarded

__all__ = ["check_model", "check_topk", "guarded"]

SEEN = "item the user has seen, kept as a miss"
TWICE = "item listed twice, kept as a miss"
HOLE = "rank without an item of the catalogue, kept as a miss"
RISES = "scores rise along the list, order kept"
TOO_LONG = "list longer than k, cut"


def check_model(model: Any, name: str) -> None:
    """Has it the two methods of a recommender?  PluginError names the one that is missing."""
    for method in ("fit", "recommend"):
        if not callable(getattr(model, method, None)):
            raise PluginError(
                f"{name} is a {type(model).__name__} without the method {method}(); a recommender "
                "has fit(train) and recommend(users, k)"
            )


def check_topk(
    topk: Any,
    users: Codes | Ints,
    k: int,
    train: Interactions,
    name: str,
    ledger: Ledger | None = None,
) -> TopK:
    """Is this an answer to recommend(users, k)?  Returns it as int32 items and float scores (n, k).

    PluginError: not a TopK, lists of other users, wrong shapes or types, codes that no item has,
    scores that are NaN or infinite at an item.
    Repaired, and counted in `ledger`: lists longer than k are cut.
    Kept, and counted: items the user has seen and items listed twice (both are misses to every
    metric), scores that do not fall along the list, ranks left empty before the end of a list.
    """
    ledger = Ledger() if ledger is None else ledger
    codes: Ints = np.asarray(users, dtype=np.int64)
    items, scores = _arrays(topk, codes, name)
    _check_codes(items, train.n_items, name)
    too_long = int((items[:, k:] != PAD).any(axis=1).sum())
    ledger.add(f"recommend {name}", "repaired", TOO_LONG, too_long, unit="lists")
    items, scores = _fit_width(items, k, PAD).astype(np.int32), _fit_width(scores, k, -np.inf)
    is_real = items != PAD
    _check_scores(items, scores, is_real, codes, name)
    scores = np.where(is_real, scores, -np.inf)
    _count(ledger, f"recommend {name}", TopK(codes, items, scores), train)
    return TopK(codes, items, scores)


def _arrays(topk: Any, users: Ints, name: str) -> tuple[Any, Any]:
    if not isinstance(topk, TopK):
        raise PluginError(
            f"{name} answered with a {type(topk).__name__}; recommend must return a "
            "core.tables.TopK(users, items, scores), which recommenders.rank.rank makes"
        )
    items, scores = np.asarray(topk.items), np.asarray(topk.scores)
    if items.ndim != 2 or len(items) != len(users) or scores.shape != items.shape:
        raise PluginError(
            f"{name} answered with items of shape {items.shape} and scores of shape "
            f"{scores.shape}; {len(users)} users need two arrays of shape ({len(users)}, k)"
        )
    if not np.array_equal(np.asarray(topk.users), users):
        raise PluginError(
            f"{name} answered for other users than it was asked for, or in another order; return "
            "one list per asked user, in the order asked"
        )
    if not np.issubdtype(items.dtype, np.integer):
        raise PluginError(
            f"{name} answered with items of type {items.dtype}; they must be integer item codes, "
            f"{PAD} past the end of a short list"
        )
    if scores.dtype.kind not in "fiu":
        raise PluginError(f"{name} answered with scores of type {scores.dtype}; return numbers")
    return items, scores if scores.dtype.kind == "f" else scores.astype(np.float64)


def _check_codes(items: Any, n_items: int, name: str) -> None:
    unknown = (items < PAD) | (items >= n_items)
    if unknown.any():
        raise PluginError(
            f"{name} lists item code {items[unknown][0]} (and {int(unknown.sum()) - 1} more such "
            f"places), but codes run from 0 to {n_items - 1}; it may number items its own way"
        )


def _fit_width(array: Any, k: int, filler: float) -> Any:
    n, width = array.shape
    if width >= k:
        return array[:, :k]
    return np.hstack([array, np.full((n, k - width), filler, dtype=array.dtype)])


def _check_scores(items: Codes, scores: Floats, is_real: Bools, users: Ints, name: str) -> None:
    bad = is_real & ~np.isfinite(scores)
    if bad.any():
        row, rank = (int(place[0]) for place in np.nonzero(bad))
        raise PluginError(
            f"{name} scores item code {items[row, rank]} of user code {users[row]} with "
            f"{scores[row, rank]} ({int(bad.sum())} such scores in all); a listed item needs a "
            "finite score"
        )


def _count(ledger: Ledger, stage: str, topk: TopK, train: Interactions) -> None:
    is_real = topk.items != PAD
    is_followed = np.cumsum(is_real[:, ::-1], axis=1)[:, ::-1] > 0
    for reason, where in (
        (SEEN, is_seen(topk.users, topk.items, train)),
        (TWICE, repeats(topk.items)),
        (HOLE, ~is_real & is_followed),
    ):
        places = np.argwhere(where)
        examples = (f"user code {topk.users[row]}, rank {at + 1}" for row, at in places[:5])
        ledger.add(stage, "noted", reason, len(places), unit="list entries", examples=examples)
    earlier, later = topk.scores[:, :-1], topk.scores[:, 1:]
    rises = (later > earlier) & is_real[:, 1:] & is_real[:, :-1]
    ledger.add(stage, "noted", RISES, int(rises.any(axis=1).sum()), unit="lists")


def is_seen(users: Codes | Ints, items: Codes, train: Interactions) -> Bools:
    """Which listed items did the user already touch in train?  bool, the shape of `items`."""
    history = train.seen[np.asarray(users)]
    history.sort_indices()
    rows = np.repeat(np.arange(len(users)), np.diff(history.indptr))
    known = rows * np.int64(train.n_items) + history.indices
    asked = np.arange(len(users))[:, None] * np.int64(train.n_items) + items
    if not len(known):
        return np.zeros(items.shape, dtype=bool)
    places = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    found: Bools = (known[places] == asked) & (items != PAD)
    return found


def repeats(items: Codes) -> Bools:
    """Which entries name an item that stands higher on the same list?  bool, as `items`."""
    order = np.argsort(items, axis=1, kind="stable")
    ordered = np.take_along_axis(items, order, axis=1)
    same = np.zeros(items.shape, dtype=bool)
    same[:, 1:] = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] != PAD)
    result = np.zeros(items.shape, dtype=bool)
    np.put_along_axis(result, order, same, axis=1)
    return result
