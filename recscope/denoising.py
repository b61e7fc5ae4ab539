"""Noise planted in histories: is it found, and does leaving it out help?"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from core.tables import Dataset, Floats, Interactions, Ints
from recommenders.history import together
from recscope.bootstrap import interval
from recscope.config_values import need
from recscope.estimate import Sureness
from recscope.trials import (
    Scene,
    Told,
    Trials,
    fitted_on,
    lists_of,
    moved,
    quality,
    scene_of,
    table_of,
    untold,
)

CLEAN, NOISY = "clean", "noisy"


@dataclass(frozen=True)
class Planting:
    """How much noise is planted, and who looks for it.

    base       the recommender; judges: of `denoised`
    share      likings planted in each history, by its own; drawn among items as they are liked
    users      asked, at most; k: length of lists; params: further parameters of `denoised`
    """

    base: str = "ease"
    judges: tuple[str, ...] = ("likings", "text")
    share: float = 0.1
    users: int = 500
    k: int = 10
    params: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        need(0 < self.share <= 1, "share", "above 0 and at most 1")
        need(bool(self.judges), "judges", "one name or more, such as text")


def plant_noise(
    dataset: Dataset,
    settings: Planting | None = None,
    sure: Sureness | None = None,
    told: Told = untold,
) -> Trials:
    """Is planted noise found among honest likings, and what does it cost to keep it?

    Likings of other people's are put into every history with five likings or more: items drawn as
    often as they are liked, so that popularity does not give them away. Rows of the answer:
    ndcg@k       the base on noisy data against clean; `denoised` on noisy data against the base on
                 it (against: noisy), user by user
    noise_found  share of the planted likings that were dropped (`after`), beside the share of
                 honest ones that were (`before`); the interval of the difference is over users
    """
    settings, sure = settings or Planting(), sure or Sureness()
    scene = scene_of(dataset, settings.users, settings.k, sure)
    planted = noise_for(scene.train, settings.share, np.random.default_rng([sure.seed, 8]))
    noisy = together(scene.train, planted)
    told("judges", 0, len(settings.judges))
    before = _quality(settings.base, {}, scene, scene.train)
    kept = _quality(settings.base, {}, scene, noisy)
    facts: dict[str, Any] = {"model": settings.base, "size": settings.share}
    rows = moved(before, kept, sure, trial=NOISY, against=CLEAN, **facts)
    for done, judge in enumerate(settings.judges, start=1):
        given = {
            "share": settings.share / (1 + settings.share), **(settings.params or {}),
            "base": settings.base, "judged_by": judge,
        }  # fmt: skip
        model = fitted_on("denoised", given, dataset, noisy)
        after = quality(lists_of(model, judge, scene, noisy), scene)
        rows += moved(kept, after, sure, trial=judge, against=NOISY, **facts)
        found = shares_found(model.dropped_, planted, scene.train, sure)
        rows.append({**facts, "trial": judge, "against": "honest likings", **found})
        told("judges", done, len(settings.judges))
    counts = {"n_planted": len(planted), "n_users_asked": len(scene.users)}
    told_settings = {**asdict(settings), "params": dict(settings.params or {})}
    return Trials(
        table_of(rows),
        {"data": dataset.name, "settings": told_settings, "seed": sure.seed, **counts},
    )


def noise_for(train: Interactions, share: float, rng: np.random.Generator) -> Interactions:
    """Likings to be planted: rows of users with five likings or more, of items they never had."""
    popularity = np.bincount(train.liked.indices, minlength=train.n_items).astype(np.float64)
    n_liked = np.diff(train.liked.indptr)
    users, items = [], []
    for user in np.flatnonzero(n_liked >= 5).tolist():
        weight = popularity.copy()
        weight[train.seen[[user]].indices] = 0
        able = int((weight > 0).sum())
        n = min(max(1, round(share * n_liked[user])), able)
        if n:
            items.append(rng.choice(train.n_items, n, replace=False, p=weight / weight.sum()))
            users.append(np.full(n, user))
    who = np.concatenate(users) if users else np.zeros(0)
    what = np.concatenate(items) if items else np.zeros(0)
    best = None if train.ratings is None else train.ratings.max()
    return replace(
        train,
        users=who.astype(np.int32),
        items=what.astype(np.int32),
        ratings=None if best is None else np.full(len(who), best, dtype=np.float32),
        timestamps=None if train.timestamps is None else rng.choice(train.timestamps, len(who)),
    )


def _quality(spec: str, parameters: Mapping[str, Any], scene: Scene, train: Interactions) -> Any:
    model = fitted_on(spec, parameters, scene.dataset, train)
    return quality(lists_of(model, spec, scene, train), scene)


def shares_found(
    dropped: Ints, planted: Interactions, honest: Interactions, sure: Sureness
) -> dict[str, Any]:
    """Share of planted and of honest likings that were dropped, over users with planted ones."""
    n = honest.n_users
    key = dropped[:, 0] * honest.n_items + dropped[:, 1]
    of_noise = planted.users.astype(np.int64) * honest.n_items + planted.items
    is_found = np.isin(of_noise, key)
    found = np.bincount(planted.users[is_found], minlength=n).astype(np.float64)
    all_noise = np.bincount(planted.users, minlength=n).astype(np.float64)
    n_dropped = np.bincount(dropped[:, 0], minlength=n).astype(np.float64)
    parts = np.column_stack([found, all_noise, n_dropped - found, np.diff(honest.liked.indptr)])
    parts = parts[all_noise > 0]
    rates = _rates(parts.sum(axis=0))
    low = high = float("nan")
    if sure.resamples:
        rng = np.random.default_rng([sure.seed, 9])
        draws = rng.integers(len(parts), size=(sure.resamples, len(parts)))
        again = np.array([np.subtract(*_rates(parts[rows].sum(axis=0))) for rows in draws])
        value = np.array([rates[0] - rates[1]])
        bounds = interval(
            value, again[:, None], np.array([len(parts)]), sure.confidence, "percentile"
        )
        low, high = float(bounds.low[0]), float(bounds.high[0])
    return {
        "metric": "noise_found", "before": rates[1], "after": rates[0],
        "difference": rates[0] - rates[1], "low": low, "high": high, "n": len(parts),
    }  # fmt: skip


def _rates(sums: Floats) -> tuple[float, float]:
    """Share of the planted that were dropped, and of the honest."""
    return float(sums[0] / max(sums[1], 1)), float(sums[2] / max(sums[3], 1))
