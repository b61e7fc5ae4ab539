"""Does a list serve each of a user's interests, and none of them over and over?

An interest is an item group (a genre, a category); a relevant item serves the groups it is in.
"""

import numpy as np

from core.tables import Bools, Codes, Floats, Ints
from evaluators.metric import metric, ratio
from evaluators.rows import where_relevant

ALPHA = 0.5  # share of its worth that a group's next relevant item loses


def novel_gains(hits: Bools, items: Codes, item_groups: Floats) -> Floats:
    """What each place adds: float64 (n_users, k).

    Σ over the item's groups of (1 - α)^(relevant items further up that are in the group); 0 at a
    miss.
    """
    groups = np.ascontiguousarray(item_groups > 0, dtype=np.float64)
    worth = np.ones((len(items), groups.shape[1]))  # powers of a half: every sum is exact
    gains = np.empty(items.shape)
    for rank, (at_rank, hit) in enumerate(zip(items.T, hits.T, strict=True)):
        shown = np.where(hit[:, None], groups[at_rank], 0)
        gains[:, rank] = (shown * worth).sum(axis=1)
        worth *= 1 - ALPHA * shown
    return gains


def best_gains(starts: Ints, items: Codes, item_groups: Floats, k: int) -> Floats:
    """`novel_gains` of the best order of the user's relevant items: float64 (n_users, k).

    starts  int64 (n_users + 1,)  rows starts[u]:starts[u + 1] of `items` are relevant to user u

    Greedy, as trec's ndeval has it: at each place the item that adds most, of equals the one with
    the highest code.
    """
    n_users, n_groups = len(starts) - 1, item_groups.shape[1]
    gains = np.zeros((n_users, k))
    has_group = np.any(item_groups > 0, axis=1)[items]
    user = np.repeat(np.arange(n_users), np.diff(starts))[has_group]
    if not len(user):
        return gains
    ordered = items[has_group][np.lexsort((items[has_group], user))]
    first = np.flatnonzero(np.append(True, user[1:] != user[:-1]))  # each user's first row
    served = user[first]
    row_user = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(user))))
    row, group = np.nonzero(item_groups[ordered] > 0)
    cell = row_user[row] * n_groups + group  # whose worth of which group each pair draws on
    pairs = np.flatnonzero(np.append(True, row[1:] != row[:-1]))  # each row's first pair
    worth = np.ones(len(first) * n_groups)
    is_left = np.ones(len(user))
    for rank in range(min(k, int(np.bincount(row_user).max()))):
        adds = np.add.reduceat(worth[cell], pairs) * is_left
        best = np.maximum.reduceat(adds, first)
        gains[served, rank] = best
        is_best = np.flatnonzero(adds == best[row_user])
        taken = is_best[np.append(np.diff(row_user[is_best]) > 0, True)]
        is_left[taken] = 0
        is_taken = np.zeros(len(user), dtype=bool)
        is_taken[taken] = True
        worth[cell[is_taken[row]]] *= 1 - ALPHA
    return gains


@metric(
    better="higher",
    bounds=(0, 1),
    source="Clarke et al. 2008, doi:10.1145/1390334.1390446",
    family="diversity",
)
def alpha_ndcg(hits: Bools, items: Codes, item_groups: Floats, ideal_novel_gains: Floats) -> Floats:
    """Does the list serve each interest early, rather than one again and again?

    hits               bool (n_users, k)           is the item at this rank relevant?
    items              int (n_users, k)            code of the item at this rank, -1 at an empty one
    item_groups        float (n_items, n_groups)   1 where the item is in the group
    ideal_novel_gains  float (n_users, k)          gains of the best order of the relevant items

    Σ_i gain_i / log2(i + 1) over the same sum of ideal_novel_gains; gain_i = hit_i · Σ over the
    item's groups of 0.5^(relevant items above it in the group), so α = 0.5. The best order is found
    greedily, as trec's ndeval does, which agrees (of equals it takes the item with the last id); a
    list that beats it scores 1. NaN where no relevant item has a group.
    """
    discount = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    return np.minimum(
        ratio(
            _sum(novel_gains(hits, items, item_groups), discount), _sum(ideal_novel_gains, discount)
        ),
        1,
    )


def _sum(gains: Floats, discount: Floats) -> Floats:
    total = np.zeros(len(gains))
    for gain, weight in zip(gains.T, discount, strict=True):
        total += gain * weight
    return total


@metric(
    better="higher",
    bounds=(0, 1),
    source="Chapelle et al. 2011, doi:10.1007/s10791-011-9167-7",
    family="diversity",
)
def err_ia(
    hits: Bools, items: Codes, item_groups: Floats, profile_groups: Floats, n_relevant: Ints
) -> Floats:
    """How soon does a reader find something, who comes for one of the interests of the user?

    hits            bool (n_users, k)           is the item at this rank relevant?
    items           int (n_users, k)            code of the item at this rank, -1 at an empty place
    item_groups     float (n_items, n_groups)   1 where the item is in the group
    profile_groups  float (n_users, n_groups)   share of each group in the user's liked history
    n_relevant      int (n_users,)              relevant items in the test set; 0 gives NaN

    Σ over groups of share · Σ_i r_i · Π_{j < i} (1 - r_j) / i, where r_i = 1/2 if the item at rank
    i is relevant and in the group, else 0. NaN for a user without a history. ndeval gives each
    group of the topic the same share and divides by what a perfect list would reach.
    """
    groups = np.ascontiguousarray(item_groups > 0, dtype=np.float64)
    goes_on = np.nan_to_num(profile_groups)
    total = np.zeros(len(items))
    for rank, (at_rank, hit) in enumerate(zip(items.T, hits.T, strict=True), start=1):
        stops = np.where(hit[:, None], groups[at_rank], 0) / 2 * goes_on
        total += stops.sum(axis=1) / rank
        goes_on = goes_on - stops
    has_profile = ~np.isnan(profile_groups).any(axis=1)
    return np.where(has_profile, where_relevant(total, n_relevant), np.nan)
