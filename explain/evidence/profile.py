"""Profile match: is the item of the groups (genres …) that the user's items are of?"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from core.naming import article
from core.tables import Codes, Floats, Ints
from explain.evidence.kept import kept
from explain.evidence.linked import Claim, nothing, strongest
from explain.explanation import Evidence
from explain.reasons import Question, Reasons
from explain.world import World

if TYPE_CHECKING:
    from scipy.sparse import csc_array, csr_array

KIND = "profile"
N_SOURCES = 3  # liked items that stand for a group


@kept
def votes(world: World) -> "csr_array[Any]":
    """Each item's one vote, split evenly over its groups: float64 CSR (n_items, n_groups)."""
    from scipy.sparse import csr_array

    groups = csr_array((world.n_items, 0)) if world.groups is None else world.groups.tocsr()
    sizes = np.maximum(np.diff(groups.indptr), 1)
    each = np.repeat(1 / sizes, np.diff(groups.indptr))
    return csr_array((each, groups.indices, groups.indptr), shape=groups.shape)


@kept
def _directions(world: World) -> "csr_array[Any]":
    """Votes of each item, of length 1."""
    from scipy.sparse import csr_array

    table = votes(world)
    lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    each = table.data / np.repeat(lengths, np.diff(table.indptr))
    return csr_array((each, table.indices, table.indptr), shape=table.shape)


def profiles(world: World, users: Codes | Ints) -> Floats:
    """Share of each user's votes that a group has, of length 1: float64 (n_users, n_groups)."""
    made = np.asarray((world.train.liked[np.asarray(users)] @ votes(world)).toarray())
    lengths = np.sqrt((made**2).sum(axis=1, keepdims=True))
    return np.asarray(np.divide(made, lengths, out=np.zeros_like(made), where=lengths > 0))


def why_not(world: World) -> str:
    """Why nothing may be said; "" where it may."""
    if world.groups is None or not world.groups.nnz:
        return "needs items with groups (genres, categories …)"
    return ""


def evidence_scores(world: World, users: Codes | Ints) -> Floats:
    """Cosine between the user's groups and the item's: float64 (n_users, n_items), 0 to 1.

    Each liked item has one vote, split evenly over its groups.
    """
    scores: Floats = np.asarray((_directions(world) @ profiles(world, users).T).T)
    return scores


def reasons(question: Question) -> list[Reasons]:
    """The groups that each item shares with what the user liked, the largest part first."""
    if reason := why_not(question.world):
        return nothing(question, reason)
    return strongest(question, _found(question), method="cosine of groups")


def _found(question: Question) -> Iterator[list[Claim]]:
    world, history = question.world, question.world.liked(question.user)
    profile = profiles(world, np.array([question.user]))[0]
    had = votes(world)[history].tocsc()
    directions = _directions(world)
    for item in question.items.tolist():
        row = directions[[item]]
        yield [
            (weight, partial(_told, world, item, int(group), weight, history, had))
            for group, value in zip(row.indices, row.data, strict=True)
            if (weight := float(value * profile[group])) > 0
        ]


def _told(
    world: World, item: int, group: int, weight: float, history: Ints, had: "csc_array[Any]"
) -> Evidence:
    rows = had.indices[had.indptr[group] : had.indptr[group + 1]]
    share = had.data[had.indptr[group] : had.indptr[group + 1]]
    # those that are most of this group, then those that most users liked
    order = np.lexsort((-world.popularity[history[rows]], -share))
    sources = history[rows[order[:N_SOURCES]]]
    name = world.group_names[group]
    kind = f"{name} {world.noun}"
    are = f"is {article(kind)} {kind}" if len(rows) == 1 else f"are {kind}s"
    return Evidence(
        kind=KIND,
        item=item,
        sources=tuple(int(source) for source in sources),
        weight=weight,
        text=f"{len(rows)} of the {len(history)} {world.noun}s that the user liked {are}, and so "
        f"is {world.titles[item]}.",
        facts={"group": name, "n_of_group": len(rows), "n_liked": len(history)},
    )
