"""Paths in the knowledge graph: what an item has in common with what the user liked.

user – liked item – shared entity – item, and liked item – item for sequels. The graph has no names
of entities, so that none is told: "the same director as Alien", never who that is.
"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from core.naming import one_line, shortened
from core.tables import Codes, Floats, Ints
from explain.evidence.cells import values_at
from explain.evidence.graph import SEQUEL, ItemGraph, Relation, graph_of, why_no_graph
from explain.evidence.linked import Claim, nothing, strongest
from explain.explanation import Evidence
from explain.reasons import Question, Reasons
from explain.world import World

if TYPE_CHECKING:
    from scipy.sparse import csr_array

KIND = "path"
SEQUEL_WEIGHT = 1.0  # as much as the rarest entity
NAMES = {
    "directed_by": ("director", "directors"),
    "written_by": ("writer", "writers"),
    "actor": ("actor", "actors"),
    "produced_by": ("producer", "producers"),
    "cinematography": ("cinematographer", "cinematographers"),
    "production_companies": ("studio", "studios"),
    "subjects": ("subject", "subjects"),
}
# of these a graph never lists all, so that one in common is "one of", even if no other is listed
NEVER_ALL = frozenset({"actor", "subjects"})

why_not = why_no_graph


def names_of(relation: str) -> tuple[str, str]:
    """One and many of what a relation leads to; a relation of one's own data by its own name."""
    if relation in NAMES:
        return NAMES[relation]
    name = shortened(one_line(relation.replace("_", " "), 200), 40) or "property"
    return name, name


def shared_phrase(relation: str, n_shared: int, n_one: int, n_other: int) -> str:
    """As "the same director", "one of the same actors", "3 of the same actors".

    n_one, n_other  how many each of the two items has
    """
    one, many = names_of(relation)
    is_all = n_shared == n_one == n_other and relation not in NEVER_ALL
    if n_shared == 1:
        return f"the same {one}" if is_all else f"one of the same {many}"
    return f"the same {n_shared} {many}" if is_all else f"{n_shared} of the same {many}"


def evidence_scores(world: World, users: Codes | Ints) -> "csr_array[Any]":
    """Σ over relations, liked items and shared entities of the entity's rarity: CSR float64.

    A sequel counts as much as the rarest entity. Its items of the history are 0 like all others
    that nothing leads to, unless another liked item leads there.
    """
    graph = graph_of(world)
    liked = world.train.liked[np.asarray(users)]
    total = SEQUEL_WEIGHT * (liked @ (graph.sequels + graph.earlier))
    for relation in graph.relations.values():
        total = total + (liked @ relation.rare) @ relation.table.T
    scores: csr_array[Any] = total.tocsr().astype(np.float64)
    scores.sort_indices()
    return scores


def reasons(question: Question) -> list[Reasons]:
    """What each item has in common with each liked one, the rarest first."""
    if reason := why_not(question.world):
        return nothing(question, reason)
    found = _found(question.world, question.world.liked(question.user), question.items)
    return strongest(question, found, method="knowledge-graph paths")


def between(world: World, sources: Ints, item: int) -> list[Evidence]:
    """What an item has in common with these liked ones, the rarest first; [] without a graph."""
    if why_not(world):
        return []
    (found,) = _found(world, np.asarray(sources, dtype=np.int64), np.array([item]))
    return [tell() for _, tell in sorted(found, key=lambda one: -one[0])]


def _found(world: World, history: Ints, asked: Codes | Ints) -> Iterator[list[Claim]]:
    graph, items = graph_of(world), np.asarray(asked, dtype=np.int64)
    found: list[list[Claim]] = [[] for _ in items]
    for relation in graph.relations.values():
        weights = (relation.rare[items] @ relation.table[history].T).tocoo()
        for place, row, weight in zip(weights.row, weights.col, weights.data, strict=True):
            if items[place] != history[row]:
                tell = partial(_shared, world, relation, int(items[place]), int(history[row]))
                found[place].append((float(weight), tell))
    for place, item in enumerate(items.tolist()):
        yield found[place] + _sequels(world, graph, history, item)


def _shared(world: World, relation: Relation, item: int, source: int) -> Evidence:
    table = relation.table
    both = np.intersect1d(table[[item]].indices, table[[source]].indices)
    both = both[np.argsort(-relation.rarity[both], kind="stable")]
    phrase = shared_phrase(relation.name, len(both), relation.n_had[item], relation.n_had[source])
    return Evidence(
        kind=KIND,
        item=item,
        sources=(source,),
        weight=float(relation.rarity[both].sum()),
        text=f"{world.titles[item]} has {phrase} as {world.titles[source]}, which the user liked.",
        facts={
            "relation": relation.name,
            "n_shared": len(both),
            "entities": relation.entities[both].tolist(),
            "n_items": relation.n_items[both].tolist(),
        },
    )


def _sequels(world: World, graph: ItemGraph, history: Ints, item: int) -> list[Claim]:
    after = np.intersect1d(graph.earlier[[item]].indices, history)
    before = np.intersect1d(graph.sequels[[item]].indices, history)
    told = [partial(_sequel, world, item, int(source), is_after=True) for source in after]
    told += [partial(_sequel, world, item, int(source), is_after=False) for source in before]
    return [(SEQUEL_WEIGHT, tell) for tell in told]


def _sequel(world: World, item: int, source: int, *, is_after: bool) -> Evidence:
    title, liked = world.titles[item], f"{world.titles[source]}, which the user liked"
    text = f"{title} is a sequel to {liked}." if is_after else f"{liked}, is a sequel to {title}."
    return Evidence(
        kind=KIND,
        item=item,
        sources=(source,),
        weight=SEQUEL_WEIGHT,
        text=text,
        facts={"relation": SEQUEL, "n_shared": 0, "entities": [], "n_items": []},
    )


def coverage(world: World, users: Ints, items: Floats | Codes) -> dict[str, float]:
    """What share of the listed items does each relation lead to?  "any": one of them at least.

    items  int (n_users, k) lists, -1 at an empty place
    """
    graph = graph_of(world)
    liked = world.train.liked[np.asarray(users)]
    rows, columns = np.nonzero(np.asarray(items) >= 0)
    listed = np.asarray(items)[rows, columns].astype(np.int64)
    tables = {name: (liked @ one.table) @ one.table.T for name, one in graph.relations.items()}
    tables[SEQUEL] = liked @ (graph.sequels + graph.earlier)
    reached = {name: values_at(table.tocsr(), rows, listed) > 0 for name, table in tables.items()}
    reached["any"] = np.any(list(reached.values()), axis=0)
    return {name: float(is_so.mean()) if len(is_so) else np.nan for name, is_so in reached.items()}
