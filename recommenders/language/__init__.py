"""Language models as rankers of what another recommender found."""

from recommenders.base import Recommender
from recommenders.language.pipeline import Pipeline

LANGUAGE: dict[str, type[Recommender]] = {
    "pipeline": Pipeline,
}
