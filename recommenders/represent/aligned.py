"""Two views of items brought into one space: who liked them, and what is written of them."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from core.embedding import DEFAULT
from core.errors import ConfigError
from core.ledger import Ledger
from core.tables import Bools, Codes, Floats, Interactions, Ints, TopK
from recommenders.base import Told, require_fitted, untold
from recommenders.factors import ALS
from recommenders.parameters import setting
from recommenders.rank import product, rank_in_blocks
from recommenders.represent.vectors import parts_of, vectors_of
from recommenders.taxonomy import REPRESENT, Place
from recommenders.texts import item_texts

if TYPE_CHECKING:
    from scipy.sparse import csr_array

UNKNOWN = "items without a text and without a liking, not listed"
LEAST = 8  # items with a text and a liking that a projector can be learned from


@dataclass
class TextAligned:
    """Factors of likings and vectors of texts, aligned by a projector that learned by contrast.

    ALS gives every liked item a vector c. A projector g of two layers learns to send the text of an
    item next to its own c and away from those of others (InfoNCE, both ways). An item then stands
    at a · c + (1 - a) · g(text), g as long as liked items usually are, a = n / (n + strength) after
    n likings: what nobody liked stands where its text says. Users are fitted to these vectors.
    """

    source: ClassVar[str] = "Ren et al. 2024 (RLMRec), doi:10.1145/3589334.3645458"
    taxonomy: ClassVar[Place] = Place(
        REPRESENT,
        "uni-modality",
        "contrastive alignment of collaborative and text spaces",
        ("RLMRec", "SAID", "CoLLM", "DaRec"),
    )

    embedding: str = setting(DEFAULT, "Makes vectors of texts: any embedding model by name.")
    parts: str = setting(
        "title, groups, text", "What is read of an item: title, groups, text, reviews."
    )
    strength: float = setting(
        5.0, "Likings at which text and likings count alike; 0: texts only of new items.", low=0
    )
    n_factors: int = setting(64, "Length of the collaborative vectors.", low=1)
    n_hidden: int = setting(256, "Width of the projector.", low=1)
    temperature: float = setting(0.1, "Of the contrast; smaller is sharper.", low=1e-3)
    n_epochs: int = setting(
        10, "Passes over the items; more of them learn the items by heart.", low=1
    )
    batch: int = setting(256, "Items that are told apart at once.", low=2)
    rate: float = setting(1e-3, "Learning rate.", low=1e-9)
    seed: int = setting(0, "Draws the first vectors and the order.", low=0)

    def bind_progress(self, told: Told) -> Self:
        self._told = told
        return self

    def fit(self, train: Interactions) -> Self:
        texts = item_texts(train, parts_of(self.parts))
        vectors, has_text = vectors_of(texts, self.embedding)
        likings = ALS(n_factors=self.n_factors, seed=self.seed).fit(train)
        n_likings = np.bincount(train.liked.indices, minlength=train.n_items)
        factors = np.ascontiguousarray(likings.item_factors_.T, dtype=np.float32)
        is_learned = has_text & (n_likings > 0)
        told = self._projected(train, vectors, factors, is_learned)
        trust = n_likings / (n_likings + self.strength) if self.strength else n_likings > 0
        trust = np.where(has_text, trust, 1.0).astype(np.float32)[:, None]
        self.items_ = (trust * factors + (1 - trust) * told).astype(np.float32)
        self.is_listed_ = has_text | (n_likings > 0)
        self.ledger_ = Ledger()
        self.ledger_.add("fit", "noted", UNKNOWN, int((~self.is_listed_).sum()), unit="items")
        self.users_ = self._users(train.liked)
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(lambda some: self._scores(self.users_[some]), users, self.train_, k)

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:  # noqa: ARG002 - items alone are known
        """As `recommenders.base.ScoresHistories`: each history gets the vector that fits best."""
        require_fitted(self)
        return self._scores(self._users(histories))

    def _scores(self, users: Floats) -> Floats:
        scores = product(users, np.ascontiguousarray(self.items_.T))
        scores[:, ~self.is_listed_] = -np.inf
        return scores

    def _users(self, histories: "csr_array[Any]") -> Floats:
        """Vectors of histories as ALS fits them (Hu, Koren & Volinsky 2008, eq. 4): float32."""
        fixed = ALS(n_factors=self.n_factors)
        known = self.items_[self.is_listed_].astype(np.float64)
        common = known.T @ known + fixed.regularization * np.eye(self.n_factors)
        found = np.zeros((histories.shape[0], self.n_factors), dtype=np.float32)
        for row, (start, end) in enumerate(itertools.pairwise(histories.indptr)):
            liked = self.items_[histories.indices[start:end]].astype(np.float64)
            if len(liked):
                wanted = common + (fixed.alpha - 1) * liked.T @ liked
                found[row] = np.linalg.solve(wanted, fixed.alpha * liked.sum(axis=0))
        return found

    def _projected(
        self, train: Interactions, vectors: Floats, factors: Floats, is_learned: Bools
    ) -> Floats:
        """Where texts stand in the space of likings: float32 (n_items, n_factors)."""
        import torch

        from recommenders import training
        from recommenders.training_state import deterministic, folder_of

        places = np.flatnonzero(is_learned)
        if len(places) < LEAST:
            raise ConfigError(
                f"{len(places)} items have both a text and a liking, {LEAST} are needed to align "
                "the two; use text-embedding, or als"
            )
        with deterministic(self.seed):
            projector = torch.nn.Sequential(
                torch.nn.Linear(vectors.shape[1], self.n_hidden),
                torch.nn.ReLU(),
                torch.nn.Linear(self.n_hidden, self.n_factors),
            )
        texts = torch.from_numpy(vectors[places])
        likings = torch.nn.functional.normalize(torch.from_numpy(factors[places]), dim=1)

        def loss(some: Ints) -> Any:
            chosen = torch.from_numpy(some)
            sent = torch.nn.functional.normalize(projector(texts[chosen]), dim=1)
            alike = sent @ likings[chosen].T / self.temperature
            own = torch.arange(len(some))
            entropy = torch.nn.functional.cross_entropy
            return (entropy(alike, own) + entropy(alike.T, own)) / 2

        plan = training.Plan(
            n_epochs=self.n_epochs, batch=self.batch, rate=self.rate, decay=0.01, seed=self.seed
        )
        trained = training.train(
            projector,
            len(places),
            loss,
            plan,
            folder=folder_of(self, train, vectors, factors),
            told=getattr(self, "_told", untold),
        )
        self.curve_: Sequence[Mapping[str, Any]] = trained.curve
        with torch.no_grad():
            sent = torch.nn.functional.normalize(projector(torch.from_numpy(vectors)), dim=1)
        lengths = np.linalg.norm(factors[places], axis=1)
        made: Floats = sent.numpy() * np.float32(np.median(lengths))
        return made

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_told"}
