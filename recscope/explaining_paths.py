"""Scores of explanations that follow a path of the knowledge graph."""

from collections.abc import Sequence

from explain.explanation import Explanation
from explain.path_material import path_material
from explain.path_scores import SCORERS
from explain.scorers import score_all
from explain.world import World
from recscope.explaining_scores import Scores

NAMES = tuple(one.name for one in SCORERS)
NO_PATH = "not available: needs explanations that follow paths of a knowledge graph"


def path_scores(world: World, explanations: Sequence[Explanation]) -> Scores:
    """What scorers say of the paths of these explanations, those without a path among them.

    Not available where no explanation follows one, and what needs times where there are none.
    """
    material = dict(path_material(world, explanations))
    if not material:
        return Scores(reasons=dict.fromkeys(NAMES, NO_PATH))
    material["texts"] = [one.text for one in explanations]
    found = score_all(material, NAMES)
    return Scores(found.each, found.whole, found.reasons, material)
