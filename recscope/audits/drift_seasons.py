"""Does the week, the day or the year repeat itself? Whole cycles are what is drawn.

One freak day among a thousand must not make a season of its weekday. So each full cycle (a week, a
day, a year) is one observation: the share of its active users that falls on each part. A season is
what these shares have in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.tables import Floats, Interactions, Ints
from evaluators.drift import cramers_v
from recscope.audits.drift_shift import Shift, category_weights, influence, rao_scott
from recscope.audits.drift_windows import between
from recscope.audits.report import Note, Row

TEST = "season"
FEWEST = 5  # cycles for a test
LEAST_USERS = 20  # active in a cycle, or its shares say nothing
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HOURS = tuple(f"{hour:02d}" for hour in range(24))


@dataclass(frozen=True)
class Cycle:
    """name of its parts; unit of the whole and of a part; labels of the parts."""

    name: str
    whole: str
    part: str
    labels: Sequence[str]


CYCLES = (
    Cycle("hour of the day (UTC)", "day", "hour", HOURS),
    Cycle("weekday", "week", "day", WEEKDAYS),
    Cycle("month", "year", "month", MONTHS),
)


def seasons(
    rows: Interactions, confidence: float
) -> tuple[list[Row], list[dict[str, Any]], list[Note]]:
    """Curves, tests and notes of every cycle."""
    curves: list[Row] = []
    tests: list[dict[str, Any]] = []
    notes: list[Note] = []
    for cycle in CYCLES:
        shares, even = cycle_shares(rows, cycle)
        n = len(shares)
        if not n:
            reason = f"cannot be judged, because the data cover no full {cycle.whole}"
            notes.append(Note(f"season: {cycle.name}", reason))
            continue
        if n < FEWEST:
            some = f"only {n} full {cycle.whole}{'' if n == 1 else 's'}"
            reason = (
                f"cannot be told from chance, because the data cover {some}; {FEWEST} are needed"
            )
            notes.append(Note(f"season: {cycle.name}", reason))
        curves += _curve(cycle, shares, even, confidence)
        if n >= FEWEST:
            tests.append(_test(cycle, shares, even, confidence))
    return curves, tests, notes


def cycle_shares(rows: Interactions, cycle: Cycle) -> tuple[Floats, Floats]:
    """Share of each full cycle's active users on each part, and what no season would give.

    float (n_cycles, m), and float (m,): the part's share of the time
    """
    times = rows.timestamps
    m = len(cycle.labels)
    nothing = np.zeros((0, m)), np.full(m, 1 / m)
    if times is None or not len(times):
        return nothing
    first, last = int(times.min()), int(times.max())
    wholes, parts = between(first, last, cycle.whole), between(first, last, cycle.part)
    part = parts.place(times)
    active = np.unique(part * rows.n_users + rows.users) // rows.n_users
    n_active = np.bincount(active, minlength=len(parts))
    of_part = wholes.place(parts.edges[:-1])
    place = _place(cycle, parts.edges[:-1])
    counts = np.zeros((len(wholes), m))
    np.add.at(counts, (of_part, place), n_active)
    length = np.zeros((len(wholes), m))
    np.add.at(length, (of_part, place), np.diff(parts.edges))
    inside = (wholes.edges[:-1] >= first) & (wholes.edges[1:] <= last + 1)
    kept = inside & (counts.sum(axis=1) >= LEAST_USERS)
    if not kept.any():
        return nothing
    even = (length[kept] / length[kept].sum(axis=1, keepdims=True)).mean(axis=0)
    return counts[kept] / counts[kept].sum(axis=1, keepdims=True), even


def _place(cycle: Cycle, starts: Ints) -> Ints:
    """Which part of its cycle a window is."""
    if cycle.part == "hour":
        return starts // 3600 % 24
    if cycle.part == "day":
        return (starts // 86_400 - 4) % 7
    return starts.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12


def _against_even(shares: Floats, even: Floats) -> Shift:
    mean, part = influence(shares)
    return Shift(even, mean, part.T @ part, len(shares), len(shares), len(shares))


def _test(cycle: Cycle, shares: Floats, even: Floats, confidence: float) -> dict[str, Any]:
    one = _against_even(shares, even)
    answer = rao_scott(one, category_weights(one))
    drawn = np.random.default_rng(0).standard_normal((400, len(even)))
    values, vectors = np.linalg.eigh(one.covariance)
    apart = (drawn * np.sqrt(np.maximum(values, 0))) @ vectors.T
    reach = np.quantile(np.sqrt((category_weights(one) * apart**2).sum(axis=1)), confidence)
    effect = float(cramers_v(even, one.now))
    return {
        "test": TEST, "metric": "cramers_v", "group_by": cycle.name, "group": None,
        "statistic": answer.statistic, "effect": effect, "low": max(effect - reach, 0.0),
        "high": min(effect + reach, 1.0), "p": answer.p, "n": len(shares),
    }  # fmt: skip


def _curve(cycle: Cycle, shares: Floats, even: Floats, confidence: float) -> list[Row]:
    from scipy.special import stdtrit

    n = len(shares)
    ratio = shares / even
    mean = ratio.mean(axis=0)
    if n > 1:
        reach = stdtrit(n - 1, (1 + confidence) / 2) * ratio.std(axis=0, ddof=1) / np.sqrt(n)
    else:
        reach = np.full(len(mean), np.nan)
    return [
        {
            "curve": "season",
            "series": cycle.name,
            "x": float(place),
            "label": label,
            "y": mean[place],
            "low": max(mean[place] - reach[place], 0.0) if n > 1 else np.nan,
            "high": mean[place] + reach[place],
            "n": n,
        }
        for place, label in enumerate(cycle.labels)
    ]
