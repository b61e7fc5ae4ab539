"""Every recommender RecScope ships. To add one, write it and list it here."""

from recommenders.base import Recommender
from recommenders.ease import EASE
from recommenders.popularity import DecayedPopularity, Popularity, Random

RECOMMENDERS: dict[str, type[Recommender]] = {
    "random": Random,
    "popularity": Popularity,
    "decayed-popularity": DecayedPopularity,
    "ease": EASE,
}
