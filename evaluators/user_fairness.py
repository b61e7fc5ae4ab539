"""Which group of users gets less, and by how much?

From the means of a per-user metric in groups of users. NaN is left out. Leading axes of
`group_means` hold cases that are computed at once: resamples, metrics, models.
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
    source="Bird et al. 2020, Fairlearn, MSR-TR-2020-32; Ekstrand et al. 2022, "
    "doi:10.1561/1500000079",
)
def user_gap(group_means: Floats) -> Floats:
    """How far apart are the best and the worst served group of users?

    group_means  float (..., n_groups): mean of a per-user metric in each group

    Largest mean less smallest; NaN below two groups. As fairlearn's MetricFrame.difference
    (between_groups). Chance alone sets groups apart: hold it against `user_gap_by_chance`.
    """
    is_enough = (~np.isnan(group_means)).sum(axis=-1) >= 2
    return np.where(is_enough, _largest(group_means) - _smallest(group_means), np.nan)


@metric(
    better="higher",
    bounds=(0, 1),
    per="audit",
    family=FAMILY,
    source="Uniform Guidelines on Employee Selection Procedures 1978, 29 CFR 1607.4 (D); "
    "Bird et al. 2020, Fairlearn, MSR-TR-2020-32",
)
def user_ratio(group_means: Floats) -> Floats:
    """What share of the best served group's value does the worst served group get?

    group_means  float (..., n_groups), 0 or above

    Smallest mean over largest; 0.8 is the four-fifths rule's bound. NaN below two groups, where the
    largest mean is 0 and where a mean is negative. As fairlearn's MetricFrame.ratio.
    """
    low, high = _smallest(group_means), _largest(group_means)
    is_enough = ((~np.isnan(group_means)).sum(axis=-1) >= 2) & (low >= 0)
    return np.where(is_enough, ratio(low, np.where(np.isnan(high), 0, high)), np.nan)


@metric(
    better="higher",
    bounds=(-ANY, ANY),
    per="audit",
    family=FAMILY,
    source="Rawls 1971, A Theory of Justice; Hashimoto et al. 2018, PMLR 80:1929-1938",
)
def worst_group(group_means: Floats) -> Floats:
    """How is the worst served group of users served?

    group_means  float (..., n_groups)

    The smallest mean. Of a metric that is better when lower, the audit shows the largest instead.
    """
    return _smallest(group_means)


@metric(
    better="lower",
    bounds=(0, ANY),
    per="audit",
    family=FAMILY,
    source="Wang et al. 2023, A Survey on the Fairness of Recommender Systems, doi:10.1145/3547333",
)
def group_deviation(group_means: Floats) -> Floats:
    """How much do groups of users differ on the whole, not only the two ends?

    group_means  float (..., n_groups)

    Standard deviation of the means, each group counting once and divided by their number. NaN below
    two groups.
    """
    is_known = ~np.isnan(group_means)
    n = is_known.sum(axis=-1)
    centre = ratio(np.where(is_known, group_means, 0).sum(axis=-1), n)
    away = np.where(is_known, group_means - centre[..., None], 0)
    return np.sqrt(ratio((away * away).sum(axis=-1), np.where(n >= 2, n, 0)))


@metric(
    better="neither",
    bounds=(0, ANY),
    per="audit",
    family=FAMILY,
    source="Fisher 1935, The Design of Experiments; Pitman 1937, doi:10.2307/2984124",
)
def user_gap_by_chance(permuted_gaps: Floats) -> Floats:
    """How large would the gap between groups be if group made no difference?

    permuted_gaps  float (n_permutations, ...): `user_gap` after dealing the users' values out anew
                   to groups of the same sizes

    Their mean. A gap of this size says nothing: the more and the smaller the groups, the larger.
    """
    return np.asarray(permuted_gaps.mean(axis=0))


@metric(
    better="neither",
    bounds=(0, ANY),
    per="audit",
    family=FAMILY,
    source="Bloom 1995, Minimum Detectable Effects, doi:10.1177/0193841X9501900504",
)
def user_gap_detectable(standard_error: Floats, critical: Floats) -> Floats:
    """How large must the worst group's lag be so that the test would find it four times in five?

    standard_error  float (...) of its mean less that of all other users, were there no difference
    critical        float (...) studentised difference from which the test speaks of an alarm

    standard_error · (critical + 0.8416): where only this group differs. Smaller gaps may be there
    and not be seen; no alarm is no proof of fairness.
    """
    return np.asarray(standard_error * (critical + 0.8416212335729143))


@metric(
    better="lower",
    bounds=(0, 1),
    per="audit",
    family=FAMILY,
    source="Kolmogorov 1933, Smirnov 1948, doi:10.1214/aoms/1177730256; for recommenders Zhu, Hu & "
    "Caverlee 2018, doi:10.1145/3269206.3271795",
)
def ks_gap(values: Floats, groups: Ints) -> Floats:
    """How far apart are the distributions, not only the means, of two groups of users?

    values  float (n_users,)
    groups  int (n_users,) code of the user's group, below 0 for none

    Largest distance between the cumulative shares of any two groups, at any value. NaN below two
    groups. Of two groups as scipy.stats.ks_2samp.
    """
    is_in = (groups >= 0) & ~np.isnan(values)
    codes, values = groups[is_in], values[is_in]
    if len(codes) == 0 or (codes == codes[0]).all():
        return np.asarray(np.nan)
    counts = np.bincount(codes)
    points, place = np.unique(values, return_inverse=True)
    at = np.bincount(codes * len(points) + place, minlength=len(counts) * len(points))
    shares = at.reshape(len(counts), -1)[counts > 0].cumsum(axis=1) / counts[counts > 0][:, None]
    return np.asarray((shares.max(axis=0) - shares.min(axis=0)).max())


def _smallest(means: Floats) -> Floats:
    found = np.min(means, axis=-1, initial=np.inf, where=~np.isnan(means))
    return np.where(np.isinf(found), np.nan, found)


def _largest(means: Floats) -> Floats:
    return -_smallest(-means)
