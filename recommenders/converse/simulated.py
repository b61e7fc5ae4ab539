"""Simulated users: they know what they are after, and say truthfully what the list lacks.

Each has one goal, an item of the recorded test part, as the users of EAR (Lei et al. 2020,
arXiv:2002.09102): "I want an item like the one I went on to like". The words are templates, several
for each thing that can be said, so that what is measured includes whether words are understood.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.tables import Split
from recommenders.converse.catalogue import Catalogue
from recommenders.converse.wishes import State, Wish

WANTED = (
    "I feel like {0}.",
    "Something with {0}, please",
    "could you show me {0}?",
    "I'd rather see {0}",
    "more {0} would be good",
)
UNWANTED = (
    "no {0} please",
    "I don't want {0}",
    "I am tired of {0}",
    "anything without {0}",
    "these have too much {0}, I can't stand {0}",
)
DECADES = ("from the {0}s", "something of the {0}s", "I'd like the {0}s better")
RARER = ("these are too well known", "something less popular", "show me hidden gems")
FAMED = ("something more famous", "I'd like better known ones", "these are too obscure")
SILENT = "show me others"
SHARE = 0.3  # of a list that an unwanted group must hold to be complained about
FAR = 0.25  # between how known the goal is and the list, to be complained about


@dataclass(frozen=True)
class Goal:
    """Whom a conversation is simulated for, and what they are after; codes."""

    user: int
    item: int


@dataclass(frozen=True)
class Saying:
    """What a simulated user says, and what it means."""

    text: str
    wish: Wish


def recorded_goals(split: Split, n: int, seed: int = 0) -> list[Goal]:
    """One goal each of n users drawn by lot: the first item they liked in the test part.

    Only users with a history, and items that somebody had before: what nobody had, no ranker of
    interactions can list. Ascending by user.
    """
    train, test = split.train, split.test
    times = np.zeros(len(test)) if test.timestamps is None else test.timestamps
    order = np.lexsort((np.arange(len(test)), times, test.users))
    order = order[test.is_liked[order]]
    order = order[np.diff(train.liked.indptr)[test.users[order]] > 0]
    had = np.bincount(train.items, minlength=train.n_items) > 0
    order = order[had[test.items[order]]]
    users, first = np.unique(test.users[order], return_index=True)
    goals = [Goal(int(u), int(i)) for u, i in zip(users, test.items[order][first], strict=True)]
    if n >= len(goals):
        return goals
    chosen = np.random.default_rng(seed).choice(len(goals), n, replace=False)
    return [goals[place] for place in np.sort(chosen)]


def says(
    goal: Goal,
    catalogue: Catalogue,
    state: State,
    listed: Sequence[int],
    rng: np.random.Generator,
) -> Saying:
    """What this user says next: the answer to a question, else one thing of several, by lot.

    Only what is true of the goal and was not said before; "show me others" where there is nothing.
    """
    groups = catalogue.groups[goal.item]
    if state.pending:
        is_yes = state.pending in groups
        word = "yes, please" if is_yes else "no, rather not"
        pending = (state.pending,)
        wish = Wish("wish", wanted=pending) if is_yes else Wish("wish", unwanted=pending)
        return Saying(word, wish)
    sayings = [
        *_wanted(groups, catalogue, state, rng),
        *_unwanted(groups, catalogue, state, listed, rng),
        *_decade(goal, catalogue, state, rng),
        *_fame(goal, catalogue, state, listed, rng),
    ]
    if not sayings:
        return Saying(SILENT, Wish())
    return sayings[int(rng.integers(len(sayings)))]


def _any(texts: Sequence[str], rng: np.random.Generator, *gaps: str) -> str:
    return texts[int(rng.integers(len(texts)))].format(*gaps)


def _wanted(
    groups: Sequence[str], catalogue: Catalogue, state: State, rng: np.random.Generator
) -> list[Saying]:
    left = [g for g in groups if g in catalogue.known_groups and g not in state.wanted]
    return [Saying(_any(WANTED, rng, g), Wish("wish", wanted=(g,))) for g in left]


def _unwanted(
    groups: Sequence[str],
    catalogue: Catalogue,
    state: State,
    listed: Sequence[int],
    rng: np.random.Generator,
) -> list[Saying]:
    if not len(listed):
        return []
    often = [
        g
        for g in catalogue.known_groups
        if g not in groups
        and g not in state.unwanted
        and catalogue.has(g)[list(listed)].mean() >= SHARE
    ]
    return [Saying(_any(UNWANTED, rng, g), Wish("critique", unwanted=(g,))) for g in often]


def _decade(
    goal: Goal, catalogue: Catalogue, state: State, rng: np.random.Generator
) -> list[Saying]:
    if catalogue.years is None or not np.isfinite(catalogue.years[goal.item]):
        return []
    first = int(catalogue.years[goal.item]) // 10 * 10
    if state.first_year is not None or first < 1800:
        return []
    wish = Wish("wish", first_year=first, last_year=first + 9)
    return [Saying(_any(DECADES, rng, str(first)), wish)]


def _fame(
    goal: Goal,
    catalogue: Catalogue,
    state: State,
    listed: Sequence[int],
    rng: np.random.Generator,
) -> list[Saying]:
    if state.popularity or not len(listed):
        return []
    gap = catalogue.fame[goal.item] - float(np.median(catalogue.fame[list(listed)]))
    if abs(gap) < FAR:
        return []
    if gap > 0:
        return [Saying(_any(FAMED, rng), Wish("critique", popularity=1))]
    return [Saying(_any(RARER, rng), Wish("critique", popularity=-1))]


def others(goals: Sequence[Goal]) -> list[Goal]:
    """Every user with the next one's item: who speaks of what somebody else is after."""
    items = [goal.item for goal in goals]
    pairs = pairwise([*items, *items[:1]])
    return [Goal(goal.user, after) for goal, (_, after) in zip(goals, pairs, strict=True)]
