"""What changed in the data: every aspect, every window, against the first and the previous one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np

from core.tables import Floats, Interactions, Ints
from evaluators import drift as metrics
from recscope.audits.drift_aspects import OTHERS, Aspect
from recscope.audits.drift_shift import (
    Moments,
    Shift,
    by_chance,
    category_weights,
    merged,
    moments,
    rao_scott,
    shift,
)
from recscope.audits.drift_windows import Pairs, Profiles, Windows
from recscope.audits.report import Note, Row

FIRST, PREVIOUS = "first", "previous"
N_DRAWS = 400
MOST_LINES = 6  # categories of an aspect whose shares are kept over time
TEST = "data against the {} window"
LAST = "last window against the first"


@dataclass(frozen=True, eq=False)
class Given:
    """What the data audit works on.

    smallest  users that a window must have to be judged; confidence: of the intervals
    """

    rows: Interactions
    windows: Windows
    pairs: Pairs
    aspects: Sequence[Aspect]
    profiles: dict[str, Profiles]
    smallest: int
    confidence: float
    seed: int
    _known: dict[tuple[str, int], Moments] = field(default_factory=dict, repr=False)

    def moments(self, name: str, window: int) -> Moments:
        """Mean of an aspect over the users of a window, and how sure it is."""
        if (name, window) not in self._known:
            self._known[name, window] = moments(self.profiles[name], window)
        return self._known[name, window]

    def start(self, window: int) -> float:
        return float(self.windows.edges[window])

    def judged(self, name: str) -> Ints:
        """Windows of an aspect that are full and have enough users."""
        sizes = np.diff(self.profiles[name].starts)
        return np.flatnonzero(self.windows.is_full & (sizes >= self.smallest))


@dataclass(eq=False)
class Found:
    """Rows for the tables of a report."""

    estimates: list[Row]
    curves: list[Row]
    tests: list[dict[str, Any]]
    notes: list[Note]


def judge(given: Given) -> Found:
    """All tests of the data, p not corrected yet."""
    found = Found([], [], [], [])
    for aspect in given.aspects:
        judged = given.judged(aspect.name)
        _note_small(given, aspect.name, judged, found.notes)
        if len(judged) < 2:
            continue
        known = [given.moments(aspect.name, int(window)) for window in judged]
        _first(given, aspect, judged, known, found)
        for at in range(1, len(judged)):
            one = shift(known[at - 1], known[at])
            found.tests.append(_tested(given, aspect, one, PREVIOUS, int(judged[at])))
        found.curves += _shares(given, aspect, judged, known)
    return found


def _note_small(given: Given, name: str, judged: Ints, notes: list[Note]) -> None:
    full = np.flatnonzero(given.windows.is_full)
    small = [given.windows.labels[w] for w in full if w not in set(judged.tolist())]
    if len(judged) < 2:
        what = "fewer than two windows have" if len(full) else "no window has"
        reason = f"cannot be judged, because {what} {given.smallest} users to speak of"
        notes.append(Note(name, reason))
    elif small:
        shown = ", ".join(small[:6]) + (" …" if len(small) > 6 else "")
        reason = (
            f"cannot be judged in {len(small)} of {len(full)} windows, because fewer than "
            f"{given.smallest} users can be looked at there: {shown}"
        )
        notes.append(Note(name, reason))


def _first(
    given: Given, aspect: Aspect, judged: Ints, known: Sequence[Moments], found: Found
) -> None:
    for now, here in zip(judged[1:], known[1:], strict=True):
        one = shift(known[0], here)
        found.tests.append(_tested(given, aspect, one, FIRST, int(now)))
        n = {"n": one.n}
        for name, (value, low, high) in distances(given, aspect, one).items():
            band = {"y": value, "low": low, "high": high, **n}
            x, label = given.start(int(now)), given.windows.labels[int(now)]
            found.curves.append(
                {"curve": name, "series": aspect.name, "x": x, "label": label, **band}
            )
            if now == judged[-1]:
                number = {"mean": value, "low": low, "high": high, **n}
                about = {"metric": name, "group_by": LAST, "group": aspect.name}
                found.estimates.append({**about, **number, "method": "normal over users"})


def _tested(given: Given, aspect: Aspect, one: Shift, against: str, now: int) -> dict[str, Any]:
    """One row of tests: Cramér's V, or the MMD of features, and p."""
    if aspect.kind == "features":
        name, answer = "mmd", rao_scott(one, np.ones(len(one.before)))
    else:
        small, _ = merged(one)
        name, answer = "cramers_v", rao_scott(small, category_weights(small))
    value, low, high = distances(given, aspect, one, (name,))[name]
    return {
        "test": TEST.format(against),
        "metric": name,
        "group_by": aspect.name,
        "group": given.windows.labels[now],
        "statistic": answer.statistic,
        "effect": value,
        "low": low,
        "high": high,
        "p": answer.p,
        "n": one.n,
    }


OF_SHARES = ("cramers_v", "psi", "jensen_shannon")
OF_VALUES = ("kolmogorov_smirnov", "wasserstein")


def distances(
    given: Given, aspect: Aspect, one: Shift, only: Sequence[str] | None = None
) -> dict[str, tuple[float, float, float]]:
    """How far, and its interval, by each metric that fits the aspect.

    What chance alone comes to with the asked confidence is taken off and put on: by the triangle
    inequality the true distance lies within. So the interval leaves 0 where the test finds a
    shift, and is rather wide above.
    """
    seed = crc32(f"{given.seed} {aspect.name}".encode())
    if aspect.kind == "features":
        return {"mmd": _mmd(one, given.confidence)}
    small, _ = merged(one)
    drawn = by_chance(small, N_DRAWS, seed)
    answers = {}
    for name in OF_SHARES:
        if only is None or name in only:
            answers[name] = _around(name, small, drawn, given.confidence, ())
    if aspect.values is not None and only is None:
        drawn = by_chance(one, N_DRAWS, seed)
        for name in OF_VALUES:
            extra = (aspect.values,) if name == "wasserstein" else ()
            answers[name] = _around(name, one, drawn, given.confidence, extra)
    return answers


def _around(
    name: str,
    one: Shift,
    drawn: tuple[Floats, Floats],
    confidence: float,
    extra: tuple[Floats, ...],
) -> tuple[float, float, float]:
    metric = metrics_by_name[name]
    value = float(metric(one.before, one.now, *extra))
    reach = float(np.quantile(metric(*drawn, *extra), confidence))
    root = np.sqrt if name == "psi" else np.positive  # psi grows with the square of a shift
    low, high = max(float(root(value) - root(reach)), 0.0), float(root(value) + root(reach))
    if name == "psi":
        low, high = low**2, high**2
    return value, low, min(high, metric.bounds[1])


metrics_by_name = {
    name: getattr(metrics, name) for name in (*OF_SHARES, *OF_VALUES)
}  # fmt: skip


def _mmd(one: Shift, confidence: float) -> tuple[float, float, float]:
    """Squared distance of mean features, less what chance adds to it."""
    from scipy.special import chdtri

    square, answer = float((one.delta**2).sum()), rao_scott(one, np.ones(len(one.before)))
    often = float(chdtri(answer.freedom, 1 - confidence)) / answer.freedom
    reach = np.sqrt(answer.noise * often)
    low, high = max(np.sqrt(square) - reach, 0.0) ** 2, (np.sqrt(square) + reach) ** 2
    value = square - answer.noise
    return value, min(low, value), float(high)


def by_label(labels: Sequence[str]) -> tuple[Floats, list[str]]:
    """Categories of one name put together: float (m, n_names) that adds them up, and the names."""
    names = list(dict.fromkeys(labels))
    gather = np.zeros((len(labels), len(names)))
    gather[np.arange(len(labels)), [names.index(label) for label in labels]] = 1
    return gather, names


def _shares(given: Given, aspect: Aspect, judged: Ints, known: Sequence[Moments]) -> Iterator[Row]:
    """Shares over time of the categories that moved most."""
    from scipy.special import ndtri

    if aspect.kind == "features":
        return
    gather, labels = by_label(aspect.labels)
    mean = np.stack([here.mean for here in known]) @ gather
    varied = [np.diag(gather.T @ here.covariance @ gather) for here in known]
    spread = np.sqrt(np.maximum(np.stack(varied), 0))
    error = float(ndtri((1 + given.confidence) / 2)) * spread
    order = np.argsort(-np.ptp(mean, axis=0), kind="stable")
    named = [int(place) for place in order if labels[place] != OTHERS] or [0]
    for place in named[:MOST_LINES]:
        for row, window in enumerate(judged):
            yield {
                "curve": f"shares: {aspect.name}",
                "series": labels[place],
                "x": given.start(int(window)),
                "label": given.windows.labels[int(window)],
                "y": mean[row, place],
                "low": max(mean[row, place] - error[row, place], 0),
                "high": min(mean[row, place] + error[row, place], 1),
                "n": len(known[row].users),
            }
