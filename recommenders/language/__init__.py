"""Language models as rankers of what another recommender found."""

from recommenders.base import Recommender
from recommenders.language.in_context import LLMInContext
from recommenders.language.listwise import LLMListwise
from recommenders.language.optimised import LLMPromptSearch
from recommenders.language.pairwise import LLMPairwise
from recommenders.language.pipeline import Pipeline
from recommenders.language.pointwise import LLMPointwise

LANGUAGE: dict[str, type[Recommender]] = {
    "pipeline": Pipeline,
    "llm-pointwise": LLMPointwise,
    "llm-pairwise": LLMPairwise,
    "llm-listwise": LLMListwise,
    "llm-in-context": LLMInContext,
    "llm-prompt-search": LLMPromptSearch,
}
