"""Does a score mean the same for every user, and would another scale make it so?"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from core.tables import Floats
from evaluators.calibration_bins import BinSums, equal_mass, place, resolution_of
from evaluators.calibration_normalise import NORMALISATIONS
from evaluators.calibration_strength import (
    correlation_of,
    deviation_of,
    strength_sums,
    strength_test,
)
from recscope.audits.calibration_pairs import Pairs, Shown
from recscope.audits.numbers import from_sums, rows
from recscope.audits.report import Note, Report, Row, effects_frame, estimates_frame
from recscope.estimate import Sureness

BY = "normalisation"
NAMES = ("between_user_deviation", "between_user_correlation", "brier_resolution")
TEST = "strength between users"
NO_SPREAD = (
    "strength between users cannot be judged, because no list holds two items of different score"
)
NO_DIFFERENCE = (
    "strength between users cannot be judged, because the listed items were {all} chosen"
)


def audit_strength(model: str, lists: Shown, k: int, n_bins: int, sure: Sureness) -> Report:
    """How far users' hit rates lie apart at equal scores; as given, and normalised per user.

    Estimates: between_user_deviation and between_user_correlation of the scores as given; by
    `normalisation` these and brier_resolution, what the scores still tell apart. All are of the
    same entries: those that every normalisation has an answer for. Test: "strength between users".
    """
    scaled = {name: scale(lists.scores, lists.is_listed) for name, scale in NORMALISATIONS.items()}
    usable = lists.is_listed & np.all([~np.isnan(one) for one in scaled.values()], axis=0)
    told = Shown(lists.scores, usable, lists.hits)
    own = told.pairs(k)
    if not len(own):
        return Report(notes=[Note(model, NO_SPREAD)])
    if own.n_hits in {0, len(own)}:
        reason = NO_DIFFERENCE.format(all="all" if own.n_hits else "never")
        return Report(notes=[Note(model, reason)])
    numbers = _numbers([told.pairs(k, scores) for scores in scaled.values()], n_bins, sure)
    facts = {"model": model, "k": k, "n_undefined": own.n_users - own.n_lists}
    made: list[Row] = rows(NAMES[:2], _of(numbers, slice(0, 2)), sure, own.n_lists, **facts)
    for place_, name in enumerate(scaled):
        mine = _of(numbers, slice(len(NAMES) * place_, len(NAMES) * (place_ + 1)))
        # named after the making: these are all users on another scale, no small group of them
        made += [
            {**row, "group_by": BY, "group": name}
            for row in rows(NAMES, mine, sure, own.n_lists, **facts)
        ]
    rng = np.random.default_rng([sure.seed, len(own)])
    statistic, p, _ = strength_test(own.user, own.scores, own.outcomes, rng)
    first = made[0]
    test = {
        "test": TEST,
        "model": model,
        "metric": NAMES[0],
        "k": k,
        "statistic": statistic,
        "effect": first["mean"],
        "low": first["low"],
        "high": first["high"],
        "p": p,
        "n": own.n_lists,
    }
    return Report(estimates_frame(made), tests=effects_frame([test]))


Numbers = tuple[Floats, Floats, Floats]


def _of(numbers: Numbers, columns: slice) -> Numbers:
    value, low, high = (part[columns] for part in numbers)
    return value, low, high


def _numbers(scales: Sequence[Pairs], n_bins: int, sure: Sureness) -> Numbers:
    """NAMES of each scale after one another, all from the same draws of users."""
    parts = [_parts(pairs, n_bins) for pairs in scales]
    ends = np.cumsum([0, *(part.shape[1] for part in parts)])

    def compute(sums: Floats) -> Floats:
        found = []
        for start, end in pairwise(ends):
            mine = sums[..., start:end]
            n, hits = np.split(mine[..., 4:], 2, axis=-1)
            found += [deviation_of(mine), correlation_of(mine), resolution_of(BinSums(n, n, hits))]
        return np.stack(found, axis=-1)

    return from_sums(np.hstack(parts)[scales[0].has_pairs], compute, sure)


def _parts(pairs: Pairs, n_bins: int) -> Floats:
    """What each user adds: to the four sums of strength, to entries and to hits of each bin."""
    strength = strength_sums(pairs.user, pairs.scores, pairs.outcomes, pairs.n_users).table()
    cuts = equal_mass(pairs.scores, n_bins)
    size = len(cuts) + 1
    cell = pairs.user * size + place(pairs.scores, cuts)
    counted = [
        np.bincount(cell, weight, pairs.n_users * size).reshape(pairs.n_users, size)
        for weight in (np.ones(len(cell)), pairs.outcomes.astype(np.float64))
    ]
    return np.hstack([strength, *counted])
