"""Every recommender RecScope ships. To add one, write it and list it here."""

from recommenders.base import Recommender
from recommenders.biased_mf import BiasedMF
from recommenders.converse import CONVERSE
from recommenders.ease import EASE
from recommenders.factors import ALS, BPR
from recommenders.generate import GENERATIVE
from recommenders.group_popularity import GroupPopularity
from recommenders.industry import INDUSTRY
from recommenders.knn import ItemKNN, UserKNN
from recommenders.language import LANGUAGE
from recommenders.popularity import DecayedPopularity, Popularity, Random
from recommenders.represent import REPRESENTED
from recommenders.sequence import SEQUENCE
from recommenders.tuned import TUNED

RECOMMENDERS: dict[str, type[Recommender]] = {
    "random": Random,
    "popularity": Popularity,
    "decayed-popularity": DecayedPopularity,
    "group-popularity": GroupPopularity,
    "item-knn": ItemKNN,
    "user-knn": UserKNN,
    "ease": EASE,
    "als": ALS,
    "bpr": BPR,
    "biased-mf": BiasedMF,
    **REPRESENTED,
    **LANGUAGE,
    **TUNED,
    **CONVERSE,
    **INDUSTRY,
    **GENERATIVE,
    **SEQUENCE,
}
