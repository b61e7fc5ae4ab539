"""Fake profiles: what somebody injects who wants an item to be recommended."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.errors import ConfigError, UnknownNameError
from core.tables import Codes, Floats, Interactions, Ints

if TYPE_CHECKING:
    from collections.abc import Callable

    Fillers = Callable[
        [Interactions, Ints, int, np.random.Generator], tuple["Codes | Ints", Floats]
    ]

N_POPULAR = 10  # items that bandwagon profiles like besides, at most
RARE = (1, 10)  # likings of an item worth promoting
N_PRAISED = 3  # popular titles put into a promoted item's text
TEXT = "text"


def targets_of(train: Interactions, n: int, rng: np.random.Generator) -> Ints:
    """Items to be promoted, drawn among those liked by few: int64 (n,) ascending."""
    likings = np.bincount(train.liked.indices, minlength=train.n_items)
    rare = np.flatnonzero((likings >= RARE[0]) & (likings <= RARE[1]))
    if len(rare) < n:
        rare = np.argsort(likings, kind="stable")[: max(n, 1)]
    return np.sort(rng.choice(rare, min(n, len(rare)), replace=False)).astype(np.int64)


def fake_rows(
    train: Interactions,
    targets: Ints,
    attack: str,
    n_fake: int,
    n_fillers: int,
    rng: np.random.Generator,
) -> Interactions:
    """Rows of fake users alone, with codes after the last honest one.

    attack     one of ATTACKS; n_fillers: items each rates besides the targets
    Every profile holds every target at the best rating. When it rated, it took from honest rows.
    """
    if attack not in ATTACKS:
        raise UnknownNameError("attack", attack, [*ATTACKS, TEXT])
    others = np.setdiff1d(np.arange(train.n_items), targets)
    n_fillers = min(n_fillers, len(others))
    users, items, ratings = [], [], []
    best = None if train.ratings is None else float(train.ratings.max())
    for fake in range(n_fake):
        chosen, given = ATTACKS[attack](train, others, n_fillers, rng)
        own = np.concatenate([targets, chosen])
        users.append(np.full(len(own), train.n_users + fake))
        items.append(own)
        ratings.append(np.concatenate([np.full(len(targets), best or 0.0), given]))
    rows = np.concatenate(users) if users else np.zeros(0)
    times = None if train.timestamps is None else rng.choice(train.timestamps, len(rows))
    return replace(
        train,
        users=rows.astype(np.int32),
        items=(np.concatenate(items) if items else np.zeros(0)).astype(np.int32),
        n_users=train.n_users + n_fake,
        ratings=None
        if best is None
        else (np.concatenate(ratings) if ratings else np.zeros(0)).astype(np.float32),
        timestamps=times,
    )


def _random(
    train: Interactions, others: Ints, n: int, rng: np.random.Generator
) -> tuple[Codes | Ints, Floats]:
    """Any items, rated as anybody rates anything."""
    chosen = rng.choice(others, n, replace=False)
    if train.ratings is None:
        return chosen, np.zeros(n)
    return chosen, rng.choice(train.ratings, n).astype(np.float64)


def _average(
    train: Interactions, others: Ints, n: int, rng: np.random.Generator
) -> tuple[Codes | Ints, Floats]:
    """Any items, each rated as it is rated on average: closer to honest users."""
    chosen = rng.choice(others, n, replace=False)
    if train.ratings is None:
        return chosen, np.zeros(n)
    sums = np.bincount(train.items, weights=train.ratings, minlength=train.n_items)
    counts = np.bincount(train.items, minlength=train.n_items)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), train.ratings.mean())
    steps = np.unique(train.ratings)
    nearest = np.abs(steps[None, :] - means[chosen, None]).argmin(axis=1)
    return chosen, steps[nearest].astype(np.float64)


def _bandwagon(
    train: Interactions, others: Ints, n: int, rng: np.random.Generator
) -> tuple[Codes | Ints, Floats]:
    """The most liked items at the best rating, so that many users are alike, then any."""
    likings = np.bincount(train.liked.indices, minlength=train.n_items)
    n_popular = min(N_POPULAR, n)
    popular = others[np.argsort(-likings[others], kind="stable")[:n_popular]]
    rest, given = _random(train, np.setdiff1d(others, popular), n - n_popular, rng)
    best = 0.0 if train.ratings is None else float(train.ratings.max())
    return np.concatenate([popular, rest]), np.concatenate([np.full(n_popular, best), given])


ATTACKS: "dict[str, Fillers]" = {"random": _random, "average": _average, "bandwagon": _bandwagon}


def without_targets(fake: Interactions, targets: Ints) -> Interactions:
    """The same profiles, the targets left out: what so many more rows do by themselves."""
    return fake.take(~np.isin(fake.items, targets))


def praised(train: Interactions, targets: Ints) -> Interactions:
    """The same rows; the titles of the targets now also name the most liked items.

    No profile is injected: who writes the catalogue's texts attacks models that read them (Zhang et
    al. 2024, arXiv:2402.14836). Raises ConfigError where items have no titles.
    """
    items = train.side.items
    if "title" not in items.columns:
        raise ConfigError(
            "an attack by text rewrites titles, and these items have none; map a title column, or "
            f"take one of {', '.join(ATTACKS)}"
        )
    likings = np.bincount(train.liked.indices, minlength=train.n_items)
    likings[targets] = -1
    famous = np.argsort(-likings, kind="stable")[:N_PRAISED]
    words = " and ".join(str(items["title"].iloc[code]) for code in famous)
    titles = items["title"].astype(object).copy()
    for code in targets:
        titles.iloc[code] = f"{titles.iloc[code]}, for everybody who loves {words}"
    return replace(train, side=replace(train.side, items=items.assign(title=titles)))
