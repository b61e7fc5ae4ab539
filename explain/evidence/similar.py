"""Similar items: who liked what the user liked also liked the item."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from core.tables import Codes, Floats, Ints
from explain.evidence.kept import kept
from explain.evidence.linked import Claim, nothing, strongest
from explain.explanation import Evidence
from explain.reasons import Question, Reasons
from explain.world import World

if TYPE_CHECKING:
    from scipy.sparse import csr_array

KIND = "similar item"
N_NEIGHBOURS = 50
SHRINK = 10.0  # takes trust from similarities of few users
LEAST_BOTH = 3  # users who liked both: of fewer nobody is told


@kept
def similar_items(world: World) -> "csr_array[Any]":
    """Which items are most like each, by who liked them?  CSR float64 (n_items, n_items).

    Row: a liked item; at most 50 columns: those nearest to it by the cosine of who liked them,
    shrunk by 10 (Sarwar et al. 2001, doi:10.1145/371920.372071). At least 3 users liked both.
    """
    from recommenders.neighbours import neighbours

    near = neighbours(world.liked_by, N_NEIGHBOURS, SHRINK).tocoo()
    near.data[n_both(world, near.data, near.row, near.col) < LEAST_BOTH] = 0
    found: csr_array[Any] = near.tocsr()
    found.eliminate_zeros()
    return found


def n_both(world: World, similarity: Floats, sources: Codes | Ints, items: Codes | Ints) -> Ints:
    """Users who liked both items of each pair: int64 (n,), read back off their similarity."""
    sizes = np.sqrt(world.popularity.astype(np.float64))
    return np.rint(similarity * (sizes[sources] * sizes[items] + SHRINK)).astype(np.int64)


def why_not(world: World) -> str:
    """Why nothing may be said; "" where it may."""
    if similar_items(world).nnz:
        return ""
    return f"needs items that {LEAST_BOTH} users or more liked together"


def evidence_scores(world: World, users: Codes | Ints) -> "csr_array[Any]":
    """Σ over the liked items of their similarity to the item: CSR float64 (n_users, n_items)."""
    scores: csr_array[Any] = (world.train.liked[np.asarray(users)] @ similar_items(world)).tocsr()
    scores.sort_indices()
    return scores


def reasons(question: Question) -> list[Reasons]:
    """The liked items whose users liked each item too, the most similar first."""
    if reason := why_not(question.world):
        return nothing(question, reason)
    return strongest(question, _found(question), method="cosine of who liked the items")


def _found(question: Question) -> Iterator[list[Claim]]:
    world, history = question.world, question.world.liked(question.user)
    near = similar_items(world)[history].tocsc()
    for item in question.items.tolist():
        rows = near.indices[near.indptr[item] : near.indptr[item + 1]]
        values = near.data[near.indptr[item] : near.indptr[item + 1]]
        sources = history[rows]
        both = n_both(world, values, sources, np.full(len(sources), item))
        yield [
            (float(value), partial(_told, world, int(source), item, float(value), int(n)))
            for source, value, n in zip(sources, values, both, strict=True)
        ]


def _told(world: World, source: int, item: int, similarity: float, n: int) -> Evidence:
    of_all = int(world.popularity[source])
    return Evidence(
        kind=KIND,
        item=item,
        sources=(source,),
        weight=similarity,
        text=f"{n} of the {of_all} users who liked {world.titles[source]} also liked "
        f"{world.titles[item]}.",
        facts={"similarity": similarity, "n_both": n, "n_source": of_all},
    )
