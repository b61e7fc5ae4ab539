"""Errors of calibration as functions of sums over users, so that users can be drawn again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.tables import Floats, Ints
from evaluators.calibration_bins import (
    BinSums,
    equal_mass,
    equal_width,
    gaps_debiased,
    mean_gap,
    mean_gap_debiased,
    over,
    place,
    reliability_of,
    resolution_of,
    squared_gap_debiased,
    uncertainty_of,
)
from evaluators.calibration_bins import largest_gap as mce_of
from evaluators.calibration_scores import surprise
from recscope.audits.calibration_pairs import Pairs
from recscope.bootstrap import interval, resampled_sums
from recscope.estimate import Sureness
from recscope.groups import Cell

NAMES = (
    "ece",
    "ece_equal_mass",
    "ece_debiased",
    "ece_squared",
    "mce",
    "calibration_bias",
    "brier",
    "brier_reliability",
    "brier_resolution",
    "brier_uncertainty",
    "log_loss",
)
DEBIASED = NAMES.index("ece_debiased")
ERRORS = ("ece", "ece_equal_mass", "ece_debiased", "ece_squared", "mce", "brier_reliability")
SUMS = 6  # by bin
TWICE = 2.0  # chance is in a sample once, and in its resample again
MOST_NUMBERS = 50_000_000  # of users times sums that are drawn from at once


@dataclass(frozen=True, eq=False)
class Judgement:
    """Probabilities of one model, come by in one way.

    way         how: "as stated", "min-max", "platt" …
    speaks      are these the model's probabilities, or are they there to compare?
    """

    model: str
    way: str
    pairs: Pairs
    probabilities: Floats
    n_bins: int
    speaks: bool

    @cached_property
    def cuts(self) -> tuple[Floats, Floats]:
        """Where bins of equal width and of equal mass end; empty ones join their neighbour."""
        by_width = equal_width(self.n_bins)
        filled = np.unique(place(self.probabilities, by_width))
        return by_width[filled[1:] - 1], equal_mass(self.probabilities, self.n_bins)

    @cached_property
    def parts(self) -> Floats:
        """float64 (n_users, n_sums): what each user adds to every sum.

        For both kinds of bin, by bin: entries, promises, hits, and the moments of
        `calibration_bins.BinSums`; then squared error and surprise.
        """
        outcomes = self.pairs.outcomes.astype(np.float64)
        blocks = [self._by_bin(cuts, outcomes) for cuts in self.cuts]
        alone = ((self.probabilities - outcomes) ** 2, surprise(self.probabilities, outcomes > 0))
        whole = [self._by_user(values)[:, None] for values in alone]
        return np.hstack([*blocks, *whole])

    def _by_bin(self, cuts: Floats, outcomes: Floats) -> Floats:
        n_bins, n_users = len(cuts) + 1, self.pairs.n_users
        cell = self.pairs.user * n_bins + place(self.probabilities, cuts)
        weights = (np.ones(len(cell)), self.probabilities, outcomes)
        counted = [np.bincount(cell, weight, n_users * n_bins) for weight in weights]
        n, promised, found = (one.reshape(n_users, n_bins) for one in counted)
        apart = promised - found
        return np.hstack([n, promised, found, apart**2, apart * n, n**2])

    def _by_user(self, values: Floats) -> Floats:
        return np.bincount(self.pairs.user, values, self.pairs.n_users).astype(np.float64)

    @property
    def by_mass(self) -> Floats:
        """Those of the parts that belong to bins of equal mass."""
        start, size = SUMS * (len(self.cuts[0]) + 1), SUMS * (len(self.cuts[1]) + 1)
        return self.parts[:, start : start + size]

    def split(self, sums: Floats) -> tuple[BinSums, BinSums, Floats]:
        """Sums (..., n_sums) as bins of equal width, of equal mass, and the last two."""
        made, start = [], 0
        for cuts in self.cuts:
            size = len(cuts) + 1
            made.append(by_bin(sums[..., start : start + SUMS * size]))
            start += SUMS * size
        return made[0], made[1], sums[..., start:]

    def numbers(self, sums: Floats) -> Floats:
        """Every one of NAMES, of sums (..., n_sums): (..., n_names)."""
        width, mass, alone = self.split(sums)
        errors = [mean_gap(width), mean_gap(mass)]
        debiased = [mean_gap_debiased(mass), squared_gap_debiased(mass)]
        return self._stack([*errors, *debiased, mce_of(width), reliability_of(mass)], mass, alone)

    def redrawn(self, sums: Floats) -> Floats:
        """What the interval of each of NAMES is read from: as `numbers`, errors without bias.

        A resample adds chance to what chance already added, and a plain error grows with it: its
        draws would lie above the truth. Freed of both they lie around it.
        """
        width, mass, alone = self.split(sums)
        by_width, by_mass = gaps_debiased(width, TWICE), gaps_debiased(mass, TWICE)
        n = mass.n.sum(axis=-1)
        plain, squared = over((mass.n * by_mass).sum(axis=-1), n), squared_gap_debiased(mass, TWICE)
        usual, worst = over((width.n * by_width).sum(axis=-1), n), by_width.max(axis=-1)
        return self._stack([usual, plain, plain, squared, worst, squared], mass, alone)

    @staticmethod
    def _stack(errors: list[Floats], mass: BinSums, alone: Floats) -> Floats:
        n = mass.n.sum(axis=-1)
        bias = over((mass.promised - mass.found).sum(axis=-1), n)
        *first, reliability = errors
        brier, surprised = over(alone[..., 0], n), over(alone[..., 1], n)
        rest = [reliability, resolution_of(mass), uncertainty_of(mass), surprised]
        return np.stack([*first, bias, brier, *rest], axis=-1)


def by_bin(sums: Floats) -> BinSums:
    """Sums (..., 6 · n_bins) of one kind of bin, as `Judgement.parts` lays them out."""
    n, promised, found, *moments = np.split(sums, SUMS, axis=-1)
    return BinSums(n, promised, found, np.stack(moments))


@dataclass(frozen=True, eq=False)
class Found:
    """Numbers of one judgement in one group of users.

    numbers, low, high  float (n_names,); draws: float (resamples, n_names), None where none asked
    sums, again        the sums (n_sums,) behind them, and (resamples, n_sums) or None
    n                  users with an entry
    """

    numbers: Floats
    low: Floats
    high: Floats
    draws: Floats | None
    sums: Floats
    again: Floats | None
    n: int


def found_in(judgements: Sequence[Judgement], cell: Cell, sure: Sureness) -> Iterator[Found]:
    """Numbers of each judgement among the users of a cell, all from the same draws of users."""
    for some in _together(judgements, len(cell.rows)):
        parts = np.hstack([one.parts[cell.rows] for one in some])
        again = None
        if sure.resamples and len(cell.rows) > 1:
            again = resampled_sums(parts, sure.resamples, sure.key(cell))
        start = 0
        for one in some:
            columns = slice(start, start + one.parts.shape[1])
            start = columns.stop
            n = int(one.pairs.has_pairs[cell.rows].sum())
            sums = parts[:, columns].sum(axis=0)
            yield _found(one, sums, None if again is None else again[:, columns], n, sure)


def _together(judgements: Sequence[Judgement], n_users: int) -> Iterator[Sequence[Judgement]]:
    """As many judgements at a time as memory allows."""
    if not judgements:
        return
    width = max(one.parts.shape[1] for one in judgements)
    n = max(1, MOST_NUMBERS // max(n_users * width, 1))
    for start in range(0, len(judgements), n):
        yield judgements[start : start + n]


def _found(
    judgement: Judgement, sums: Floats, again: Floats | None, n: int, sure: Sureness
) -> Found:
    values = judgement.numbers(sums)
    missing = np.full(len(values), np.nan)
    if again is None or n < 2:
        return Found(values, missing, missing, None, sums, None, n)
    draws = judgement.redrawn(again)
    counted: Ints = np.full(len(values), n)
    bounds = interval(values, draws, counted, sure.confidence, "percentile")
    is_known = ~np.isnan(values)
    low = np.where(is_known, np.minimum(bounds.low, values), np.nan)
    high = np.where(is_known, np.maximum(bounds.high, values), np.nan)
    return Found(values, low, high, draws, sums, again, n)
