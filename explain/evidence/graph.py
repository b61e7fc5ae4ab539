"""The knowledge graph of the items as matrices, and whether it is tied to the right items."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.tables import Floats, Ints
from explain.evidence.kept import kept
from explain.world import World

if TYPE_CHECKING:
    from scipy.sparse import csr_array

SEQUEL, PREQUEL = "sequel", "prequel"
# true of so many items that they tie nothing, told better by the items' own attributes, or (awards)
# a matter of renown, not of taste
LEFT_OUT = frozenset({"genre", "language", "country", "rating", "award_nomination", "award_won"})
ENOUGH_SEQUELS = 8  # pairs below which a share of them proves nothing
LEAST_SHARED = 0.25
WORD = re.compile(r"[^\W_]{3,}")
NO_TITLE_WORDS = frozenset(
    {"the", "and", "part", "for", "from", "with", "iii", "les", "une", "der"}
)


@dataclass(frozen=True, eq=False)
class Relation:
    """Which items share what, by one relation of the graph.

    entities  outside ids of what at least two items have, object (n_entities,); names of them the
              graph does not tell, so they are shown to nobody
    table     float32 CSR (n_items, n_entities), 1 where the item has it
    rarity    float64 (n_entities,) log(n / items that have it) / log(n), n items of the graph: 0
              for what all have, near 1 for what two have
    n_items   int64 (n_entities,) items that have it
    n_had     int64 (n_items,) how many the item has, those that no other item has counted too
    """

    name: str
    entities: Any
    table: "csr_array[Any]"
    rarity: Floats
    n_items: Ints
    n_had: Ints

    @cached_property
    def rare(self) -> "csr_array[Any]":
        """The table with the rarity of each entity in place of 1."""
        return self.table.multiply(self.rarity).tocsr()


@dataclass(frozen=True, eq=False)
class ItemGraph:
    """relations: by name, in order; sequels: float32 CSR (n_items, n_items), [earlier, later]."""

    relations: Mapping[str, Relation]
    sequels: "csr_array[Any]"

    @cached_property
    def earlier(self) -> "csr_array[Any]":
        """The sequels the other way round: [later, earlier]."""
        return self.sequels.T.tocsr()


@kept
def graph_of(world: World) -> ItemGraph:
    """The graph of a world that has one."""
    edges = _edges(world)
    is_item = edges["relation"].isin((SEQUEL, PREQUEL))
    n_known = int(edges["head"].nunique())
    found = {}
    for name, rows in edges[~is_item & ~edges["relation"].isin(LEFT_OUT)].groupby("relation"):
        relation = _relation(str(name), rows, world.n_items, n_known)
        if relation is not None:
            found[str(name)] = relation
    return ItemGraph(found, _sequels(edges[is_item], world.n_items))


def _edges(world: World) -> pd.DataFrame:
    if world.graph is None:
        return pd.DataFrame({"head": np.zeros(0, np.int64), "relation": [], "tail": []})
    return world.graph


def _relation(name: str, rows: pd.DataFrame, n_items: int, n_known: int) -> Relation | None:
    from scipy.sparse import csr_array

    places, entities = pd.factorize(rows["tail"], sort=True)
    heads = rows["head"].to_numpy()
    ones = np.ones(len(rows), dtype=np.float32)
    table = csr_array((ones, (heads, places)), shape=(n_items, len(entities)))
    table.data[:] = 1
    n_with = np.bincount(table.indices, minlength=len(entities))
    shared = np.flatnonzero(n_with > 1)
    if not len(shared):
        return None
    rarity = np.log(n_known / n_with[shared]) / np.log(max(n_known, 2))
    return Relation(
        name,
        np.asarray(entities, dtype=object)[shared],
        table[:, shared].tocsr(),
        rarity,
        n_with[shared],
        np.diff(table.indptr).astype(np.int64),
    )


def _sequels(rows: pd.DataFrame, n_items: int) -> "csr_array[Any]":
    """Pairs of items of which the one goes on with the other, from either end of the edge."""
    from scipy.sparse import csr_array

    if "tail_item" not in rows:
        rows = rows.assign(tail_item=-1)
    rows = rows[rows["tail_item"] >= 0]
    head, tail = rows["head"].to_numpy(), rows["tail_item"].to_numpy()
    is_sequel = (rows["relation"] == SEQUEL).to_numpy()
    pair = (np.where(is_sequel, head, tail), np.where(is_sequel, tail, head))
    shape = (n_items, n_items)
    table: csr_array[Any] = csr_array((np.ones(len(rows), np.float32), pair), shape=shape)
    table.sum_duplicates()
    table.data[:] = 1
    return table


def sequel_share(world: World) -> tuple[float, int]:
    """What share of the pairs said to be sequels has a word of the title in common, of how many?

    Sequels are mostly called after what they follow, so a graph that is tied to the wrong items
    shows here. NaN without pairs.
    """
    earlier, later = (codes.tolist() for codes in graph_of(world).sequels.nonzero())
    if not earlier:
        return np.nan, 0
    words = {code: _words(world.titles[code]) for code in {*earlier, *later}}
    shares = [bool(words[a] & words[b]) for a, b in zip(earlier, later, strict=True)]
    return float(np.mean(shares)), len(shares)


def _words(title: str) -> set[str]:
    return {word for word in WORD.findall(title.lower()) if word not in NO_TITLE_WORDS}


@kept
def why_no_graph(world: World) -> str:
    """Why nothing may be said from the graph; "" where it may."""
    if world.graph is None or not len(world.graph):
        return "needs a knowledge graph of the items, and the data has none"
    share, n = sequel_share(world)
    if n >= ENOUGH_SEQUELS and share < LEAST_SHARED:
        return (
            "needs a knowledge graph tied to the right items: of the "
            f"{n} pairs that it calls sequels {share:.0%} share a word of their titles (at least "
            f"{LEAST_SHARED:.0%} is to be expected), so what it says of one item is true of another"
        )
    found = graph_of(world)
    if not found.relations and not found.sequels.nnz:
        return "needs a knowledge graph in which two items have something in common"
    return ""
