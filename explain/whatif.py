"""What would be listed, had the user not liked some of it?"""

from dataclasses import dataclass

import numpy as np

from core.tables import Bools, Floats, Ints
from explain.masking import MaskedHistory


@dataclass(frozen=True, eq=False)
class Listing:
    """The list after a history, and where one item stands in it.

    items   int64 (k,) codes, best first, without what the user had; scores: float64 (k,)
    rank    of the item asked about, from 1; items of equal score share the middle of their ranks
    score   of the item asked about
    """

    items: Ints
    scores: Floats
    rank: float
    score: float


def listing(history: MaskedHistory, kept: Bools, item: int, k: int = 10) -> Listing:
    """What is listed, and where is the item, where only these parts of the history are there?

    kept  bool (n,), True for the liked items that stay; item: code; k: length of the list

    The model is not fitted again: it is asked what it would say of another history. A tie goes to
    the lower code, as in every list.
    """
    if kept.shape != (len(history),):
        raise ValueError(f"one yes or no for each of {len(history)} items; got {kept.shape}")
    scores = history.scores(kept[None, :])
    rank = float(history.ranks(scores, np.array([item]))[0])
    row = scores[0].copy()
    row[history.seen] = -np.inf
    order = np.argsort(-row, kind="stable")[:k]
    listed = order[np.isfinite(row[order])].astype(np.int64)
    return Listing(listed, row[listed], rank, float(scores[0, item]))
