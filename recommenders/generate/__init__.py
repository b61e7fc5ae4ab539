"""Recommenders that write: identifiers, titles, texts or queries."""

from recommenders.base import Recommender
from recommenders.generate.identifier_gpt import IdentifierGPT

GENERATIVE: dict[str, type[Recommender]] = {
    "identifier-gpt": IdentifierGPT,
}
