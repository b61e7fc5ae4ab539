"""Models for what happens after deployment: forgetting, new items, noise, complements."""

from recommenders.base import Recommender
from recommenders.industry.sharded import Sharded

INDUSTRY: dict[str, type[Recommender]] = {
    "sharded": Sharded,
}
