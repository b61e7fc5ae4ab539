"""What is the least that the user would have to have not liked, for the item not to be listed?"""

from dataclasses import dataclass

import numpy as np

from core.tables import Floats, Ints
from explain.masking import MaskedHistory


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """A part of the history without which an item leaves the list.

    removed  codes of the items taken away, the strongest first; empty where none was found
    rank     of the item once they are gone
    is_found False where the item stays listed even with nothing left
    """

    removed: Ints
    rank: float
    is_found: bool


def smallest_history(history: MaskedHistory, item: int, values: Floats, k: int) -> Counterfactual:
    """Take items away, the strongest first, until the item leaves the first k.

    values  float (n,) what each item of the history adds to the score: the order of removal

    Greedy, then every item that turns out not to be needed is put back: no item of the answer can
    be left out, though a smaller answer of other items may exist. (As PRINCE asks the question:
    Ghazimatin et al. 2020, doi:10.1145/3336191.3371824.)
    """
    order = np.argsort(-values, kind="stable")
    n = len(order)
    masks = np.ones((n, n), dtype=bool)
    for step in range(n):
        masks[step:, order[step]] = False
    ranks = history.ranks(history.scores(masks), np.full(n, item))
    gone = np.flatnonzero(ranks > k)
    if not len(gone):
        return Counterfactual(np.zeros(0, dtype=np.int64), float(ranks[-1]), is_found=False)
    removed = list(order[: gone[0] + 1])
    for place in removed[::-1]:
        without = [other for other in removed if other != place]
        if without and _rank(history, item, without) > k:
            removed = without
    rank = _rank(history, item, removed)
    return Counterfactual(history.history[np.array(removed)], rank, is_found=True)


def _rank(history: MaskedHistory, item: int, removed: list[int]) -> float:
    mask = np.ones((1, len(history)), dtype=bool)
    mask[0, removed] = False
    return float(history.ranks(history.scores(mask), np.array([item]))[0])
