"""The tables every other package speaks.

Users and items are codes: row and column numbers from 0. `Ids` alone turns them back into the
names that the outside world uses. Undefined is NaN, a list shorter than k is filled with PAD.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import UnknownNameError
from core.ledger import Ledger

if TYPE_CHECKING:  # it takes longer to import than ready lists take to judge
    from scipy.sparse import csr_array

Codes = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]

PAD = -1  # fills a list shorter than k


@dataclass(frozen=True, eq=False)
class Ids:
    """Outside names of users or of items.

    kind   "user" or "item", for messages
    names  object (n,) text; the name of code c is names[c]
    """

    kind: str
    names: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def codes(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.names)}

    def code(self, name: str) -> int:
        """The code of an outside name; UnknownNameError, with the nearest one, if there is none."""
        if name not in self.codes:
            raise UnknownNameError(self.kind, name, self.codes, shown=8)
        return self.codes[name]


@dataclass(frozen=True, eq=False)
class Side:
    """What is known besides the interactions.

    users, items  one row per code, index 0..n-1; attribute columns. Items may hold `title` and
                  `text` (text), `genres` (lists of text), a provider column; missing is NaN/None.
    graph         columns head (item code), relation, tail: text; or None
    reviews       columns user, item (codes), text; or None
    tables        further tables by name (impressions with propensities, randomised ratings, tags),
                  columns user and item as codes
    """

    users: pd.DataFrame = field(default_factory=pd.DataFrame)
    items: pd.DataFrame = field(default_factory=pd.DataFrame)
    graph: pd.DataFrame | None = None
    reviews: pd.DataFrame | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Interactions:
    """Who touched what, when, and how much they liked it.

    users, items  int32 (n,) codes
    n_users, n_items  size of the id spaces, larger than what occurs here when this is one part
    ratings       float32 (n,) or None where the data has none
    timestamps    int64 (n,) seconds since 1970 UTC, or None
    threshold     a rating at or above it counts as a liking; None: every interaction does
    """

    users: Codes
    items: Codes
    n_users: int
    n_items: int
    ratings: npt.NDArray[np.float32] | None = None
    timestamps: Ints | None = None
    threshold: float | None = None
    side: Side = field(default_factory=Side)

    def __post_init__(self) -> None:
        columns = (self.users, self.items, self.ratings, self.timestamps)
        lengths = {len(column) for column in columns if column is not None}
        if len(lengths) != 1:
            raise ValueError(f"columns of interactions differ in length: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.users)

    @cached_property
    def is_liked(self) -> Bools:
        """Which rows count as a liking, shape (n,)."""
        if self.threshold is None or self.ratings is None:
            return np.ones(len(self), dtype=bool)
        return self.ratings >= np.float32(self.threshold)

    @cached_property
    def seen(self) -> "csr_array[Any]":
        """float32 (n_users, n_items), 1 where the user touched the item at all."""
        return _ones(self.users, self.items, (self.n_users, self.n_items))

    @cached_property
    def popularity(self) -> Ints:
        """Users who touched each item, int64 (n_items,); a repeated pair counts once."""
        n = self.n_items
        small = self.n_users * n <= np.iinfo(np.uint32).max  # sorted in half the time
        pairs: npt.NDArray[Any] = self.users.astype(np.uint32 if small else np.uint64)
        pairs *= pairs.dtype.type(n)
        pairs += self.items.astype(pairs.dtype)
        pairs.sort()
        again = (pairs[1:][pairs[1:] == pairs[:-1]] % max(n, 1)).astype(np.int64)
        return np.bincount(self.items, minlength=n) - np.bincount(again, minlength=n)

    @cached_property
    def n_active(self) -> int:
        """Users who have a row at all."""
        changes = np.flatnonzero(self.users[1:] != self.users[:-1])
        starts = self.users[np.concatenate([np.zeros(min(len(self), 1), np.int64), changes + 1])]
        return len(starts) if (starts[1:] > starts[:-1]).all() else len(np.unique(starts))

    @cached_property
    def liked(self) -> "csr_array[Any]":
        """float32 (n_users, n_items), 1 where the user liked the item: what models learn from."""
        mask = self.is_liked
        return _ones(self.users[mask], self.items[mask], (self.n_users, self.n_items))

    def take(self, rows: Bools | Ints) -> "Interactions":
        """The same tables with only these rows (a mask or positions), order kept as given."""
        return replace(
            self,
            users=self.users[rows],
            items=self.items[rows],
            ratings=None if self.ratings is None else self.ratings[rows],
            timestamps=None if self.timestamps is None else self.timestamps[rows],
        )


def _ones(users: Codes, items: Codes, shape: tuple[int, int]) -> "csr_array[Any]":
    from scipy.sparse import csr_array

    # Every change of layout sorts by counting: three of them take half as long as comparing does.
    n = len(users)
    by_user, start = _grouped(items, users, shape[0])
    ones = np.ones(n, dtype=np.float32)
    matrix = csr_array((ones, by_user, start), shape=shape).tocsc().tocsr()
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix


def _grouped(values: Codes, groups: Codes, n_groups: int) -> tuple[Codes, Ints]:
    """Values of group 0, then of group 1, …, each in the order given; where each group starts."""
    from scipy.sparse import csc_array

    if (groups[1:] >= groups[:-1]).all():
        return values, np.concatenate([[0], np.bincount(groups, minlength=n_groups).cumsum()])
    n = len(groups)
    sorted_ = csc_array((values, groups, np.arange(n + 1)), shape=(n_groups, n)).tocsr()
    return sorted_.data, np.asarray(sorted_.indptr, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Dataset:
    """One data set, checked and coded.  facts: what its card says (licence, citation, roles …)."""

    name: str
    interactions: Interactions
    user_ids: Ids
    item_ids: Ids
    sha256: str
    ledger: Ledger
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def side(self) -> Side:
        return self.interactions.side


@dataclass(frozen=True, eq=False)
class Split:
    """Three parts over the same codes.  parameters: all that is needed to make it again."""

    train: Interactions
    validation: Interactions
    test: Interactions
    rule: str
    seed: int
    parameters: Mapping[str, Any] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    window: int = 0


@dataclass(frozen=True, eq=False)
class TopK:
    """Ranked lists, best first.

    users   int (n,) codes, one list each
    items   int32 (n, k) codes, PAD past the end of a short list
    scores  float (n, k), -inf at PAD
    """

    users: Codes | Ints
    items: Codes
    scores: Floats

    def __post_init__(self) -> None:
        if self.items.shape != self.scores.shape or len(self.users) != len(self.items):
            raise ValueError(
                f"a TopK needs one row of items and scores per user; got {len(self.users)} users, "
                f"items {self.items.shape}, scores {self.scores.shape}"
            )

    @property
    def k(self) -> int:
        return int(self.items.shape[1])
