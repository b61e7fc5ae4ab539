"""What each user's list adds to each group of items: the sums that item fairness is made of."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from core.item_groups import ItemGroups
from core.tables import PAD, Bools, Codes, Floats, Interactions, Ints
from evaluators.expected_exposure import exposure_of_places
from recscope.judged import Judged

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class Groups:
    """One grouping of the items, and how its groups are shown.

    all      the groups; is_available: bool (n_items,) items that could be recommended
    shown    text (n_shown,): the largest groups by name, the rest as one where they are too many
    fold     int64 (n_groups,) which shown one each group goes to
    is_provider  do the groups say who offers the item?
    """

    all: ItemGroups
    shown: tuple[str, ...]
    fold: Ints
    is_available: Bools
    is_provider: bool = False

    @property
    def column(self) -> str:
        return self.all.column

    @cached_property
    def member(self) -> "csr_array[Any]":
        """float64 (n_items, n_groups), 1 where the item is in the group."""
        return self.all.sparse.astype(np.float64)

    @cached_property
    def votes(self) -> "csr_array[Any]":
        """The same, an item's one vote split evenly over its groups."""
        from scipy.sparse import csr_array

        n_of = np.bincount(self.all.item, minlength=self.all.n_items)
        share = 1 / n_of[self.all.item]
        shape = (self.all.n_items, len(self.all))
        return csr_array((share, (self.all.item, self.all.group)), shape=shape)

    @cached_property
    def has_group(self) -> Bools:
        return np.asarray(np.bincount(self.all.item, minlength=self.all.n_items) > 0)

    @cached_property
    def n_items(self) -> Floats:
        """Votes of the items that could be recommended: float64 (n_groups,)."""
        return np.asarray(self.votes.T @ self.is_available.astype(np.float64))

    @cached_property
    def n_members(self) -> Floats:
        """Items that could be recommended, counted fully in each group: float64 (n_groups,)."""
        return np.asarray(self.member.T @ self.is_available.astype(np.float64))

    def folded(self, of_groups: "csr_array[Any] | Floats") -> Floats:
        """Summed over what is shown as one: float64 (..., n_shown), dense."""
        from scipy.sparse import csr_array

        n = len(self.all)
        ones = np.ones(n)
        to_shown = csr_array((ones, (np.arange(n), self.fold)), shape=(n, len(self.shown)))
        if isinstance(of_groups, np.ndarray):
            return np.asarray(of_groups @ to_shown)
        return np.asarray((of_groups @ to_shown).toarray())


def groups_shown(
    groups: ItemGroups, is_available: Bools, most: int, *, is_provider: bool = False
) -> Groups:
    """The grouping with at most so many groups on show: the largest, then all others as one."""
    n = len(groups)
    if n <= most:
        return Groups(groups, groups.names, np.arange(n), is_available, is_provider)
    sizes = np.bincount(groups.group[is_available[groups.item]], minlength=n)
    largest = np.sort(np.argsort(-sizes, kind="stable")[: most - 1])
    fold = np.full(n, most - 1)
    fold[largest] = np.arange(most - 1)
    names = (*(groups.names[g] for g in largest), f"({n - most + 1:,} others)")
    return Groups(groups, names, fold, is_available, is_provider)


@dataclass(frozen=True, eq=False)
class Parts:
    """What each user adds to each group; all sparse float64 (n_users, n_groups).

    exposure      1 / log2(place + 1) of the places the group got, by votes
    hit_exposure  the same of places that hold a relevant item
    listed, hits  places, and relevant items, counted fully in each group
    relevance     share of the user's relevant test items that lies in the group, by votes
    relevant      relevant test items, counted fully in each group
    had           items of the group that the user had before
    lost          float64 (n_users,) exposure that went to items of no group
    """

    exposure: "csr_array[Any]"
    hit_exposure: "csr_array[Any]"
    listed: "csr_array[Any]"
    hits: "csr_array[Any]"
    relevance: "csr_array[Any]"
    relevant: "csr_array[Any]"
    had: "csr_array[Any]"
    lost: Floats


def wanted(judged: Judged, groups: Groups) -> tuple["csr_array[Any]", "csr_array[Any]"]:
    """Relevance and relevant of every user: the same for all models."""
    from scipy.sparse import csr_array

    truth = judged.truth
    row, item = truth.row_of[truth.is_relevant], truth.items[truth.is_relevant]
    known = groups.has_group[item]
    row, item = row[known], item[known]
    n_known = np.bincount(row, minlength=len(truth))
    shape = (len(truth), groups.all.n_items)
    by_vote = csr_array((1 / n_known[row], (row, item)), shape=shape)
    counted = csr_array((np.ones(len(row)), (row, item)), shape=shape)
    return by_vote @ groups.votes, counted @ groups.member


def parts_of(
    judged: Judged,
    groups: Groups,
    k: int,
    history: Interactions,
    of_users: tuple["csr_array[Any]", "csr_array[Any]"],
) -> Parts:
    """What one model's lists add.  of_users: what `wanted` answered."""
    items, hits = judged.items[:, :k], judged.hits[:, :k]
    place = np.broadcast_to(exposure_of_places(items.shape[1]), items.shape)
    is_listed = items != PAD
    has_group = is_listed & groups.has_group[items]
    ones = np.ones(items.shape)
    return Parts(
        exposure=_spread(items, is_listed, place, groups.votes),
        hit_exposure=_spread(items, hits, place, groups.votes),
        listed=_spread(items, is_listed, ones, groups.member),
        hits=_spread(items, hits, ones, groups.member),
        relevance=of_users[0],
        relevant=of_users[1],
        had=history.seen[judged.truth.users].astype(np.float64) @ groups.member,
        lost=np.where(is_listed & ~has_group, place, 0).sum(axis=1),
    )


def _spread(items: Codes, chosen: Bools, amounts: Floats, groups: "csr_array[Any]") -> Any:
    """Amounts at the chosen places, by user and group: sparse (n_users, n_groups)."""
    from scipy.sparse import csr_array

    row, rank = np.nonzero(chosen)
    shape = (len(items), groups.shape[0])
    return csr_array((amounts[row, rank], (row, items[row, rank])), shape=shape) @ groups
