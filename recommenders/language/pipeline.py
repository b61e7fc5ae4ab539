"""Two recommenders in turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from core.errors import ConfigError
from core.ledger import Ledger
from core.tables import Codes, Ids, Interactions, Ints, TopK
from recommenders.base import ScoresCandidates, Told, require_fitted, untold
from recommenders.language.candidates import arranged, inner, let_tell, own_scores
from recommenders.parameters import setting
from recommenders.taxonomy import UTILIZE, Place


@dataclass
class Pipeline:
    """Two stages: one recommender finds candidates, another puts them in order.

    Any two by name. The second one scores what the first one found: a model that scores candidates
    (every ranker by a language model does) is asked for just these, any other one for its own list
    of the whole catalogue, of which the candidates are kept. What it does not list follows in the
    order found. A list is never longer than the candidates.
    """

    source: ClassVar[str] = "Covington et al. 2016, doi:10.1145/2959100.2959190"
    taxonomy: ClassVar[Place] = Place(
        UTILIZE, "non-generative, without retraining", "retrieval, then re-ranking"
    )

    retriever: str = setting("ease", "Finds the candidates: any recommender by name.")
    ranker: str = setting("llm-pointwise", "Puts them in order: any recommender by name.")
    candidates: int = setting(20, "How many are found for each user.", low=1)
    retriever_params: str = setting("", 'Its parameters in one line, such as "l2 = 500".')
    ranker_params: str = setting("", "Parameters of the second one, written likewise.")

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        self._ids = user_ids, item_ids
        return self

    def bind_progress(self, told: Told) -> Self:
        self._told = told
        for model in (getattr(self, "retriever_", None), getattr(self, "ranker_", None)):
            let_tell(model, told)
        return self

    def fit(self, train: Interactions) -> Self:
        for name in (self.retriever, self.ranker):
            if name == "pipeline":
                raise ConfigError(
                    "a pipeline within a pipeline has no end: name other recommenders as retriever "
                    "and ranker"
                )
        ids = getattr(self, "_ids", None)
        models = []
        for what in ("retriever", "ranker"):
            text = getattr(self, f"{what}_params")
            model = inner(getattr(self, what), text, what, train, ids)
            if what == "ranker" and isinstance(model, ScoresCandidates):
                # candidates come from here; one of its own would be fitted for nothing
                model.retriever = ""
            let_tell(model, getattr(self, "_told", untold))
            models.append(model.fit(train) or model)
        self.retriever_, self.ranker_ = models
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        codes: Ints = np.asarray(users, dtype=np.int64)
        found = self.retriever_.recommend(codes, self.candidates)
        if isinstance(self.ranker_, ScoresCandidates):
            scores = self.ranker_.score_candidates(codes, found.items)
        else:
            scores = own_scores(self.ranker_, codes, found.items, self.train_.n_items)
        return arranged(found, scores, k)

    @property
    def ledger_(self) -> Ledger:
        """What either stage counted."""
        both = Ledger()
        for model in (self.retriever_, self.ranker_):
            kept = getattr(model, "ledger_", None)
            if isinstance(kept, Ledger):
                both.extend(kept)
        return both

    @property
    def tokens_(self) -> Mapping[str, int]:
        """Tokens of both stages; none where neither asks a language model."""
        counted = [getattr(model, "tokens_", {}) for model in (self.retriever_, self.ranker_)]
        return {kind: sum(one.get(kind, 0) for one in counted) for kind in ("prompt", "completion")}

    @property
    def answers_(self) -> Sequence[Mapping[str, Any]]:
        """What language models of either stage wrote."""
        return [
            answer
            for model in (self.retriever_, self.ranker_)
            for answer in getattr(model, "answers_", ())
        ]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_told"}
