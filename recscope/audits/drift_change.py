"""When did it change? Change points by PELT, and the day on which each fits best."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.tables import Floats, Ints
from recscope.audits.drift_aspects import Aspect
from recscope.audits.drift_data import Given
from recscope.audits.drift_shift import Shift, category_weights
from recscope.audits.drift_windows import FINER, between, pairs_of

TEST = "change point"
FEWEST_WINDOWS = 4
LEAST_USERS = 5  # on a day that may be the day of the change


def change_points(given: Given, level: float, smallest_effect: float) -> list[dict[str, Any]]:
    """Rows of tests, one a change point of an aspect; an alarm where V is large enough."""
    found = []
    for aspect in given.aspects:
        judged = given.judged(aspect.name)
        if len(judged) >= FEWEST_WINDOWS and aspect.kind == "shares":
            found += _of_aspect(given, aspect, judged, level, smallest_effect)
    return found


def _of_aspect(
    given: Given, aspect: Aspect, judged: Ints, level: float, smallest_effect: float
) -> list[dict[str, Any]]:
    from scipy.special import chdtrc, chdtri

    known = [given.moments(aspect.name, int(window)) for window in judged]
    means = np.stack([here.mean for here in known])
    series, weights, freedom = scaled(means, [here.covariance for here in known])
    n = len(judged)
    penalty = float(chdtri(freedom, level / n))
    breaks = pelt(series, weights, penalty)
    edges = [0, *breaks, n]
    cost = Cost(series, weights)
    found = []
    for left, middle, right in zip(edges, edges[1:], edges[2:], strict=False):
        gain = cost.of(left, right) - cost.of(left, middle) - cost.of(middle, right)
        p = min(float(chdtrc(freedom, gain)) * (n - 1), 1.0)
        before, now = (
            means[part].mean(axis=0) for part in (slice(left, middle), slice(middle, right))
        )
        n_users = sum(len(here.users) for here in known[left:right])
        one = Shift(before, now, np.zeros((0, 0)), 1, 1, 1)
        effect = float(np.sqrt((category_weights(one) * one.delta**2).sum()))
        is_alarm = effect >= smallest_effect
        label = given.windows.labels[int(judged[middle])]
        found.append({
            "test": TEST, "metric": "cramers_v", "group_by": aspect.name,
            "group": _day(given, aspect, judged, middle) if is_alarm else label,
            "statistic": gain, "effect": effect, "p": p, "p_adjusted": p, "n": n_users,
            "is_alarm": is_alarm,
        })  # fmt: skip
    return found


def scaled(means: Floats, covariances: Sequence[Floats]) -> tuple[Floats, Floats, float]:
    """Shares, scaled so that their squared differences are V²; weights; degrees of freedom.

    means        float (n_windows, m); covariances: of each, float (m, m)
    A window weighs by how little chance there is in it, over users, and all of them by how much
    neighbouring windows differ in fact: what always fluctuates is no change.
    """
    root = np.sqrt(_weights(means.mean(axis=0)))
    series = means * root
    own = [covariance * root[:, None] * root for covariance in covariances]
    noise = np.maximum([np.trace(one) for one in own], 1e-12)
    squares = np.asarray([(one**2).sum() for one in own]) / noise**2
    freedom = float(1 / np.median(np.maximum(squares, 1e-12)))
    steps = ((series[1:] - series[:-1]) ** 2).sum(axis=1) / (noise[1:] + noise[:-1])
    restless = max(float(np.median(steps)), 1.0)
    return series, freedom / (noise * restless), freedom


def _weights(shares: Floats) -> Floats:
    return category_weights(Shift(shares, shares, np.zeros((0, 0)), 1, 1, 1))


class Cost:
    """Weighted squares around the mean of a stretch, from running sums: constant time a stretch."""

    def __init__(self, series: Floats, weights: Floats) -> None:
        start = np.zeros((1, series.shape[1]))
        self.weight = np.append(0, np.cumsum(weights))
        self.sum = np.concatenate([start, np.cumsum(weights[:, None] * series, axis=0)])
        self.square = np.append(0, np.cumsum(weights * (series**2).sum(axis=1)))

    def of(self, start: int, end: int) -> float:
        weight = self.weight[end] - self.weight[start]
        total = self.sum[end] - self.sum[start]
        if weight <= 0:
            return 0.0
        return float(self.square[end] - self.square[start] - (total @ total) / weight)


def pelt(series: Floats, weights: Floats, penalty: float) -> list[int]:
    """Where the series changes: positions of the first window after each change.

    Pruned exact linear time (Killick, Fearnhead & Eckley 2012, doi:10.1080/01621459.2012.737745),
    as the package ruptures has it (Truong, Oudre & Vayatis 2020, doi:10.1016/j.sigpro.2019.107299);
    a stretch costs its weighted squares, and holds at least two windows.
    """
    import ruptures
    from ruptures.base import BaseCost

    cost = Cost(series, weights)

    class Weighted(BaseCost):  # type: ignore[misc]  # ruptures ships no types
        model, min_size = "weighted", 1

        def fit(self, signal: Floats) -> "Weighted":
            self.signal = signal
            return self

        def error(self, start: int, end: int) -> float:
            return cost.of(start, end)

    search = ruptures.Pelt(custom_cost=Weighted(), min_size=2, jump=1).fit(series)
    return [int(place) for place in search.predict(pen=penalty)[:-1]]


def _day(given: Given, aspect: Aspect, judged: Ints, middle: int) -> str:
    """The finer window, of those around the change, at which the two sides differ most."""
    windows, label = given.windows, given.windows.labels[int(judged[middle])]
    unit = FINER.get(windows.unit)
    times = given.rows.timestamps
    if unit is None or times is None:
        return label
    first, last = (int(judged[max(middle - 1, 0)]), int(judged[min(middle + 1, len(judged) - 1)]))
    fine = between(int(windows.edges[first]), int(windows.edges[last + 1]) - 1, unit)
    # window 0 is all that came before, for an aspect that asks for a user's past
    place = np.where(times < fine.edges[0], 0 if aspect.needs_past else -1, -1)
    inside = (times >= fine.edges[0]) & (times < fine.edges[-1])
    place[inside] = fine.place(times[inside]) + 1
    pairs = pairs_of(given.rows.users, place, len(fine) + 1, given.rows.n_users)
    profiles = aspect.make(pairs)
    sizes = np.diff(profiles.starts)
    sizes[0] = 0
    enough = np.flatnonzero(sizes >= LEAST_USERS)
    if len(enough) < FEWEST_WINDOWS:
        return label
    series = np.stack([profiles.at(int(window))[1].mean(axis=0) for window in enough])
    weights = sizes[enough].astype(np.float64)
    cost = Cost(series * np.sqrt(_weights(series.mean(axis=0))), weights)
    gains = [-cost.of(0, at) - cost.of(at, len(enough)) for at in range(1, len(enough))]
    return fine.labels[int(enough[1 + int(np.argmax(gains))]) - 1]
