"""What another tool would be handed: lists as delivered, and what each user went on to choose."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from core.tables import PAD, Bools, Codes, Floats, Ints

if TYPE_CHECKING:  # it takes longer to import than most answers take to compute
    from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class Cut:
    """The first k places.  Row u of every array is one user.

    items      int32 (n_users, k)  PAD past the end
    is_match   bool (n_users, k)   relevant to the user, wherever it stands
    is_listed  bool (n_users, k)   a place of the list, not past its end
    n_listed   int64 (n_users,)    places of the list among these k
    """

    items: Codes
    is_match: Bools
    is_listed: Bools
    n_listed: Ints


@dataclass(frozen=True, eq=False)
class Given:
    """Everybody who has a list, a test row or a history, each with one row.

    items        int32 (n_users, width)  codes as delivered, best first, PAD past the end
    is_match     bool (n_users, width)   among the user's relevant test items; an item that stands
                                         there twice matches twice, one had before matches too
    n_relevant   int64 (n_users,)        relevant test items
    n_tested     int64 (n_users,)        test items, relevant or not
    n_items      items that could be recommended
    scores       float (n_users, width)  what the order was made of; None: ranks were given
    gains        float (n_users, width)  rating of a match, NaN elsewhere; None without ratings
    ideal_gains  float (n_users, m)      ratings of the relevant items, best first, NaN past them
    threshold    a rating from it on is relevant
    text_order   int (n_items,)          place of each item's id among all, as text
    id_order     int (n_items,)          the same, numbers as numbers
    history      float32 CSR (n_users, n_items)  1 where the user had the item before; or None
    features     float (n_items, n_features)     1 where the item is in the group; or None
    """

    items: Codes
    is_match: Bools
    n_relevant: Ints
    n_tested: Ints
    n_items: int
    scores: Floats | None = None
    gains: Floats | None = None
    ideal_gains: Floats | None = None
    threshold: float = 0.0
    text_order: Ints | None = None
    id_order: Ints | None = None
    history: "csr_array[Any] | None" = None
    features: Floats | None = None

    def __len__(self) -> int:
        return len(self.items)

    @property
    def width(self) -> int:
        return int(self.items.shape[1])

    @cached_property
    def n_listed(self) -> Ints:
        """Places up to the last item of each list."""
        is_item = self.items != PAD
        last = self.width - np.argmax(is_item[:, ::-1], axis=1)
        return np.where(is_item.any(axis=1), last, 0)

    @cached_property
    def has_list(self) -> Bools:
        return np.asarray(self.n_listed > 0)

    @cached_property
    def has_relevant(self) -> Bools:
        return np.asarray(self.n_relevant > 0)

    @cached_property
    def has_test(self) -> Bools:
        return np.asarray(self.n_tested > 0)

    @cached_property
    def longest(self) -> int:
        return int(self.n_listed.max(initial=0))

    def cut(self, k: int) -> Cut:
        """The first k places, empty ones added where the lists are shorter."""
        beyond = ((0, 0), (0, max(0, k - self.width)))
        items = np.pad(self.items[:, :k], beyond, constant_values=PAD)
        n_listed = np.minimum(self.n_listed, k)
        is_listed = np.arange(k) < n_listed[:, None]
        return Cut(items, np.pad(self.is_match[:, :k], beyond), is_listed, n_listed)

    @cached_property
    def is_first(self) -> Bools:
        """Where an item stands for the first time in its list: bool (n_users, width)."""
        order = np.argsort(self.items, axis=1, kind="stable")
        by_item = np.take_along_axis(self.items, order, axis=1)
        is_new = np.ones_like(self.is_match)
        is_new[:, 1:] = by_item[:, 1:] != by_item[:, :-1]
        first: Bools = np.empty_like(is_new)
        np.put_along_axis(first, order, is_new, axis=1)
        return np.asarray(first & (self.items != PAD))

    @cached_property
    def once(self) -> "Given":
        """The lists with each item at its first place only, closed up.

        Where a tool takes a mapping or a matrix, an item cannot stand in a list twice.
        """
        if bool((self.is_first | (self.items == PAD)).all()):
            return self
        return self.taken(np.argsort(~self.is_first, axis=1, kind="stable"), self.is_first)

    def by_ties(self, order: Ints | None, dtype: type[np.floating[Any]] = np.float64) -> "Given":
        """The lists sorted again by score, and equal scores by falling place in `order`."""
        if self.scores is None or order is None:
            return self
        scores = np.where(self.items == PAD, -np.inf, self.scores).astype(dtype)
        place = np.append(order, -1)[self.items]
        return self.taken(np.lexsort((-place, -scores), axis=-1))

    def taken(self, order: Ints, kept: Bools | None = None) -> "Given":
        """The places of each row in another order; those that are not kept become empty."""

        def moved(values: Any, empty: Any) -> Any:
            if values is None:
                return None
            values = values if kept is None else np.where(kept, values, empty)
            return np.take_along_axis(values, order, axis=1)

        return replace(
            self,
            items=moved(self.items, PAD),
            is_match=moved(self.is_match, False),  # noqa: FBT003 - an empty place matches nothing
            scores=moved(self.scores, -np.inf),
            gains=moved(self.gains, np.nan),
        )

    @cached_property
    def popularity(self) -> Ints | None:
        """Users who had each item before: int64 (n_items,)."""
        if self.history is None:
            return None
        return np.bincount(self.history.indices, minlength=self.history.shape[1])

    @cached_property
    def has_history(self) -> Bools:
        if self.history is None:
            return np.zeros(len(self), dtype=bool)
        return np.asarray(np.diff(self.history.indptr) > 0)

    @cached_property
    def n_history_items(self) -> int:
        """Different items that anybody had before."""
        return 0 if self.popularity is None else int((self.popularity > 0).sum())
