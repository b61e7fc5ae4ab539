"""Do lists show what their users would not have met anyway?

An item that nobody had counts as if one user had, so that its novelty is the highest there is
instead of infinite.
"""

import numpy as np

from core.tables import Bools, Codes, Floats, Ints
from evaluators.metric import metric, ratio
from evaluators.rows import count, weighted, where_relevant

VARGAS = "Vargas & Castells 2011, doi:10.1145/2043932.2043955"
ZHANG = "Zhang et al. 2012, doi:10.1145/2124295.2124300"


def mean_listed(values: Floats, is_there: Bools) -> Floats:
    """Mean over the places that count, added up rank by rank; NaN where there are none."""
    total = np.zeros(len(values))
    is_everywhere = bool(is_there.all())
    for at_rank, there in zip(values.T, is_there.T, strict=True):
        total += at_rank if is_everywhere else np.where(there, at_rank, 0)
    return ratio(total, count(is_there))


def _discount(k: int) -> Floats:
    return 1 / np.log2(np.arange(2, k + 2))


@metric(
    better="neither",
    bounds=(0, np.inf),
    source="Zhou et al. 2010, doi:10.1073/pnas.1000488107",
    family="diversity",
)
def novelty(listed_popularity: Ints, n_history_users: Ints) -> Floats:
    """How rare are the listed items among what users had? [bits].

    listed_popularity  int (n_users, k)  users who have the item at this rank in their history
    n_history_users    int ()            users who have a history

    Σ_i -log2(max(popularity_i, 1) / n_history_users) / listed items: mean self-information. As
    RecTools (MeanInvUserFreq); RePlay (Surprisal) divides by log2(n_history_users), Elliot and
    Recommenders count interactions instead of users. NaN for an empty list.
    """
    # a logarithm for every popularity there is, not for every place
    share = np.maximum(np.arange(listed_popularity.max(initial=0) + 1), 1) / max(n_history_users, 1)
    bits = -np.log2(np.minimum(share, 1))
    return mean_listed(bits.take(listed_popularity, mode="clip"), listed_popularity >= 0)


@metric(better="higher", bounds=(0, 1), source=VARGAS, family="diversity")
def epc(hits: Bools, listed_popularity: Ints, n_history_users: Ints, n_relevant: Ints) -> Floats:
    """Does the list find what the user likes and few others had?

    hits               bool (n_users, k)  is the item at this rank relevant?
    listed_popularity  int (n_users, k)   users who have the item at this rank in their history
    n_history_users    int ()             users who have a history
    n_relevant         int (n_users,)     relevant items the user has in the test set; 0 gives NaN

    Expected popularity complement with relevance and discount: Σ_i d_i · hit_i · (1 - popularity_i
    / n_history_users) / Σ_i d_i, d_i = 1 / log2(i + 1), the lower sum over all k places. RankSys'
    EPC does so; Elliot leaves the discount out unless asked.
    """
    seen = np.maximum(listed_popularity, 0) / np.maximum(n_history_users, 1)
    discount = _discount(hits.shape[1])
    total = weighted(np.where(hits, 1 - np.minimum(seen, 1), 0), discount)
    return where_relevant(total / discount.sum(), n_relevant)


@metric(better="higher", bounds=(0, np.inf), source=VARGAS, family="diversity")
def efd(hits: Bools, listed_popularity: Ints, item_popularity: Ints, n_relevant: Ints) -> Floats:
    """Does the list find what the user likes and would hardly have come across? [bits].

    hits               bool (n_users, k)  is the item at this rank relevant?
    listed_popularity  int (n_users, k)   users who have the item at this rank in their history
    item_popularity    int (n_items,)     users who have the item in their history
    n_relevant         int (n_users,)     relevant items the user has in the test set; 0 gives NaN

    Expected free discovery: Σ_i d_i · hit_i · -log2(max(popularity_i, 1) / Σ popularity) / Σ_i d_i,
    d_i = 1 / log2(i + 1): an item is discovered as often as its share of the whole history says.
    """
    events = max(int(item_popularity.sum()), 1)
    rare = -np.log2(np.minimum(np.maximum(listed_popularity, 1) / events, 1))
    discount = _discount(hits.shape[1])
    return where_relevant(weighted(np.where(hits, rare, 0), discount) / discount.sum(), n_relevant)


def _strangeness(items: Codes, item_groups: Floats, profile: Floats) -> tuple[Floats, Bools]:
    """1 - mean cosine of each listed item to what the user liked, and where that can be said."""
    groups = np.ascontiguousarray(item_groups > 0, dtype=np.float64)
    sizes = groups.sum(axis=1)
    directions = groups / np.sqrt(np.maximum(sizes, 1))[:, None]
    away = np.empty(items.shape)
    for rank, at_rank in enumerate(items.T):
        away[:, rank] = 1 - np.clip((directions[at_rank] * profile).sum(axis=1), 0, 1)
    has_profile = ~np.isnan(profile).any(axis=1, keepdims=True)
    return away, (items >= 0) & (sizes[items] > 0) & has_profile


@metric(better="neither", bounds=(0, 1), source=ZHANG, family="diversity")
def unexpectedness(items: Codes, item_groups: Floats, profile_direction: Floats) -> Floats:
    """How far are the listed items from what the user liked before?

    items              int (n_users, k)            code of the item at this rank, -1 at an empty one
    item_groups        float (n_items, n_groups)   1 where the item is in the group
    profile_direction  float (n_users, n_groups)   mean over the user's liked history of the item's
                                                   groups scaled to length 1; NaN without one

    Σ_i (1 - mean over the liked history of the cosine of both items' groups) / listed items that
    have a group. NaN for a user without a history. Recommenders' user_item_serendipity by item
    features has the same inner term, over everything the user had.
    """
    return mean_listed(*_strangeness(items, item_groups, profile_direction))


@metric(better="higher", bounds=(0, 1), source=ZHANG, family="diversity")
def serendipity(
    hits: Bools, items: Codes, item_groups: Floats, profile_direction: Floats, n_relevant: Ints
) -> Floats:
    """Does the list find what the user likes, far from what the user liked before?

    hits               bool (n_users, k)           is the item at this rank relevant?
    items              int (n_users, k)            code of the item at this rank, -1 at an empty one
    item_groups        float (n_items, n_groups)   1 where the item is in the group
    profile_direction  float (n_users, n_groups)   mean over the user's liked history of the item's
                                                   groups scaled to length 1; NaN without one
    n_relevant         int (n_users,)              relevant items in the test set; 0 gives NaN

    Σ_i hit_i · (1 - mean over the liked history of the cosine of both items' groups) / k. NaN for a
    user without a history. Recommenders divides by the length of the list; Evidently takes hits
    alone and has no lower bound; RecTools looks at popularity, as serendipity_by_popularity does.
    """
    away, can_say = _strangeness(items, item_groups, profile_direction)
    total = weighted(np.where(hits & can_say, away, 0), np.ones(hits.shape[1]))
    has_profile = ~np.isnan(profile_direction).any(axis=1)
    return np.where(has_profile, where_relevant(total / hits.shape[1], n_relevant), np.nan)


@metric(
    better="higher",
    bounds=(0, 1),
    source="Ge et al. 2010, doi:10.1145/1864708.1864761",
    family="diversity",
)
def serendipity_by_popularity(
    hits: Bools, items: Codes, item_popularity: Ints, n_available: Ints, n_relevant: Ints
) -> Floats:
    """Does the list find what the user likes and a list of popular items would not hold?

    hits             bool (n_users, k)  is the item at this rank relevant?
    items            int (n_users, k)   code of the item at this rank, -1 at an empty place
    item_popularity  int (n_items,)     users who have the item in their history
    n_available      int ()             items that could be recommended
    n_relevant       int (n_users,)     relevant items the user has in the test set; 0 gives NaN

    Σ_i hit_i · max(p_i - q_i, 0) / k, where p_i = (n + 1 - i) / n is how strongly rank i recommends
    among n = n_available items, and q_i the same of the item's popularity rank (equally popular
    items share one; 0 for an item that nobody had). As RecTools' Serendipity.
    """
    n, k = max(int(n_available), 1), hits.shape[1]
    _, place = np.unique(-item_popularity, return_inverse=True)
    usual = np.where(item_popularity > 0, (n - place) / n, 0)
    ours = (n + 1 - np.arange(1, k + 1)) / n
    gain = np.maximum(ours - usual[items], 0)
    return where_relevant(weighted(np.where(hits, gain, 0), np.ones(k)) / k, n_relevant)


@metric(
    better="neither",
    bounds=(0, np.inf),
    source="Chakraborty et al. 2019, doi:10.1145/3308558.3313507",
    family="diversity",
)
def recency(listed_age: Floats) -> Floats:
    """How old are the listed items? [days].

    listed_age  float (n_users, k)  days from the first row of the item at this rank to the last row
                                    of the history; NaN where nobody had it

    Σ_i age_i / listed items with an age. Small is recent: what counts is when the item first
    appeared in the history. NaN where no listed item has an age.
    """
    return mean_listed(listed_age, ~np.isnan(listed_age))


@metric(
    better="lower",
    bounds=(0, 1),
    source="Lathia et al. 2010, doi:10.1145/1835449.1835486",
    family="diversity",
)
def repeated_rate(is_had: Bools, is_again: Bools, n_listed: Ints) -> Floats:
    """What share of the list does the user know already?

    is_had    bool (n_users, k)  did the user have the item at this rank before?
    is_again  bool (n_users, k)  does the item at this rank stand further up in the list too?
    n_listed  int (n_users,)     places of the list that are filled

    Σ_i (1 if had before or listed before) / n_listed; NaN for an empty list.
    """
    return ratio(count(is_had | is_again), n_listed)
