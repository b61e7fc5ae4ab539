"""How many of the items that the user went on to like did the list hold?

Here the order within the list does not count. In all of them a user without relevant test items
scores NaN, never 0: for that user the question has no answer.
"""

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.metric import metric, ratio
from evaluators.rows import count, where_relevant


@metric(
    better="higher",
    bounds=(0, 1),
    source="Herlocker et al. 2004, doi:10.1145/963770.963772",
    family="accuracy",
)
def precision(hits: Bools, n_relevant: Ints) -> Floats:
    """What share of the k places went to relevant items?

    hits        bool (n_users, k)  is the item at this rank relevant?
    n_relevant  int (n_users,)     relevant items the user has in the test set; 0 gives NaN

    hits / k. A list shorter than k is not excused: its empty places are misses, as in trec_eval,
    RecTools, RePlay and RecBole. LensKit divides by the length of the list, Evidently by
    min(k, rows of the user), implicit by the sum of min(k, n_relevant) over all users.
    """
    return where_relevant(count(hits) / hits.shape[1], n_relevant)


@metric(
    better="higher",
    bounds=(0, 1),
    source="Herlocker et al. 2004, doi:10.1145/963770.963772",
    family="accuracy",
)
def recall(hits: Bools, n_relevant: Ints) -> Floats:
    """What share of the user's relevant items made the list?

    hits        bool (n_users, k)  is the item at this rank relevant?
    n_relevant  int (n_users,)     relevant items the user has in the test set; 0 gives NaN

    hits / n_relevant, so a user with more than k relevant items cannot reach 1. LensKit and
    RecPack's CalibratedRecall divide by min(k, n_relevant); FairDiverse calls that one HR.
    """
    return ratio(count(hits), n_relevant)


@metric(
    better="higher",
    bounds=(0, 1),
    source="Deshpande & Karypis 2004, doi:10.1145/963770.963776",
    family="accuracy",
)
def hit_rate(hits: Bools, n_relevant: Ints) -> Floats:
    """Did the list hold anything relevant at all?

    hits        bool (n_users, k)  is the item at this rank relevant?
    n_relevant  int (n_users,)     relevant items the user has in the test set; 0 gives NaN

    1 if there is a hit among the k, else 0. trec_eval calls it success. The paper leaves one item
    a user out, where this equals recall; FairDiverse's HR is recall by min(k, n_relevant).
    """
    return where_relevant((count(hits) > 0).astype(np.float64), n_relevant)


@metric(
    better="higher",
    bounds=(0, 1),
    source="Sarwar et al. 2000, doi:10.1145/352871.352887",
    family="accuracy",
)
def f1(hits: Bools, n_relevant: Ints) -> Floats:
    """How well does the list balance being right with being complete?

    hits        bool (n_users, k)  is the item at this rank relevant?
    n_relevant  int (n_users,)     relevant items the user has in the test set; 0 gives NaN

    The harmonic mean of precision and recall, 2 · hits / (k + n_relevant), per user and then
    averaged. The harmonic mean of the averages, which some tools report, is another number.
    """
    return where_relevant(2 * count(hits) / (hits.shape[1] + n_relevant), n_relevant)


@metric(
    better="higher",
    bounds=(0, 1),
    source="Buckley & Voorhees 2000, doi:10.1145/345508.345543",
    family="accuracy",
    cutoff=False,
)
def r_precision(hits: Bools, n_relevant: Ints) -> Floats:
    """Given as many places as the user has relevant items, what share of them is right?

    hits        bool (n_users, n)  is the item at this rank relevant? the whole delivered list
    n_relevant  int (n_users,)     relevant items the user has in the test set; 0 gives NaN

    Hits among the first n_relevant ranks / n_relevant; there precision and recall are equal. An
    item that was not delivered is not found: a list shorter than n_relevant is not excused, as in
    trec_eval's Rprec.
    """
    found = np.zeros(len(hits), dtype=np.int64)
    for rank, hit in enumerate(hits.T, start=1):
        found += hit & (rank <= n_relevant)
    return ratio(found, n_relevant)
