"""How far has what happens now moved from what happened before?

Every function but `mmd` compares two distributions over the same categories, given as counts or
shares of any shape (..., m): the last axis is the category, leading axes are compared one by one.
They say how far; whether that is more than chance is for the audit, which knows that the rows of
one user belong together.
"""

import numpy as np

from core.tables import Floats, Ints
from evaluators.metric import metric, ratio

SIDDIQI = "Siddiqi 2006, Credit Risk Scorecards (Lewis 1994), doi:10.1002/9781119201731"
LIN = "Lin 1991, doi:10.1109/18.61115; Endres & Schindelin 2003, doi:10.1109/TIT.2003.813506"
SMIRNOV = "Smirnov 1948, doi:10.1214/aoms/1177730256"
WASSERSTEIN = "Vallender 1974, doi:10.1137/1118101"
PEARSON = "Pearson 1900, doi:10.1080/14786440009463897"
CRAMER = "Cramér 1946, Mathematical Methods of Statistics, doi:10.1515/9781400883868"
GRETTON = "Gretton et al. 2012, A Kernel Two-Sample Test, doi:10.5555/2188385.2188410"


def shares(counts: Floats | Ints) -> Floats:
    """Counts as shares of their sum along the last axis; NaN where there are none."""
    counts = np.asarray(counts, dtype=np.float64)
    return ratio(counts, np.broadcast_to(counts.sum(axis=-1, keepdims=True), counts.shape))


@metric(
    better="lower", bounds=(0, float("inf")), source=SIDDIQI, family="drift", per="audit",
    cutoff=False,
)  # fmt: skip
def psi(reference: Floats | Ints, current: Floats | Ints, floor: float = 1e-4) -> Floats:
    """How unstable is the population: how much do its shares differ, in log odds?

    reference  float (..., m)  counts or shares of each category before; all zero gives NaN
    current    float (..., m)  the same now
    floor      share that stands in for an empty category, whose logarithm would be infinite

    Σ_j (q_j - p_j) · ln(q_j / p_j). Below 0.1 is usually called stable, above 0.25 shifted. As
    Evidently, which however takes a millionth of the smallest share for an empty category where
    that share is 0.0001 or less; frouros takes the smallest float there is, so that one empty
    category outweighs all others. Bins are the caller's: Evidently cuts numbers by Sturges' rule.
    """
    before, now = (
        np.where(part == 0, floor, part) for part in (shares(reference), shares(current))
    )
    return np.asarray(((now - before) * np.log(now / before)).sum(axis=-1))


@metric(
    better="lower", bounds=(0, 1), source=LIN, family="drift", per="audit", cutoff=False
)  # fmt: skip
def jensen_shannon(reference: Floats | Ints, current: Floats | Ints) -> Floats:
    """How well can one row tell which of two times it comes from?

    reference  float (..., m)  counts or shares of each category before; all zero gives NaN
    current    float (..., m)  the same now

    √(½ Σ p log2(p / h) + ½ Σ q log2(q / h)), h = (p + q) / 2: the distance, in base 2, so that 1
    is no overlap at all. As NannyML and scipy's jensenshannon(base=2). Evidently and frouros take
    base e: theirs is √(ln 2) = 0.8326 times this.
    """
    before, now = shares(reference), shares(current)
    middle = (before + now) / 2
    divergence = np.zeros(np.broadcast_shapes(before.shape, now.shape)[:-1])
    for part in (before, now):
        with np.errstate(divide="ignore", invalid="ignore"):  # nothing of a category adds nothing
            terms = part * np.log2(part / middle)
        divergence = divergence + np.where(part == 0, 0.0, terms).sum(axis=-1) / 2
    return np.sqrt(np.maximum(divergence, 0))


@metric(
    better="lower", bounds=(0, 1), source=SMIRNOV, family="drift", per="audit", cutoff=False
)  # fmt: skip
def kolmogorov_smirnov(reference: Floats | Ints, current: Floats | Ints) -> Floats:
    """How far apart do two cumulative distributions get at most?

    reference  float (..., m)  counts or shares of each value before, values ascending; all zero
                               gives NaN
    current    float (..., m)  the same now

    max_j |P_j - Q_j| / 1 of the cumulative shares P and Q: the statistic of scipy's ks_2samp. Its p
    takes every row for independent, which rows of one user are not.
    """
    gap = np.cumsum(shares(reference), axis=-1) - np.cumsum(shares(current), axis=-1)
    return np.asarray(np.abs(gap).max(axis=-1))


@metric(
    better="lower", bounds=(0, float("inf")), source=WASSERSTEIN, family="drift", per="audit",
    cutoff=False,
)  # fmt: skip
def wasserstein(reference: Floats | Ints, current: Floats | Ints, values: Floats) -> Floats:
    """How far, in the unit of the values, would rows have to be moved to undo the change?

    reference  float (..., m)  counts or shares of each value before; all zero gives NaN
    current    float (..., m)  the same now
    values     float (m,)      the values, ascending

    Σ_j |P_j - Q_j| · (v_(j+1) - v_j) of the cumulative shares P and Q: the first Wasserstein
    distance, as scipy's wasserstein_distance. Evidently divides it by the standard deviation of
    the reference.
    """
    gap = np.cumsum(shares(reference), axis=-1) - np.cumsum(shares(current), axis=-1)
    return np.asarray((np.abs(gap[..., :-1]) * np.diff(values)).sum(axis=-1))


@metric(
    better="lower", bounds=(0, float("inf")), source=PEARSON, family="drift", per="audit",
    cutoff=False,
)  # fmt: skip
def chi_square(reference: Floats | Ints, current: Floats | Ints) -> Floats:
    """How far are counts from those that one common distribution would give?

    reference  float (..., m)  counts of each category before; all zero gives NaN
    current    float (..., m)  the same now

    Σ (observed - expected)² / expected over both rows, expected from the pooled shares; categories
    that neither row has are left out. Pearson's statistic without continuity correction, as scipy's
    chi2_contingency(correction=False). It grows with the number of rows; `cramers_v` does not.
    """
    before, now = (np.asarray(part, dtype=np.float64) for part in (reference, current))
    pooled = shares(before + now)
    total = np.zeros(np.broadcast_shapes(before.shape, now.shape)[:-1])
    for part in (before, now):
        n = part.sum(axis=-1, keepdims=True)
        expected = pooled * np.where(n > 0, n, np.nan)
        total = total + np.where(pooled == 0, 0.0, ratio((part - expected) ** 2, expected)).sum(
            axis=-1, where=pooled != 0
        )
    return total


@metric(
    better="lower", bounds=(0, 1), source=CRAMER, family="drift", per="audit", cutoff=False
)  # fmt: skip
def cramers_v(reference: Floats | Ints, current: Floats | Ints) -> Floats:
    """How strongly does the category depend on the time?

    reference  float (..., m)  counts of each category before; all zero gives NaN
    current    float (..., m)  the same now

    √(χ² / n), n the rows of both times together: Cramér's V of a table of two rows, as scipy's
    association(method="cramer"). Given shares instead of counts, both times weigh the same,
    whatever their sizes: so the audit does, or a small window would hide a large shift.
    """
    n = np.asarray(reference, dtype=np.float64).sum(axis=-1) + np.asarray(current).sum(axis=-1)
    return np.sqrt(ratio(chi_square(reference, current), n))


@metric(
    better="lower", bounds=(-2, 2), source=GRETTON, family="drift", per="audit", cutoff=False
)  # fmt: skip
def mmd(reference: Floats, current: Floats, bandwidth: float = 1.0) -> Floats:
    """How far apart are two clouds of points, in any respect that a smooth function can see?

    reference  float (n, d)  one point a row; fewer than two gives NaN
    current    float (m, d)  the same now
    bandwidth  σ of the kernel exp(-|x - y|² / 2σ²)

    Mean of k(x, x') + mean of k(y, y') - 2 · mean of k(x, y), no point paired with itself: the
    unbiased squared maximum mean discrepancy, about 0 and possibly below it without a change. As
    frouros and alibi-detect. Evidently takes the same with σ² half the median squared distance.
    """
    if len(reference) < 2 or len(current) < 2:
        return np.asarray(np.nan)

    def kernel(left: Floats, right: Floats) -> Floats:
        square = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1) - 2 * (left @ right.T)
        return np.asarray(np.exp(-np.maximum(square, 0) / (2 * bandwidth**2)))

    n, m = len(reference), len(current)
    within = (kernel(reference, reference).sum() - n) / (n * (n - 1))
    within_now = (kernel(current, current).sum() - m) / (m * (m - 1))
    return np.asarray(within + within_now - 2 * kernel(reference, current).mean())


@metric(
    better="neither",
    bounds=(-1, 1),
    source="Good 2005, Permutation, Parametric and Bootstrap Tests, doi:10.1007/b138696",
    family="drift",
    per="audit",
    cutoff=False,
)
def newcomer_excess(n_new: Floats | Ints, n_expected: Floats | Ints, n_active: Ints) -> Floats:
    """How many more of those active are here for the first time than a steady coming would bring?

    n_new       int (...,)    users or items active in the window and never before it
    n_expected  float (...,)  how many that would be, had each spread its windows by chance
    n_active    int (...,)    users or items active in the window; 0 gives NaN

    (n_new - n_expected) / n_active. The plain share of newcomers falls from 1 to 0 in any data that
    begin somewhere; the excess does not.
    """
    return ratio(np.asarray(n_new, dtype=np.float64) - n_expected, n_active)
