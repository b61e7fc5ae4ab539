"""Do items that the user would like equally get seen equally? For one list a user.

Diaz et al. judge a recommender that may draw another list each time; a delivered list is the one
draw there is. Exposure of place i is 1 / log2(i + 1) within k and nothing beyond. The target gives
every relevant item the same: the mean exposure of the first n_relevant places; what places are left
within k, all other candidates share alike.
"""

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.metric import metric
from evaluators.rows import weighted, where_relevant

DIAZ = "Diaz et al. 2020, doi:10.1145/3340531.3411962"


def exposure_of_places(k: int) -> Floats:
    """1 / log2(i + 1) for the places 1 to k (Singh & Joachims 2018, Eq. 2)."""
    return 1 / np.log2(np.arange(2, k + 2))


def _target(n_relevant: Ints, n_candidates: Ints, k: int) -> tuple[Floats, Floats]:
    """Target exposure of one relevant item, and of one that is not; float64 (n_users,) each."""
    given = np.append(0.0, np.cumsum(exposure_of_places(k)))  # given[r]: by the first r places
    on_top = given[np.minimum(n_relevant, k)]
    n_others = np.maximum(n_candidates - n_relevant, 0)
    relevant = on_top / np.maximum(n_relevant, 1)
    other = np.where(n_others > 0, (given[-1] - on_top) / np.maximum(n_others, 1), 0)
    return relevant, other


def _disparity(n_listed: Ints, k: int) -> Floats:
    squares = np.append(0.0, np.cumsum(exposure_of_places(k) ** 2))
    return np.asarray(squares[np.minimum(n_listed, k)])


def _relevance(hits: Bools, n_listed: Ints, n_relevant: Ints, n_candidates: Ints) -> Floats:
    k = hits.shape[1]
    relevant, other = _target(n_relevant, n_candidates, k)
    given = np.append(0.0, np.cumsum(exposure_of_places(k)))[np.minimum(n_listed, k)]
    on_hits = weighted(hits, exposure_of_places(k))
    return on_hits * relevant + (given - on_hits) * other


@metric(better="neither", bounds=(0, np.inf), source=DIAZ, family="item-fairness")
def exposure_disparity(hits: Bools, n_listed: Ints, n_relevant: Ints) -> Floats:
    """How unevenly does the list spread what is seen, whoever deserves it?

    hits        bool (n_users, k)  is the item at this rank relevant? It tells k
    n_listed    int (n_users,)     places of the list that are filled
    n_relevant  int (n_users,)     relevant items the user has in the test set; 0 gives NaN

    EE-D = Σ_i ε_i² over items, ε_i = 1 / log2(place + 1). One fixed list has the most there can be
    for its length; a model that draws among equals comes lower.
    """
    return where_relevant(_disparity(n_listed, hits.shape[1]), n_relevant)


@metric(better="higher", bounds=(0, np.inf), source=DIAZ, family="item-fairness")
def exposure_relevance(hits: Bools, n_listed: Ints, n_relevant: Ints, n_candidates: Ints) -> Floats:
    """How much of what is seen goes where it is deserved?

    hits          bool (n_users, k)  is the item at this rank relevant?
    n_listed      int (n_users,)     places of the list that are filled
    n_relevant    int (n_users,)     relevant items the user has in the test set; 0 gives NaN
    n_candidates  int (n_users,)     items that could have been listed

    EE-R = Σ_i ε_i · ε*_i over items, ε* the target exposure: the same for every relevant item.
    """
    value = _relevance(hits, n_listed, n_relevant, n_candidates)
    return where_relevant(value, n_relevant)


@metric(better="lower", bounds=(0, np.inf), source=DIAZ, family="item-fairness")
def exposure_loss(hits: Bools, n_listed: Ints, n_relevant: Ints, n_candidates: Ints) -> Floats:
    """How far is what is seen from what is deserved?

    hits          bool (n_users, k)  is the item at this rank relevant?
    n_listed      int (n_users,)     places of the list that are filled
    n_relevant    int (n_users,)     relevant items the user has in the test set; 0 gives NaN
    n_candidates  int (n_users,)     items that could have been listed

    EE-L = Σ_i (ε_i - ε*_i)² = EE-D - 2 EE-R + Σ_i ε*_i², over items; 0 only where every relevant
    item is seen alike, which one fixed list reaches for one relevant item alone.
    """
    relevant, other = _target(n_relevant, n_candidates, hits.shape[1])
    best = n_relevant * relevant**2 + np.maximum(n_candidates - n_relevant, 0) * other**2
    spread = _disparity(n_listed, hits.shape[1])
    loss = spread - 2 * _relevance(hits, n_listed, n_relevant, n_candidates) + best
    return where_relevant(np.maximum(loss, 0), n_relevant)
