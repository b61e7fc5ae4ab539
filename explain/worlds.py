"""The data behind explanations, laid out from training rows and what is known of the items."""

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
    return world_with(train, items, item_ids, _groups(items, train.n_items))


def world_with(
    train: Interactions,
    items: pd.DataFrame,
    item_ids: Ids,
    groups: ItemGroups | None,
    noun: str = "",
) -> World:
    """What is known of items that these columns describe, in these groups.

    items  index: item code; noun: what one of them is called
    """
    return World(
        train=train,
        titles=item_names(items, item_ids),
        groups=None if groups is None else groups.sparse,
        group_names=() if groups is None else tuple(groups.names),
        group_column="" if groups is None else groups.column,
        years=years_of(items),
        noun=noun or "item",
    )


def _groups(items: pd.DataFrame, n_items: int) -> ItemGroups | None:
    """Groups of the first column that makes any."""
    for column in grouping_columns(items):
        try:
            return groups_of(items[column], column, n_items)
        except ConfigError:  # a column of one value, of too many …: the next one may do
            continue
    return None
