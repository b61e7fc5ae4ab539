"""Search queries written by a language model, and what a search engine finds for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from core.answers import parse
from core.ledger import Ledger
from core.tables import Floats, Interactions, Ints
from recommenders.generate.bm25 import BM25
from recommenders.generate.writer import LanguageWriter
from recommenders.language.histories import Past
from recommenders.parameters import setting
from recommenders.taxonomy import UTILIZE, Place

UNREADABLE = "answer without a list of queries: searched as it stands"
NOTHING_FOUND = "query that finds no item"


@dataclass
class GPT4Rec(LanguageWriter):
    """A language model writes queries for what the user may like next; BM25 searches the texts.

    Every query finds items by title, genres and text. The list takes the best new item of each
    query in turn, so that all queries have their say; scores are minus the place. Items without a
    word of any query are not listed. Queries are what the model took the user's interests to be:
    they are kept in `queries_`.
    """

    source: ClassVar[str] = "Li et al. 2023, arXiv:2304.03879"
    taxonomy: ClassVar[Place] = Place(
        UTILIZE, "generative, reusing", "queries written, then BM25", ("GPT4Rec",)
    )

    template: str = setting("queries", "Wording of the prompt: a name or a .toml file.")
    queries: int = setting(5, "Queries that the model is asked for.", low=1, high=50)
    k1: float = setting(1.2, "BM25: how soon a repeated word counts no more.", low=0)
    b: float = setting(0.75, "BM25: how much long texts are held back.", low=0, high=1)

    def fit(self, train: Interactions) -> "GPT4Rec":
        super().fit(train)
        vars(self).pop("_engine", None)
        self.queries_: dict[int, tuple[str, ...]] = {}
        return self

    def _list(self, user: int, past: tuple[Past, ...]) -> tuple[Ints, Floats]:
        text = self._write(user, past, self.queries)
        asked = parse(text).entries or ((text,) if text.strip() else ())
        self.queries_[user] = asked[: self.queries]
        return in_turn([self._found(query) for query in self.queries_[user]], self._had(user))

    def _found(self, query: str) -> Ints:
        """Items that have a word of the query, best first."""
        scores = self._engine.scores(query)
        order = np.argsort(-scores, kind="stable")
        return order[: int((scores > 0).sum())]

    @property
    def ledger_(self) -> Ledger:
        ledger = super().ledger_
        n_plain = sum(not parse(str(one["answer"])).entries for one in self.answers_)
        ledger.add("search", "repaired", UNREADABLE, n_plain, unit="answers")
        empty = [q for own in self.queries_.values() for q in own if not len(self._found(q))]
        ledger.add("search", "noted", NOTHING_FOUND, len(empty), unit="queries", examples=empty)
        return ledger

    @cached_property
    def _engine(self) -> BM25:
        return BM25(self.texts_, self.k1, self.b)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "_engine"}


def in_turn(found: Sequence[Ints], had: Ints) -> tuple[Ints, Floats]:
    """The best new item of each query, then the next best ones, each item once."""
    waiting = [iter(items[~np.isin(items, had)].tolist()) for items in found]
    listed: dict[int, None] = {}
    while waiting:
        left = []
        for items in waiting:
            new = next((item for item in items if item not in listed), None)
            if new is not None:
                listed[new] = None
                left.append(items)
        waiting = left
    order = np.array(list(listed), dtype=np.int64)
    return order, -1.0 - np.arange(len(order))
