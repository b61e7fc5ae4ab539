"""How much do lists change from one refit to the next? And does it pay to forget?"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.drift_lists import decay_gain, refit_churn, refit_overlap
from evaluators.metric import Metric
from recommenders.base import Recommender
from recommenders.popularity import DecayedPopularity, Popularity
from recscope.audits.drift_quality import means
from recscope.audits.drift_rolling import DAY, FROZEN, REFITTED, Asked, Stretch, quality_of
from recscope.audits.numbers import from_sums
from recscope.audits.report import Note, Row
from recscope.compare import holm
from recscope.estimate import Sureness

SINCE_LAST, SINCE_FIRST = "one window old", "as frozen"
DECAY = "forgetting pays"
STEPS = (1 / 256, 1 / 64, 1 / 16, 1 / 4, 1.0)  # half-lives, as shares of the time of the data


def churn(
    model: str, asked: Sequence[Asked], k: int, sure: Sureness
) -> tuple[list[Row], list[Row], list[Note]]:
    """Curves and estimates: lists of the fresh model against those of the one before it."""
    curves: list[Row] = []
    pooled: dict[int, list[Floats]] = {}
    for one in asked[1:]:
        for series, other, mask in (
            (SINCE_LAST, "previous", one.was_known),
            (SINCE_FIRST, FROZEN, one.is_known),
        ):
            users, values = _changed(one, other, mask)
            if len(values) < sure.smallest:
                continue
            curves += _points(model, series, one, values, sure)
            for user, value in zip(users if series == SINCE_LAST else [], values, strict=False):
                pooled.setdefault(int(user), []).append(value)
    if not pooled:
        reason = "cannot be judged, because hardly any user of a window was there before it"
        return curves, [], [Note(f"{model}: lists", reason)]
    return curves, _pooled(model, pooled, k, sure), []


def _changed(one: Asked, other: str, mask: Bools) -> tuple[Ints, Floats]:
    """Users, and float (n, 2) overlap and churn of their lists."""
    before, after = one.lists[other][mask], one.lists[REFITTED][mask]
    values = np.stack([refit_overlap(before, after), refit_churn(before, after)], axis=1)
    is_defined = ~np.isnan(values).any(axis=1)
    return one.stretch.users[mask][is_defined], values[is_defined]


def _points(model: str, series: str, one: Asked, values: Floats, sure: Sureness) -> list[Row]:
    value, low, high = means(values, sure)
    point = {"model": model, "series": series, "x": one.stretch.at, "n": len(values)}
    return [
        {
            "curve": name, **point, "label": one.stretch.label,
            "y": value[at], "low": low[at], "high": high[at],
        }
        for at, name in enumerate(("refit_overlap", "refit_churn"))
    ]  # fmt: skip


def _pooled(model: str, pooled: dict[int, list[Floats]], k: int, sure: Sureness) -> list[Row]:
    """Overlap and churn over all windows; a user of several windows is drawn with all of them."""
    parts = np.array([[*np.sum(values, axis=0), len(values)] for values in pooled.values()])
    value, low, high = from_sums(
        parts, lambda sums: sums[..., :2] / np.maximum(sums[..., 2:], 1), sure
    )
    method = "percentile" if sure.resamples else "none"
    return [
        {
            "model": model, "metric": name, "k": k, "mean": value[at], "low": low[at],
            "high": high[at], "n": len(parts), "method": method,
        }
        for at, name in enumerate(("refit_overlap", "refit_churn"))
    ]  # fmt: skip


def decay(
    parts: Sequence[Stretch], half_lives: Sequence[float], metric: Metric, k: int, sure: Sureness
) -> tuple[list[Row], list[Row], list[dict[str, Any]]]:
    """Curves, estimates and tests: popularity that forgets, at several half-lives, against none."""
    lives = list(half_lives) or usual_half_lives(parts)
    models: list[Recommender] = [
        Popularity(),
        *(DecayedPopularity(half_life=days) for days in lives),
    ]
    sums: dict[int, Floats] = {}
    for part in parts:
        asked = [model.fit(part.known).recommend(part.users, k).items for model in models]
        values = np.stack([quality_of(items, part, metric, k) for items in asked], axis=1)
        values = np.column_stack([values, np.ones(len(values))])
        for user, row in zip(part.users, values, strict=True):
            if not np.isnan(row).any():
                sums[int(user)] = sums.get(int(user), 0) + row
    if len(sums) < sure.smallest:
        return [], [], []
    return _decay_rows(np.stack(list(sums.values())), lives, k, sure)


def usual_half_lives(parts: Sequence[Stretch]) -> list[float]:
    """Days: from a 256th of the time of the data to all of it."""
    times = parts[-1].known.timestamps
    span = float(np.ptp(times)) / DAY if times is not None else 1.0
    return [float(f"{max(span * step, 1 / 24):.2g}") for step in STEPS]


def _decay_rows(
    sums: Floats, lives: Sequence[float], k: int, sure: Sureness
) -> tuple[list[Row], list[Row], list[dict[str, Any]]]:
    from scipy.special import ndtr

    n_lives, n = len(lives), len(sums)

    def compute(total: Floats) -> Floats:
        mean = total[..., :-1] / np.maximum(total[..., -1:], 1)
        return np.concatenate([mean, decay_gain(mean[..., :1], mean[..., 1:])], axis=-1)

    value, low, high = from_sums(sums, compute, sure)
    curves: list[Row] = []
    names = ["no decay", *(f"{days:g} days" for days in lives)]
    for at, name in enumerate(names):
        x = np.inf if at == 0 else lives[at - 1]
        band = {"y": value[at], "low": low[at], "high": high[at], "n": n}
        curves.append(
            {"curve": "decay", "series": "decayed-popularity", "x": x, "label": name, **band}
        )
    ahead = sums[:, 1:-1] - sums[:, :1]
    pull = ahead - value[1 + n_lives :] * sums[:, -1:]
    error = np.sqrt((pull**2).sum(axis=0)) / sums[:, -1].sum()
    z = np.divide(value[1 + n_lives :], error, out=np.zeros(n_lives), where=error > 0)
    p = 2 * ndtr(-np.abs(z))
    corrected = holm(p)
    rows: list[Row] = []
    tests: list[dict[str, Any]] = []
    for at, name in enumerate(names[1:]):
        h = 1 + n_lives + at
        about = {"model": "decayed-popularity", "metric": "decay_gain", "k": k,
                 "group_by": "half-life", "group": name, "n": n}  # fmt: skip
        bounds = {"low": low[h], "high": high[h]}
        method = "percentile" if sure.resamples else "none"
        rows.append({**about, **bounds, "mean": value[h], "method": method})
        tests.append({
            **about, **bounds, "test": DECAY, "effect": value[h], "statistic": z[at], "p": p[at],
            "p_adjusted": corrected[at], "is_alarm": bool(corrected[at] < 0.05 and value[h] > 0),
        })  # fmt: skip
    return curves, rows, tests
