"""Every recommender RecScope ships, by name. To add one, write it and list it here."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from recommenders.converse import CONVERSE
from recommenders.generate import GENERATIVE
from recommenders.industry import INDUSTRY
from recommenders.language import LANGUAGE
from recommenders.represent import REPRESENTED
from recommenders.sequence import SEQUENCE
from recommenders.tuned import TUNED

if TYPE_CHECKING:
    from recommenders.base import Recommender


class BuiltIn(Mapping[str, "type[Recommender]"]):
    """Classes by name, each imported when it is first asked for.

    paths  name → "module:Class": models that work over others name them without a circle of imports
    """

    def __init__(self, paths: Mapping[str, str]) -> None:
        self.paths = paths

    def __getitem__(self, name: str) -> "type[Recommender]":
        module, _, kind = self.paths[name].partition(":")
        found: type[Recommender] = getattr(import_module(module), kind)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    def __contains__(self, name: object) -> bool:
        return name in self.paths


RECOMMENDERS = BuiltIn(
    {
        "random": "recommenders.popularity:Random",
        "popularity": "recommenders.popularity:Popularity",
        "decayed-popularity": "recommenders.popularity:DecayedPopularity",
        "group-popularity": "recommenders.group_popularity:GroupPopularity",
        "item-knn": "recommenders.knn:ItemKNN",
        "user-knn": "recommenders.knn:UserKNN",
        "ease": "recommenders.ease:EASE",
        "als": "recommenders.factors:ALS",
        "bpr": "recommenders.factors:BPR",
        "biased-mf": "recommenders.biased_mf:BiasedMF",
        **REPRESENTED,
        **LANGUAGE,
        **TUNED,
        **CONVERSE,
        **INDUSTRY,
        **GENERATIVE,
        **SEQUENCE,
    }
)
