"""Worked examples from similar users before the question."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from core.embedding import DEFAULT as EMBEDDING
from core.language_turns import Message
from core.tables import Floats, Interactions, Ints
from recommenders.language.histories import lines
from recommenders.language.ranker import Case, LanguageRanker
from recommenders.language.titles import Titles
from recommenders.parameters import setting
from recommenders.rank import product
from recommenders.taxonomy import UTILIZE, Place

FEWEST = 3  # liked items of a user who can be an example: a history, and what came next


@dataclass
class LLMInContext(LanguageRanker):
    """Candidates by their likelihood as the answer, after demonstrations of similar users.

    A demonstration is what a similar user liked, and what that user liked next. Users are similar
    by the items both liked (cosine) or by what their histories are about (cosine of the mean of
    their titles' vectors). Then ln p(title) of each candidate, less `prior` times the same without
    any history. Nothing but the training part is shown.
    """

    source: ClassVar[str] = "Brown et al. 2020, arXiv:2005.14165; Hou et al. 2023, arXiv:2305.08845"
    taxonomy: ClassVar[Place] = Place(
        UTILIZE, "non-generative, without retraining", "in-context learning"
    )

    template: str = setting("demonstrated", "Wording of the prompt: a name or a .toml file.")
    demonstrations: int = setting(3, "How many similar users are shown as examples.", low=0)
    similarity: str = setting(
        "likings", "By what users are similar: likings, or titles.", choices=("likings", "titles")
    )
    embedding: str = setting(EMBEDDING, "Embedding model that compares titles.")
    history: int = setting(6, "How many of the last liked items a prompt tells.", low=1)
    prior: float = setting(1.0, "Weight of a title's likelihood without a history.", low=0)

    def fit(self, train: Interactions) -> Self:
        from scipy.sparse import csr_array, diags_array

        super().fit(train)
        liked = train.liked
        counts = np.diff(liked.indptr)
        norms = 1.0 / np.sqrt(np.maximum(counts, 1))
        self.can_show_ = counts >= FEWEST
        self.users_: Any
        if self.similarity == "likings":
            self.users_ = csr_array(diags_array(norms) @ liked.astype(np.float64))
        else:
            from core.embedding import embed

            vectors = embed(self.names_, self.embedding).astype(np.float64)
            means = product(liked.astype(np.float64), vectors)
            lengths = np.sqrt((means**2).sum(axis=1, keepdims=True))
            self.users_ = means / np.where(lengths > 0, lengths, 1.0)
        return self

    def similar(self, user: int) -> Ints:
        """The most similar users who can be an example, most similar first; ties by code."""
        own = self.users_[[user]]
        if self.similarity == "likings":
            likeness = (self.users_ @ own.T).toarray().ravel()
        else:
            likeness = (self.users_ * own).sum(axis=1)
        likeness = np.where(self.can_show_, likeness, -np.inf)
        likeness[user] = -np.inf
        order = np.lexsort((np.arange(len(likeness)), -likeness))[: self.demonstrations]
        return order[np.isfinite(likeness[order])]

    def examples(self, user: int, case: Case) -> list[Message]:
        """The demonstrations as turns of the conversation, the most similar one last."""
        told: list[Message] = []
        opening = case.words.text("opening", {"noun": self.noun})
        for other in reversed(self.similar(user).tolist()):
            past = self.histories_.of(other)[-self.history - 1 :]
            gaps = self._gaps(case, 0) | {"history": lines(past[:-1], self.names_)}
            told.append({"role": "user", "content": case.words.text("user", gaps)})
            answer = f"{opening} {self.names_[past[-1].item]}"
            told.append({"role": "assistant", "content": answer})
        return told

    def _rank(self, case: Case) -> Floats:
        shown: Sequence[Message] = self.examples(case.user, case)
        return Titles(self._asking, self.names_, self.noun).gain(
            case, lambda n: self._gaps(case, n), self.prior, shown
        )
