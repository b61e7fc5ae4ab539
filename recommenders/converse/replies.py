"""What the recommender says beside a list: made of what the data hold, nothing invented."""

from typing import Any, Protocol

import numpy as np

from core.naming import listed
from core.tables import Interactions
from recommenders.base import IsLinear
from recommenders.converse.catalogue import Catalogue
from recommenders.converse.ranking import Answered
from recommenders.converse.wishes import State, Wish

HELP = (
    "I did not find a wish in that. You can name groups to have or to leave out, years, items that "
    "you liked, say what is wrong with the list (too old, too well known, not number 3), or ask "
    "about an item."
)
N_REASONS = 2  # liked items named for a recommendation


class Knows(Protocol):
    """What a reply is made of: the items, the model that ranks them, and what it learned from."""

    catalogue_: Catalogue
    ranker_: Any
    train_: Interactions


def reply_to(
    model: Knows,
    user: int | None,
    wish: Wish,
    state: State,
    answered: Answered,
    pending: str,
) -> str:
    """The recommender's words in this turn."""
    if wish.act == "question" and wish.is_empty:
        return HELP if wish.about is None else about(model, user, wish.about)
    told = told_of(model, state)
    parts = [
        HELP if wish.act == "other" and wish.is_empty and state.shown else "",
        "Let us start anew." if wish.act == "restart" else "",
        f"{told}." if told else "",
        *_lacking(model, state, answered),
        f"Would you like {pending}?" if pending else "",
    ]
    return " ".join(filter(None, parts))


def _lacking(model: Knows, state: State, answered: Answered) -> list[str]:
    """What the list does not hold of what was asked for."""
    if not len(answered.items):
        return ["There is nothing more to list."]
    lacking = []
    if answered.relaxed:
        lacking.append(
            f"Nothing is left with all of it, so I let go of {listed(answered.relaxed)}."
        )
    first = answered.items[0]
    if state.wanted and not any(model.catalogue_.has(group)[first] for group in state.wanted):
        lacking.append(f"Nothing of {listed(state.wanted, 'or')} is left; here is the rest.")
    return lacking


def told_of(model: Knows, state: State) -> str:
    """What holds by now, in one line: "Looking for: Comedy; without Horror; from 1990 on"."""
    names = model.catalogue_.names
    fame = {1: "better known", -1: "less known", 0: ""}
    parts = [
        listed(state.wanted),
        f"without {listed(state.unwanted, 'or')}" if state.unwanted else "",
        _years_of(state),
        fame[state.popularity],
        f"like {listed([names[item] for item in state.likes])}" if state.likes else "",
        f"unlike {listed([names[i] for i in state.dislikes], 'or')}" if state.dislikes else "",
    ]
    told = "; ".join(filter(None, parts))
    return f"Looking for: {told}" if told else ""


def _years_of(state: State) -> str:
    first, last = state.first_year, state.last_year
    if first is None:
        return "" if last is None else f"up to {last}"
    if last is None:
        return f"from {first} on"
    return f"of {first}" if first == last else f"of {first} to {last}"


def about(model: Knows, user: int | None, item: int) -> str:
    """What the data hold about an item, and what in the user's history speaks for it."""
    catalogue = model.catalogue_
    facts = []
    if catalogue.groups[item]:
        facts.append(listed(catalogue.groups[item]))
    if catalogue.years is not None and np.isfinite(catalogue.years[item]):
        facts.append(f"of {catalogue.years[item]:.0f}")
    facts.append(f"liked by {catalogue.counts[item]:,.0f} people here")
    told = f"{catalogue.names[item]}: {', '.join(facts)}."
    because = _speaking_for(model, user, item)
    if because:
        told += (
            f" Of what you liked, {listed(because)} speak{'s' * (len(because) == 1)} most for it."
        )
    return told


def _speaking_for(model: Knows, user: int | None, item: int) -> list[str]:
    """Liked items that add most to its score, where scores are sums over the history."""
    if user is None or not isinstance(model.ranker_, IsLinear):
        return []
    liked = model.train_.liked
    history = liked.indices[liked.indptr[user] : liked.indptr[user + 1]]
    adds = model.ranker_.history_weights()[history, item]
    adds = np.asarray(adds.todense() if hasattr(adds, "todense") else adds).ravel()
    best = np.argsort(-adds, kind="stable")[:N_REASONS]
    return [model.catalogue_.names[history[place]] for place in best if adds[place] > 0]
