"""A scorer of explanations in five lines."""

import numpy as np

from core.tables import Floats
from explain.scorer import scorer


@scorer(
    better="neither",
    bounds=(0, float("inf")),
    source="An example",
    family="text",
    per="explanation",
)
def example_n_commas(texts: list[str]) -> Floats:
    """How many commas has each text?  float64 (n_texts,)"""
    return np.array([text.count(",") for text in texts], dtype=np.float64)
