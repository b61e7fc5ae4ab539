"""What a scorer of explanations is: a pure function of named material, and the facts to read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import Parameter, getdoc, signature
from typing import Any, Literal

import numpy as np

from core.tables import Floats

Better = Literal["higher", "lower", "neither"]
Per = Literal["explanation", "set"]

MATERIAL: Mapping[str, str] = {
    "texts": "the words, one text an explanation",
    "references": "words that people wrote for the same user and item",
    "named": "sets of features that each text names",
    "features": "sets of features of each explained item",
    "universe": "every feature there is",
    "evidence_texts": "the evidence in words, one text an explanation",
    "violations": "what a check against the facts found wrong with each text",
    "language_model": "a language model whose weights are on this machine",
    "judge": "a language model that is asked for its verdict, such as a server's",
    "cited": "codes of the history items that each explanation cites",
    "strongest": "codes of the history items that add most to each score",
    "ranks_down": "a model that scores histories: ranks while the strongest items go",
    "ranks_up": "a model that scores histories: ranks while the weakest items go",
    "left_down": "a model that scores histories: shares of the score left while items go",
    "kept_down": "a model that scores histories: shares of the score that items alone reach",
    "left_sized": "a model that scores histories: shares of the score left without the named items",
    "kept_sized": "a model that scores histories: shares of the score of the named items alone",
    "rank_without": "a model that scores histories: ranks without the strongest items",
    "rank_alone": "a model that scores histories: ranks for the strongest items alone",
    "attributions": "what each item of the history adds to each score",
    "attributions_history": "the attributions with a tenth of the history taken away",
    "attributions_seed": "the attributions from another seed",
    "attributions_retrained": "the attributions of the model fitted to nine tenths of its data",
    "texts_reordered": "the words for the same evidence in another order",
    "users": "codes of the users who are told",
    "path_types": "the relation of each explanation's path in the knowledge graph",
    "n_path_types": "how many relations paths may follow",
    "linked_items": "the liked item that each path starts from",
    "shared_entities": "the entity that each path leads over",
    "linking_recency": "times of the likings that paths start from",
    "entity_popularity": "how many items have the entity of each path",
}


@dataclass(frozen=True)
class Scorer:
    """Call it as the function it wraps; its parameters name the material it needs.

    per  "explanation" gives one number each, NaN where it has none; "set" one for all together
    """

    compute: Callable[..., Any]
    better: Better
    bounds: tuple[float, float]
    source: str
    family: str
    per: Per

    @property
    def name(self) -> str:
        return self.compute.__name__

    @property
    def doc(self) -> str:
        return getdoc(self.compute) or ""

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """Material it asks for: its parameters without a default."""
        parameters = signature(self.compute).parameters.values()
        return tuple(p.name for p in parameters if p.default is Parameter.empty)

    @cached_property
    def uses(self) -> tuple[str, ...]:
        """Material it takes where there is any, and settings: its parameters with a default."""
        parameters = signature(self.compute).parameters.values()
        return tuple(p.name for p in parameters if p.default is not Parameter.empty)

    def of(self, material: Mapping[str, Any]) -> Floats:
        """Its answer from named material: all that it needs, and what it uses and is there."""
        named = {name: material[name] for name in self.needs}
        used = {name: material[name] for name in self.uses if material.get(name) is not None}
        return self(**named, **used)

    def __call__(self, *args: object, **kwargs: object) -> Floats:
        return np.asarray(self.compute(*args, **kwargs), dtype=np.float64)


def scorer(
    *, better: Better, bounds: tuple[float, float], source: str, family: str, per: Per
) -> Callable[[Callable[..., Any]], Scorer]:
    """Declare a scorer.  source: the paper and DOI whose definition it follows."""
    return lambda compute: Scorer(compute, better, bounds, source, family, per)


def not_available(one: Scorer, material: Mapping[str, Any]) -> str | None:
    """Why a scorer cannot answer here, "not available: needs …"; None where it can."""
    lacking = [name for name in one.needs if material.get(name) is None]
    if not lacking:
        return None
    return "not available: needs " + ", ".join(f"{MATERIAL.get(n, n)} ({n})" for n in lacking)
