"""Which items answer a conversation: the ranker's own order, bent by what was said."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.tables import PAD, Bools, Floats, Interactions, Ints
from recommenders.base import ScoresHistories
from recommenders.converse.catalogue import Catalogue
from recommenders.converse.wishes import State

FAME_WEIGHT = 0.3  # "less known" moves an item by at most a seventh of the list
NEAR = 0.5  # what being liked by the same users as a named item is worth, in lists
POOL = 50  # best candidates among which a question should divide
DIVIDES = (0.15, 0.85)  # share of them that a group asked about must lie between


@dataclass(frozen=True)
class Answered:
    """Items for a conversation.

    items    int64 (n,) codes, best first; scores: float64 (n,)
    relaxed  what was asked for and had to be let go, or nothing would be left: years, unwanted
    """

    items: Ints
    scores: Floats
    relaxed: tuple[str, ...] = ()


def base_order(ranker: Any, train: Interactions, user: int | None, state: State) -> Floats:
    """How the ranker orders the catalogue for this user: float64 (n_items,), 1 best to 0.

    Items that are named and liked join the history of a ranker that scores histories. What the
    ranker does not list follows by popularity; so does everything for a user without a history.
    """
    counts = np.bincount(train.liked.indices, minlength=train.n_items).astype(np.float64)
    order = np.argsort(-counts, kind="stable")
    listed = _listed(ranker, train, user, state)
    if len(listed):
        is_listed = np.zeros(train.n_items, dtype=bool)
        is_listed[listed] = True
        order = np.concatenate([listed, order[~is_listed[order]]])
    places = np.empty(train.n_items)
    places[order] = np.arange(train.n_items)
    return 1.0 - places / max(train.n_items - 1, 1)


def _listed(ranker: Any, train: Interactions, user: int | None, state: State) -> Ints:
    from scipy.sparse import csr_array

    history = _liked_of(train, user)
    if state.likes and isinstance(ranker, ScoresHistories):
        history = np.setdiff1d(np.union1d(history, state.likes), state.dislikes).astype(np.int64)
        ones = np.ones(len(history), dtype=np.float32)
        row = csr_array((ones, history, np.array([0, len(history)])), shape=(1, train.n_items))
        scores = np.asarray(ranker.score_histories(row, user)[0], dtype=np.float64)
        best: Ints = np.argsort(-scores, kind="stable")
        return best[np.isfinite(scores[best])]
    if user is None or not len(history):
        return np.zeros(0, dtype=np.int64)
    items = ranker.recommend(np.array([user]), train.n_items).items[0]
    listed: Ints = items[items != PAD].astype(np.int64)
    return listed


def _liked_of(train: Interactions, user: int | None) -> Ints:
    if user is None:
        return np.zeros(0, dtype=np.int64)
    liked = train.liked
    return liked.indices[liked.indptr[user] : liked.indptr[user + 1]].astype(np.int64)


def near(train: Interactions, items: tuple[int, ...]) -> Floats:
    """How much every item is liked by those who liked these: mean cosine, float64 (n_items,)."""
    if not items:
        return np.zeros(train.n_items)
    columns = train.liked.tocsc()
    norms = np.sqrt(np.maximum(np.diff(columns.indptr), 1)).astype(np.float64)
    chosen = columns[:, list(items)]
    overlap = (columns.T @ chosen).toarray().astype(np.float64)
    return np.asarray((overlap / norms[:, None] / norms[list(items)]).mean(axis=1))


def answer(
    base: Floats,
    catalogue: Catalogue,
    train: Interactions,
    user: int | None,
    state: State,
    group_weight: float,
) -> Answered:
    """Order the catalogue by what was said.

    base  of `base_order`. Added to it: `group_weight` times the share of the wanted groups that an
          item has, better or less known, nearness to what was named as liked or disliked.
    Left out: items of unwanted groups and of other years, disliked, listed before, or known from
    train. Where nothing would be left, years are let go first, then unwanted groups.
    """
    score = base.copy()
    if state.wanted:
        has = np.mean([catalogue.has(group) for group in state.wanted], axis=0)
        score += group_weight * has
    score += state.popularity * FAME_WEIGHT * (catalogue.fame - 0.5)
    score += NEAR * (near(train, state.likes) - near(train, state.dislikes))
    open_ = ~_gone(train, user, state)
    relaxed: tuple[str, ...] = ()
    fits = open_ & _in_years(catalogue, state) & _not_unwanted(catalogue, state)
    if not fits.any() and open_.any():
        relaxed, fits = ("years",), open_ & _not_unwanted(catalogue, state)
        if not fits.any():
            relaxed, fits = ("years", "unwanted groups"), open_
        relaxed = tuple(one for one in relaxed if one == "unwanted groups" or _has_years(state))
    score = np.where(fits, score, -np.inf)
    order: Ints = np.argsort(-score, kind="stable")
    order = order[np.isfinite(score[order])]
    return Answered(order, score[order], relaxed)


def _has_years(state: State) -> bool:
    return state.first_year is not None or state.last_year is not None


def _gone(train: Interactions, user: int | None, state: State) -> Bools:
    """Items that must not be listed, whatever was said."""
    gone = np.zeros(train.n_items, dtype=bool)
    gone[[*state.shown, *state.likes, *state.dislikes]] = True
    if user is not None:
        seen = train.seen
        gone[seen.indices[seen.indptr[user] : seen.indptr[user + 1]]] = True
    return gone


def _in_years(catalogue: Catalogue, state: State) -> Bools:
    if not _has_years(state) or catalogue.years is None:
        return np.ones(len(catalogue), dtype=bool)
    first = -np.inf if state.first_year is None else state.first_year
    last = np.inf if state.last_year is None else state.last_year
    with np.errstate(invalid="ignore"):
        return (catalogue.years >= first) & (catalogue.years <= last)


def _not_unwanted(catalogue: Catalogue, state: State) -> Bools:
    fits = np.ones(len(catalogue), dtype=bool)
    for group in state.unwanted:
        fits &= ~catalogue.has(group)
    return fits


def dividing_group(catalogue: Catalogue, answered: Answered, state: State) -> str:
    """Which group is worth asking about: one that parts the best candidates in two halves.

    "" where none does. After the attribute questions of EAR (Lei et al. 2020, arXiv:2002.09102).
    """
    pool = answered.items[:POOL]
    known = {*state.wanted, *state.unwanted, *state.asked}
    best, best_gap = "", 1.0
    for group in catalogue.known_groups:
        if group in known or not len(pool):
            continue
        share = float(catalogue.has(group)[pool].mean())
        if DIVIDES[0] <= share <= DIVIDES[1] and abs(share - 0.5) < best_gap:
            best, best_gap = group, abs(share - 0.5)
    return best


def without_relaxed(state: State, relaxed: tuple[str, ...]) -> State:
    """The wishes that hold once some had to be let go, so that the next list says no worse."""
    if "years" in relaxed:
        state = replace(state, first_year=None, last_year=None)
    return replace(state, unwanted=()) if "unwanted groups" in relaxed else state
