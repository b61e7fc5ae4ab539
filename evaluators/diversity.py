"""How unlike each other are the items of one list?

Two items are alike as far as they share groups (genres, a category, a brand) or as their vectors
point the same way. An item of which nothing is known is in no pair; a list with fewer than two
items that are known has no diversity: NaN, not 0.
"""

import numpy as np

from core.tables import Bools, Codes, Floats
from evaluators.bits import cosine, jaccard, mean_similarity, n_set, of_listed
from evaluators.metric import metric

CELLS_AT_A_TIME = 1 << 22
ZIEGLER = "Ziegler et al. 2005, doi:10.1145/1060745.1060754"
VENDI = "Friedman & Dieng 2023, doi:10.48550/arXiv.2210.02410"
S_RECALL = "Zhai et al. 2003, doi:10.1145/860435.860440"


@metric(better="neither", bounds=(0, 1), source=ZIEGLER, family="diversity")
def ild(items: Codes, item_groups: Floats) -> Floats:
    """How unlike are the items of a list, by the groups they share?

    items        int (n_users, k)            code of the item at this rank, -1 at an empty place
    item_groups  float (n_items, n_groups)   1 where the item is in the group

    Σ over unordered pairs of (1 - cosine) / pairs; cosine = groups both have / √(groups of one ·
    groups of the other). NaN for fewer than two items with a group. Recommenders (user_diversity
    by item features) agrees; RecTools takes the number of features in which two items differ, and
    Evidently divides the sum by the length of the list, not by the number of pairs.
    """
    return 1 - mean_similarity(of_listed(item_groups, items), cosine)


@metric(better="neither", bounds=(0, 1), source=ZIEGLER, family="diversity")
def ild_jaccard(items: Codes, item_groups: Floats) -> Floats:
    """How unlike are the items of a list, by the groups that only one of two has?

    items        int (n_users, k)            code of the item at this rank, -1 at an empty place
    item_groups  float (n_items, n_groups)   1 where the item is in the group

    Σ over unordered pairs of (1 - groups both have / groups either has) / pairs. RecPack agrees
    where every item has a group; it gives 0 for a list of one item, which has no pair (NaN here).
    """
    return 1 - mean_similarity(of_listed(item_groups, items), jaccard)


@metric(better="neither", bounds=(0, 2), source=ZIEGLER, family="diversity")
def ild_vectors(items: Codes, item_vectors: Floats) -> Floats:
    """How unlike are the items of a list, by their embeddings?

    items         int (n_users, k)     code of the item at this rank, -1 at an empty place
    item_vectors  float (n_items, d)   the item's embedding; a row of zeros where it has none

    Σ over unordered pairs of (1 - cosine of the two vectors) / pairs. Vectors may point against
    each other, so it goes up to 2.
    """
    directions, known = _directions(item_vectors)
    total = np.zeros(len(items))
    n_known = np.zeros(len(items), dtype=np.int64)
    above = np.zeros((len(items), directions.shape[1]))
    for at_rank in items.T:
        counts = (at_rank >= 0) & known[at_rank]
        row = np.where(counts[:, None], directions[at_rank], 0)
        total += (row * above).sum(axis=1)
        above += row
        n_known += counts
    n_pairs = n_known * (n_known - 1) // 2
    likeness = np.where(n_pairs > 0, total / np.maximum(n_pairs, 1), np.nan)
    return 1 - np.clip(likeness, -1, 1)


@metric(better="neither", bounds=(1, np.inf), source=VENDI, family="diversity")
def vendi(items: Codes, item_groups: Floats) -> Floats:
    """How many wholly different items would be as diverse as this list, by groups?

    items        int (n_users, k)            code of the item at this rank, -1 at an empty place
    item_groups  float (n_items, n_groups)   1 where the item is in the group

    exp(-Σ λ · ln λ) over the eigenvalues λ of K / n, where K holds the cosine of each two of the n
    listed items that have a group: from 1 (all alike) to n (nothing shared). NaN for none.
    """
    sizes = np.sqrt(np.maximum((item_groups > 0).sum(axis=1), 1))
    return vendi_vectors(items, (item_groups > 0) / sizes[:, None])


@metric(better="neither", bounds=(1, np.inf), source=VENDI, family="diversity")
def vendi_vectors(items: Codes, item_vectors: Floats) -> Floats:
    """How many wholly different items would be as diverse as this list, by embeddings?

    items         int (n_users, k)     code of the item at this rank, -1 at an empty place
    item_vectors  float (n_items, d)   the item's embedding; a row of zeros where it has none

    exp(-Σ λ · ln λ) over the eigenvalues λ of K / n, where K holds the cosine of each two of the n
    listed items that have a vector. NaN for none. As the authors' package vendi-score.
    """
    directions, known = _directions(item_vectors)
    values = np.full(len(items), np.nan)
    k, d = items.shape[1], directions.shape[1]
    at_a_time = max(1, CELLS_AT_A_TIME // max(k * max(k, d), 1))
    for start in range(0, len(items), at_a_time):
        listed = items[start : start + at_a_time]
        counts = (listed >= 0) & known[listed]
        rows = np.where(counts[:, :, None], directions[listed], 0)
        likeness = rows @ rows.transpose(0, 2, 1)
        n = counts.sum(axis=1)
        shares = np.linalg.eigvalsh(likeness / np.maximum(n, 1)[:, None, None])
        shares = np.where(shares > 0, shares, 1)  # rounding may leave -1e-17, and 0 adds nothing
        entropy = -(shares * np.log(shares)).sum(axis=1)
        values[start : start + at_a_time] = np.where(n > 0, np.maximum(np.exp(entropy), 1), np.nan)
    return values


@metric(better="neither", bounds=(0, 1), source=S_RECALL, family="diversity")
def s_recall(items: Codes, item_groups: Floats) -> Floats:
    """What share of all item groups does the list show?

    items        int (n_users, k)            code of the item at this rank, -1 at an empty place
    item_groups  float (n_items, n_groups)   1 where the item is in the group

    Groups of any listed item / n_groups. NaN where no listed item has a group. RePlay's
    CategoricalDiversity divides by k instead, and takes one category an item.
    """
    bits = of_listed(item_groups, items)
    seen = n_set(np.bitwise_or.reduce(bits, axis=0))
    return np.where(seen > 0, seen / max(item_groups.shape[1], 1), np.nan)


def _directions(vectors: Floats) -> tuple[Floats, Bools]:
    """Rows scaled to length 1, float64, and which of them have any length."""
    rows = np.ascontiguousarray(vectors, dtype=np.float64)
    lengths = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    return rows / np.where(lengths > 0, lengths, 1), lengths[:, 0] > 0
