"""Do probabilities say how often what they promise comes true? Errors of calibration.

Every metric here takes two arrays of one length, one entry a pair of user and listed item, and
gives one number, shape (); NaN where there are no pairs. The audit "calibration" makes the arrays.
"""

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.calibration_bins import (
    N_BINS,
    bin_sums,
    equal_mass,
    equal_width,
    largest_gap,
    mean_gap,
    mean_gap_debiased,
    mean_of,
    over,
    place,
    squared_gap_debiased,
    with_users,
)
from evaluators.metric import metric


@metric(
    better="lower",
    bounds=(0, 1),
    source="Naeini, Cooper & Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602",
    family="calibration",
    per="audit",
)
def ece(probabilities: Floats, outcomes: Bools, n_bins: int = N_BINS) -> Floats:
    """How far are promise and fulfilment apart, over bins of equal width?

    probabilities  float (n,)  what the model promises for each pair, in [0, 1]
    outcomes       bool  (n,)  did the user choose the item?
    n_bins         bins of equal width over [0, 1]; one that holds no pair counts nothing

    The usual ECE: sum over bins of share of pairs · |mean promise - rate of success|. As netcal's
    ECE, which cuts into 10 bins too; TruLens puts a promise of exactly 0 into no bin. Chance alone
    makes it larger than 0, the more so the fewer pairs a bin holds: see ece_debiased. Where
    promises are all small most fall into one bin, and errors inside it cancel: see ece_equal_mass.
    """
    return mean_gap(bin_sums(probabilities, outcomes, equal_width(n_bins)))


@metric(
    better="lower",
    bounds=(0, 1),
    source="Nguyen & O'Connor 2015, doi:10.18653/v1/D15-1182",
    family="calibration",
    per="audit",
)
def ece_equal_mass(probabilities: Floats, outcomes: Bools, n_bins: int = N_BINS) -> Floats:
    """How far are promise and fulfilment apart, over bins that hold equally many pairs?

    probabilities  float (n,)  what the model promises for each pair
    outcomes       bool  (n,)  did the user choose the item?
    n_bins         bins between quantiles of the promises; equal promises share a bin

    As netcal's ECE with equal_intervals=False. Also called adaptive ECE; netcal's class ACE is
    another: it weighs bins alike, however many pairs they hold.
    """
    return mean_gap(bin_sums(probabilities, outcomes, equal_mass(probabilities, n_bins)))


@metric(
    better="lower",
    bounds=(-1, 1),
    source="Kumar, Liang & Ma 2019, arXiv:1909.10155; Bröcker 2012, doi:10.1007/s00382-011-1191-1",
    family="calibration",
    per="audit",
)
def ece_debiased(
    probabilities: Floats, outcomes: Bools, n_bins: int = N_BINS, user: Ints | None = None
) -> Floats:
    """How far are promise and fulfilment apart, without what chance alone adds?

    probabilities  float (n,)  what the model promises for each pair
    outcomes       bool  (n,)  did the user choose the item?
    n_bins         bins between quantiles of the promises
    user           int (n,), row of the user of each pair; None: every pair is on its own

    ece_equal_mass minus its expected excess: in each bin the gap is taken as normal with variance
    rate · (1 - rate) / n, or with that between users where they are known and it is larger, and
    the mean of |gap| of such draws less |gap| is the excess. uncertainty-calibration (`get_ece`
    with debias, by the authors) draws 1,000 such rates; this is the closed form, the mean of the
    folded normal, to which theirs goes. Where promises are
    kept about half of what chance adds is left, and none in ece_squared.
    """
    cuts = equal_mass(probabilities, n_bins)
    if user is None:
        return mean_gap_debiased(bin_sums(probabilities, outcomes, cuts))
    return mean_gap_debiased(with_users(probabilities, outcomes, cuts, user))


@metric(
    better="lower",
    bounds=(-1, 1),
    source="Kumar, Liang & Ma 2019, arXiv:1909.10155; Ferro & Fricker 2012, doi:10.1002/qj.1924",
    family="calibration",
    per="audit",
)
def ece_squared(
    probabilities: Floats, outcomes: Bools, n_bins: int = N_BINS, user: Ints | None = None
) -> Floats:
    """How large is the squared gap between promise and fulfilment, without what chance adds?

    probabilities  float (n,)  what the model promises for each pair
    outcomes       bool  (n,)  did the user choose the item?
    n_bins         bins between quantiles of the promises; a bin of one pair is left out
    user           int (n,), row of the user of each pair; None: every pair is on its own

    Mean over pairs of gap² - rate · (1 - rate) / (n - 1) of their bin, or with users gap² less the
    variance between them. As
    `unbiased_square_ce` of uncertainty-calibration, whose `get_calibration_error` returns the root
    of it, and 0 below 0.
    """
    cuts = equal_mass(probabilities, n_bins)
    if user is None:
        return squared_gap_debiased(bin_sums(probabilities, outcomes, cuts))
    return squared_gap_debiased(with_users(probabilities, outcomes, cuts, user))


@metric(
    better="lower",
    bounds=(0, 1),
    source="Naeini, Cooper & Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602",
    family="calibration",
    per="audit",
)
def mce(probabilities: Floats, outcomes: Bools, n_bins: int = N_BINS) -> Floats:
    """How far are promise and fulfilment apart in the worst bin?

    probabilities  float (n,)  what the model promises for each pair, in [0, 1]
    outcomes       bool  (n,)  did the user choose the item?
    n_bins         bins of equal width over [0, 1]

    Largest |mean promise - rate of success|. As netcal's MCE. A bin of few pairs can decide it.
    """
    return largest_gap(bin_sums(probabilities, outcomes, equal_width(n_bins)))


@metric(
    better="neither",
    bounds=(-1, 1),
    source="Murphy & Winkler 1987, doi:10.1175/1520-0493(1987)115<1330:AGFFFV>2.0.CO;2",
    family="calibration",
    per="audit",
)
def calibration_bias(probabilities: Floats, outcomes: Bools) -> Floats:
    """Is too much promised on the whole (above 0), or too little (below)?

    probabilities  float (n,)  what the model promises for each pair
    outcomes       bool  (n,)  did the user choose the item?

    mean promise - rate of success: calibration in the large.
    """
    return mean_of(probabilities - outcomes)


@metric(
    better="lower",
    bounds=(0, float("inf")),
    source="Murphy & Winkler 1987, doi:10.1175/1520-0493(1987)115<1330:AGFFFV>2.0.CO;2",
    family="calibration",
    per="audit",
    cutoff=False,
)
def rating_calibration_error(predicted: Floats, given: Floats, n_bins: int = N_BINS) -> Floats:
    """How far are predicted ratings from the given ones in the mean, at every height?

    predicted  float (n,)  the model's rating of each test row it has one for
    given      float (n,)  the user's
    n_bins     bins between quantiles of the predictions

    sum over bins of share of ratings · |mean predicted - mean given| [the unit of the ratings]:
    what is left of it is not scatter but a scale that does not fit.
    """
    inside = place(predicted, cuts := equal_mass(predicted, n_bins))
    apart = np.bincount(inside, predicted - given, len(cuts) + 1)
    return over(np.abs(apart).sum(), np.asarray(float(len(predicted))))


@metric(
    better="lower",
    bounds=(0, 2),
    source="Pleiss et al. 2017, arXiv:1709.02012; Hébert-Johnson et al. 2018, arXiv:1711.08513",
    family="calibration",
    per="audit",
)
def ece_gap(group_errors: Floats) -> Floats:
    """How much worse calibrated is the worst served group of users than the best served?

    group_errors  float (..., n_groups)  ece_debiased of each group, NaN where it has no pair

    Largest - smallest; NaN below two groups. The debiased error is compared, because the plain one
    is larger for a smaller group by chance alone.
    """
    errors = np.asarray(group_errors, dtype=np.float64)
    enough = (~np.isnan(errors)).sum(axis=-1) > 1
    filled = np.where(np.isnan(errors), -np.inf, errors).max(axis=-1, initial=-np.inf)
    lowest = np.where(np.isnan(errors), np.inf, errors).min(axis=-1, initial=np.inf)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(enough, filled - lowest, np.nan))
