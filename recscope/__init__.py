"""Tells whether a recommender can be trusted: `recscope.run(...)`, `recscope.score(...)`."""

from recscope.api import run, score

__all__ = ["run", "score"]
