"""Of two items, one liked and one not, does the recommender put the liked one first?

Judged on the whole delivered list. Items that were not delivered all stand below it, in no order
among themselves: such a pair is a coin toss and counts one half. A short list is therefore drawn
towards 1/2, and values compare only between lists of the same length.
"""

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.metric import metric, ratio


@metric(
    better="higher",
    bounds=(0, 1),
    source="Rendle et al. 2009, doi:10.48550/arXiv.1205.2618",
    family="accuracy",
    cutoff=False,
)
def auc(hits: Bools, n_listed: Ints, n_relevant: Ints, n_candidates: Ints) -> Floats:
    """How likely does a relevant item stand above one that is not?

    hits          bool (n_users, n)  is the item at this rank relevant? the whole delivered list
    n_listed      int (n_users,)     items in the list, the empty places at its end not counted
    n_relevant    int (n_users,)     relevant items the user has in the test set; 0 gives NaN
    n_candidates  int (n_users,)     items that could have been listed, relevant ones included

    Correct pairs plus half the tied pairs, over n_relevant · (n_candidates - n_relevant). Pairs of
    two items that were not delivered are tied. Nobody's list is 0 by decree, not the 1/2 that all
    ties would give; who has no irrelevant candidate scores NaN, for there is no pair. RePlay's
    RocAuc looks at pairs within the list alone.
    """
    n_bad = np.maximum(n_candidates - n_relevant, 0)
    found = np.zeros(len(hits), dtype=np.int64)
    wins = np.zeros(len(hits))
    for rank, hit in enumerate(hits.T):
        wins += hit * np.maximum(n_bad - (rank - found), 0)
        found += hit
    bad_below = np.maximum(n_bad - (n_listed - found), 0)
    wins += (n_relevant - found) * bad_below / 2
    return ratio(np.where(n_listed > 0, wins, 0.0), n_relevant * n_bad)


@metric(
    better="higher",
    bounds=(0, 1),
    source="McClish 1989, doi:10.1177/0272989X8900900307",
    family="accuracy",
    cutoff=False,
)
def partial_auc(
    hits: Bools, n_listed: Ints, n_relevant: Ints, n_candidates: Ints, share: float = 0.1
) -> Floats:
    """How likely does a relevant item stand above one of the best-placed irrelevant ones?

    hits          bool (n_users, n)  is the item at this rank relevant? the whole delivered list
    n_listed      int (n_users,)     items in the list, the empty places at its end not counted
    n_relevant    int (n_users,)     relevant items the user has in the test set; 0 gives NaN
    n_candidates  int (n_users,)     items that could have been listed, relevant ones included
    share         the part of the irrelevant candidates, from the top, that is looked at

    Area under the curve of true over false positive rate, from 0 to share, divided by share: 1 for
    all relevant items on top, share / 2 for chance. Below the list the curve is the straight line
    to (1, 1) that ties give. scikit-learn's max_fpr rescales the same area so that chance is 1/2.
    No list is 0; no irrelevant candidate is NaN.
    """
    n_bad = np.maximum(n_candidates - n_relevant, 0)
    width = share * n_bad
    found = np.zeros(len(hits), dtype=np.int64)
    area = np.zeros(len(hits))  # in units of one relevant item times one irrelevant item
    for rank, hit in enumerate(hits.T):
        is_miss = ~hit & (rank < n_listed)
        area += is_miss * found * np.clip(width - (rank - found), 0, 1)
        found += hit
    listed_bad = np.minimum(n_listed - found, n_bad)
    left = np.maximum(width - listed_bad, 0)
    slope = (n_relevant - found) / np.maximum(n_bad - listed_bad, 1)
    area += left * found + slope * left**2 / 2
    return ratio(np.where(n_listed > 0, area, 0.0), n_relevant * width)
