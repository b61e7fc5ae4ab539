"""A profile in words: a language model describes what the user liked, items are matched to it.

Slow, so for asked users only. What the model writes is checked against titles and groups; where it
says more, a ready-made sentence takes its place, and both are kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from core import embedding, language
from core.errors import RecScopeError
from core.naming import article, listed
from core.tables import Codes, Floats, Ints
from explain.brief import Brief
from explain.evidence.kept import kept
from explain.evidence.linked import Claim, nothing, strongest
from explain.evidence.profile import profiles
from explain.explanation import Evidence
from explain.lexicon import known_groups, lexicon_of
from explain.prompts import prompt
from explain.reasons import Question, Reasons
from explain.verify import verify
from explain.world import World

KIND = "model profile"
PROMPT = "profile"
N_SHOWN = 8  # liked items that the model is told of: the last ones
N_GROUPS, N_TITLES = 3, 3
NEAREST = 0.25  # share of the items, nearest to the profile, of which anything is said
N_SOURCES = 2
# a profile recommends nothing, so that it need not name what is recommended
NOT_ASKED = frozenset({"no target", "wrong target", "liked target", "wrong relation"})


@dataclass(frozen=True)
class Profile:
    """What a user likes, in a sentence.

    text        what counts; own_text: the model's, where it was refused
    is_fallback text is ready-made; violations: what own_text (or text) says beyond the facts
    shown       codes of the liked items that the model was told of
    facts       language model, prompt, tokens, seconds, error
    """

    text: str
    own_text: str = ""
    is_fallback: bool = False
    violations: tuple[str, ...] = ()
    shown: tuple[int, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


def why_not(world: World) -> str:
    """Why nothing may be said; "" where it may."""
    if "title" not in world.train.side.items.columns:
        return "needs items with titles, which a language model could know something about"
    return ""


def profile_of(
    world: World, user: int, model: str | language.LanguageModel = language.DEFAULT
) -> Profile:
    """What a language model says of the user's taste, if it keeps to the facts.

    Without a word for a user who liked nothing. A model that cannot answer leaves the ready-made
    sentence, with the reason in `facts["error"]`.
    """
    shown = _last_liked(world, user)
    if not shown:
        return Profile("")
    ready = _ready_made(world, user, shown)
    brief = Brief(
        user=user,
        item=-1,
        title="",
        because=tuple(world.titles[code] for code in shown),
        facts=tuple(_what(world, code) for code in shown if world.groups_of(code)),
        groups=known_groups(dict.fromkeys(g for code in shown for g in world.groups_of(code))),
        liked=tuple(world.titles[code] for code in world.liked(user)),
        noun=world.noun,
        lexicon=lexicon_of(world),
    )
    words = prompt(PROMPT)
    facts: dict[str, Any] = {"prompt": words.id}
    try:
        asked = language.language_model(model) if isinstance(model, str) else model
        facts["language_model"] = asked.name
        answer = asked.complete(
            words.messages(brief),
            prefill=words.opening,
            max_tokens=words.max_tokens,
            stop=words.stop,
        )
    except RecScopeError as error:
        facts["error"] = str(error)
        return Profile(ready, is_fallback=True, shown=tuple(shown), facts=facts)
    facts |= {
        "n_prompt": answer.n_prompt,
        "n_answer": answer.n_answer,
        "seconds": answer.seconds,
    }
    own = first_sentence(f"{words.opening if answer.is_begun else ''}{answer.text}")
    found = tuple(str(one) for one in verify(own, brief) if one.kind not in NOT_ASKED)
    if found:
        return Profile(
            ready, own, is_fallback=True, violations=found, shown=tuple(shown), facts=facts
        )
    return Profile(own, shown=tuple(shown), facts=facts)


def _last_liked(world: World, user: int) -> list[int]:
    """The last liked items by time, the latest first; without times those that fewest liked."""
    train = world.train
    rows = np.flatnonzero((train.users == user) & train.is_liked)
    items = train.items[rows].astype(np.int64)
    keys = -world.popularity[items] if train.timestamps is None else train.timestamps[rows]
    order = np.lexsort((items, -keys))
    return list(dict.fromkeys(items[order].tolist()))[:N_SHOWN]


def _what(world: World, code: int) -> str:
    kind = f"{listed(known_groups(world.groups_of(code)))} {world.noun}".strip()
    return f"{world.titles[code]} is {article(kind)} {kind}."


def _ready_made(world: World, user: int, shown: list[int]) -> str:
    """A profile by counting: the groups that most of what the user liked is of."""
    titles = listed([world.titles[code] for code in shown[:N_TITLES]])
    if world.groups is None or not titles:
        return f"You like {titles}." if titles else ""
    votes = profiles(world, np.array([user]))[0]
    best = [int(place) for place in np.argsort(-votes, kind="stable")[:N_GROUPS] if votes[place]]
    groups = listed(known_groups(world.group_names[place] for place in best))
    return f"You like {groups} {world.noun}s such as {titles}.".replace("  ", " ")


def first_sentence(text: str) -> str:
    """Up to the first full stop that ends a sentence, not one of an abbreviation in a title."""
    line = text.strip().splitlines()[0] if text.strip() else ""
    for place, mark in enumerate(line):
        ends = mark in ".!?" and (place + 1 == len(line) or line[place + 1] == " ")
        before = line[:place].rsplit(" ", 1)[-1]
        if ends and len(before) > 3 and "." not in before:
            return line[: place + 1]
    return line


@kept
def _item_vectors(world: World) -> dict[str, Floats]:  # noqa: ARG001 - what it is kept for
    """By the name of an embedding model, filled when asked for."""
    return {}


def item_vectors(world: World, name: str) -> Floats:
    """Where title, groups and year of each item lie: float32 (n_items, n_dimensions)."""
    made = _item_vectors(world)
    if name not in made:
        made[name] = embedding.embed([_text(world, code) for code in range(world.n_items)], name)
    return made[name]


def _text(world: World, code: int) -> str:
    year = "" if world.years is None or np.isnan(world.years[code]) else f"{world.years[code]:.0f}"
    parts = (world.titles[code], listed(world.groups_of(code)), year)
    return ", ".join(part for part in parts if part)


def nearness(
    world: World, text: str, seen: Codes | Ints, name: str = embedding.DEFAULT
) -> tuple[Floats, Floats]:
    """Cosine to the profile, and the share of new items that are as near or nearer.

    text     of the profile; seen: items that are not new
    answers  two float64 (n_items,)
    """
    (vector,) = embedding.embed([text], name, cache=False)
    near = (item_vectors(world, name) @ vector).astype(np.float64)
    is_new = np.ones(world.n_items, dtype=bool)
    is_new[seen] = False
    new = np.sort(-near[is_new])
    return near, np.searchsorted(new, -near, side="right") / max(len(new), 1)


def evidence_scores(
    world: World,
    users: Codes | Ints,
    language_model: str | language.LanguageModel = language.DEFAULT,
    embedding_model: str = embedding.DEFAULT,
) -> Floats:
    """Cosine between profile and item, for the nearest quarter of the new items, else 0.

    float64 (n_users, n_items). The language model is asked once a user; answers are kept on disk.
    """
    scores = np.zeros((len(users), world.n_items))
    for row, user in enumerate(np.asarray(users).tolist()):
        text = profile_of(world, user, language_model).text
        if text:
            near, share = nearness(world, text, world.train.seen[[user]].indices, embedding_model)
            scores[row] = np.where((share <= NEAREST) & (near > 0), near, 0)
    return scores


def reasons(question: Question) -> list[Reasons]:
    """How near each item is to what a language model says of the user.

    params: language_model (a name, or the model itself), embedding (a name)
    """
    world = question.world
    if reason := why_not(world):
        return nothing(question, reason)
    name = str(question.params.get("embedding") or embedding.DEFAULT)
    model = question.params.get("language_model") or language.DEFAULT
    profile = profile_of(world, question.user, model)
    if not profile.text:
        return nothing(question, "needs a user who liked something")
    facts = {
        **profile.facts,
        "profile": profile.text,
        "own_profile": profile.own_text,
        "is_ready_made": profile.is_fallback,
        "profile_violations": list(profile.violations),
    }
    return strongest(question, _found(question, profile, name), method=KIND, **facts)


def _found(question: Question, profile: Profile, name: str) -> Iterator[list[Claim]]:
    world = question.world
    seen = world.train.seen[[question.user]].indices
    near, share = nearness(world, profile.text, seen, name)
    for item in question.items.tolist():
        weight = float(near[item])
        if share[item] > NEAREST or weight <= 0:
            yield []
        else:
            yield [(weight, partial(_told, world, profile, item, weight, float(share[item]), name))]


def _told(
    world: World, profile: Profile, item: int, weight: float, share: float, name: str
) -> Evidence:
    vectors = item_vectors(world, name)
    likeness = vectors[list(profile.shown)] @ vectors[item]
    order = np.argsort(-likeness, kind="stable")[:N_SOURCES]
    by = "a count of groups" if profile.is_fallback else "a language model"
    return Evidence(
        kind=KIND,
        item=item,
        sources=tuple(profile.shown[place] for place in order),
        weight=weight,
        text=f"{world.titles[item]} is among the {np.ceil(100 * share):.0f}% of new {world.noun}s "
        f"nearest to what {by} says of the user: “{profile.text}”",
        facts={"cosine": weight, "nearest_share": share},
    )
