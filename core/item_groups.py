"""Which groups does an item belong to? From a column of text, of lists, or of numbers."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.errors import ConfigError
from core.tables import Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MOST_GROUPS = 2000
TEXTS = {"title", "text", "description", "item_id", "item"}
VECTORS = ("embedding", "embeddings", "vector")
FIRST = ("genres", "genre", "categories", "category", "topic", "provider", "brand")
NONE_LISTED = "(no genres listed)"  # how MovieLens writes an empty list


@dataclass(frozen=True, eq=False)
class ItemGroups:
    """Who belongs where: pair p says that item[p] is in group[p]; no pair stands twice.

    column  the item column that the groups come from
    names   text (n_groups,) in order
    item    int64 (n_pairs,) ascending; an item may be in no group, in one or in several
    group   int64 (n_pairs,) positions in `names`
    """

    column: str
    names: tuple[str, ...]
    item: Ints
    group: Ints
    n_items: int

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def dense(self) -> Floats:
        """float32 (n_items, n_groups), 1 where the item is in the group."""
        matrix = np.zeros((self.n_items, len(self.names)), dtype=np.float32)
        matrix[self.item, self.group] = 1
        return matrix

    @cached_property
    def sparse(self) -> "csr_array[Any]":
        """The same, sparse."""
        from scipy.sparse import csr_array

        ones = np.ones(len(self.item), dtype=np.float32)
        return csr_array((ones, (self.item, self.group)), shape=(self.n_items, len(self.names)))

    @cached_property
    def shares(self) -> Floats:
        """float64 (n_items, n_groups), the item's one vote split evenly over its groups."""
        votes = self.dense.astype(np.float64)
        votes /= np.maximum(votes.sum(axis=1, keepdims=True), 1)
        return votes

    @cached_property
    def sizes(self) -> Ints:
        """Items in each group: int64 (n_groups,)."""
        return np.bincount(self.group, minlength=len(self.names))


def groups_of(
    values: "pd.Series[Any]", column: str, n_items: int, most: int = MOST_GROUPS
) -> ItemGroups:
    """The groups that a column makes; a cell is one value, a list of them, or text split at `|`.

    values  index: item code; most: groups that are not too many
    Raises ConfigError where no item has a value, where all have the same, and where there are
    hardly two items to a group.
    """
    cells = values.dropna()
    if cells.map(_has_bar).any():
        cells = cells.map(_split)
    single = cells.explode().dropna()
    texts = single.map(_text)
    known = texts[~texts.isin(("", NONE_LISTED))]
    if known.empty:
        raise ConfigError(f"no item has a value in {column!r}; items cannot be grouped by it")
    codes, names = pd.factorize(known, sort=True)
    if len(names) < 2:
        raise ConfigError(
            f"every item has the same value in {column!r} ({names[0]!r}); one group tells nothing"
        )
    if len(names) > most:
        raise ConfigError(
            f"the item column {column!r} has {len(names):,} values, too many to group by (at most "
            f"{most:,}); put its values into bands first"
        )
    pairs = np.unique(known.index.to_numpy(dtype=np.int64) * len(names) + codes)
    item, group = np.divmod(pairs, len(names))
    return ItemGroups(column, tuple(str(name) for name in names), item, group, n_items)


def _has_bar(cell: object) -> bool:
    return isinstance(cell, str) and "|" in cell


def _split(cell: object) -> object:
    return [part.strip() for part in cell.split("|")] if isinstance(cell, str) else cell


def _text(cell: object) -> str:
    """As a person would write it: 1990, not 1990.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def vectors_of(values: "pd.Series[Any]", column: str, n_items: int) -> Floats:
    """float32 (n_items, d) of a column of lists of numbers; zeros for an item without one.

    Raises ConfigError where no item has one, for vectors of different lengths and for what is no
    number.
    """
    cells = values.dropna()
    if cells.empty:
        raise ConfigError(f"no item has a vector in {column!r}")
    try:
        matrix = np.stack([np.asarray(cell, dtype=np.float32) for cell in cells])
    except (ValueError, TypeError) as error:
        raise ConfigError(
            f"the item column {column!r} must hold lists of numbers, all of one length: {error}"
        ) from error
    if matrix.ndim != 2 or not np.isfinite(matrix).all():
        raise ConfigError(
            f"the item column {column!r} must hold one list of finite numbers an item; got shape "
            f"{matrix.shape}"
        )
    made = np.zeros((n_items, matrix.shape[1]), dtype=np.float32)
    made[cells.index.to_numpy(dtype=np.int64)] = matrix
    return made


def grouping_columns(items: pd.DataFrame) -> tuple[str, ...]:
    """Columns by which items may be grouped, genres and the like first: text, lists, truth."""
    kinds = {
        str(name): not pd.api.types.is_numeric_dtype(items[name])
        or pd.api.types.is_bool_dtype(items[name])
        for name in items.columns
        if str(name) not in TEXTS and str(name) not in VECTORS
    }
    fitting = [name for name, fits in kinds.items() if fits]
    first = [name for name in FIRST if name in fitting]
    return (*first, *(name for name in fitting if name not in first))
