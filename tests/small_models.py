"""Parameters with which a built-in recommender learns from some hundred likings in a moment."""

from typing import Any

import pytest

TINY = "a tiny language model"  # stands for its path, which is known once it is written
ASKS: dict[str, Any] = {
    "language_model": TINY,
    "retriever": "item-knn",
    "candidates": 3,
    "history": 2,
}
TAUGHT: dict[str, Any] = {
    "language_model": TINY,
    "retriever": "item-knn",
    "candidates": 4,
    "n_history": 3,
}
SMALL: dict[str, dict[str, Any]] = {
    "als": {"n_factors": 2},
    "bpr": {"n_factors": 4, "iterations": 300, "learning_rate": 0.05},
    "biased-mf": {"n_factors": 4, "iterations": 200, "learning_rate": 0.05},
    "identifier-gpt": {"codebook": 10, "width": 8, "depth": 1, "epochs": 4, "history": 8},
    "genrec": {"language_model": TINY, "history": 2, "beams": 12},
    "bigrec": {"language_model": TINY, "history": 2, "texts": 1},
    "gpt4rec": {"language_model": TINY, "history": 2, "queries": 1},
    "sharded": {"base": "item-knn", "shards": 2},
    "cold-simulator": {"base": "item-knn", "start": "none"},
    "denoised": {"base": "item-knn", "judged_by": "likings"},
    "complements": {"base": "item-knn", "judged_by": "likings", "weight": 0.01},
    "conversational": {"ranker": "item-knn"},
    "pipeline": {"retriever": "item-knn", "ranker": "ease"},
    "llm-pointwise": ASKS,
    "llm-pairwise": {**ASKS, "candidates": 2},
    "llm-listwise": {**ASKS, "read_by": "first"},
    "llm-in-context": {**ASKS, "demonstrations": 1},
    "llm-prompt-search": {**ASKS, "users": 2, "budget": 4},
    "text-aligned": {"n_factors": 2},
    "text-augmented": {"language_model": TINY, "n_described": 1, "base": "item-knn"},
    "llm-lora": {**TAUGHT, "n_examples": 2, "batch": 2},
    "llm-finetuned": {**TAUGHT, "n_examples": 2, "n_layers": 1},
    "llm-instructed": {**TAUGHT, "n_examples": 5, "batch": 5},
    "llm-soft-prompt": {**TAUGHT, "n_examples": 1, "n_tokens": 2},
    "gru4rec": {"width": 8, "n_epochs": 2, "max_length": 8},
    "sasrec": {"width": 8, "n_epochs": 2, "max_length": 8},
    "gpt": {"width": 8, "n_epochs": 2, "max_length": 8},
    "hstu": {"width": 8, "n_epochs": 2, "max_length": 8},
    "lightgcn": {"width": 8, "batch": 64, "learning_rate": 0.05, "patience": 0},
}


def small_parameters(name: str, request: pytest.FixtureRequest) -> dict[str, Any]:
    """Parameters of the model of that name; {} where its defaults are small enough."""
    given = SMALL.get(name, {})
    if TINY in given.values():
        tiny = request.getfixturevalue("tiny_language")
        given = {key: tiny if value == TINY else value for key, value in given.items()}
    return dict(given)
