"""Does a list mirror what the user liked before, in kind and in popularity?

p is the share of a user's liked history that lies in each item group, q the share of the list; an
item in several groups gives each an equal part of its one vote, and an item in none has no vote.
Who liked nothing that has a group, and whose list names nothing that has one, scores NaN: there is
nothing to compare.
"""

from collections.abc import Callable

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.metric import metric, ratio

STECK = "Steck 2018, doi:10.1145/3240323.3240372"
LIN = "Lin 1991, doi:10.1109/18.61115"
HELLINGER = "Abdollahpouri et al. 2020, doi:10.1145/3383313.3418487"
KL_AT_MOST = np.log(100.0)  # nothing of what the user likes is listed, with alpha = 0.01


def list_shares(items: Ints, item_groups: Floats, weights: Floats) -> Floats:
    """Share of each list that lies in each group: float64 (n_users, n_groups), NaN for nothing.

    items        int (n_users, k)            codes, -1 at an empty place
    item_groups  float (n_items, n_groups)   1 where the item is in the group
    weights      float (k,)                  what a place counts
    """
    n_users, n_groups = len(items), item_groups.shape[1]
    item, group = np.nonzero(item_groups)
    size = np.bincount(item, minlength=len(item_groups))
    first = np.cumsum(size) - size
    ranked = np.ascontiguousarray(items.T).ravel()  # rank by rank: so each user's sum is ordered
    n_votes = np.where(ranked >= 0, size[ranked], 0)
    place = np.repeat(np.arange(len(ranked)), n_votes)
    vote = np.arange(len(place)) - np.repeat(np.cumsum(n_votes) - n_votes, n_votes)
    voted = group[first[ranked[place]] + vote]
    rank, user = np.divmod(place, n_users)
    share = weights[rank] / n_votes[place]
    total = np.bincount(user * n_groups + voted, share, n_users * n_groups)
    counted = np.zeros(n_users)
    for has_vote, weight in zip(n_votes.reshape(items.T.shape) > 0, weights, strict=True):
        counted += weight * has_vote
    return ratio(
        total.reshape(n_users, n_groups),
        np.broadcast_to(counted[:, None], (n_users, n_groups)),
    )


def _even(k: int) -> Floats:
    return np.ones(k)


def _by_rank(k: int) -> Floats:
    return 1 / np.log2(np.arange(2, k + 2))


def _sums(chosen: Bools, term: Callable[[Ints, Ints], Floats]) -> Floats:
    """Sum over the chosen groups of each user, in the order of the groups: float64 (n_users,)."""
    user, group = np.nonzero(chosen)
    terms = term(user, group)
    return np.bincount(user, terms, len(chosen)).astype(np.float64)


def _kl(p: Floats, q: Floats) -> Floats:
    """Σ p log(p / q) in nats, where 0 log 0 is 0; NaN in either makes NaN."""

    def term(user: Ints, group: Ints) -> Floats:
        own = p[user, group]
        return np.asarray(own * np.log(own / q[user, group]))

    found = np.maximum(_sums(np.asarray(p > 0), term), 0)
    return np.where(np.isnan(p[:, 0]) | np.isnan(q[:, 0]), np.nan, found)


def _smoothed_kl(p: Floats, q: Floats, alpha: float) -> Floats:
    return _kl(p, (1 - alpha) * q + alpha * p)


def _js(p: Floats, q: Floats) -> Floats:
    middle = (p + q) / 2
    divergence: Floats = (_kl(p, middle) + _kl(q, middle)) / (2 * np.log(2))
    return np.minimum(divergence, 1.0)


def _hellinger(p: Floats, q: Floats) -> Floats:
    def term(user: Ints, group: Ints) -> Floats:
        apart = np.sqrt(p[user, group]) - np.sqrt(q[user, group])
        return np.asarray(apart**2)

    found = np.sqrt(_sums((p > 0) | (q > 0), term) / 2)
    return np.where(np.isnan(p[:, 0]) | np.isnan(q[:, 0]), np.nan, np.minimum(found, 1))


@metric(better="lower", bounds=(0, KL_AT_MOST), source=STECK, family="list-calibration")
def list_kl(
    items: Ints, item_groups: Floats, profile_groups: Floats, alpha: float = 0.01
) -> Floats:
    """How far does the list stray from the user's tastes, missing ones above all?

    items           int (n_users, k)           code of the item at this rank, -1 for none
    item_groups     float (n_items, n_groups)  1 where the item is in the group
    profile_groups  float (n_users, n_groups)  p, share of the user's liked history in each group
    alpha           share of p mixed into q, so that a missing group costs no infinity

    Σ_g p_g · log(p_g / q̃_g) with q̃ = (1 - alpha) q + alpha p, every place counting alike; in
    nats, as in the paper, so at most log(1 / alpha). Code around the paper often takes bits.
    """
    q = list_shares(items, item_groups, _even(items.shape[1]))
    return _smoothed_kl(profile_groups, q, alpha)


@metric(better="lower", bounds=(0, KL_AT_MOST), source=STECK, family="list-calibration")
def list_kl_ranked(
    items: Ints, item_groups: Floats, profile_groups: Floats, alpha: float = 0.01
) -> Floats:
    """How far does the list stray from the user's tastes, the first places counting more?

    items           int (n_users, k)           code of the item at this rank, -1 for none
    item_groups     float (n_items, n_groups)  1 where the item is in the group
    profile_groups  float (n_users, n_groups)  p, share of the user's liked history in each group
    alpha           share of p mixed into q, so that a missing group costs no infinity

    Σ_g p_g · log(p_g / q̃_g), q̃ = (1 - alpha) q + alpha p, place i counting 1 / log2(i + 1) in q;
    in nats. The paper leaves the weight of a place open.
    """
    q = list_shares(items, item_groups, _by_rank(items.shape[1]))
    return _smoothed_kl(profile_groups, q, alpha)


@metric(better="lower", bounds=(0, 1), source=LIN, family="list-calibration")
def list_js(items: Ints, item_groups: Floats, profile_groups: Floats) -> Floats:
    """How differently are the list and the user's history spread over the groups?

    items           int (n_users, k)           code of the item at this rank, -1 for none
    item_groups     float (n_items, n_groups)  1 where the item is in the group
    profile_groups  float (n_users, n_groups)  p, share of the user's liked history in each group

    Jensen-Shannon divergence, (KL(p ‖ m) + KL(q ‖ m)) / 2 with m = (p + q) / 2; in bits, 1 where
    they share no group. The distance of SciPy and of some papers is its square root.
    """
    return _js(profile_groups, list_shares(items, item_groups, _even(items.shape[1])))


@metric(better="lower", bounds=(0, 1), source=LIN, family="list-calibration")
def list_js_ranked(items: Ints, item_groups: Floats, profile_groups: Floats) -> Floats:
    """How differently are list and history spread, the first places counting more?

    items           int (n_users, k)           code of the item at this rank, -1 for none
    item_groups     float (n_items, n_groups)  1 where the item is in the group
    profile_groups  float (n_users, n_groups)  p, share of the user's liked history in each group

    (KL(p ‖ m) + KL(q ‖ m)) / 2 with m = (p + q) / 2, place i counting 1 / log2(i + 1) in q; bits.
    """
    return _js(profile_groups, list_shares(items, item_groups, _by_rank(items.shape[1])))


@metric(better="lower", bounds=(0, 1), source=HELLINGER, family="list-calibration")
def list_hellinger(items: Ints, item_groups: Floats, profile_groups: Floats) -> Floats:
    """How far apart are list and history, rare tastes counting too?

    items           int (n_users, k)           code of the item at this rank, -1 for none
    item_groups     float (n_items, n_groups)  1 where the item is in the group
    profile_groups  float (n_users, n_groups)  p, share of the user's liked history in each group

    √(Σ_g (√p_g - √q_g)² / 2): 0 where they are alike, 1 where they share no group.
    """
    return _hellinger(profile_groups, list_shares(items, item_groups, _even(items.shape[1])))


@metric(better="lower", bounds=(0, 1), source=HELLINGER, family="list-calibration")
def list_hellinger_ranked(items: Ints, item_groups: Floats, profile_groups: Floats) -> Floats:
    """How far apart are list and history, the first places counting more?

    items           int (n_users, k)           code of the item at this rank, -1 for none
    item_groups     float (n_items, n_groups)  1 where the item is in the group
    profile_groups  float (n_users, n_groups)  p, share of the user's liked history in each group

    √(Σ_g (√p_g - √q_g)² / 2), place i counting 1 / log2(i + 1) in q.
    """
    return _hellinger(profile_groups, list_shares(items, item_groups, _by_rank(items.shape[1])))
