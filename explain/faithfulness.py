"""Is what an attribution names what the model in fact used?  Take it away and look.

Every test masks the user's history by an attribution's order and asks the model again; the items
of the whole history are never ranked. Numbers are per explained item, so that they can be averaged
over the positions of a list: how hard an item is to remove depends on how strongly it stood there.
"""

from collections.abc import Mapping

import numpy as np

from core.tables import Bools, Floats, Ints
from explain.masking import MaskedHistory
from explain.scorer import Scorer, scorer

STEPS = np.linspace(0.1, 1.0, 10)  # shares of the history taken away
SIZES = (0.01, 0.05, 0.1, 0.2, 0.5)  # shares of the history that an explanation may hold
SMALL = 5  # items that a short explanation names
K = 10

LXR = "LXR: Barkan et al. 2024, doi:10.1145/3589334.3645560"
COUNTER = "CountER: Tan et al. 2021, doi:10.1145/3459637.3482420"
ERASER = "ERASER: DeYoung et al. 2020, doi:10.18653/v1/2020.acl-main.408"
FAMILY = "faithfulness"


@scorer(better="lower", bounds=(0, 1), source=LXR, family=FAMILY, per="explanation")
def pos(ranks_down: Floats, k: int = K) -> Floats:
    """Does the item stay listed although the strongest items of the history are taken away?

    Share of ten steps (10 %, 20 % … of the history gone, the strongest first) at which the item is
    still among the first k. How strong the recommendation was decides much of it: average over
    the positions of lists.
    """
    return np.asarray((ranks_down <= k).mean(axis=1))


@scorer(better="higher", bounds=(0, 1), source=LXR, family=FAMILY, per="explanation")
def neg(ranks_up: Floats, k: int = K) -> Floats:
    """Does the item stay listed while the weakest items of the history are taken away?

    As `pos`, the weakest first: `pos` of the attribution upside down.
    """
    return np.asarray((ranks_up <= k).mean(axis=1))


@scorer(better="lower", bounds=(-np.inf, np.inf), source=LXR, family=FAMILY, per="explanation")
def deletion(left_down: Floats) -> Floats:
    """How much of the score is left while the strongest items go?

    Mean over ten steps of the score, as a share of what the whole history adds to it. NaN where
    the whole history adds nothing.
    """
    return np.asarray(left_down.mean(axis=1))


@scorer(better="higher", bounds=(-np.inf, np.inf), source=LXR, family=FAMILY, per="explanation")
def insertion(kept_down: Floats) -> Floats:
    """How much of the score is there already with the strongest items alone?

    Mean over ten steps, as `deletion`; where scores are sums over the history, 1 - deletion.
    """
    return np.asarray(kept_down.mean(axis=1))


@scorer(better="lower", bounds=(0, 1), source=LXR, family=FAMILY, per="explanation")
def cndcg(ranks_down: Floats) -> Floats:
    """How far up does the item stand while the strongest items go?

    Mean over ten steps of 1 / log2(rank + 1).
    """
    return np.asarray((1 / np.log2(ranks_down + 1)).mean(axis=1))


@scorer(better="higher", bounds=(0, 1), source=COUNTER, family=FAMILY, per="explanation")
def necessity(rank_without: Floats, k: int = K) -> Floats:
    """Does the item leave the list without the five strongest items?  1 or 0; the mean is PN.

    CountER takes away features of items; here it is items of the history.
    """
    return (rank_without > k).astype(np.float64)


@scorer(better="higher", bounds=(0, 1), source=COUNTER, family=FAMILY, per="explanation")
def sufficiency(rank_alone: Floats, k: int = K) -> Floats:
    """Is the item listed for the five strongest items alone?  1 or 0; the mean is PS."""
    return (rank_alone <= k).astype(np.float64)


@scorer(better="higher", bounds=(-np.inf, np.inf), source=ERASER, family=FAMILY, per="explanation")
def comprehensiveness(left_sized: Floats) -> Floats:
    """What share of the score goes with the items that the explanation names?

    Mean over explanations of 1, 5, 10, 20 and 50 % of the history (ERASER's AOPC).
    """
    return np.asarray((1 - left_sized).mean(axis=1))


@scorer(better="lower", bounds=(-np.inf, np.inf), source=ERASER, family=FAMILY, per="explanation")
def sufficiency_loss(kept_sized: Floats) -> Floats:
    """What share of the score is missing with the named items alone?

    Over the same sizes as `comprehensiveness`; ERASER calls it sufficiency, where lower is better.
    """
    return np.asarray((1 - kept_sized).mean(axis=1))


SCORERS: tuple[Scorer, ...] = (
    pos,
    neg,
    deletion,
    insertion,
    cndcg,
    necessity,
    sufficiency,
    comprehensiveness,
    sufficiency_loss,
)
SCORES: Mapping[str, str] = {one.name: one.better for one in SCORERS}


def faithfulness(
    history: MaskedHistory, items: Ints, values: Floats, k: int = K
) -> dict[str, Floats]:
    """How faithful is an attribution to the model, for each explained item?  float64 (m,) each.

    items   int (m,) explained items; values: float (n, m) their attribution over the history
    k       length of the list
    """
    answers = masked_answers(history, items, values)
    return {one.name: one.of({**answers, "k": k}) for one in SCORERS}


def masked_answers(history: MaskedHistory, items: Ints, values: Floats) -> dict[str, Floats]:
    """What the model says while items go in an attribution's order: material of the scorers.

    ranks_down, ranks_up    float64 (m, 10) rank of the item while the strongest, the weakest go
    left_down, kept_down    float64 (m, 10) the score then, and with what was taken alone, as shares
                            of what the whole history adds to it
    left_sized, kept_sized  float64 (m, 5) the same for explanations of SIZES
    rank_without, rank_alone  float64 (m,) rank without the SMALL strongest items, with these alone

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
    targets = np.repeat(np.asarray(items, dtype=np.int64), n_asked)
    scores = history.scores(asked.reshape(-1, n))
    own = scores[np.arange(len(targets)), targets].reshape(m, n_asked)
    ranks = history.ranks(scores, targets).reshape(m, n_asked)
    whole, nothing = own[:, -2], own[:, -1]
    reach = np.where(whole > nothing, whole - nothing, np.nan)
    share = (own - nothing[:, None]) / reach[:, None]
    ends = np.cumsum([len(STEPS)] * 3 + [len(SIZES)] * 2 + [1, 1])[:-1]
    left, left_up, _, _, _, without, alone = np.split(ranks[:, :-2], ends, axis=1)
    kept, _, inserted, without_sized, only_sized, _, _ = np.split(share[:, :-2], ends, axis=1)
    return {
        "ranks_down": left,
        "ranks_up": left_up,
        "left_down": kept,
        "kept_down": inserted,
        "left_sized": without_sized,
        "kept_sized": only_sized,
        "rank_without": without[:, 0],
        "rank_alone": alone[:, 0],
    }


def _removed(place: Ints, shares: Floats, n: int) -> Bools:
    """Which items each share of the history takes: bool (m, n_shares, n), one or more each."""
    n_taken = np.maximum(1, np.rint(shares * n).astype(np.int64))
    return np.asarray(place.T[:, None, :] < n_taken[None, :, None])
