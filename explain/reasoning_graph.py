"""A reasoning graph per user: liked items, what they have in common, inferred tastes, new items.

history –has→ attribute –supports→ interest –meets→ item. Tastes that do not foretell the user's own
items, masked one by one, stay in the graph as refuted, and add nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.naming import article, listed
from core.tables import Codes, Ints
from explain.evidence.linked import Claim, nothing, strongest
from explain.evidence.paths import names_of
from explain.explanation import Evidence
from explain.reasoning_tastes import (
    DECADE,
    GROUP,
    Attributes,
    Tastes,
    attributes_of,
    taste_scores,
    tastes_of,
)
from explain.reasons import Question, Reasons
from explain.world import World

if TYPE_CHECKING:
    from scipy.sparse import csr_array

KIND = "interest"
N_ATTRIBUTES = 12  # shown: the strongest verified tastes, then refuted ones
N_HISTORY = 12
N_DIVERGED = 5  # new items that the tastes lead to, besides those asked about
N_SIGNS = 2  # liked items that an unnamed entity is told by
NodeKind = Literal["history", "attribute", "interest", "item"]


@dataclass(frozen=True)
class Node:
    """A box of the graph.

    key    names it in edges; label: what stands in it
    kind   history: a liked item; attribute: what liked items have in common; interest: one angle
           of the user's taste; item: a new item
    code   of an item, else -1
    weight how much speaks for it; is_verified: False for a taste that foretells nothing
    is_asked  an item that was asked about; others are what the tastes lead to
    """

    key: str
    kind: NodeKind
    label: str
    code: int = -1
    weight: float = 0.0
    is_verified: bool = True
    is_asked: bool = False


@dataclass(frozen=True)
class Edge:
    """From one node's key to another's.  kind: refuted: the attribute foretells nothing."""

    source: str
    target: str
    kind: Literal["has", "supports", "refuted", "meets"]
    weight: float


@dataclass(frozen=True)
class Graph:
    """One user's reasoning, ready to draw.

    facts  n_liked, n_inferred and n_verified tastes; reason where there is no graph
    """

    user: int
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def why_not(world: World) -> str:
    """Why nothing may be said; "" where it may."""
    if not attributes_of(world).table.nnz:
        return "needs items with groups, years or a knowledge graph"
    return ""


def evidence_scores(world: World, users: Codes | Ints) -> "csr_array[Any]":
    """Σ of the weights of the verified tastes that an item meets: float64 CSR (n_users, n_items).

    Each is log(p / q): how many times likelier the user is than others to like what has the
    attribute; their sum is the log-odds of a naive Bayes model of the user's taste.
    """
    return taste_scores(world, users)


def reasons(question: Question) -> list[Reasons]:
    """The verified tastes that each item meets, the strongest first."""
    if reason := why_not(question.world):
        return nothing(question, reason)
    user = np.array([question.user])
    tastes = tastes_of(question.world, user)
    facts = _counts(question.world, question.user, tastes)
    return strongest(question, _found(question, tastes), method="reasoning graph", **facts)


def _counts(world: World, user: int, tastes: Tastes) -> dict[str, int]:
    return {
        "n_liked": len(world.liked(user)),
        "n_inferred": len(tastes.row),
        "n_verified": int(tastes.is_verified.sum()),
    }


def _found(question: Question, tastes: Tastes) -> Iterator[list[Claim]]:
    attributes = attributes_of(question.world)
    for item in question.items.tolist():
        has = np.isin(tastes.attribute, attributes.table[[item]].indices) & tastes.is_verified
        yield [
            (float(tastes.weight[place]), partial(_told, question, tastes, item, int(place)))
            for place in np.flatnonzero(has)
        ]


def _told(question: Question, tastes: Tastes, item: int, place: int) -> Evidence:
    world, user = question.world, question.user
    attribute, weight = int(tastes.attribute[place]), float(tastes.weight[place])
    signs = signs_of(world, user, attribute)
    n_liked, n_signs = len(world.liked(user)), int(tastes.n_signs[place])
    share = float(attributes_of(world).share[attribute])
    lift = n_signs / n_liked / share
    return Evidence(
        kind=KIND,
        item=item,
        sources=tuple(signs[:3].tolist()),
        weight=weight,
        text=f"{n_signs} of the {n_liked} {world.noun}s that the user liked are "
        f"{taste(world, attribute, signs)}, {lift:.1f} times the share among all likings, and "
        f"{world.titles[item]} is one too.",
        facts={
            "angle": attributes_of(world).angles[attribute],
            "n_signs": n_signs,
            "n_liked": n_liked,
            "lift": lift,
            "proof": float(tastes.proof[place]),
        },
    )


def signs_of(world: World, user: int, attribute: int) -> Ints:
    """Liked items that have an attribute, those that fewest users liked first: int64 (n,)."""
    liked = world.liked(user)
    table = attributes_of(world).table
    signs = liked[np.asarray(table[liked][:, [attribute]].todense()).ravel() > 0]
    return signs[np.argsort(world.popularity[signs], kind="stable")]


def taste(world: World, attribute: int, signs: Sequence[int] | Ints) -> str:
    """What somebody likes: "Drama films", "films of the 1990s", "films with an actor of A"."""
    attributes = attributes_of(world)
    angle, name, nouns = attributes.angles[attribute], attributes.names[attribute], f"{world.noun}s"
    if angle == GROUP:
        return f"{name} {nouns}"
    if angle == DECADE:
        return f"{nouns} of the {name}"
    return f"{nouns} with {label_of(world, attributes, attribute, signs)}"


def label_of(
    world: World, attributes: Attributes, attribute: int, signs: Sequence[int] | Ints
) -> str:
    """What liked items have in common; an entity is told by two: "a director of A and B"."""
    name = attributes.names[attribute]
    if name is not None:
        return name
    one = names_of(attributes.angles[attribute])[0]
    return f"{article(one)} {one} of {listed([world.titles[code] for code in signs[:N_SIGNS]])}"


def graph_for(world: World, user: int, items: Ints | Sequence[int]) -> Graph:
    """The reasoning graph of one user and these items.

    Items that the tastes lead to without having been asked about are among its nodes: those with
    the highest score that the user has not had. Empty, with its reason, where there is none.
    """
    if reason := why_not(world):
        return Graph(user, facts={"reason": f"not available: {reason}"})
    tastes = tastes_of(world, np.array([user]))
    facts = _counts(world, user, tastes)
    order = np.lexsort((-tastes.proof, ~tastes.is_verified))[:N_ATTRIBUTES]
    if not len(order):
        return Graph(user, facts={**facts, "reason": "no taste sets this user apart from others"})
    shown = [int(place) for place in order]
    attributes = attributes_of(world)
    asked = [int(item) for item in items]
    new = asked + diverged(world, user, asked)
    nodes, edges = _lower_half(world, user, tastes, shown)
    keys: dict[str, float] = {}
    for item in new:
        key = f"item {item}"
        met: dict[str, float] = {}
        has = set(attributes.table[[item]].indices.tolist())
        for place in np.flatnonzero(tastes.is_verified):
            if int(tastes.attribute[place]) in has:
                angle = f"interest {attributes.angles[tastes.attribute[place]]}"
                met[angle] = met.get(angle, 0.0) + float(tastes.weight[place])
        keys[key] = sum(met.values())
        known = {node.key for node in nodes}
        edges += [Edge(a, key, "meets", weight) for a, weight in met.items() if a in known]
    nodes += [
        Node(
            f"item {item}",
            "item",
            world.titles[item],
            item,
            keys[f"item {item}"],
            is_asked=item in asked,
        )
        for item in new
    ]
    return Graph(user, tuple(nodes), tuple(edges), facts)


def diverged(world: World, user: int, asked: Sequence[int]) -> list[int]:
    """Items that the tastes lead to: the highest scores among what the user has not had."""
    scores = taste_scores(world, np.array([user])).toarray()[0]
    scores[world.train.seen[[user]].indices] = 0
    scores[list(asked)] = 0
    best = np.lexsort((-world.popularity, -scores))[:N_DIVERGED]
    return [int(item) for item in best if scores[item] > 0]


def _lower_half(
    world: World, user: int, tastes: Tastes, shown: Sequence[int]
) -> tuple[list[Node], list[Edge]]:
    """Liked items, attributes, angles, and the edges between them."""
    attributes = attributes_of(world)
    edges: list[Edge] = []
    middle: list[Node] = []
    signs = {place: signs_of(world, user, int(tastes.attribute[place])) for place in shown}
    n_ties: dict[int, int] = {}
    for codes in signs.values():
        for code in codes.tolist():
            n_ties[code] = n_ties.get(code, 0) + 1
    telling = sorted(n_ties, key=lambda code: (-n_ties[code], world.popularity[code], code))
    history = sorted(telling[:N_HISTORY])
    angles: dict[str, list[tuple[str, float, bool]]] = {}
    for place in shown:
        attribute = int(tastes.attribute[place])
        key, weight = f"attribute {attribute}", float(tastes.weight[place])
        is_verified = bool(tastes.is_verified[place])
        label = label_of(world, attributes, attribute, signs[place])
        middle.append(Node(key, "attribute", label, -1, weight, is_verified))
        angles.setdefault(attributes.angles[attribute], []).append((label, weight, is_verified))
        edges += [
            Edge(f"history {code}", key, "has", 1.0)
            for code in signs[place].tolist()
            if code in history
        ]
        kind: Literal["supports", "refuted"] = "supports" if is_verified else "refuted"
        edges.append(Edge(key, f"interest {attributes.angles[attribute]}", kind, weight))
    liked = [Node(f"history {code}", "history", world.titles[code], code) for code in history]
    tops = [_angle(world, angle, found) for angle, found in angles.items()]
    return [*liked, *middle, *tops], edges


def _angle(world: World, angle: str, found: Sequence[tuple[str, float, bool]]) -> Node:
    """One side of the user's taste: all verified attributes of one angle together."""
    held = [(label, weight) for label, weight, is_verified in found if is_verified]
    what = (
        world.group_column or "groups"
        if angle == GROUP
        else ("decades" if angle == DECADE else names_of(angle)[1])
    )
    # names are short; what has none is told by two items, and one of these is enough
    n_told = 3 if angle in {GROUP, DECADE} else 1
    told = listed([label for label, _ in held[:n_told]])
    label = f"taste in {what}" + (f": {told}" if told else "")
    total = sum(weight for _, weight in held)
    return Node(f"interest {angle}", "interest", label, -1, total, bool(held))
