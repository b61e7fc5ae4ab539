"""Models for what happens after deployment: forgetting, new items, noise, complements."""

from recommenders.base import Recommender
from recommenders.industry.cold_simulator import ColdSimulator
from recommenders.industry.complements import Complements
from recommenders.industry.denoised import Denoised
from recommenders.industry.sharded import Sharded

INDUSTRY: dict[str, type[Recommender]] = {
    "sharded": Sharded,
    "cold-simulator": ColdSimulator,
    "denoised": Denoised,
    "complements": Complements,
}
