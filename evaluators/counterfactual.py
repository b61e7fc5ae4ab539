"""Would the list be the same, were the user described otherwise?

Two lists of one user stand beside each other: `items` for the user as described, `other_items` for
the same user with another value of an attribute, or with none.
"""

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.metric import metric, ratio
from evaluators.rows import count

ZHANG = "Zhang et al. 2023, doi:10.1145/3604915.3608860"
FAMILY = "item-fairness"


def places(items: Ints, other_items: Ints) -> Ints:
    """Where in `items` stands each of the other list's: int64 (n_users, k), k for nowhere.

    Empty places (-1) of the other list stand nowhere.
    """
    k = items.shape[1]
    found = np.full(other_items.shape, k)
    for rank in range(k - 1, -1, -1):  # the first place counts, where an item stands twice
        found[other_items == items[:, rank, None]] = rank
    found[other_items < 0] = k
    return found


def _found(items: Ints, other_items: Ints) -> Bools:
    return np.asarray(places(items, other_items) < items.shape[1])


@metric(better="higher", bounds=(0, 1), source=ZHANG, family=FAMILY, per="audit")
def list_jaccard(items: Ints, other_items: Ints) -> Floats:
    """What share of all that the two lists name do both name?

    items        int (n_users, k)  the list of the user as described, -1 at an empty place
    other_items  int (n_users, k)  the list of the same user, described otherwise

    |A ∩ B| / |A ∪ B|, whatever the order; NaN where both are empty.
    """
    common = count(_found(items, other_items))
    return ratio(common, count(items >= 0) + count(other_items >= 0) - common)


@metric(better="higher", bounds=(0, 1), source=ZHANG, family=FAMILY, per="audit")
def list_serp(items: Ints, other_items: Ints) -> Floats:
    """How much of the other list, its first places counting more, does this list name too?

    items        int (n_users, k)  the list of the user as described, -1 at an empty place
    other_items  int (n_users, k)  the list of the same user, described otherwise

    SERP* = Σ_j [item j of the other list is in this one] · (m - j + 1) / (m (m + 1) / 2), j from 1
    to m, the length of the other list; 1 where all are here, in whatever order. The code published
    with the paper starts j at 0 and halves once more, and so stays below 0.6.
    """
    m = count(other_items >= 0)
    total = np.zeros(len(items))
    for place, is_here in enumerate(_found(items, other_items).T):
        total += np.where(is_here, np.maximum(m - place, 0), 0)
    return ratio(total, m * (m + 1) / 2)


@metric(better="higher", bounds=(0, 1), source=ZHANG, family=FAMILY, per="audit")
def list_prag(items: Ints, other_items: Ints) -> Floats:
    """How many pairs of the other list stand in the same order here?

    items        int (n_users, k)  the list of the user as described, -1 at an empty place
    other_items  int (n_users, k)  the list of the same user, described otherwise

    PRAG* = Σ over pairs a above b of the other list of [a stands here, and b below it or nowhere]
    / (m (m - 1) / 2), m the length of the other list; of a single item, whether it stands here.
    The paper prints k (k + 1) below the line, its code counts the pairs, as here.
    """
    where = places(items, other_items)
    k, m = items.shape[1], count(other_items >= 0)
    total = np.zeros(len(items))
    for first in range(k):
        for second in range(first + 1, k):
            is_pair = other_items[:, second] >= 0
            total += is_pair & (where[:, first] < k) & (where[:, first] < where[:, second])
    pairs = ratio(total, m * (m - 1) / 2)
    return np.where(m == 1, (where < k).any(axis=1), pairs)


@metric(better="lower", bounds=(0, 1), source=ZHANG, family=FAMILY, per="audit")
def snsr(similarity: Floats) -> Floats:
    """How much closer to the neutral list are those of the favoured value than of the other end?

    similarity  float (..., n_values)  mean likeness of lists under each value of the attribute to
                the lists without it, by Jaccard, SERP* or PRAG*

    Sensitive-to-neutral similarity range: max - min.
    """
    return np.asarray(similarity.max(axis=-1) - similarity.min(axis=-1))


@metric(better="lower", bounds=(0, 0.5), source=ZHANG, family=FAMILY, per="audit")
def snsv(similarity: Floats) -> Floats:
    """How unlike are the values of an attribute in their closeness to the neutral list?

    similarity  float (..., n_values)  mean likeness of lists under each value of the attribute to
                the lists without it, by Jaccard, SERP* or PRAG*

    Sensitive-to-neutral similarity variance: √(Σ_v (s_v - mean)² / n_values), a deviation in spite
    of its name.
    """
    return np.asarray(similarity.std(axis=-1))
