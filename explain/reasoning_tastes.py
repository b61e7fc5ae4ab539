"""Tastes of users, inferred from what they liked and verified by foretelling what was masked.

As LLMRG extends chains of reasoning, diverges to what they lead to and verifies them by masked
items (Wang et al. 2023, arXiv:2308.10835), and as LLMHG sorts interests by angles (Chu et al. 2024,
arXiv:2401.08217). Here counting stands for the language model: the same history, the same tastes.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.tables import Bools, Codes, Floats, Ints
from explain.evidence.graph import graph_of, why_no_graph
from explain.evidence.kept import kept
from explain.world import World

if TYPE_CHECKING:
    from scipy.sparse import csr_array

GROUP, DECADE = "group", "decade"
LEAST_SIGNS = 2  # liked items that a taste is inferred from
LEAST_LIFT = 1.2
PRIOR = 5.0  # items' worth of trust in what everybody likes
LEAST_PROOF = 0.0  # likelier with the taste than without
# twenty times likelier: of thousands of entities some fit by chance
LEAST_PROOF_UNNAMED = float(np.log(20))
N_INFERRED = 30  # tastes of a user: verified ones, then those of most proof
MOST_SHARE = 0.6  # what more of all likings have tells no taste


@dataclass(frozen=True, eq=False)
class Attributes:
    """What items may be liked for.

    table   float32 CSR (n_items, n_attributes), 1 where the item has it
    angles  by which angle each looks at an item: "group", "decade", or a relation of the graph
    names   what each is called; None for entities of the graph, which have no names
    share   float64 (n_attributes,) of all likings, those of items that have it
    """

    table: "csr_array[Any]"
    angles: tuple[str, ...]
    names: tuple[str | None, ...]
    share: Floats


@dataclass(frozen=True, eq=False)
class Tastes:
    """Inferred tastes of some users, one a row; arrays of one length.

    row         int64 position of the user among those asked about
    attribute   int64 code; n_signs: int64 of the user's liked items, those that have it
    weight      float64 log(p / q): p of the user's likings, smoothed, and q of all likings have it
    proof       float64 log-likelihood ratio of the taste against none, each liked item left out in
                its turn
    is_verified bool  there is proof enough
    """

    row: Ints
    attribute: Ints
    n_signs: Ints
    weight: Floats
    proof: Floats
    is_verified: Bools


@kept
def attributes_of(world: World) -> Attributes:
    """Groups, decades, and what at least two items share in the knowledge graph."""
    from scipy.sparse import csr_array, hstack

    tables: list[Any] = [csr_array((world.n_items, 0), dtype=np.float32)]
    angles: list[str] = []
    names: list[str | None] = []
    if world.groups is not None:
        tables.append((world.groups > 0).astype(np.float32))
        angles += [GROUP] * len(world.group_names)
        names += list(world.group_names)
    if world.years is not None:
        known = np.flatnonzero(np.isfinite(world.years))
        decades, place = np.unique(world.years[known] // 10 * 10, return_inverse=True)
        ones = np.ones(len(known), dtype=np.float32)
        shape = (world.n_items, len(decades))
        tables.append(csr_array((ones, (known, place)), shape=shape))
        angles += [DECADE] * len(decades)
        names += [f"{decade:.0f}s" for decade in decades]
    if not why_no_graph(world):
        for relation in graph_of(world).relations.values():
            tables.append(relation.table)
            angles += [relation.name] * relation.table.shape[1]
            names += [None] * relation.table.shape[1]
    table = hstack(tables, format="csr")
    n_liked = max(int(world.train.liked.nnz), 1)
    share = (world.popularity @ table) / n_liked
    return Attributes(table, tuple(angles), tuple(names), np.asarray(share, dtype=np.float64))


def tastes_of(world: World, users: Codes | Ints) -> Tastes:
    """Which tastes does what users liked show, and does each foretell what it was not told?

    A taste is inferred where at least two liked items have the attribute and the user's share p of
    such items, smoothed by five items' worth of the share q of all likings, is at least 1.2 q. It
    is verified by masking: each liked item is left out in turn and foretold from the others, once
    with p and once with q. The sum of the log-likelihood ratios must be above 0; for entities of
    the graph, of which there are thousands, it must reach log(20).
    """
    attributes = attributes_of(world)
    liked = world.train.liked[np.asarray(users)]
    signs = (liked @ attributes.table).tocoo()
    row, column = signs.row.astype(np.int64), signs.col.astype(np.int64)
    n_liked = np.diff(liked.indptr).astype(np.float64)
    q, n = attributes.share[column], n_liked[row]
    p = (signs.data + PRIOR * q) / (n + PRIOR)
    is_taste = (signs.data >= LEAST_SIGNS) & (p >= LEAST_LIFT * q) & (q <= MOST_SHARE)
    kept_rows = np.flatnonzero(is_taste)
    row, column, p, q, n = (part[kept_rows] for part in (row, column, p, q, n))
    n_signs = signs.data[kept_rows]
    with_it = np.log((n_signs - 1 + PRIOR * q) / (n - 1 + PRIOR) / q)
    without = np.log((1 - (n_signs + PRIOR * q) / (n - 1 + PRIOR)) / (1 - q))
    # of somebody who liked nothing else there is no item without it
    proof = n_signs * with_it + np.where(n > n_signs, (n - n_signs) * without, 0)
    is_named = np.isin(np.asarray(attributes.angles, dtype=object), (GROUP, DECADE))
    is_verified = proof > np.where(is_named[column], LEAST_PROOF, LEAST_PROOF_UNNAMED)
    weight = np.log(p / q)
    some = _strongest(row, is_verified, proof)
    columns = (row, column, n_signs.astype(np.int64), weight, proof, is_verified)
    return Tastes(*(part[some] for part in columns))


def _strongest(row: Ints, is_verified: Bools, proof: Floats) -> Ints:
    """Positions of each row's first N_INFERRED entries, in order of rows."""
    order = np.lexsort((-proof, ~is_verified, row))
    rows = row[order]
    starts = np.searchsorted(rows, rows)
    return np.asarray(order[np.arange(len(order)) - starts < N_INFERRED])


def taste_scores(world: World, users: Codes | Ints) -> "csr_array[Any]":
    """Σ of the weights of the verified tastes that an item meets: CSR (n_users, n_items)."""
    from scipy.sparse import csr_array

    attributes, found = attributes_of(world), tastes_of(world, users)
    held = found.is_verified
    shape = (len(np.asarray(users)), attributes.table.shape[1])
    cells = (found.row[held], found.attribute[held])
    weights = csr_array((found.weight[held], cells), shape=shape)
    scores: csr_array[Any] = (weights @ attributes.table.T).tocsr().astype(np.float64)
    scores.sort_indices()
    return scores
