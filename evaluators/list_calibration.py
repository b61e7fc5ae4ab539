"""Does a list mirror what the user liked before, in kind and in popularity?

p is the share of a user's liked history that lies in each item group, q the share of the list; an
item in several groups gives each an equal part of its one vote, and an item in none has no vote.
Who liked nothing that has a group, and whose list names nothing that has one, scores NaN: there is
nothing to compare.
"""

import numpy as np

from core.tables import Floats, Ints
from evaluators.metric import metric, ratio
from evaluators.rows import weighted

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
    size = item_groups.sum(axis=1, dtype=np.float64)
    votes = np.zeros((len(item_groups) + 1, item_groups.shape[1]))
    np.divide(item_groups, size[:, None], out=votes[:-1], where=size[:, None] > 0)
    has_group = np.append(size > 0, False)  # the last row is what -1 points to
    total = np.zeros((len(items), item_groups.shape[1]))
    counted = np.zeros(len(items))
    for listed, weight in zip(items.T, weights, strict=True):
        total += weight * votes[listed]
        counted += weight * has_group[listed]
    return ratio(total, np.broadcast_to(counted[:, None], total.shape))


def _even(k: int) -> Floats:
    return np.ones(k)


def _by_rank(k: int) -> Floats:
    return 1 / np.log2(np.arange(2, k + 2))


def _sums(values: Floats) -> Floats:
    return weighted(values, np.ones(values.shape[1]))


def _kl(p: Floats, q: Floats) -> Floats:
    """Σ p log(p / q) in nats, where 0 log 0 is 0; NaN in either makes NaN."""
    share = np.divide(p, q, out=np.ones(np.shape(p)), where=p > 0)
    terms = np.where(p > 0, p * np.log(share), 0)
    return np.where(np.isnan(p[:, 0]) | np.isnan(q[:, 0]), np.nan, np.maximum(_sums(terms), 0))


def _smoothed_kl(p: Floats, q: Floats, alpha: float) -> Floats:
    return _kl(p, (1 - alpha) * q + alpha * p)


def _js(p: Floats, q: Floats) -> Floats:
    middle = (p + q) / 2
    divergence: Floats = (_kl(p, middle) + _kl(q, middle)) / (2 * np.log(2))
    return np.minimum(divergence, 1.0)


def _hellinger(p: Floats, q: Floats) -> Floats:
    return np.minimum(np.sqrt(_sums((np.sqrt(p) - np.sqrt(q)) ** 2) / 2), 1)


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
