"""Every kind of evidence by name: what it says of many users at once, and why it may say nothing.

To add one, write a module with `why_not(world)`, `evidence_scores(world, users)` and
`reasons(question)`, and list it here and among the explainers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.errors import ConfigError, UnknownNameError
from core.tables import Codes, Floats, Ints
from explain.world import World

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class Kind:
    """One kind of evidence.

    module    why_not, evidence_scores and reasons are in it
    doc       what speaks for an item, in one sentence
    is_cheap  asked for all users at once; False: it takes a language model, for asked users only
    """

    module: str
    doc: str
    is_cheap: bool = True


EVIDENCE: Mapping[str, Kind] = {
    "paths": Kind(
        "explain.evidence.paths",
        "the item has a director, an actor … in common with what the user liked",
    ),
    "similar-items": Kind(
        "explain.evidence.similar", "users who liked what the user liked also liked the item"
    ),
    "rules": Kind(
        "explain.evidence.rules",
        "who likes these items likes that one more often than others do",
    ),
    "profile-match": Kind(
        "explain.evidence.profile", "the item is of the groups that the user's items are of"
    ),
    "review-aspects": Kind(
        "explain.evidence.aspects",
        "reviewers praise in the item what the user writes about",
    ),
    "reasoning-graph": Kind(
        "explain.reasoning_graph",
        "the item has what the user's tastes, checked against their later items, ask for",
    ),
    "model-profile": Kind(
        "explain.evidence.model_profile",
        "the item is near to a profile that a language model wrote of the user",
        is_cheap=False,
    ),
}
CHEAP = tuple(name for name, kind in EVIDENCE.items() if kind.is_cheap)


def kind_named(name: str) -> Kind:
    """The kind of this name.  UnknownNameError, with the nearest, where there is none."""
    if name not in EVIDENCE:
        raise UnknownNameError("kind of evidence", name, EVIDENCE)
    return EVIDENCE[name]


def why_not(name: str, world: World) -> str:
    """Why there is no such evidence here, "not available: needs …"; "" where there is."""
    reason: str = import_module(kind_named(name).module).why_not(world)
    return f"not available: {reason}" if reason else ""


def evidence_scores(name: str, world: World, users: Codes | Ints) -> "csr_array[Any] | Floats":
    """How strongly does this evidence speak for every item, to each of these users?

    CSR or float (n_users, n_items), 0 where it says nothing; the sum of the weights that `reasons`
    of the same kind gives. Ask for so many users that a dense block of them fits into memory.
    Raises ConfigError where there is no such evidence (see why_not).
    """
    if reason := why_not(name, world):
        raise ConfigError(f"evidence {name!r} is {reason}")
    scores: csr_array[Any] | Floats = import_module(kind_named(name).module).evidence_scores(
        world, users
    )
    return scores
