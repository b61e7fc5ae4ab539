"""Is what an attribution names what the model in fact used?  Take it away and look.

Every test masks the user's history by an attribution's order and asks the model again; the items
of the whole history are never ranked. Numbers are per explained item, so that they can be averaged
over the positions of a list: how hard an item is to remove depends on how strongly it stood there.
"""

from collections.abc import Mapping

import numpy as np

from core.tables import Bools, Floats, Ints
from explain.masking import MaskedHistory

STEPS = np.linspace(0.1, 1.0, 10)  # shares of the history taken away
SIZES = (0.01, 0.05, 0.1, 0.2, 0.5)  # shares of the history that an explanation may hold
SMALL = 5  # items that a short explanation names

SCORES: Mapping[str, str] = {
    "pos": "lower",
    "neg": "higher",
    "deletion": "lower",
    "insertion": "higher",
    "cndcg": "lower",
    "necessity": "higher",
    "sufficiency": "higher",
    "comprehensiveness": "higher",
    "sufficiency_loss": "lower",
}


def faithfulness(
    history: MaskedHistory, items: Ints, values: Floats, k: int = 10
) -> dict[str, Floats]:
    """How faithful is an attribution to the model, for each explained item?  float64 (m,) each.

    items   int (m,) explained items; values: float (n, m) their attribution over the history
    k       length of the list

    pos, neg
        share of STEPS at which the item is still among the first k when the strongest (weakest)
        items go first (LXR: Barkan et al. 2024, doi:10.1145/3589334.3645560)
    deletion, insertion
        mean score left when the strongest go first, and when only what was taken is there; shares
        of the score with the whole history
    cndcg
        mean of 1 / log2(rank + 1) while the strongest are taken away
    necessity, sufficiency
        1 if the item leaves the first k without the SMALL strongest items; 1 if it stands there
        with these alone (CountER: Tan et al. 2021, doi:10.1145/3459637.3482420, over features)
    comprehensiveness, sufficiency_loss
        mean over SIZES of the share of the score that the strongest items carry, and of the share
        missing with these alone (ERASER: DeYoung et al. 2020, doi:10.18653/v1/2020.acl-main.408)

    Shares are NaN where the score with the whole history is not above that with none.
    """
    n, m = values.shape
    order = np.argsort(-values, axis=0, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(n)[:, None], axis=0)  # 0: the strongest
    down = _removed(place, STEPS, n)
    up = _removed(n - 1 - place, STEPS, n)
    sized = _removed(place, np.asarray(SIZES), n)
    small = (place < min(SMALL, n)).T[:, None, :]
    masks = np.concatenate([~down, ~up, down, ~sized, sized, ~small, small], axis=1)
    asked = np.concatenate([masks, np.ones((m, 1, n), bool), np.zeros((m, 1, n), bool)], axis=1)
    n_asked = asked.shape[1]
    targets = np.repeat(items, n_asked)
    scores = history.scores(asked.reshape(-1, n))
    own = scores[np.arange(len(targets)), targets].reshape(m, n_asked)
    ranks = history.ranks(scores, targets).reshape(m, n_asked)
    whole, nothing = own[:, -2], own[:, -1]
    reach = np.where(whole > nothing, whole - nothing, np.nan)
    share = (own - nothing[:, None]) / reach[:, None]
    ends = np.cumsum([len(STEPS)] * 3 + [len(SIZES)] * 2 + [1, 1])
    left, left_up, _, _, _, without, alone = np.split(ranks[:, :-2], ends[:-1], axis=1)
    kept, _, inserted, without_sized, only_sized, _, _ = np.split(share[:, :-2], ends[:-1], axis=1)
    return {
        "pos": (left <= k).mean(axis=1),
        "neg": (left_up <= k).mean(axis=1),
        "deletion": kept.mean(axis=1),
        "insertion": inserted.mean(axis=1),
        "cndcg": (1 / np.log2(left + 1)).mean(axis=1),
        "necessity": (without[:, 0] > k).astype(np.float64),
        "sufficiency": (alone[:, 0] <= k).astype(np.float64),
        "comprehensiveness": (1 - without_sized).mean(axis=1),
        "sufficiency_loss": (1 - only_sized).mean(axis=1),
    }


def _removed(place: Ints, shares: Floats, n: int) -> Bools:
    """Which items each share of the history takes: bool (m, n_shares, n), one or more each."""
    n_taken = np.maximum(1, np.rint(shares * n).astype(np.int64))
    return np.asarray(place.T[:, None, :] < n_taken[None, :, None])
