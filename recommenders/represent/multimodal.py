"""Items by all that is known of them at once: texts, pictures, sounds and places."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from core.embedding import DEFAULT
from core.errors import ConfigError
from core.ledger import Ledger
from core.tables import Bools, Codes, Floats, Ids, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.parameters import setting
from recommenders.rank import product, rank_in_blocks
from recommenders.represent.modalities import KINDS, Vectors, vectors_in
from recommenders.represent.text_embedding import sharpened
from recommenders.represent.vectors import parts_of, vectors_of
from recommenders.taxonomy import REPRESENT, Place
from recommenders.texts import item_texts

if TYPE_CHECKING:
    from scipy.sparse import csr_array

NOTHING = "items without any modality, not listed"


@dataclass
class Multimodal:
    """Items near those of the user's history in text, picture, sound and place, by weights.

    Every kind has vectors of its own, less their mean. score(i) = Σ_j s(i, j) over the liked items
    j, and s(i, j) the mean, by the weights, of max(0, cos)^sharpness over the kinds that both items
    have: an item without a picture is judged by the rest. Kinds that the data lack are left out and
    noted. For an ablation run the model again with one kind in `without`.
    """

    source: ClassVar[str] = "Liu et al. 2024 (Rec-GPT4V), arXiv:2402.08670; fusion by weights"
    taxonomy: ClassVar[Place] = Place(
        REPRESENT, "multi-modality", "weighted fusion of modality vectors", ("MMREC", "MLLM-MSR")
    )

    text: float = setting(1.0, "Weight of texts; 0 leaves them out.", low=0)
    image: float = setting(1.0, "Weight of pictures.", low=0)
    audio: float = setting(1.0, "Weight of sounds.", low=0)
    place: float = setting(1.0, "Weight of places.", low=0)
    without: str = setting("", "One kind that is left out, for an ablation.", choices=("", *KINDS))
    image_file: str = setting("", "File of picture vectors: .npy, .npz or .parquet.")
    audio_file: str = setting("", "File of sound vectors.")
    place_file: str = setting("", "File of place vectors.")
    embedding: str = setting(DEFAULT, "Makes vectors of texts: any embedding model by name.")
    parts: str = setting(
        "title, groups, text", "What is read of an item: title, groups, text, reviews."
    )
    sharpness: float = setting(5.0, "Power of similarities; larger trusts the nearest.", low=1)

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:  # noqa: ARG002 - items alone are named in files
        self._item_ids = item_ids
        return self

    def fit(self, train: Interactions) -> Self:
        self.ledger_ = Ledger()
        kinds = self._kinds(train)
        if not kinds:
            wanted = ", ".join(kind for kind in KINDS if self._weight(kind))
            raise ConfigError(
                f"no item has any of {wanted or 'the modalities, all of weight 0'}: give items a "
                "title, image_vector, audio_vector, place_vector or latitude and longitude, or "
                "name a file of vectors"
            )
        self.kinds_ = tuple(kinds)
        total = np.zeros((train.n_items, train.n_items), dtype=np.float32)
        weights = np.zeros_like(total)
        for kind, (vectors, has) in kinds.items():
            weight = np.float32(self._weight(kind))
            total += weight * sharpened(vectors, self.sharpness)
            weights += weight * np.outer(has, has).astype(np.float32)
        self.similar_ = np.divide(total, weights, out=np.zeros_like(total), where=weights > 0)
        self.is_listed_: Bools = np.any([has for _, has in kinds.values()], axis=0)
        self.ledger_.add("fit", "noted", NOTHING, int((~self.is_listed_).sum()), unit="items")
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(
            lambda some: self.score_histories(self.train_.liked[some]), users, self.train_, k
        )

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:  # noqa: ARG002 - nothing here is the user's own
        """As `recommenders.base.ScoresHistories`."""
        require_fitted(self)
        scores = product(histories, self.similar_)
        scores[:, ~self.is_listed_] = -np.inf
        return scores

    def _weight(self, kind: str) -> float:
        return 0.0 if kind == self.without else float(getattr(self, kind))

    def _kinds(self, train: Interactions) -> dict[str, Vectors]:
        """Vectors of every kind that is wanted and known."""
        found: dict[str, Vectors] = {}
        for kind in KINDS:
            if not self._weight(kind):
                continue
            known = self._texts(train) if kind == "text" else self._others(train, kind)
            if known is not None:
                found[kind] = known
                lacking = int((~known[1]).sum())
                self.ledger_.add("fit", "noted", f"items without {kind}", lacking, unit="items")
            else:
                self.ledger_.add("fit", "noted", f"no item has {kind}: left out", 1, unit="kinds")
        return found

    def _texts(self, train: Interactions) -> Vectors | None:
        try:
            texts = item_texts(train, parts_of(self.parts))
        except ConfigError:  # other kinds may be there
            return None
        return vectors_of(texts, self.embedding)

    def _others(self, train: Interactions, kind: str) -> Vectors | None:
        file = getattr(self, f"{kind}_file")
        return vectors_in(train, kind, file, getattr(self, "_item_ids", None))


def ablations(
    parameters: dict[str, Any], kinds: tuple[str, ...] = KINDS
) -> dict[str, dict[str, Any]]:
    """Parameters of the model whole, and with each kind left out: what a run's models may be.

    kinds  those that the data have: `Multimodal.kinds_` after fit
    """
    whole = {**parameters, "without": ""}
    return {"all": whole, **{f"without {kind}": {**whole, "without": kind} for kind in kinds}}
