"""Do lists push what is popular already, and does the long tail get its turn?

The long tail are the items that stay when the most popular ones, which together took 80 % of the
history, are taken away (equally popular ones in the order of their codes); never-taken items are in
it. Elliot cuts the same way; RecBole's TailPercentage takes the least popular 10 % of the items.
"""

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.metric import metric, ratio
from evaluators.rows import count

ZHU = "Zhu et al. 2020, doi:10.1145/3397271.3401177"


def relative_spread(rates: Floats) -> Floats:
    """Standard deviation over mean along the last axis: 0 where all rates are alike.

    Rates that are NaN are left out; NaN where fewer than two are left, or all are zero.
    """
    is_known = ~np.isnan(rates)
    n = is_known.sum(axis=-1)
    mean = ratio(np.where(is_known, rates, 0).sum(axis=-1), n)
    from_mean = np.where(is_known, rates - mean[..., None], 0)
    deviation = np.sqrt(ratio((from_mean**2).sum(axis=-1), n))
    return np.where(n > 1, ratio(deviation, mean), np.nan)


def mean_popularity(listed_popularity: Ints) -> Floats:
    """Mean over the listed items, float64 (n_users,); NaN for an empty list."""
    total = np.zeros(len(listed_popularity))
    for at_rank in listed_popularity.T:
        total += np.maximum(at_rank, 0)
    return ratio(total, count(listed_popularity >= 0))


@metric(
    better="neither",
    bounds=(0, np.inf),
    source="Yin et al. 2012, doi:10.14778/2311906.2311916",
    family="popularity",
)
def arp(listed_popularity: Ints) -> Floats:
    """How popular are the listed items on average?

    listed_popularity  int (n_users, k)  users who have the item at this rank in their history

    Σ_i popularity_i / listed items, empty places left out; an empty list gives NaN. Elliot, RecBole
    (AveragePopularity) and RecTools (AvgRecPopularity) the same, over the rows of their training
    data.
    """
    return mean_popularity(listed_popularity)


@metric(
    better="higher",
    bounds=(0, 1),
    source="Abdollahpouri et al. 2017, doi:10.1145/3109859.3109912",
    family="popularity",
)
def aplt(listed_tail: Bools, n_listed: Ints) -> Floats:
    """What share of the list comes from the long tail?

    listed_tail  bool (n_users, k)  is the item at this rank in the long tail?
    n_listed     int (n_users,)     places of the list that are filled

    Σ_i tail_i / n_listed; an empty list gives NaN.
    """
    return ratio(count(listed_tail), n_listed)


@metric(
    better="higher",
    bounds=(0, np.inf),
    source="Abdollahpouri et al. 2019, doi:10.48550/arXiv.1901.07555",
    family="popularity",
)
def aclt(listed_tail: Bools) -> Floats:
    """How many items of the long tail does the list hold?

    listed_tail  bool (n_users, k)  is the item at this rank in the long tail?

    Σ_i tail_i, a count; 0 for an empty list. The paper calls it a coverage, although an item that
    everybody is shown counts once for each of them.
    """
    return count(listed_tail).astype(np.float64)


@metric(better="lower", bounds=(0, 1), source=ZHU, family="popularity", per="run")
def pop_rsp(tail_listed: Floats, tail_open: Floats) -> Floats:
    """Are items of head and tail listed at unlike rates?

    tail_listed  float (..., 2)  places of all lists that go to head and to tail
    tail_open    float (..., 2)  pairs of a user and an item of head or tail that the user never had

    Ranking-based statistical parity for the groups head and tail: std(rate) / mean(rate) of
    rate = tail_listed / tail_open; 0 is parity, 1 means that one of them is never listed. As Elliot
    has it, PopRSP. Both deviations are of the population (divided by n).
    """
    return relative_spread(ratio(tail_listed, tail_open))


@metric(better="lower", bounds=(0, 1), source=ZHU, family="popularity", per="run")
def pop_reo(tail_hits: Floats, tail_relevant: Floats) -> Floats:
    """Are relevant items of head and tail found at unlike rates?

    tail_hits      float (..., 2)  relevant items of head and of tail that lists hold
    tail_relevant  float (..., 2)  relevant items of head and of tail in the test set

    Ranking-based equal opportunity for the groups head and tail: std(rate) / mean(rate) of
    rate = tail_hits / tail_relevant; NaN where nothing of one is sought, or nothing is found. As
    Elliot has it, PopREO.
    """
    return relative_spread(ratio(tail_hits, tail_relevant))


@metric(
    better="neither",
    bounds=(-1, np.inf),
    source="Abdollahpouri et al. 2020, doi:10.1145/3383313.3418487",
    family="list-calibration",
)
def popularity_lift(listed_popularity: Ints, profile_popularity: Floats) -> Floats:
    """How much more popular is the list than what the user had before?

    listed_popularity   int (n_users, k)   users who have the item at this rank in their history
    profile_popularity  float (n_users,)   mean popularity of the items in the user's history

    (mean over the list - profile_popularity) / profile_popularity: 0 mirrors the user's own bent to
    the popular, 1 is twice as popular. NaN without a list or a history. The paper divides the means
    of a group instead: see delta_gap.
    """
    change = mean_popularity(listed_popularity) - profile_popularity
    return ratio(change, profile_popularity)


@metric(
    better="neither",
    bounds=(-1, np.inf),
    source="Abdollahpouri et al. 2019, doi:10.48550/arXiv.1907.13286",
    family="list-calibration",
    per="run",
)
def delta_gap(gap_sums: Floats) -> Floats:
    """How much more popular are a group's lists than its profiles, taken together?

    gap_sums  float (..., 2)  over users with a list and a history, the sum of the mean popularity
              of the list, and that of the profile

    ΔGAP = (GAP_list - GAP_profile) / GAP_profile. Read it by user group: the same model may lift
    the lists of those who like niche items most of all.
    """
    listed, profile = gap_sums[..., 0], gap_sums[..., 1]
    return ratio(listed - profile, profile)
