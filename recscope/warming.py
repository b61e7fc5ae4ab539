"""Warm-up of new items: how soon are they found, with and without a start from their texts?"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ConfigError
from core.split import split
from core.tables import PAD, Codes, Dataset, Ids, Interactions, Ints, Side
from recscope.config_values import need
from recscope.estimate import Sureness
from recscope.trials import Scene, Told, Trials, fitted_on, lists_of, moved, table_of, untold

NONE = "none"


@dataclass(frozen=True)
class Warming:
    """Which items count as new, and how they are started.

    base      the recommender; starts: of `cold-simulator`, each held against no start
    steps     likings that a new item has by then
    new_items drawn among items of `least` likings or more; the catalogue holds no others
    users     asked, at most; k: length of lists
    params    further parameters of `cold-simulator`
    """

    base: str = "ease"
    starts: tuple[str, ...] = ("text", "simulated")
    steps: tuple[int, ...] = (0, 1, 2, 5, 10)
    new_items: int = 20
    least: int = 30
    users: int = 500
    k: int = 10
    params: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        need(bool(self.steps) and min(self.steps) >= 0, "steps", "numbers of 0 or more")
        need(self.least > 2 * max(self.steps), "least", "more than twice the last step")
        need(self.new_items >= 2, "new_items", "2 or more")


def warm_up_curve(
    dataset: Dataset,
    settings: Warming | None = None,
    sure: Sureness | None = None,
    told: Told = untold,
) -> Trials:
    """How soon is a new item found?

    A fifth of each user's rows is held out at random; of the new items so many likings as a step
    says stay in train, drawn at random, the smaller step's among the larger one's. Asked are users
    with a held-out liking of a new item. Metrics, per user:
    new_place      share of the other new items that stand below it on the list of the whole
                   catalogue; 0.5 is chance
    new_hit@k      share of the user's held-out new items on the list
    Each start is held against none at the same step (column `size`). Raises ConfigError where too
    few items have likings enough.
    """
    settings, sure = settings or Warming(), sure or Sureness()
    small = narrowed(dataset, settings.least)
    parts = split(small.interactions, "ratio-per-user", seed=sure.seed, test=0.2, validation=0.0)
    rng = np.random.default_rng([sure.seed, 7])
    able = np.unique(parts.test.items[parts.test.is_liked])
    if len(able) < settings.new_items:
        raise ConfigError(
            f"{dataset.name} has {len(able)} items of {settings.least} likings or more to play new "
            f"ones, and {settings.new_items} are wanted; take a smaller `least` or fewer new items"
        )
    new = np.sort(rng.choice(able, settings.new_items, replace=False)).astype(np.int64)
    scene = _scene(small, parts.train, parts.test, new, settings, sure)
    kept = _order_of_likings(parts.train, new, rng)
    rows: list[dict[str, Any]] = []
    for done, step in enumerate(settings.steps):
        told("steps", done, len(settings.steps))
        train = _at_step(parts.train, new, kept, step)
        tables = {
            start: _found(settings, start, scene, train, new) for start in (NONE, *settings.starts)
        }
        for start in settings.starts:
            facts = {"model": settings.base, "trial": start, "size": float(step), "against": NONE}
            rows += moved(tables[NONE], tables[start], sure, **facts)
    told("steps", len(settings.steps), len(settings.steps))
    facts = {
        "data": dataset.name,
        "settings": {**asdict(settings), "params": dict(settings.params or {})},
        "seed": sure.seed,
        "n_users_asked": len(scene.users),
        "n_items": small.interactions.n_items,
        "new_items": [str(small.item_ids.names[code]) for code in new],
    }
    return Trials(table_of(rows), facts)


def narrowed(dataset: Dataset, least: int) -> Dataset:
    """The data of items with so many likings or more, coded anew; graph, reviews and tables go."""
    rows = dataset.interactions
    likings = np.bincount(rows.liked.indices, minlength=rows.n_items)
    keep = np.flatnonzero(likings >= least)
    place = np.full(rows.n_items, -1, dtype=np.int32)
    place[keep] = np.arange(len(keep))
    part = rows.take(place[rows.items] >= 0)
    items = rows.side.items.reindex(np.arange(rows.n_items)).iloc[keep].reset_index(drop=True)
    small = replace(
        part, items=place[part.items], n_items=len(keep), side=Side(rows.side.users, items)
    )
    names = Ids("item", dataset.item_ids.names[keep])
    return replace(dataset, interactions=small, item_ids=names)


def _scene(
    small: Dataset,
    train: Interactions,
    test: Interactions,
    new: Ints,
    settings: Warming,
    sure: Sureness,
) -> Scene:
    wanted = test.take(test.is_liked & np.isin(test.items, new))
    users: Ints = np.unique(wanted.users).astype(np.int64)
    # of whom something else is known, whatever is taken out of train
    rest = train.take(~np.isin(train.items, new))
    users = users[np.diff(rest.liked.indptr)[users] > 0]
    if len(users) > settings.users:
        rng = np.random.default_rng([sure.seed, 1])
        users = np.sort(rng.choice(users, settings.users, replace=False))
    return Scene(small, train, wanted.take(np.isin(wanted.users, users)), users, settings.k, sure)


def _order_of_likings(train: Interactions, new: Ints, rng: np.random.Generator) -> Ints:
    """For each row its place among the likings of its item, drawn by lot; -1 where it is none."""
    place = np.full(len(train), -1, dtype=np.int64)
    for item in new:
        own = np.flatnonzero((train.items == item) & train.is_liked)
        place[rng.permutation(own)] = np.arange(len(own))
    return place


def _at_step(train: Interactions, new: Ints, kept: Ints, step: int) -> Interactions:
    is_new = np.isin(train.items, new)
    return train.take(~is_new | ((kept >= 0) & (kept < step)))


def _found(
    settings: Warming, start: str, scene: Scene, train: Interactions, new: Ints
) -> pd.DataFrame:
    given = {
        "likings": 10, **(settings.params or {}),
        "base": settings.base, "start": start, "new_below": max(settings.steps) + 1,
    }  # fmt: skip
    model = fitted_on("cold-simulator", given, scene.dataset, train)
    lists = lists_of(model, start, scene, train, train.n_items)
    places = _places(lists, train.n_items)
    rows = []
    for row, user in enumerate(scene.users.tolist()):
        own = scene.test.items[scene.test.users == user]
        had = train.items[train.users == user]
        others = np.setdiff1d(new, np.append(own, had))
        at, beside = places[row, own][:, None], places[row, others][None]
        share = ((beside > at) + (beside == at) / 2).mean() if len(others) else np.nan
        rows.append((share, (at < settings.k).mean()))
    columns = ["new_place", f"new_hit@{settings.k}"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(scene.users, name="user"))


def _places(lists: Codes, n_items: int) -> Ints:
    """Where each item stands on each list, n_items for what is not listed: (n_users, n_items)."""
    places = np.full((len(lists), n_items), n_items, dtype=np.int64)
    row, at = np.nonzero(lists != PAD)
    places[row, lists[row, at]] = at
    return places
