"""Recommending in a conversation: what was said, what it means, what is listed for it."""

from recommenders.base import Recommender
from recommenders.converse.recommender import Conversational

CONVERSE: dict[str, type[Recommender]] = {"conversational": Conversational}
