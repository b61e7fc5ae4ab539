"""What is known of the items, and of what users had before: what diversity is held against."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.errors import ConfigError, UnknownNameError
from core.item_groups import VECTORS, ItemGroups, grouping_columns, groups_of, vectors_of
from core.tables import Bools, Dataset, Floats, Interactions, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

DAY = 86_400.0

NO_HISTORY = "what users had before is not known: hand over the training rows"
NO_ITEMS = "nothing is known of the items: hand over a table of items with a column to group by"
NO_VECTORS = f"no item has a vector: a column called {VECTORS[0]!r} of the items would hold them"
NO_TIMES = "the history has no timestamps"


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The items of a run.  Row i of every array speaks of item code i; all is made when asked for.

    history       what models learn from and users had: train, with validation where that is
                  learned too; None where nobody says
    items         attributes, index: item code; empty where nothing is known
    is_available  bool (n_items,) which items could be recommended
    columns       item columns that group items, the one that counts when none is named first
    provider      the column that says who offers an item, or None
    """

    history: Interactions | None
    items: pd.DataFrame
    is_available: Bools
    columns: tuple[str, ...] = ()
    provider: str | None = None
    _groups: dict[str, ItemGroups] = field(default_factory=dict, repr=False)

    @property
    def n_items(self) -> int:
        return len(self.is_available)

    @property
    def n_available(self) -> int:
        return int(self.is_available.sum())

    @cached_property
    def popularity(self) -> Ints | None:
        """Users who had each item: int64 (n_items,), a repeated pair counted once."""
        return None if self.history is None else self.history.popularity

    @property
    def n_users(self) -> int:
        """Users with a history."""
        return 0 if self.history is None else self.history.n_active

    @property
    def n_rows(self) -> int:
        return 0 if self.history is None else len(self.history)

    @property
    def had(self) -> "csr_array[Any] | None":
        """float32 (n_users, n_items), 1 where the user had the item."""
        return None if self.history is None else self.history.seen

    @property
    def liked(self) -> "csr_array[Any] | None":
        """float32 (n_users, n_items), 1 where the user liked it: all that was had if unrated."""
        return None if self.history is None else self.history.liked

    @cached_property
    def first_seen(self) -> Floats | None:
        """Seconds since 1970 of the first row of each item: float64 (n_items,), NaN for none."""
        if self.history is None or self.history.timestamps is None:
            return None
        first = np.full(self.n_items, np.inf)
        np.minimum.at(first, self.history.items, self.history.timestamps.astype(np.float64))
        return np.where(np.isinf(first), np.nan, first)

    @cached_property
    def age(self) -> Floats | None:
        """Days from the first row of each item to the last row of all: float64 (n_items,)."""
        if self.first_seen is None or self.history is None or self.history.timestamps is None:
            return None
        return (float(self.history.timestamps.max()) - self.first_seen) / DAY

    def grouping(self, column: str | None = None) -> ItemGroups:
        """The groups that a column of the items makes; of the first column if none is named.

        Raises UnknownNameError for a column that is not there and ConfigError, saying why, for one
        that makes no groups: all missing, one value, or too many.
        """
        name = column or (self.columns[0] if self.columns else None)
        if name is None or name not in self.items:
            known = [str(found) for found in self.items.columns]
            raise UnknownNameError("item column to group by", str(name), known)
        if name not in self._groups:
            self._groups[name] = groups_of(self.items[name], name, self.n_items)
        return self._groups[name]

    @cached_property
    def groups(self) -> ItemGroups | None:
        """Groups of the first column that makes any; None, with `why_no_groups`, for none."""
        return self._grouped[0]

    @cached_property
    def why_no_groups(self) -> str:
        return self._grouped[1]

    @cached_property
    def _grouped(self) -> tuple[ItemGroups | None, str]:
        reasons = []
        for column in self.columns:
            try:
                return self.grouping(column), ""
            except ConfigError as error:
                reasons.append(str(error))
        return None, "; ".join(reasons) or NO_ITEMS

    @property
    def vectors(self) -> Floats | None:
        """float32 (n_items, d) what a column of vectors says; zeros where it says nothing."""
        return self._vectors[0]

    @property
    def why_no_vectors(self) -> str:
        return self._vectors[1]

    @cached_property
    def _vectors(self) -> tuple[Floats | None, str]:
        name = next((name for name in VECTORS if name in self.items), None)
        if name is None:
            return None, NO_VECTORS
        try:
            return vectors_of(self.items[name], name, self.n_items), ""
        except ConfigError as error:
            return None, str(error)


def catalogue_of(
    dataset: Dataset, history: Interactions | None, is_available: Bools | None = None
) -> Catalogue:
    """The catalogue of a data set; its card says which columns group items and who offers them."""
    n_items = len(dataset.item_ids)
    items, facts = dataset.side.items, dataset.facts
    declared = [name for name in facts.get("item_groups") or () if name in items]
    provider = facts.get("provider")
    return Catalogue(
        history=history,
        items=items.reindex(np.arange(n_items)),
        is_available=np.ones(n_items, dtype=bool) if is_available is None else is_available,
        columns=tuple(declared) or grouping_columns(items),
        provider=provider if provider in items else None,
    )


def catalogue_of_frames(
    items: pd.DataFrame | None, history: Interactions | None, is_available: Bools
) -> Catalogue:
    """The catalogue of tables handed over.  items: index code, at most one row an item."""
    frame = pd.DataFrame() if items is None else items
    provider = next((name for name in ("provider", "brand", "seller") if name in frame), None)
    return Catalogue(
        history=history,
        items=frame.reindex(np.arange(len(is_available))),
        is_available=is_available,
        columns=grouping_columns(frame),
        provider=provider,
    )
