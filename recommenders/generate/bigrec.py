"""Titles written freely, then the items whose texts lie nearest to them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from core.tables import Floats, Interactions, Ints
from recommenders.generate.writer import LanguageWriter
from recommenders.language.histories import Past
from recommenders.parameters import setting
from recommenders.taxonomy import UTILIZE, Place


@dataclass
class BIGRec(LanguageWriter):
    """Grounds what a language model writes freely: items by the distance of their titles to it.

    For each written title distances to all items are scaled to 0 … 1 and divided by
    (1 + popularity)^gamma, popularity scaled to 0 … 1 too; an item counts by its nearest written
    title. Scores are minus that distance. Distances are those of a sentence embedding. What was
    written and is no item is counted in `ledger_` and listed all the same, by what lies near.
    """

    source: ClassVar[str] = "Bao et al. 2023, arXiv:2308.08434"
    taxonomy: ClassVar[Place] = Place(
        UTILIZE, "generative, reusing", "free text grounded by embedding", ("BIGRec",)
    )

    template: str = setting("titles", "Wording of the prompt: a name or a .toml file.")
    texts: int = setting(5, "Titles that the model is asked for.", low=1, high=50)
    embedding: str = setting("all-minilm-l6-v2", "Embedding model, by name.")
    gamma: float = setting(1.0, "How much popular items come nearer; 0: not at all.", low=0)

    def fit(self, train: Interactions) -> "BIGRec":
        super().fit(train)
        vars(self).pop("_vectors", None)
        counts = np.bincount(train.items[train.is_liked], minlength=train.n_items)
        spread = np.ptp(counts) or 1
        self.popularity_ = (counts - counts.min()) / spread
        return self

    def _list(self, user: int, past: tuple[Past, ...]) -> tuple[Ints, Floats]:
        text = self._write(user, past, self.texts)
        generated = self._judge(user, text)
        if not text.strip() or not generated.texts:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        scores = -self._distances(generated.texts[: self.texts])
        order = np.argsort(-scores, kind="stable")
        return order, scores[order]

    def _distances(self, texts: tuple[str, ...]) -> Floats:
        """From each item to the nearest of the texts: float64 (n_items,)."""
        from core.embedding import embed

        written = embed(texts, self.embedding).astype(np.float64)
        squares = ((written[:, None, :] - self._vectors[None]) ** 2).sum(axis=2)
        far = np.sqrt(squares)
        low = far.min(axis=1, keepdims=True)
        spread = np.maximum(far.max(axis=1, keepdims=True) - low, 1e-12)
        nearest: Floats = ((far - low) / spread).min(axis=0)
        held: Floats = nearest / (1 + self.popularity_) ** self.gamma
        return held

    @cached_property
    def _vectors(self) -> Floats:
        from core.embedding import embed

        return embed(self.names_, self.embedding).astype(np.float64)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "_vectors"}
