"""How fast does a model go stale, and what is refreshing it worth?"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.drift_lists import quality_half_life, refresh_gain
from recscope.audits.drift_rolling import DAY, FROZEN, REFITTED, UPDATED, Asked, Stretch
from recscope.audits.numbers import from_sums
from recscope.audits.report import Note, Row
from recscope.estimate import Sureness

TEST = "refreshing pays"
ACQUAINTANCE = "known at freezing"


def lines(model: str, asked: Sequence[Asked], sure: Sureness) -> list[Row]:
    """Quality of each state of the model in every window, and what the refitted one is ahead."""
    curves: list[Row] = []
    for one in asked:
        names = list(one.quality)
        values = np.stack([one.quality[name] for name in names], axis=1)
        values = values[~np.isnan(values).any(axis=1)]
        n = len(values)
        if n < sure.smallest:
            continue
        ahead = values[:, names.index(REFITTED)] - values[:, names.index(FROZEN)]
        value, low, high = means(np.column_stack([values, ahead]), sure)
        point = {"model": model, "x": one.stretch.at, "label": one.stretch.label, "n": n}
        for place, name in enumerate([*names, "refitted - frozen"]):
            band = {"y": value[place], "low": low[place], "high": high[place]}
            curve = "refresh_gain" if place == len(names) else "quality"
            curves.append({"curve": curve, "series": name, **point, **band})
    return curves


def means(values: Floats, sure: Sureness) -> tuple[Floats, Floats, Floats]:
    """Mean, low and high of each column of float (n_users, m), users drawn again."""
    parts = np.column_stack([values, np.ones(len(values))])
    return from_sums(parts, lambda sums: sums[..., :-1] / np.maximum(sums[..., -1:], 1), sure)


def together(asked: Sequence[Asked], chosen: Sequence[Bools]) -> tuple[Floats, Ints]:
    """What each user adds over all windows: frozen and refitted by window, and how often counted.

    float (n_users, 2 · n_windows + 1) and the users' codes; the last column counts the windows
    after the first, where the two can differ. chosen: bool (n_users,) of each window
    """
    kept = [
        mask & ~np.isnan(one.quality[FROZEN] + one.quality[REFITTED])
        for one, mask in zip(asked, chosen, strict=True)
    ]
    users = np.unique(
        np.concatenate([one.stretch.users[k] for one, k in zip(asked, kept, strict=True)])
    )
    n = len(asked)
    parts = np.zeros((len(users), 2 * n + 1))
    for at, (one, mask) in enumerate(zip(asked, kept, strict=True)):
        row = np.searchsorted(users, one.stretch.users[mask])
        parts[row, at] = one.quality[FROZEN][mask]
        parts[row, n + at] = one.quality[REFITTED][mask]
        parts[row, 2 * n] += 1.0 if at else 0.0
    return parts, users


def summary(
    model: str, asked: Sequence[Asked], k: int, sure: Sureness
) -> tuple[list[Row], list[dict[str, Any]], list[Note]]:
    """What refreshing is worth, for whom, and the half-life of the quality."""
    everybody = [np.ones(len(one.is_known), dtype=bool) for one in asked]
    parts, users = together(asked, everybody)
    notes: list[Note] = []
    rows: list[Row] = []
    tests: list[dict[str, Any]] = []
    if len(users) < sure.smallest or not parts[:, -1].sum():
        reason = "cannot be judged, because hardly any user of the later windows can be scored"
        return [], [], [Note(f"{model}: refreshing", reason)]
    ages = age(asked)
    gain = _gain(parts, len(asked), sure)
    rows.append(_row(model, "refresh_gain", k, gain, len(users)))
    tests.append(_test(model, parts, k, gain, len(users)))
    life = half_life(parts, ages, sure)
    if np.isnan(life[0]):
        reason = "cannot be judged, because the refitted model finds nothing in any window"
        notes.append(Note(f"{model}: half-life", reason))
    else:
        rows.append(_row(model, "quality_half_life", k, life, len(users)))
    for group, masks in (
        ("known", [one.is_known for one in asked]),
        ("joined later", [~one.is_known for one in asked]),
    ):
        some, who = together(asked, masks)
        if len(who) >= sure.smallest and some[:, -1].sum():
            about = {"group_by": ACQUAINTANCE, "group": group}
            rows.append(
                {**_row(model, "refresh_gain", k, _gain(some, len(asked), sure), len(who)), **about}
            )
    return rows, tests, notes


def age(asked: Sequence[Asked]) -> Floats:
    """Days from the freezing to the middle of each window."""
    times = asked[0].stretch.known.timestamps
    frozen = float(times.max()) if times is not None else 0.0
    return np.array(
        [(one.stretch.at - frozen) / DAY if at else 0.0 for at, one in enumerate(asked)]
    )


def half_life(parts: Floats, ages: Floats, sure: Sureness) -> tuple[float, float, float]:
    """Days and their interval; the rate of loss is what is drawn again, because it has no end."""
    n = len(ages)

    def compute(sums: Floats) -> Floats:
        return 1 / quality_half_life(sums[..., :n], sums[..., n : 2 * n], ages)[..., None]

    rate, slow, fast = (float(part[0]) for part in from_sums(parts, compute, sure))
    with np.errstate(divide="ignore"):
        days, longest, shortest = (float(np.divide(1.0, part)) for part in (rate, slow, fast))
    return days, shortest, longest


def _gain(parts: Floats, n: int, sure: Sureness) -> tuple[float, float, float]:
    def compute(sums: Floats) -> Floats:
        count = np.maximum(sums[..., 2 * n], 1)
        frozen, fresh = sums[..., 1:n].sum(axis=-1), sums[..., n + 1 : 2 * n].sum(axis=-1)
        return refresh_gain(frozen / count, fresh / count)[..., None]

    value, low, high = from_sums(parts, compute, sure)
    return float(value[0]), float(low[0]), float(high[0])


def _row(
    model: str, metric: str, k: int, numbers: tuple[float, float, float], n: int
) -> dict[str, Any]:
    value, low, high = numbers
    return {
        "model": model, "metric": metric, "k": k, "mean": value, "low": low, "high": high, "n": n,
        "method": "none" if np.isnan(low) else "percentile",
    }  # fmt: skip


def _test(
    model: str, parts: Floats, k: int, gain: tuple[float, float, float], n_users: int
) -> dict[str, Any]:
    """Is the gain more than chance? A ratio of sums over users, linearised."""
    from scipy.special import ndtr

    n = (parts.shape[1] - 1) // 2
    ahead = parts[:, n + 1 : 2 * n].sum(axis=1) - parts[:, 1:n].sum(axis=1)
    pull = ahead - gain[0] * parts[:, -1]
    error = np.sqrt((pull**2).sum()) / parts[:, -1].sum()
    z = gain[0] / error if error > 0 else np.nan
    return {
        "test": TEST, "model": model, "metric": "refresh_gain", "k": k, "statistic": z,
        "effect": gain[0], "low": gain[1], "high": gain[2], "n": n_users,
        "p": float(2 * ndtr(-abs(z))) if np.isfinite(z) else 1.0,
    }  # fmt: skip


def states(asked: Sequence[Asked]) -> list[str]:
    """Frozen and refitted, and updated where the model can learn more."""
    return [name for name in (FROZEN, REFITTED, UPDATED) if name in asked[0].quality]


def spans(parts: Sequence[Stretch]) -> str:
    """From when to when the windows run."""
    return f"{parts[0].label.split(' to ')[0]} to {parts[-1].label.split(' to ')[-1]}"
