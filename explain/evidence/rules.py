"""Association rules: who likes these items likes that one more often than others do."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from core.naming import listed
from core.tables import Codes, Floats, Ints
from explain.evidence.cells import values_at
from explain.evidence.kept import kept
from explain.evidence.linked import Claim, nothing, strongest
from explain.explanation import Evidence
from explain.reasons import Question, Reasons
from explain.world import World

if TYPE_CHECKING:
    from scipy.sparse import csr_array

KIND = "rule"
LEAST_USERS = 5  # who liked all items of a rule
LEAST_SUPPORT = 0.01  # of the users, where that is more
LEAST_LIFT = 1.2
N_PAIRS = 2000  # pairs of items that a rule may start from: the most frequent ones
AT_A_TIME = 512


@dataclass(frozen=True, eq=False)
class Rules:
    """If a user liked these, then also that.  Rules of one or two liked items.

    has         float32 CSR (n_antecedents, n_items), 1 for the items that a rule starts from
    size        int64 (n_antecedents,) 1 or 2 of them
    n_fitting   int64 (n_antecedents,) users who liked them all
    gain        float64 CSR (n_antecedents, n_items): share of those users who liked the item, less
                the share of all users who did; only where a rule holds
    shares      float64 (n_items,) of the users who liked anything, those who liked the item
    n_users     users who liked anything
    """

    has: "csr_array[Any]"
    size: Ints
    n_fitting: Ints
    gain: "csr_array[Any]"
    shares: Floats
    n_users: int


@kept
def rules_of(world: World) -> Rules:
    """All rules of a world (Agrawal, Imielinski & Swami 1993, doi:10.1145/170035.170072).

    support: share of the users who liked all items of the rule, at least 1 % and 5 users;
    confidence: of those who liked what it starts from; lift: confidence over the share of all
    users, at least 1.2. Pairs are the 2,000 that most users liked.
    """
    from scipy.sparse import csr_array, vstack

    liked = world.train.liked
    n_users = int((np.diff(liked.indptr) > 0).sum())
    least = max(LEAST_USERS, int(np.ceil(LEAST_SUPPORT * n_users)))
    shares = world.popularity / max(n_users, 1)
    has = _antecedents(world, least)
    size = np.diff(has.indptr).astype(np.int64)
    parts, fitting = [csr_array((0, world.n_items), dtype=np.float64)], []
    for start in range(0, has.shape[0], AT_A_TIME):
        block = slice(start, start + AT_A_TIME)
        fits = _fits(liked, has[block], size[block])
        n_fitting = np.diff(fits.indptr).astype(np.int64)
        both = (fits @ liked).tocoo()
        confidence = both.data / n_fitting[both.row]
        holds = (both.data >= least) & (confidence >= LEAST_LIFT * shares[both.col])
        holds &= values_at(has[block], both.row, both.col) == 0
        gain = (confidence - shares[both.col])[holds]
        parts.append(csr_array((gain, (both.row[holds], both.col[holds])), shape=both.shape))
        fitting.append(n_fitting)
    all_fitting = np.concatenate([np.zeros(0, np.int64), *fitting])
    return Rules(has, size, all_fitting, vstack(parts, format="csr"), shares, n_users)


def _antecedents(world: World, least: int) -> "csr_array[Any]":
    """Single items that enough users liked, then the most frequent pairs of them."""
    from scipy.sparse import csr_array, triu

    often = np.flatnonzero(world.popularity >= least)
    columns = world.train.liked[:, often]
    pairs = triu(columns.T @ columns, k=1).tocoo()
    order = np.lexsort((pairs.col, pairs.row, -pairs.data))
    order = order[pairs.data[order] >= least][:N_PAIRS]
    items = np.concatenate([often, often[np.stack([pairs.row, pairs.col], axis=1)[order]].ravel()])
    starts = np.concatenate(
        [np.arange(len(often) + 1), len(often) + 2 * np.arange(1, len(order) + 1)]
    )
    ones = np.ones(len(items), dtype=np.float32)
    return csr_array((ones, items, starts), shape=(len(starts) - 1, world.n_items))


def _fits(liked: "csr_array[Any]", has: "csr_array[Any]", size: Ints) -> "csr_array[Any]":
    """Which users (columns) liked all that a rule (row) starts from?  0/1 CSR."""
    counts = (has @ liked.T).tocsr()
    counts.data = (counts.data == np.repeat(size, np.diff(counts.indptr))).astype(np.float32)
    counts.eliminate_zeros()
    fits: csr_array[Any] = counts
    return fits


def why_not(world: World) -> str:
    """Why nothing may be said; "" where it may."""
    if rules_of(world).gain.nnz:
        return ""
    return f"needs items that {LEAST_USERS} users or more liked together, oftener than by chance"


def evidence_scores(world: World, users: Codes | Ints) -> "csr_array[Any]":
    """Σ over the rules that fit of confidence less the share of all users: CSR float64.

    How many more of the like-minded liked the item, added up: popularity alone adds nothing.
    """
    rules = rules_of(world)
    fits = _fits(world.train.liked[np.asarray(users)], rules.has, rules.size)
    scores: csr_array[Any] = (fits.T.tocsr() @ rules.gain).tocsr()
    scores.sort_indices()
    return scores


def reasons(question: Question) -> list[Reasons]:
    """The rules that fit the user and end in each item, those first that say most."""
    if reason := why_not(question.world):
        return nothing(question, reason)
    return strongest(question, _found(question), method="association rules")


def _found(question: Question) -> Iterator[list[Claim]]:
    world, rules = question.world, rules_of(question.world)
    fits = _fits(world.train.liked[[question.user]], rules.has, rules.size)
    fitting = np.flatnonzero(np.diff(fits.indptr))
    items = question.items.tolist()
    gain = rules.gain[fitting][:, items].tocsc()
    for place, item in enumerate(items):
        column = slice(gain.indptr[place], gain.indptr[place + 1])
        yield [
            (float(value), partial(_told, world, rules, int(fitting[row]), item, float(value)))
            for row, value in zip(gain.indices[column], gain.data[column], strict=True)
        ]


def _told(world: World, rules: Rules, antecedent: int, item: int, gain: float) -> Evidence:
    sources = np.sort(rules.has[[antecedent]].indices).tolist()
    confidence = gain + float(rules.shares[item])
    n_fitting = int(rules.n_fitting[antecedent])
    lift = confidence / float(rules.shares[item])
    return Evidence(
        kind=KIND,
        item=item,
        sources=tuple(int(source) for source in sources),
        weight=gain,
        text=f"{confidence:.0%} of the users who liked "
        f"{listed([world.titles[source] for source in sources])} also liked "
        f"{world.titles[item]}, {lift:.1f} times the share among all users.",
        facts={
            "support": confidence * n_fitting / rules.n_users,
            "confidence": confidence,
            "lift": lift,
            "n_users": n_fitting,
        },
    )
