"""Tells whether a recommender can be trusted: `recscope.run`, `score`, `audit`, `explain`."""

from recscope.api import answers, audit, explain, run, score

__all__ = ["answers", "audit", "explain", "run", "score"]
