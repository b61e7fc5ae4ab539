"""How unequally are users served, whatever groups they are in, and how much lies between groups?

One value a user (any per-user metric); NaN is left out. Trailing axes of `values` hold cases that
are computed at once: metrics, models.
"""

import numpy as np

from core.tables import Floats, Ints
from evaluators.metric import metric, ratio

ANY = float("inf")
FAMILY = "user-fairness"


@metric(
    better="lower",
    bounds=(0, ANY),
    per="audit",
    family=FAMILY,
    source="Speicher et al. 2018, A Unified Approach to Quantifying Algorithmic Unfairness, "
    "doi:10.1145/3219819.3220046",
)
def generalised_entropy(values: Floats, alpha: float = 2.0) -> Floats:
    """How unequally are users served, whoever they are?

    values  float (n_users, ...), 0 or above
    alpha   2: half the squared coefficient of variation, those at the top weigh most;
            1 is `theil`; 0 is the mean log deviation, infinite where somebody gets 0

    mean((x / mean)^alpha - 1) / (alpha (alpha - 1)); 0 where all get the same. NaN where the mean
    is 0, where a value is negative and where nobody has one. As aif360's generalized_entropy_error
    of benefits.
    """
    share, n = _shares(values)
    if alpha == 1:
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(share > 0, share * np.log(share), 0)
    elif alpha == 0:
        with np.errstate(divide="ignore"):
            terms = -np.log(share)
    else:
        with np.errstate(divide="ignore"):
            terms = (share**alpha - 1) / (alpha * (alpha - 1))
    # shares of users without a value are NaN; so are all where the question has no answer
    is_answered = (n > 0) & (~np.isnan(share)).any(axis=0)
    total = np.where(np.isnan(share), 0, terms).sum(axis=0)
    return np.where(is_answered, ratio(total, n), np.nan)


@metric(
    better="lower",
    bounds=(0, ANY),
    per="audit",
    family=FAMILY,
    source="Theil 1967, Economics and Information Theory; Speicher et al. 2018, "
    "doi:10.1145/3219819.3220046",
)
def theil(values: Floats) -> Floats:
    """How unequally are users served, in Theil's measure?

    values  float (n_users, ...), 0 or above

    mean(x / mean · ln(x / mean)), natural logarithm, 0 · ln 0 = 0; from 0 (all the same) to
    ln(n_users) (one gets everything). `generalised_entropy` at alpha = 1. NaN as there.
    """
    return generalised_entropy(values, alpha=1.0)


@metric(
    better="lower",
    bounds=(0, ANY),
    per="audit",
    family=FAMILY,
    source="Shorrocks 1980, doi:10.2307/1913126; Speicher et al. 2018, doi:10.1145/3219819.3220046",
)
def theil_between(group_means: Floats, group_sizes: Ints | Floats) -> Floats:
    """How much of the inequality among users lies between groups?

    group_means  float (..., n_groups), 0 or above
    group_sizes  int (..., n_groups) users with a value

    `theil` if everybody got the mean of the own group; `theil` less this is inequality within
    groups. NaN where the mean of all is 0, where a mean is negative and below two groups. As
    aif360's between_group_generalized_entropy at alpha 1.
    """
    is_known = ~np.isnan(group_means) & (group_sizes > 0)
    size = np.where(is_known, group_sizes, 0)
    means = np.where(is_known, group_means, 0)
    n = size.sum(axis=-1)
    centre = ratio((size * means).sum(axis=-1), n)
    is_sound = (is_known.sum(axis=-1) >= 2) & (means.min(axis=-1) >= 0) & (centre > 0)
    share = ratio(means, np.broadcast_to(np.where(is_sound, centre, 0)[..., None], means.shape))
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(share > 0, share * np.log(share), 0)
    return np.where(is_sound, ratio((size * terms).sum(axis=-1), n), np.nan)


@metric(
    better="higher",
    bounds=(0, 1),
    per="audit",
    family=FAMILY,
    source="Jain, Chiu & Hawe 1984, A Quantitative Measure of Fairness, DEC-TR-301",
)
def jain(values: Floats) -> Floats:
    """What share of the users would be served if service were either full or none?

    values  float (n_users, ...), 0 or above

    sum(x)² / (n · sum(x²)): 1 where all get the same, 1 / n_users where one gets everything. NaN
    where nobody gets anything, where a value is negative and where nobody has one.
    """
    is_known = ~np.isnan(values)
    x = np.where(is_known, values, 0).astype(np.float64)
    n = np.where((x < 0).any(axis=0), 0, is_known.sum(axis=0))
    return ratio(x.sum(axis=0) ** 2, n * (x * x).sum(axis=0))


@metric(
    better="higher",
    bounds=(-ANY, ANY),
    per="audit",
    family=FAMILY,
    source="Rockafellar & Uryasev 2000, Optimization of conditional value-at-risk, "
    "doi:10.21314/JOR.2000.038",
)
def worst_tenth(values: Floats, share: float = 0.1) -> Floats:
    """How are those users served who are served worst?

    values  float (n_users, ...)
    share   of the users, 0 to 1

    Mean over the share of users with the smallest values; a user at its edge counts in part, so
    that the number does not jump with n_users. Of a metric that is better when lower, the audit
    hands over the negated values and negates the answer.
    """
    ordered = np.sort(values.astype(np.float64), axis=0)  # NaN goes last
    n = (~np.isnan(ordered)).sum(axis=0)
    reach = share * n
    place = np.arange(len(ordered)).reshape(-1, *[1] * (ordered.ndim - 1))
    weight = np.clip(reach - place, 0, 1)
    return ratio((np.where(weight > 0, ordered, 0) * weight).sum(axis=0), reach)


def _shares(values: Floats) -> tuple[Floats, Floats]:
    """Each value over the mean of its column, and how many have one; NaN where none can be had."""
    is_known = ~np.isnan(values)
    x = np.where(is_known, values, 0).astype(np.float64)
    n = is_known.sum(axis=0)
    mean = np.where((x < 0).any(axis=0), 0, ratio(x.sum(axis=0), n))
    share = ratio(x, np.broadcast_to(np.nan_to_num(mean), x.shape))
    return np.where(is_known, share, np.nan), n
