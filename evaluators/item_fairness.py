"""What does each group of items, or each provider, get of what users see?

All take sums over users with any leading axes (draws of users) and the groups on the last one, as
`recscope.audits.item_fairness` makes them:

exposure   Σ over lists of 1 / log2(place + 1) within k, an item's part split evenly over its groups
relevance  Σ over users of the share of their relevant test items that lies in the group
A group that nothing is known of is NaN; numbers over all groups leave such groups out.
"""

import numpy as np

from core.tables import Floats
from evaluators.metric import metric, ratio
from evaluators.popularity import ZHU, relative_spread

SINGH = "Singh & Joachims 2018, doi:10.1145/3219819.3220088"
SAPIEZYNSKI = "Sapiezynski et al. 2019, doi:10.1145/3308560.3317595"
DIAZ = "Diaz et al. 2020, doi:10.1145/3340531.3411962"
XU = "Xu et al. 2025 (FairDiverse), doi:10.48550/arXiv.2502.11883"
FAMILY = "item-fairness"


def shares(amounts: Floats) -> Floats:
    """Each group's part of the whole, along the last axis."""
    total = np.nansum(amounts, axis=-1, keepdims=True)
    return ratio(amounts, np.broadcast_to(total, np.shape(amounts)))


def least_to_most(values: Floats) -> Floats:
    """Smallest over largest along the last axis; NaN below two values, or if all are zero."""
    is_known = ~np.isnan(values)
    least = np.where(is_known, values, np.inf).min(axis=-1)
    most = np.where(is_known, values, -np.inf).max(axis=-1)
    return np.where(is_known.sum(axis=-1) > 1, ratio(least, most), np.nan)


@metric(better="neither", bounds=(0, 1), source=SINGH, family=FAMILY, per="audit")
def exposure_share(exposure: Floats) -> Floats:
    """Which part of all that users see falls to this group of items?

    exposure  float (..., n_groups)  summed over lists

    exposure_g / Σ_g exposure_g.
    """
    return shares(exposure)


@metric(better="neither", bounds=(0, np.inf), source=SINGH, family=FAMILY, per="audit")
def exposure_to_catalogue(exposure: Floats, n_items: Floats) -> Floats:
    """How many times its share of the catalogue is a group's share of what users see?

    exposure  float (..., n_groups)  summed over lists
    n_items   float (n_groups,)      items of the group in the catalogue, by their votes

    (exposure_g / Σ exposure) / (n_items_g / Σ n_items): 1 is demographic parity of exposure.
    """
    share = shares(exposure)
    return ratio(share, np.broadcast_to(shares(n_items), share.shape))


@metric(better="neither", bounds=(0, np.inf), source=SINGH, family=FAMILY, per="audit")
def exposure_to_relevance(exposure: Floats, relevance: Floats) -> Floats:
    """How many times its share of what users want is a group's share of what they see?

    exposure   float (..., n_groups)  summed over lists
    relevance  float (..., n_groups)  summed over users, each with one vote

    (exposure_g / Σ exposure) / (relevance_g / Σ relevance): above 1 the group gets more than it
    earned, below 1 less. NaN where nobody was known to want any of it.
    """
    return ratio(shares(exposure), shares(relevance))


@metric(better="neither", bounds=(0, 1), source=ZHU, family=FAMILY, per="audit")
def recommended_rate(listed: Floats, candidates: Floats) -> Floats:
    """Of the group's items that a user could have been shown, what share was?

    listed      float (..., n_groups)  places in the first k that go to the group, over all lists
    candidates  float (..., n_groups)  pairs of a user and an item of the group not had before

    P(listed | group) = listed / candidates; an item of several groups counts fully in each.
    """
    return ratio(listed, candidates)


@metric(better="higher", bounds=(0, 1), source=ZHU, family=FAMILY, per="audit")
def found_rate(hits: Floats, relevant: Floats) -> Floats:
    """Of the group's items that users went on to like, what share was listed?

    hits      float (..., n_groups)  relevant items of the group in the first k, over all lists
    relevant  float (..., n_groups)  relevant items of the group in the test set

    P(listed | group, relevant) = hits / relevant; an item of several groups counts in each.
    """
    return ratio(hits, relevant)


@metric(better="higher", bounds=(0, 1), source=SINGH, family=FAMILY, per="audit")
def demographic_parity(exposure: Floats, n_items: Floats) -> Floats:
    """Does an item of the least seen group get as much as one of the most seen group?

    exposure  float (..., n_groups)  summed over lists
    n_items   float (n_groups,)      items of the group in the catalogue, by their votes

    min_g / max_g of exposure_g / n_items_g; 1 is parity. The paper compares two groups; over more,
    the two farthest apart. FairRankTune's EXP with MinMaxRatio is the same.
    """
    return least_to_most(ratio(exposure, np.broadcast_to(n_items, np.shape(exposure))))


@metric(better="higher", bounds=(0, 1), source=SINGH, family=FAMILY, per="audit")
def disparate_treatment(exposure: Floats, relevance: Floats) -> Floats:
    """Is what is seen of each group in proportion to what users want of it?

    exposure   float (..., n_groups)  summed over lists
    relevance  float (..., n_groups)  summed over users, each with one vote; the paper's utility

    min_g / max_g of exposure_g / relevance_g: the paper's DTR between the two groups farthest
    apart, the smaller on top; 1 is equal treatment. Groups that nobody wanted are left out.
    """
    return least_to_most(ratio(exposure, relevance))


@metric(better="higher", bounds=(0, 1), source=SINGH, family=FAMILY, per="audit")
def disparate_impact(hit_exposure: Floats, relevance: Floats) -> Floats:
    """Does each group get found in proportion to what users want of it?

    hit_exposure  float (..., n_groups)  exposure of places that hold a relevant item: what would be
                  clicked
    relevance     float (..., n_groups)  summed over users, each with one vote

    min_g / max_g of hit_exposure_g / relevance_g: the paper's DIR between the two groups farthest
    apart, the smaller on top; 1 is equal impact.
    """
    return least_to_most(ratio(hit_exposure, relevance))


@metric(better="neither", bounds=(0, 1), source=DIAZ, family=FAMILY, per="audit")
def group_exposure_disparity(exposure: Floats) -> Floats:
    """How much of what is seen is gathered in few groups?

    exposure  float (..., n_groups)  summed over lists

    EE-D of groups: Σ_g ε_g², ε_g = exposure_g / Σ exposure.
    """
    return np.asarray(np.nansum(shares(exposure) ** 2, axis=-1))


@metric(better="higher", bounds=(0, 1), source=DIAZ, family=FAMILY, per="audit")
def group_exposure_relevance(exposure: Floats, relevance: Floats) -> Floats:
    """How far does what is seen of groups go where it is wanted?

    exposure   float (..., n_groups)  summed over lists
    relevance  float (..., n_groups)  summed over users, each with one vote

    EE-R of groups: Σ_g ε_g · ε*_g, with ε* = relevance_g / Σ relevance as the target.
    """
    return np.asarray(np.nansum(shares(exposure) * shares(relevance), axis=-1))


@metric(better="lower", bounds=(0, 2), source=DIAZ, family=FAMILY, per="audit")
def group_exposure_loss(exposure: Floats, relevance: Floats) -> Floats:
    """How far is what is seen of each group from what is wanted of it?

    exposure   float (..., n_groups)  summed over lists
    relevance  float (..., n_groups)  summed over users, each with one vote

    EE-L of groups: Σ_g (ε_g - ε*_g)², both as shares; 0 where every group gets its due.
    """
    away = shares(exposure) - shares(relevance)
    return np.where(np.isnan(away).all(axis=-1), np.nan, np.nansum(away**2, axis=-1))


@metric(better="lower", bounds=(0, np.inf), source=ZHU, family=FAMILY, per="audit")
def rsp(listed: Floats, candidates: Floats) -> Floats:
    """Are items of all groups listed at one rate?

    listed      float (..., n_groups)  places in the first k that go to the group, over all lists
    candidates  float (..., n_groups)  pairs of a user and an item of the group not had before

    Ranking-based statistical parity: std(rate) / mean(rate) of rate = listed / candidates; 0 is
    parity. The deviation is of the population (divided by n), as in Elliot's RSP.
    """
    return relative_spread(ratio(listed, candidates))


@metric(better="lower", bounds=(0, np.inf), source=ZHU, family=FAMILY, per="audit")
def reo(hits: Floats, relevant: Floats) -> Floats:
    """Are relevant items of all groups found at one rate?

    hits      float (..., n_groups)  relevant items of the group in the first k, over all lists
    relevant  float (..., n_groups)  relevant items of the group in the test set

    Ranking-based equal opportunity: std(rate) / mean(rate) of rate = hits / relevant. Groups
    without a relevant item are left out; Elliot's REO divides by zero there.
    """
    return relative_spread(ratio(hits, relevant))


@metric(better="higher", bounds=(0, 1), source=SAPIEZYNSKI, family=FAMILY, per="audit")
def awrf(fairness: Floats, n_lists: Floats) -> Floats:
    """Does each list, by the attention its places get, mirror the catalogue?

    fairness  float (...,)  summed over lists: 1 - the Jensen-Shannon divergence between what the
              places of the list give to each group and the groups' shares of the catalogue
    n_lists   float (...,)  lists that name an item with a group

    Attention-weighted rank fairness, fairness / n_lists; 1 is a perfect mirror. Attention
    is 1 / log2(place + 1), and the distance in bits, as TREC's Fair Ranking track has them;
    Sapiezynski et al. let attention fall geometrically and test the difference of proportions.
    """
    return ratio(fairness, n_lists)


@metric(better="higher", bounds=(0, 1), source=XU, family=FAMILY, per="audit")
def exposure_min_max(exposure: Floats) -> Floats:
    """What does the least seen provider get for each unit of the most seen one?

    exposure  float (..., n_groups)  summed over lists

    min_g / max_g of exposure_g, whatever the providers' sizes; FairDiverse's MinMaxRatio, there of
    counts or of scores.
    """
    return least_to_most(exposure)


@metric(better="lower", bounds=(0, 1), source=XU, family=FAMILY, per="audit")
def exposure_gini(exposure: Floats) -> Floats:
    """How unequally is what users see spread over providers?

    exposure  float (..., n_groups)  summed over lists; providers that nobody saw count with 0

    Σ_i (2i - n - 1) x_i / (n Σ x), x ascending; 0 where all get the same, (n - 1) / n where one
    gets all. FairDiverse's Gini is the same.
    """
    ordered = np.sort(exposure, axis=-1)
    n = ordered.shape[-1]
    weights = 2 * np.arange(1, n + 1) - n - 1.0
    return ratio((ordered * weights).sum(axis=-1), n * ordered.sum(axis=-1))


@metric(better="higher", bounds=(0, 0.5), source=XU, family=FAMILY, per="audit")
def worst_half_share(exposure: Floats) -> Floats:
    """Which part of what users see is left to the less seen half of the providers?

    exposure  float (..., n_groups)  summed over lists

    Σ of the ⌊n / 2⌋ smallest / Σ of all; 0.5 where all get the same. FairDiverse's MMF with its
    ratio of 0.5.
    """
    ordered = np.sort(exposure, axis=-1)
    half = ordered.shape[-1] // 2
    return ratio(ordered[..., :half].sum(axis=-1), ordered.sum(axis=-1))


@metric(better="higher", bounds=(0, np.inf), source=XU, family=FAMILY, per="audit")
def exposure_entropy(exposure: Floats) -> Floats:
    """Over how many providers, in bits, does it stay open whom the next look falls on?

    exposure  float (..., n_groups)  summed over lists

    -Σ_g s_g · log2(s_g), s the shares; log2(n) where all get the same. FairDiverse adds 1e-9 inside
    the logarithm, which shows in the eighth digit.
    """
    share = shares(exposure)
    logs = np.log2(share, out=np.zeros(np.shape(share)), where=share > 0)
    return np.where(np.isnan(share).all(axis=-1), np.nan, -np.nansum(share * logs, axis=-1))


@metric(better="lower", bounds=(0, 1), source=XU, family=FAMILY, per="audit")
def unexposed_share(exposure: Floats) -> Floats:
    """What share of the providers does nobody get to see?

    exposure  float (..., n_groups)  summed over lists

    Σ_g [exposure_g = 0] / n. Providers in the catalogue without any item to list count too.
    """
    return np.asarray((exposure <= 0).mean(axis=-1))
