"""Tells whether a recommender can be trusted: `recscope.run(...)`, `score(...)`, `audit(...)`."""

from recscope.api import audit, run, score

__all__ = ["audit", "run", "score"]
