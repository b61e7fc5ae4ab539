"""What explainers may know of a run: what models learned from, and what its items are like."""

from explain.world import World
from explain.worlds import world_with
from recscope.stages import Material


def world_of(given: Material) -> World:
    """The data behind explanations; nothing of the test part is in it.

    Names are made of the items' titles, of their outside ids where they have none. Groups are those
    of the first column that makes any.
    """
    items, groups = given.catalogue.items, given.catalogue.groups
    noun = str(given.dataset.facts.get("noun") or "")
    return world_with(given.history, items, given.dataset.item_ids, groups, noun)
