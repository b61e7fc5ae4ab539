"""From a user, a model and some items to reasons: what every explainer begins with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.tables import Ints
from explain.explanation import Evidence
from explain.world import World


@dataclass(frozen=True, eq=False)
class Question:
    """Why these items for this user?

    model   the fitted recommender; None where reasons are asked for before any model has ranked
    items   int64 (m,) codes of the items asked about
    params  settings of the explainer (seed, n_permutations …)
    """

    world: World
    user: int
    items: Ints
    model: Any = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reasons:
    """Why one item: evidence, the strongest first, and how much each liked item adds.

    attribution  code of a history item → what it adds to the score; empty where nobody computed it
    spread       its standard error, by the same codes; empty where it is exact or was not computed
    facts        how it was found; what a reader must know to believe it (fidelity of a surrogate …)
    """

    evidence: tuple[Evidence, ...] = ()
    attribution: Mapping[int, float] = field(default_factory=dict)
    spread: Mapping[int, float] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


# one Reasons per item of the question, in its order; what cannot be said is empty, never made up
FindsReasons = Callable[[Question], list[Reasons]]
