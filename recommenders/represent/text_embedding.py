"""Items found by what is written of them: retrieval by text embeddings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from core.embedding import DEFAULT
from core.errors import ConfigError
from core.ledger import Ledger
from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.parameters import setting
from recommenders.rank import product, rank_in_blocks
from recommenders.represent.vectors import EMPTY, parts_of, recency, vectors_of, weighed
from recommenders.taxonomy import REPRESENT, Place
from recommenders.texts import item_texts

if TYPE_CHECKING:
    from scipy.sparse import csr_array

BYTES_PER_PAIR = 4 + 4 + 8  # similarities, and what is held while they are made


@dataclass
class TextEmbedding:
    """Items whose texts lie near those of what the user liked.

    Texts (title, genres, plot, reviews of train) become vectors of a sentence-transformers model,
    less their mean. score(i) = Σ_j w_j · max(0, cos(i, j))^sharpness over the liked items j, w 1
    or, with a half_life, more for the latest. With sharpness 1 negative cosines count too: then it
    is the product with the user's mean vector. An item needs a text, but no interaction; items
    without a text are not listed.
    """

    source: ClassVar[str] = "Harte et al. 2023 (LLMSeqSim), doi:10.1145/3604915.3610639"
    taxonomy: ClassVar[Place] = Place(
        REPRESENT, "uni-modality", "retrieval by text embeddings", ("TransRec", "UniLLMRec")
    )

    embedding: str = setting(DEFAULT, "Makes vectors of texts: any embedding model by name.")
    parts: str = setting(
        "title, groups, text", "What is read of an item: title, groups, text, reviews."
    )
    sharpness: float = setting(5.0, "Power of similarities; larger trusts the nearest.", low=1)
    half_life: int = setting(
        0, "Likings after which one counts half as much; 0: all count alike.", low=0
    )

    def fit(self, train: Interactions) -> Self:
        texts = item_texts(train, parts_of(self.parts))
        self.vectors_, self.has_text_ = vectors_of(texts, self.embedding)
        self.ledger_ = Ledger()
        self.ledger_.add("fit", "noted", EMPTY, int((~self.has_text_).sum()), unit="items")
        self.weights_ = recency(train, self.half_life)
        self.similar_ = sharpened(self.vectors_, self.sharpness) if self.sharpness > 1 else None
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(lambda some: self._scores(self.weights_[some]), users, self.train_, k)

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:
        """As `recommenders.base.ScoresHistories`."""
        require_fitted(self)
        return self._scores(weighed(histories, self.weights_, user))

    def _scores(self, histories: "csr_array[Any]") -> Floats:
        if self.similar_ is None:
            means = product(histories, self.vectors_)
            scores = product(means, np.ascontiguousarray(self.vectors_.T))
        else:
            scores = product(histories, self.similar_)
        scores[:, ~self.has_text_] = -np.inf
        return scores


def sharpened(vectors: Floats, power: float) -> Floats:
    """float32 (n, n) max(0, cosine)^power of every two rows.  ConfigError without the memory."""
    import psutil

    needed, free = BYTES_PER_PAIR * len(vectors) ** 2, psutil.virtual_memory().available
    if needed > free:
        raise ConfigError(
            f"similarities of {len(vectors):,} items need {needed / 2**30:.1f} GiB, and "
            f"{free / 2**30:.1f} GiB are free; set sharpness to 1, which needs none of it"
        )
    return np.maximum(vectors @ vectors.T, 0.0, dtype=np.float32) ** np.float32(power)
