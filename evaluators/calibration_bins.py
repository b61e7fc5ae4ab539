"""Scores put into bins: what was promised in each bin, what came of it, how far chance could go."""

from dataclasses import dataclass

import numpy as np

from core.tables import Bools, Floats, Ints

N_BINS = 10
DRAWS = 10_000  # surrogate data sets behind a consistency band


@dataclass(frozen=True, eq=False)
class BinSums:
    """Sums over the pairs in each bin, float64 (..., n_bins).

    n         pairs
    promised  sum of their probabilities
    found     how many of them came true
    moments   float64 (3, ..., n_bins), or None: sums over users of squares and products of what a
              user adds, (promised - found)², (promised - found) · n, n². With them the noise of a
              rate takes that the pairs of a user go together
    """

    n: Floats
    promised: Floats
    found: Floats
    moments: Floats | None = None

    @property
    def gap(self) -> Floats:
        """Mean of promised - found in each bin, NaN in an empty one."""
        return over(self.promised - self.found, self.n)

    @property
    def noise(self) -> Floats:
        """Variance that chance gives the gap of each bin: rate · (1 - rate) / n, or more.

        With `moments` that of clusters (Liang & Zeger 1986, doi:10.1093/biomet/73.1.13) where it is
        larger; a bin of one user alone has none of it.
        """
        rate = over(self.found, self.n)
        apart = np.maximum(over(rate * (1 - rate), self.n), 0)
        if self.moments is None:
            return np.asarray(apart)
        gap = self.gap
        squares, crossed, counts = self.moments
        together = over(squares - 2 * gap * crossed + gap**2 * counts, self.n**2)
        return np.asarray(np.maximum(apart, np.nan_to_num(together)))


def equal_width(n_bins: int = N_BINS) -> Floats:
    """Where bins of equal width over [0, 1] are cut: float64 (n_bins - 1,)."""
    _require_bins(n_bins)
    cuts: Floats = np.linspace(0.0, 1.0, n_bins + 1)[1:-1]
    return cuts


def equal_mass(scores: Floats, n_bins: int = N_BINS) -> Floats:
    """Where bins holding equally many scores are cut: float64 (at most n_bins - 1,), ascending.

    Quantiles with linear interpolation, as netcal and scikit-learn. Equal scores share a bin, so
    there are fewer bins where a score is frequent, and one where all are equal.
    """
    _require_bins(n_bins)
    if not len(scores):
        return np.zeros(0)
    cuts = np.unique(np.quantile(scores, np.linspace(0.0, 1.0, n_bins + 1)[1:-1]))
    n_below, first = np.unique(np.searchsorted(np.sort(scores), cuts), return_index=True)
    separating: Floats = cuts[first[n_below > 0]]  # of cuts between the same two scores, one
    return separating


def _require_bins(n_bins: int) -> None:
    if n_bins < 1:
        raise ValueError(f"n_bins must be 1 or more; got {n_bins}")


def place(scores: Floats, cuts: Floats) -> Ints:
    """Which bin each score lies in: int64 (n,).  A score on a cut belongs to the bin above it.

    scikit-learn's `calibration_curve` puts it into the bin below.
    """
    return np.asarray(np.searchsorted(cuts, scores, side="right"), dtype=np.int64)


def bin_sums(probabilities: Floats, outcomes: Bools, cuts: Floats) -> BinSums:
    """What was promised and what was found in each bin: float64 (len(cuts) + 1,) each."""
    inside, n_bins = place(probabilities, cuts), len(cuts) + 1
    return BinSums(
        np.bincount(inside, minlength=n_bins).astype(np.float64),
        np.bincount(inside, weights=probabilities, minlength=n_bins).astype(np.float64),
        np.bincount(inside, weights=outcomes, minlength=n_bins).astype(np.float64),
    )


def with_users(probabilities: Floats, outcomes: Bools, cuts: Floats, user: Ints) -> BinSums:
    """Sums of each bin, with the moments that tell how the pairs of a user go together.

    user  int (n,)  row of the user of each pair, from 0
    """
    n_bins, n_users = len(cuts) + 1, int(np.max(user, initial=-1)) + 1
    cell = user * n_bins + place(probabilities, cuts)
    shape = (n_users, n_bins)
    n = np.bincount(cell, minlength=n_users * n_bins).reshape(shape)
    apart = np.bincount(cell, probabilities - outcomes, n_users * n_bins).reshape(shape)
    plain = bin_sums(probabilities, outcomes, cuts)
    moments = np.stack([(one).sum(axis=0) for one in (apart**2, apart * n, n**2)])
    return BinSums(plain.n, plain.promised, plain.found, moments.astype(np.float64))


def mean_gap(sums: BinSums) -> Floats:
    """Mean over pairs of |promised - found| of their bin: the expected calibration error (...)."""
    return over(np.abs(sums.promised - sums.found).sum(axis=-1), sums.n.sum(axis=-1))


def largest_gap(sums: BinSums) -> Floats:
    """Largest |promised - found| per pair of any bin that holds one: (...)."""
    gaps = np.abs(sums.gap)
    largest = np.max(np.nan_to_num(gaps), axis=-1)
    return np.asarray(np.where(sums.n.sum(axis=-1) > 0, largest, np.nan))


def gaps_debiased(sums: BinSums, times: float = 1.0) -> Floats:
    """Size of the gap of each bin without what chance alone adds to it: (..., n_bins), 0 if empty.

    The mean size of a normal gap (the folded normal's) less the gap is what chance adds.
    times  how often chance was added: 2 in sums of a resample
    """
    from scipy.special import erf

    gap = np.abs(np.nan_to_num(sums.gap))
    noise = np.sqrt(times * np.nan_to_num(sums.noise))
    ratio = gap / np.where(noise > 0, noise, np.inf)  # a bin without noise is exact
    folded = noise * np.sqrt(2 / np.pi) * np.exp(-(ratio**2) / 2) + gap * erf(ratio / np.sqrt(2))
    return np.asarray(2 * gap - np.where(noise > 0, folded, gap))


def mean_gap_debiased(sums: BinSums) -> Floats:
    """Mean gap without what chance alone adds to it: (...).  See `calibration.ece_debiased`."""
    return over((sums.n * gaps_debiased(sums)).sum(axis=-1), sums.n.sum(axis=-1))


def squared_gap_debiased(sums: BinSums, times: float = 1.0) -> Floats:
    """Mean squared gap without what chance adds: (...).  See `calibration.ece_squared`.

    times  how often chance was added: 2 in sums of a resample
    """
    noise = sums.noise if sums.moments is not None else over(sums.noise * sums.n, sums.n - 1)
    unbiased = sums.gap**2 - times * noise
    counted = np.where(sums.n > 1, sums.n, 0)
    total = (counted * np.nan_to_num(unbiased)).sum(axis=-1)
    return over(total, counted.sum(axis=-1))


def reliability_of(sums: BinSums) -> Floats:
    """Mean squared gap of the bins, weighted by their pairs: (...)."""
    return over((sums.n * np.nan_to_num(sums.gap) ** 2).sum(axis=-1), sums.n.sum(axis=-1))


def resolution_of(sums: BinSums) -> Floats:
    """Variance of the rate of success between bins, weighted by their pairs: (...)."""
    n = sums.n.sum(axis=-1)
    rate = over(sums.found.sum(axis=-1), n)
    apart = np.nan_to_num(over(sums.found, sums.n) - rate[..., None])
    return over((sums.n * apart**2).sum(axis=-1), n)


def uncertainty_of(sums: BinSums) -> Floats:
    """Variance of the outcome itself, rate · (1 - rate): (...)."""
    rate = over(sums.found.sum(axis=-1), sums.n.sum(axis=-1))
    return np.asarray(rate * (1 - rate))


@dataclass(frozen=True, eq=False)
class Reliability:
    """A reliability diagram: one entry per bin that holds a pair, float64 (n_filled,).

    promised, found  mean probability, and rate of success
    low, high        where the rate would lie, were the probabilities right
    n                pairs in the bin
    """

    promised: Floats
    found: Floats
    low: Floats
    high: Floats
    n: Floats


def reliability(
    probabilities: Floats,
    outcomes: Bools,
    cuts: Floats,
    rng: np.random.Generator,
    confidence: float = 0.95,
) -> Reliability:
    """Do pairs that are promised p come true at rate p, and could a gap be chance?

    probabilities  float (n,), outcomes  bool (n,), cuts  float: where bins end

    The consistency band is that of Bröcker & Smith 2007, doi:10.1175/WAF993.1: surrogate data sets
    draw n probabilities from those at hand and outcomes from them, and the band spans `confidence`
    of their rates in each bin. Drawn here by their exact law, n_bin ~ Binomial(n, share of the
    bin), hits ~ Binomial(n_bin, mean probability of the bin), instead of pair by pair. It takes
    outcomes as independent given the probabilities: users who differ spread further.
    """
    sums = bin_sums(probabilities, outcomes, cuts)
    filled = sums.n > 0
    n, promised = sums.n[filled], np.clip(over(sums.promised, sums.n)[filled], 0, 1)
    n_pairs = len(probabilities)
    drawn = rng.binomial(n_pairs, n / max(n_pairs, 1), size=(DRAWS, len(n)))
    rates = over(rng.binomial(drawn, promised).astype(np.float64), drawn.astype(np.float64))
    rates = np.where(np.isnan(rates), promised, rates)  # a bin that drew nothing says nothing
    edge = (1 - confidence) / 2
    low, high = np.quantile(rates, [edge, 1 - edge], axis=0)
    return Reliability(promised, over(sums.found, sums.n)[filled], low, high, n)


def mean_of(values: Floats) -> Floats:
    """Mean of values, shape (); NaN where there are none."""
    return np.asarray(np.mean(values) if len(values) else np.nan)


def over(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, with NaN where nothing is counted; shapes are broadcast."""
    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    quotient = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator > 0)
    return quotient
