"""Does the list respect how much the user liked what they rated, and what they disliked?

They need ratings in the test set. Everybody with a relevant test item counts, as everywhere else,
so that their means are over the same users; who has none scores NaN.
"""

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.metric import metric, ratio
from evaluators.rows import weighted, where_relevant

FIVE_STARS = 5.0


@metric(
    better="higher",
    bounds=(0, 1),
    source="Burges et al. 2005, doi:10.1145/1102351.1102363",
    family="accuracy",
)
def ndcg_graded(gains: Floats, ideal_gains: Floats, n_relevant: Ints) -> Floats:
    """What share of the best discounted gain did the list reach, liking counted by degree?

    gains        float (n_users, k)  test rating of the item at this rank, 0 where there is none
    ideal_gains  float (n_users, k)  the user's test ratings, highest first, 0 past the last
    n_relevant   int (n_users,)      relevant items the user has in the test set; 0 gives NaN

    Σ_i (2^gains_i - 1) / log2(i + 1), over that sum for ideal_gains. Every rated test item gains,
    also one below the threshold; a rating of 0 or less gains nothing. Elliot takes 2^(rating -
    threshold + 1) - 1 instead, trec_eval and LensKit the bare rating.
    """
    k = gains.shape[1]
    discount = 1 / np.log2(np.arange(2, k + 2))
    scale = np.floor(
        np.maximum(ideal_gains[:, 0], 0.0)
    )  # a factor 2^-scale cancels and never overflows
    best = weighted(_gain(ideal_gains, scale), discount)
    reached = weighted(_gain(gains, scale), discount)
    return where_relevant(ratio(reached, best), n_relevant)


def _gain(ratings: Floats, scale: Floats) -> Floats:
    above = np.maximum(ratings, 0).astype(np.float64) - scale[:, None]
    return np.exp2(above) - np.exp2(-scale)[:, None]


@metric(
    better="higher",
    bounds=(0, 1),
    source="Chapelle et al. 2009, doi:10.1145/1645953.1646033",
    family="accuracy",
)
def err(gains: Floats, n_relevant: Ints, top_rating: float = FIVE_STARS) -> Floats:
    """How soon is a user satisfied who stops at the first item that is good enough?

    gains       float (n_users, k)  test rating of the item at this rank, 0 where there is none
    n_relevant  int (n_users,)      relevant items the user has in the test set; 0 gives NaN
    top_rating  best rating that the scale has

    Σ_i R_i / i · Π_(j<i) (1 - R_j), where R_i = (2^gains_i - 1) / 2^top_rating is the probability
    that the item satisfies. It is not divided by an ideal, so even the best list stays below 1.
    Raises ValueError for a rating above top_rating: it would satisfy with certainty and more.
    """
    if np.max(gains, initial=0) > top_rating:
        raise ValueError(
            f"a rating of {np.max(gains):g} is above the best of the scale, {top_rating:g}; hand "
            "over the scale's own top_rating"
        )
    stop = _satisfies(gains, top_rating)
    total = np.zeros(len(gains))
    still_looking = np.ones(len(gains))
    for rank, probability in enumerate(stop.T, start=1):
        total += still_looking * probability / rank
        still_looking *= 1 - probability
    return where_relevant(total, n_relevant)


def _satisfies(gains: Floats, top_rating: float) -> Floats:
    graded = np.maximum(gains, 0).astype(np.float64)
    probability: Floats = np.exp2(graded - top_rating) - np.exp2(-top_rating)
    return probability


@metric(
    better="higher",
    bounds=(0, 1),
    source="Buckley & Voorhees 2004, doi:10.1145/1008992.1009000",
    family="accuracy",
    cutoff=False,
)
def bpref(hits: Bools, judged_bad: Bools, n_relevant: Ints, n_judged_bad: Ints) -> Floats:
    """Do liked items stand above disliked ones, whatever stands between that nobody rated?

    hits          bool (n_users, n)  is the item at this rank relevant? the whole delivered list
    judged_bad    bool (n_users, n)  was it rated in the test set, below the threshold?
    n_relevant    int (n_users,)     relevant items the user has in the test set; 0 gives NaN
    n_judged_bad  int (n_users,)     test items the user rated below the threshold

    Σ over hits of 1 - min(bad items above it, n_relevant) / min(n_relevant, n_judged_bad), over
    n_relevant. A relevant item that was not delivered adds nothing; a bad one that was not
    delivered stands below the list. A user who rated nothing badly gets their recall of the whole
    list. With trec_eval's (8.0 and later) min(…) in the denominator; the paper has n_relevant.
    """
    most = np.minimum(n_relevant, n_judged_bad)
    divisor = np.maximum(most, 1)
    bad_above = np.zeros(len(hits), dtype=np.int64)
    total = np.zeros(len(hits))
    for hit, bad in zip(hits.T, judged_bad.T, strict=True):
        total += hit * (1 - np.minimum(bad_above, most) / divisor)
        bad_above += bad
    return ratio(total, n_relevant)
