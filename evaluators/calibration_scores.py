"""Proper scores of probabilities, and what they are made of."""

import numpy as np

from core.tables import Bools, Floats
from evaluators.calibration_bins import (
    N_BINS,
    bin_sums,
    equal_mass,
    mean_of,
    reliability_of,
    resolution_of,
    uncertainty_of,
)
from evaluators.metric import metric

MURPHY = "Murphy 1973, doi:10.1175/1520-0450(1973)012<0595:ANVPOT>2.0.CO;2"
CLOSEST = float(np.finfo(np.float64).eps)  # to 0 and 1, for logarithms


@metric(
    better="lower",
    bounds=(0, 1),
    source="Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2",
    family="calibration",
    per="audit",
)
def brier(probabilities: Floats, outcomes: Bools) -> Floats:
    """How large is the squared error of the promises?

    probabilities  float (n,)  what the model promises for each pair
    outcomes       bool  (n,)  did the user choose the item?

    mean (p - y)². As scikit-learn's brier_score_loss; Brier's own is twice this.
    """
    return mean_of((probabilities - outcomes) ** 2)


@metric(better="lower", bounds=(0, 1), source=MURPHY, family="calibration", per="audit")
def brier_reliability(probabilities: Floats, outcomes: Bools, n_bins: int = N_BINS) -> Floats:
    """Which part of the Brier score comes of promises that are not kept?

    probabilities  float (n,)  what the model promises for each pair
    outcomes       bool  (n,)  did the user choose the item?
    n_bins         bins between quantiles of the promises

    mean over pairs of (mean promise - rate)² of their bin. brier = brier_reliability -
    brier_resolution + brier_uncertainty holds where all promises of a bin are equal; else what
    promises vary within their bin remains (Stephenson et al. 2008, doi:10.1175/2007WAF2006116.1).
    """
    return reliability_of(bin_sums(probabilities, outcomes, equal_mass(probabilities, n_bins)))


@metric(better="higher", bounds=(0, 0.25), source=MURPHY, family="calibration", per="audit")
def brier_resolution(probabilities: Floats, outcomes: Bools, n_bins: int = N_BINS) -> Floats:
    """How well do the scores tell apart what comes true more and less often?

    probabilities  float (n,)  what the model promises, or any score: only its order counts
    outcomes       bool  (n,)  did the user choose the item?
    n_bins         bins between quantiles of the scores

    mean over pairs of (rate of the bin - rate of all)²; 0 where scores say nothing.
    """
    return resolution_of(bin_sums(probabilities, outcomes, equal_mass(probabilities, n_bins)))


@metric(better="neither", bounds=(0, 0.25), source=MURPHY, family="calibration", per="audit")
def brier_uncertainty(outcomes: Bools) -> Floats:
    """How uncertain is the outcome itself, whatever the model?

    outcomes  bool (n,)  did the user choose the item?

    rate · (1 - rate): the Brier score of promising everybody the mean.
    """
    return uncertainty_of(bin_sums(np.zeros(len(outcomes)), outcomes, np.zeros(0)))


def surprise(probabilities: Floats, outcomes: Bools) -> Floats:
    """Negative log-likelihood of each pair, float64 (n,) [nats], promises kept off 0 and 1."""
    kept = np.clip(probabilities, CLOSEST, 1 - CLOSEST)
    return np.asarray(-np.log(np.where(outcomes, kept, 1 - kept)))


@metric(
    better="lower",
    bounds=(0, float("inf")),
    source="Good 1952, doi:10.1111/j.2517-6161.1952.tb00104.x",
    family="calibration",
    per="audit",
)
def log_loss(probabilities: Floats, outcomes: Bools) -> Floats:
    """How surprised is one who believed the promises?

    probabilities  float (n,)  what the model promises for each pair
    outcomes       bool  (n,)  did the user choose the item?

    mean of -log p of what happened [nats]; promises are kept 2.2e-16 away from 0 and 1, as
    scikit-learn's log_loss does.
    """
    return mean_of(surprise(probabilities, outcomes))
