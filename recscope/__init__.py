"""Tells whether a recommender can be trusted: `recscope.run(...)`, `score(...)`, `audit(...)`."""

from recscope.api import answers, audit, run, score

__all__ = ["answers", "audit", "run", "score"]
