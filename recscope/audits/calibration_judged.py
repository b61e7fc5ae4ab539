"""Rows of the calibration audit: errors, diagrams and tests of every judgement."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from evaluators.calibration import ece_gap
from evaluators.calibration_bins import over, reliability
from evaluators.calibration_smooth import smooth_sums
from recscope.audits.calibration_numbers import (
    DEBIASED,
    ERRORS,
    NAMES,
    Found,
    Judgement,
    found_in,
)
from recscope.audits.calibration_tests import gap_by_chance, miscalibrated
from recscope.audits.case import Case
from recscope.audits.numbers import from_sums, rows
from recscope.audits.report import Note, Report, Row, curves_frame, effects_frame, estimates_frame
from recscope.bootstrap import STEPS, interval
from recscope.estimate import Sureness
from recscope.groups import Cell, cells
from recscope.permuted import p_value

WAYS = "probabilities"  # stands as group_by where ways to come by probabilities are side by side
ALARM = 0.05
ONE_GROUP = (
    "the gap between groups cannot be judged, because fewer than two groups have {n} users with a "
    "list of the model's own or more"
)
PLAIN_ZERO = {"ece", "ece_equal_mass", "mce", "brier_reliability"}  # cannot lie below 0


def judged_report(case: Case, judgements: Sequence[Judgement], k: int) -> Report:
    """Everything about the judgements: for everybody, then by group."""
    if not judgements:
        return Report()
    sure, n_users = case.sure, len(case.judged_users)
    everybody = next(iter(cells(n_users, None)))
    estimates: list[Row] = []
    curves: list[Row] = []
    tests: list[Row] = []
    for one, found in zip(judgements, found_in(judgements, everybody, sure), strict=True):
        ratio, p = miscalibrated(one, sure.seed)
        estimates += _everybody(one, _reaching_zero(found, p), sure, k)
        curves += _diagram(one, found, sure)
        if one.speaks:
            tests.append(_miscalibration(one, found, ratio, p, k))
    grouped = _Grouped(case, [one for one in judgements if one.speaks], k)
    return Report(
        estimates_frame([*estimates, *grouped.estimates]),
        curves_frame([*curves, *grouped.curves]),
        effects_frame([*tests, *grouped.tests]),
        grouped.notes,
    )


def _reaching_zero(found: Found, p: float) -> Found:
    """Where chance can make all of the error, its interval reaches down to 0.

    Users drawn again never agree better with the promises than those at hand, so the draws of an
    error of 0 all lie above it.
    """
    low = found.low.copy()
    if not p < ALARM:
        touched = [NAMES.index(name) for name in ERRORS]
        low[touched] = np.minimum(low[touched], 0)
    floor = [NAMES.index(name) for name in NAMES if name in PLAIN_ZERO]
    low[floor] = np.maximum(low[floor], 0)
    return replace(found, low=low)


def _everybody(one: Judgement, found: Found, sure: Sureness, k: int) -> Iterator[Row]:
    facts = {"model": one.model, "k": k, "n_undefined": one.pairs.n_users - found.n}
    numbers = (found.numbers, found.low, found.high)
    made = [
        *rows(NAMES, numbers, sure, found.n, **facts),
        *rows(["smooth_ece"], _smooth(one, sure), sure, found.n, **facts),
    ]
    if one.speaks:
        yield from made
    # named after the making, so that few users are not taken for a small group of them
    yield from ({**row, "group_by": WAYS, "group": one.way} for row in made)


def _smooth(one: Judgement, sure: Sureness) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    pairs = one.pairs
    sums = smooth_sums(pairs.user, pairs.n_users, one.probabilities, pairs.outcomes)
    parts = sums.parts.copy()
    parts.data = np.rint(parts.data * STEPS)  # whole numbers: the same sums on any machine
    value, low, high = from_sums(parts, lambda total: sums.error(total / STEPS)[..., None], sure)
    exact = np.full(1, sums.exact)
    # the grid of the interval is coarser than that of the value
    return exact, np.minimum(low + exact - value, exact), np.maximum(high + exact - value, exact)


def _diagram(one: Judgement, found: Found, sure: Sureness) -> Iterator[Row]:
    """The reliability diagram, and the band in which it would lie, were promises kept."""
    rng = np.random.default_rng([sure.seed, len(one.pairs)])
    drawn = reliability(one.probabilities, one.pairs.outcomes, one.cuts[1], rng, sure.confidence)
    facts = {"model": one.model, "series": one.way}
    yield from ({"curve": "reliability", **facts, **row} for row in _points(one, found, sure))
    for x, low, high, n in zip(drawn.promised, drawn.low, drawn.high, drawn.n, strict=True):
        yield {"curve": "consistency", **facts, "x": x, "y": x, "low": low, "high": high, "n": n}


def _points(one: Judgement, found: Found, sure: Sureness) -> Iterator[Row]:
    """Mean promise and rate of success of each bin of equal mass, the rate with its interval."""
    _, mass, _ = one.split(found.sums)
    filled = np.flatnonzero(mass.n > 0)
    promised, rate = over(mass.promised, mass.n), over(mass.found, mass.n)
    low = high = np.full(len(rate), np.nan)
    if found.again is not None:
        _, again, _ = one.split(found.again)
        n = np.full(len(rate), found.n)
        bounds = interval(rate, over(again.found, again.n), n, sure.confidence, "percentile")
        low, high = bounds.low, bounds.high
    for b in filled:
        yield {"x": promised[b], "y": rate[b], "low": low[b], "high": high[b], "n": mass.n[b]}


def _miscalibration(one: Judgement, found: Found, ratio: float, p: float, k: int) -> Row:
    return {
        "test": "miscalibration",
        "model": one.model,
        "metric": "ece_debiased",
        "k": k,
        "group_by": WAYS,
        "group": one.way,
        "statistic": ratio,
        "effect": found.numbers[DEBIASED],
        "low": found.low[DEBIASED],
        "high": found.high[DEBIASED],
        "p": p,
        "n": found.n,
    }


class _Grouped:
    """The same by group of users, and how far the groups lie apart."""

    def __init__(self, case: Case, judgements: Sequence[Judgement], k: int) -> None:
        self.case, self.judgements, self.k = case, judgements, k
        self.estimates: list[Row] = []
        self.curves: list[Row] = []
        self.tests: list[Row] = []
        self.notes: list[Note] = []
        if judgements:
            groups = case.groups()
            for attribute in groups.columns:
                self._attribute(groups[[attribute]])

    def _attribute(self, groups: pd.DataFrame) -> None:
        sure = self.case.sure
        # for each model, what was found in each group large enough to be shown
        shown: list[dict[str, Found]] = [{} for _ in self.judgements]
        for cell in list(cells(len(groups), groups))[1:]:
            for place, found in enumerate(found_in(self.judgements, cell, sure)):
                one = self.judgements[place]
                self._cell(one, cell, found)
                if found.n >= sure.smallest and not np.isnan(found.numbers[DEBIASED]):
                    shown[place][str(cell.group)] = found
        for one, by_group in zip(self.judgements, shown, strict=True):
            if len(by_group) < 2:
                reason = f"{groups.columns[0]}: {ONE_GROUP.format(n=sure.smallest)}"
                self.notes.append(Note(one.model, reason))
            else:
                self._gap(one, groups, by_group)

    def _cell(self, one: Judgement, cell: Cell, found: Found) -> None:
        facts = {
            "model": one.model,
            "k": self.k,
            "group_by": cell.group_by,
            "group": cell.group,
            "n_undefined": len(cell.rows) - found.n,
        }
        numbers = (found.numbers, found.low, found.high)
        self.estimates += rows(NAMES, numbers, self.case.sure, found.n, **facts)
        if found.n >= self.case.sure.smallest:
            about = {"model": one.model, "series": cell.group_by, "label": cell.group}
            self.curves += [
                {"curve": "reliability by group", **about, **row}
                for row in _points(one, found, self.case.sure)
            ]

    def _gap(self, one: Judgement, groups: pd.DataFrame, by_group: dict[str, Found]) -> None:
        """Largest difference of the groups' errors, its interval, and whether it is chance."""
        name, sure = str(groups.columns[0]), self.case.sure
        column = groups[name].astype("category")
        kept = {str(value): place for place, value in enumerate(column.cat.categories)}
        code = np.full(len(kept) + 1, -1)
        for place, group in enumerate(by_group):
            code[kept[group]] = place
        codes = np.where(one.pairs.has_pairs, code[column.cat.codes.to_numpy()], -1)
        errors, dealt = gap_by_chance(one, codes, len(by_group), sure.seed)
        gap = np.asarray(ece_gap(errors)).reshape(1)
        n = int((codes >= 0).sum())
        low = high = np.full(1, np.nan)
        draws = [found.draws for found in by_group.values()]
        if all(drawn is not None for drawn in draws):
            each = np.stack([drawn[:, DEBIASED] for drawn in draws if drawn is not None], axis=-1)
            bounds = interval(
                gap, np.asarray(ece_gap(each))[:, None], np.array([n]), sure.confidence,
                "percentile",
            )  # fmt: skip
            low, high = bounds.low, bounds.high
        facts = {"model": one.model, "k": self.k, "group_by": name}
        row = rows(["ece_gap"], (gap, low, high), sure, n)[0]
        self.estimates.append({**row, **facts})
        worst = list(by_group)[int(np.nanargmax(errors))]
        self.tests.append(
            {
                "test": "calibration gap",
                "metric": "ece_gap",
                **facts,
                "group": worst,
                "statistic": float(gap[0] / dealt.mean()),
                "effect": gap[0],
                "low": low[0],
                "high": high[0],
                "p": float(p_value(gap[0], dealt)),
                "n": n,
            }
        )
