"""What explainers may know of a run: what models learned from, and what its items are like."""

from core.naming import item_names, years_of
from explain.world import World
from recscope.stages import Material


def world_of(given: Material) -> World:
    """The data behind explanations; nothing of the test part is in it.

    Names are made of the items' titles, of their outside ids where they have none. Groups are those
    of the first column that makes any.
    """
    items, groups = given.catalogue.items, given.catalogue.groups
    return World(
        train=given.history,
        titles=item_names(items, given.dataset.item_ids),
        groups=None if groups is None else groups.sparse,
        group_names=() if groups is None else tuple(groups.names),
        group_column="" if groups is None else groups.column,
        years=years_of(items),
        noun=str(given.dataset.facts.get("noun") or "item"),
    )
