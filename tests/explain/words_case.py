"""What tests of words share: a small world of films, and reasons on real ones."""

from dataclasses import replace

import numpy as np

from core.language import LanguageModel
from core.language_turns import Answer, Request
from core.load import load
from core.split import split
from explain.attribution_reasons import usual_reasons
from explain.brief import Brief
from explain.briefs import brief_of
from explain.explanation import Evidence
from explain.lexicon import Lexicon
from explain.reasons import Question
from explain.worlds import world_from
from recommenders import RECOMMENDERS

LEXICON = Lexicon(
    titles=frozenset(
        {
            "Alien",
            "Aliens",
            "Star Wars",
            "The Godfather",
            "Fargo",
            "Heat",
            "The Rock",
            "Casablanca",
            "Star Trek: First Contact",
            "Contact",
            "It",
            "War",
            "Goodbye, Mr. Chips",
            "Who's Afraid of Virginia Woolf?",
        }
    ),
    groups={"Alien": frozenset({"Horror", "Sci-Fi"}), "The Godfather": frozenset({"Crime"})},
    years={"Alien": frozenset({1979}), "The Godfather": frozenset({1972})},
    group_names=("Comedy", "Crime", "Drama", "Horror", "Sci-Fi", "War"),
    noun="film",
)
GODFATHER = Brief(
    user=0,
    item=1,
    title="The Godfather",
    because=("Star Wars", "Fargo"),
    facts=(
        "The Godfather (1972) is a Crime and Drama film.",
        "The Godfather has one of the same actors as The Rock, which the user liked.",
        "The Godfather has the same director as Alien, which the user liked.",
    ),
    groups=("Crime", "Drama"),
    year=1972,
    liked=("Star Wars", "Fargo", "Alien", "The Rock", "Star Trek: First Contact"),
    evidence=(Evidence("path", 1, (2,), 1.0, "31 of 62 users who liked Fargo also liked it."),),
    noun="film",
    lexicon=LEXICON,
)


def other_brief(title: str, **changes) -> Brief:
    """The same user and reasons for an item of another name."""
    facts = tuple(fact.replace("The Godfather", title) for fact in GODFATHER.facts)
    return replace(GODFATHER, title=title, facts=facts, **changes)


class Scripted:
    """A model that says what a function makes of the question, and keeps the questions."""

    name = "scripted"

    def __init__(self, says) -> None:
        self.says = says
        self.asked: list[Request] = []

    def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        return Answer(self.says(request), n_prompt=10, n_answer=5, seconds=0.25)


def scripted(says) -> LanguageModel:
    return LanguageModel("scripted", Scripted(says))


def real_briefs(users: list[int]) -> list[Brief]:
    """Why EASE's first film for each of these users of MovieLens 100K?"""
    data = load("movielens-100k")
    train = split(data.interactions, "leave-last").train
    world = replace(world_from(train, data.item_ids), noun="film")
    model = RECOMMENDERS["ease"]().fit(train)
    found = []
    for user in users:
        if not len(world.liked(user)):
            continue
        items = model.recommend(np.array([user]), 1).items[0].astype(np.int64)
        (reasons,) = usual_reasons(Question(world, user, items, model))
        if reasons.evidence:
            found.append(brief_of(world, user, int(items[0]), reasons))
    return found
