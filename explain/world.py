"""What explainers may know: what models learned, and what the items are called and are like."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.tables import Floats, Interactions, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class World:
    """The data behind explanations.  Row i of every table speaks of item code i.

    train         what models learned from, with `train.side.graph` and `.reviews` where there are
                  any; nothing of the test part is in it
    titles        how items are called in sentences: one line each, cleaned (core.naming)
    groups        float32 CSR (n_items, n_groups), above 0 where the item is of the group
    group_names   what the groups are called: "Drama", "Comedy" …
    group_column  the column they come from, as a noun for sentences: "genres"
    years         float64 (n_items,), NaN where unknown; None where no item has one
    noun          what an item is: "film", "item" …
    """

    train: Interactions
    titles: tuple[str, ...]
    groups: "csr_array[Any] | None" = None
    group_names: tuple[str, ...] = ()
    group_column: str = ""
    years: Floats | None = None
    noun: str = "item"
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n_items(self) -> int:
        return self.train.n_items

    @property
    def graph(self) -> pd.DataFrame | None:
        return self.train.side.graph

    @property
    def reviews(self) -> pd.DataFrame | None:
        return self.train.side.reviews

    @cached_property
    def popularity(self) -> Ints:
        """Users who liked each item: int64 (n_items,)."""
        return np.bincount(self.train.liked.indices, minlength=self.n_items)

    @cached_property
    def liked_by(self) -> "csr_array[Any]":
        """float32 CSR (n_items, n_users), 1 where the user liked the item in train."""
        return self.train.liked.T.tocsr()

    def liked(self, user: int) -> Ints:
        """Codes of what the user liked in train, ascending: int64 (n,)."""
        return np.sort(self.train.liked[[user]].indices).astype(np.int64)

    def groups_of(self, item: int) -> tuple[str, ...]:
        """Names of the groups an item is of."""
        if self.groups is None:
            return ()
        return tuple(self.group_names[place] for place in np.sort(self.groups[[item]].indices))
