"""Maps from scores to probabilities, fitted on one part of the data and used on another.

Every fit takes scores and outcomes of one length and gives a map: call it with scores, and it
answers with probabilities. `temperature` and `beta` bend probabilities and need scores in [0, 1];
the others take any numbers.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from core.tables import Bools, Floats
from evaluators.calibration_bins import N_BINS, bin_sums, equal_mass, over, place

CLOSEST = 1e-12  # to 0 and 1, for log odds
MOST_STEPS = 100


class CalibrationMap(Protocol):
    """What a fit answers."""

    def __call__(self, scores: Floats) -> Floats:
        """Probabilities of scores, float64 of their shape."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What was fitted, by name."""


def sigmoid(values: Floats) -> Floats:
    """1 / (1 + e^-x) without overflow."""
    decay = np.exp(-np.abs(values))
    return np.asarray(np.where(values >= 0, 1, decay) / (1 + decay))


def logit(probabilities: Floats) -> Floats:
    """Log odds, of probabilities kept 1e-12 away from 0 and 1."""
    kept = np.clip(np.asarray(probabilities, dtype=np.float64), CLOSEST, 1 - CLOSEST)
    return np.asarray(np.log(kept) - np.log1p(-kept))


@dataclass(frozen=True)
class Sigmoid:
    """sigmoid(slope · x + intercept), where x is the score, or its log odds."""

    slope: float
    intercept: float
    of_odds: bool = False

    def __call__(self, scores: Floats) -> Floats:
        values = logit(scores) if self.of_odds else np.asarray(scores, dtype=np.float64)
        return sigmoid(self.slope * values + self.intercept)

    @property
    def parameters(self) -> Mapping[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Beta:
    """sigmoid(a · log p - b · log(1 - p) + c)."""

    a: float
    b: float
    c: float

    def __call__(self, scores: Floats) -> Floats:
        high, low = _log_sides(scores)
        return sigmoid(self.a * high + self.b * low + self.c)

    @property
    def parameters(self) -> Mapping[str, Any]:
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Line:
    """Straight lines between points, level beyond the ends.  x, y: float (n_points,)."""

    x: Floats
    y: Floats

    def __call__(self, scores: Floats) -> Floats:
        return np.asarray(np.interp(scores, self.x, self.y))

    @property
    def parameters(self) -> Mapping[str, Any]:
        return {"n_points": len(self.x)}


@dataclass(frozen=True, eq=False)
class Steps:
    """One probability a bin.  cuts float (n_bins - 1,), rates float (n_bins,)."""

    cuts: Floats
    rates: Floats

    def __call__(self, scores: Floats) -> Floats:
        return np.asarray(self.rates[place(scores, self.cuts)])

    @property
    def parameters(self) -> Mapping[str, Any]:
        return {"n_bins": len(self.rates)}


def fit_platt(scores: Floats, outcomes: Bools) -> Sigmoid:
    """Which S-curve of the score fits the outcomes?  Platt 1999 (no DOI), pages 61-74.

    scores  float (n,), any numbers; outcomes  bool (n,). Maximum likelihood against Platt's
    targets, (n₁ + 1) / (n₁ + 2) and 1 / (n₀ + 2) instead of 1 and 0, so that the curve stays
    finite where scores tell outcomes apart without fault. By Newton's method, to the last digits;
    scikit-learn's CalibratedClassifierCV stops sooner. All scores equal: a level line.
    """
    _require(scores, outcomes)
    slope, intercept = _logistic([np.asarray(scores, dtype=np.float64)], _softened(outcomes))
    return Sigmoid(float(slope), float(intercept))


def fit_platt_odds(scores: Floats, outcomes: Bools) -> Sigmoid:
    """Platt's curve of the log odds: for scores that are probabilities, float (n,) in [0, 1].

    As netcal's LogisticCalibration, but against Platt's targets.
    """
    _require(scores, outcomes)
    slope, intercept = _logistic([logit(scores)], _softened(outcomes))
    return Sigmoid(float(slope), float(intercept), of_odds=True)


def fit_temperature(scores: Floats, outcomes: Bools) -> Sigmoid:
    """By how much are the log odds too steep?  Guo et al. 2017, arXiv:1706.04599.

    scores  float (n,) probabilities; outcomes  bool (n,). p becomes sigmoid(logit(p) / T) with the
    T of greatest likelihood: slope = 1 / T. One half stays one half, so a rate of success far from
    the mean score cannot be mended.
    """
    _require_probabilities(scores, outcomes, "temperature")
    targets = np.asarray(outcomes, dtype=np.float64)
    slope = _logistic([logit(scores)], targets, intercept=False)[0]
    return Sigmoid(float(slope), 0.0, of_odds=True)


def fit_beta(scores: Floats, outcomes: Bools) -> Beta:
    """Which beta curve fits?  Kull, Silva Filho & Flach 2017, doi:10.1214/17-EJS1338SI.

    scores  float (n,) probabilities; outcomes  bool (n,). Maximum likelihood of
    sigmoid(a log p - b log(1 - p) + c); where a or b came out negative, which would turn the order
    around, it is set to 0 and the rest fitted again, as their package betacal does; where that
    turns the order too, a level line is left, and betacal's falls.
    """
    _require_probabilities(scores, outcomes, "beta")
    high, low = _log_sides(scores)
    targets = np.asarray(outcomes, dtype=np.float64)
    a, b, c = _logistic([high, low], targets)
    if a < 0:
        a, (b, c) = 0.0, _logistic([low], targets)
    elif b < 0:
        b, (a, c) = 0.0, _logistic([high], targets)
    if min(a, b) < 0:
        a, b, (c,) = 0.0, 0.0, _logistic([], targets)
    return Beta(float(a), float(b), float(c))


def fit_isotonic(scores: Floats, outcomes: Bools) -> Line:
    """Which rising curve fits best?  Zadrozny & Elkan 2002, doi:10.1145/775047.775151.

    scores  float (n,), any numbers; outcomes  bool (n,). Least squares under the condition that a
    higher score never means less (pool adjacent violators); between the scores seen the line is
    straight, beyond them level. As scikit-learn's IsotonicRegression(out_of_bounds="clip").
    """
    from scipy.optimize import isotonic_regression

    _require(scores, outcomes)
    distinct, which = np.unique(np.asarray(scores, dtype=np.float64), return_inverse=True)
    n = np.bincount(which).astype(np.float64)
    rates = np.bincount(which, weights=outcomes) / n
    rising = np.clip(isotonic_regression(rates, weights=n).x, 0, 1)
    same_as_before = np.append(False, rising[1:] == rising[:-1])
    same_as_after = np.append(rising[1:] == rising[:-1], False)
    kept = ~(same_as_before & same_as_after)  # inner points of a level stretch say nothing
    return Line(distinct[kept], rising[kept])


def fit_histogram(scores: Floats, outcomes: Bools, n_bins: int = N_BINS) -> Steps:
    """How often did scores of this size come true?  Zadrozny & Elkan 2001 (no DOI), ICML.

    scores  float (n,), any numbers; outcomes  bool (n,). The rate of success in bins between
    quantiles of the scores. netcal's HistogramBinning takes bins of equal width.
    """
    _require(scores, outcomes)
    cuts = equal_mass(np.asarray(scores, dtype=np.float64), n_bins)
    sums = bin_sums(scores, outcomes, cuts)
    return Steps(cuts, over(sums.found, sums.n))


MAPS: Mapping[str, Callable[[Floats, Bools], CalibrationMap]] = {
    "platt": fit_platt,
    "isotonic": fit_isotonic,
    "temperature": fit_temperature,
    "beta": fit_beta,
    "histogram": fit_histogram,
}
OF_PROBABILITIES = ("temperature", "beta")  # maps that take scores in [0, 1] only


def _require(scores: Floats, outcomes: Bools) -> None:
    if not len(scores) or len(scores) != len(outcomes):
        raise ValueError(
            "a map is fitted on scores and outcomes of one length, at least one of each; got "
            f"{len(scores)} and {len(outcomes)}"
        )


def _require_probabilities(scores: Floats, outcomes: Bools, name: str) -> None:
    _require(scores, outcomes)
    if not (np.min(scores) >= 0 and np.max(scores) <= 1):
        raise ValueError(
            f"the map {name!r} takes scores in [0, 1]; got {np.min(scores):g} to "
            f"{np.max(scores):g}. Squash them first, or fit 'platt', 'isotonic' or 'histogram'"
        )


def _softened(outcomes: Bools) -> Floats:
    """Platt's targets: what a first guess of one hit and one miss makes of 1 and 0."""
    n_hits = np.count_nonzero(outcomes)
    high, low = (n_hits + 1) / (n_hits + 2), 1 / (len(outcomes) - n_hits + 2)
    return np.where(outcomes, high, low)


def _log_sides(scores: Floats) -> tuple[Floats, Floats]:
    kept = np.clip(np.asarray(scores, dtype=np.float64), CLOSEST, 1 - CLOSEST)
    return np.log(kept), -np.log1p(-kept)


def _logistic(features: list[Floats], targets: Floats, *, intercept: bool = True) -> Floats:
    """Weights of each feature, and of the constant after them, of greatest likelihood.

    Newton's method with halved steps where a full one does not help; a feature without spread
    gets no weight. Where outcomes can be told apart without fault the likelihood has no greatest
    value, and the weights are those at which it no longer grows in digits that count.
    """
    # centred and scaled, because steps lose digits where scores are in the thousands
    centre = np.array([column.mean() if intercept else 0.0 for column in features])
    scale = np.array([column.std() if intercept else np.abs(column).max() for column in features])
    has_spread = scale > 1e-12 * np.array([np.abs(column).max() for column in features])
    scale = np.where(has_spread, scale, np.inf)  # a level feature tells nothing
    columns = [(c - m) / s for c, m, s in zip(features, centre, scale, strict=True)]
    design = np.column_stack([*columns, np.ones(len(targets))] if intercept else columns)
    weights: Floats = np.zeros(design.shape[1])
    loss = _loss(design @ weights, targets)
    for _ in range(MOST_STEPS):
        p = sigmoid(design @ weights)
        slope = design.T @ (targets - p)
        bend = (design * (p * (1 - p))[:, None]).T @ design
        step = np.linalg.lstsq(bend, slope, rcond=1e-13)[0]
        moved, less = _downhill(design, targets, weights, step, loss)
        is_done = np.abs(moved - weights).max() <= 1e-15 * max(1.0, np.abs(moved).max())
        weights, loss = moved, less
        if is_done:
            break
    if not intercept:
        return np.asarray(weights / scale)
    slopes = weights[:-1] / scale
    return np.append(slopes, weights[-1] - (slopes * centre).sum())


def _downhill(
    design: Floats, targets: Floats, weights: Floats, step: Floats, loss: float
) -> tuple[Floats, float]:
    """The first of the full step, its half, its quarter … that does not make the loss larger."""
    for halvings in range(30):
        moved = weights + step / 2**halvings
        less = _loss(design @ moved, targets)
        if less <= loss:
            return moved, less
    return weights, loss


def _loss(values: Floats, targets: Floats) -> float:
    return float((np.logaddexp(0, values) - targets * values).sum())
