"""Did the relevant items stand near the top of the list?

In all of them a user without relevant test items scores NaN, never 0: for that user the question
has no answer.
"""

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.metric import metric, ratio
from evaluators.rows import weighted, where_relevant


@metric(
    better="higher",
    bounds=(0, 1),
    source="McFee et al. 2012, doi:10.1145/2187980.2188222",
    family="accuracy",
)
def map(hits: Bools, n_relevant: Ints) -> Floats:  # noqa: A001 - the name the field knows it by
    """How precise was the list at each place where it was right?

    hits        bool (n_users, k)  is the item at this rank relevant?
    n_relevant  int (n_users,)     relevant items the user has in the test set; 0 gives NaN

    Σ_i precision@i · hit_i / min(k, n_relevant), so that a list which opens with all it could hold
    scores 1, as RePlay, RecBole and implicit have it. trec_eval, ranx and RecTools divide by
    n_relevant, LensKit by min(n_relevant, length of the list), RecTools' divide_by_k by k.
    """
    found = np.zeros(len(hits), dtype=np.int64)
    total = np.zeros(len(hits))
    for rank, hit in enumerate(hits.T, start=1):
        found += hit
        total += found * hit / rank
    return ratio(total, np.minimum(n_relevant, hits.shape[1]))


@metric(
    better="higher",
    bounds=(0, 1),
    source="Voorhees & Tice 2000, doi:10.1145/345508.345577",
    family="accuracy",
)
def mrr(hits: Bools, n_relevant: Ints) -> Floats:
    """How far down is the first relevant item?

    hits        bool (n_users, k)  is the item at this rank relevant?
    n_relevant  int (n_users,)     relevant items the user has in the test set; 0 gives NaN

    1 / rank of the first hit, 0 if there is none within k. The mean over users is what the name
    says. trec_eval and LensKit look through the whole list unless they are told k.
    """
    rank = np.where(hits.any(axis=1), hits.argmax(axis=1) + 1.0, np.inf)
    return where_relevant(1 / rank, n_relevant)


@metric(
    better="higher",
    bounds=(0, 1),
    source="Järvelin & Kekäläinen 2002, doi:10.1145/582415.582418",
    family="accuracy",
)
def ndcg(hits: Bools, n_relevant: Ints) -> Floats:
    """What share of the best discounted gain did the list reach?

    hits        bool (n_users, k)  is the item at this rank relevant?
    n_relevant  int (n_users,)     relevant items the user has in the test set; 0 gives NaN

    Σ_i hit_i / log2(i + 1), over that sum for min(k, n_relevant) hits on top. As trec_eval, RePlay,
    RecBole and RecPack. LensKit discounts by log2(max(i, 2)), RecTools divides by k hits on top.
    """
    k = hits.shape[1]
    discount = 1 / np.log2(np.arange(2, k + 2))
    best = np.append(0.0, np.cumsum(discount))  # best[r]: r hits on top
    return ratio(weighted(hits, discount), best[np.minimum(n_relevant, k)])


@metric(
    better="higher",
    bounds=(0, 1),
    source="Moffat & Zobel 2008, doi:10.1145/1416950.1416952",
    family="accuracy",
)
def rbp(hits: Bools, n_relevant: Ints, p: float = 0.8) -> Floats:
    """How much does a user find who goes on to the next item with probability p?

    hits        bool (n_users, k)  is the item at this rank relevant?
    n_relevant  int (n_users,)     relevant items the user has in the test set; 0 gives NaN
    p           persistence of the reader: such a user looks at 1 / (1 - p) items on average

    (1 - p) Σ_i p^(i - 1) · hit_i. What lies beyond k is taken as misses, so this is the lower end
    of the paper's interval, whose width is p^k; k hits score 1 - p^k, not 1.
    """
    weights = (1 - p) * p ** np.arange(hits.shape[1])
    return where_relevant(weighted(hits, weights), n_relevant)
