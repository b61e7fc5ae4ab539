"""The data behind explanations, where only the training rows are at hand."""

import numpy as np
import pandas as pd

from core.errors import ConfigError
from core.item_groups import ItemGroups, grouping_columns, groups_of
from core.naming import item_names, years_of
from core.tables import Ids, Interactions
from explain.world import World


def world_from(train: Interactions, item_ids: Ids | None = None) -> World:
    """What is known of the items besides these rows, as far as it hangs on them.

    item_ids  what items without a title are called by; None: the numbers of their codes
    """
    if item_ids is None:
        numbers = [str(code) for code in range(train.n_items)]
        item_ids = Ids("item", np.array(numbers, dtype=object))
    items = train.side.items.reindex(np.arange(train.n_items))
    groups = _groups(items, train.n_items)
    return World(
        train=train,
        titles=item_names(items, item_ids),
        groups=None if groups is None else groups.sparse,
        group_names=() if groups is None else groups.names,
        group_column="" if groups is None else groups.column,
        years=years_of(items),
    )


def _groups(items: pd.DataFrame, n_items: int) -> ItemGroups | None:
    """Groups of the first column that makes any."""
    for column in grouping_columns(items):
        try:
            return groups_of(items[column], column, n_items)
        except ConfigError:  # a column of one value, of too many …: the next one may do
            continue
    return None
