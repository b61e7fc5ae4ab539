"""Language models as rankers of what another recommender found."""

LANGUAGE = {
    "pipeline": "recommenders.language.pipeline:Pipeline",
    "llm-pointwise": "recommenders.language.pointwise:LLMPointwise",
    "llm-pairwise": "recommenders.language.pairwise:LLMPairwise",
    "llm-listwise": "recommenders.language.listwise:LLMListwise",
    "llm-in-context": "recommenders.language.in_context:LLMInContext",
    "llm-prompt-search": "recommenders.language.optimised:LLMPromptSearch",
}
