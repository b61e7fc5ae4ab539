"""One candidate at a time: will the user like it?"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from core.errors import ConfigError
from core.tables import Floats, Interactions
from recommenders.language.ranker import Case, LanguageRanker
from recommenders.language.titles import Titles
from recommenders.parameters import setting
from recommenders.taxonomy import UTILIZE, Place


@dataclass
class LLMPointwise(LanguageRanker):
    """Candidates by how likely a language model is to say Yes: will this person like it?

    p(Yes) / (p(Yes) + p(No)) after the user's history and one candidate. Or, judged by title, how
    much likelier the candidate's title becomes by the history: ln p(title | history) less `prior`
    times ln p(title) without one, which is computed once for all users and kept. A server that only
    completes is asked for Yes or No, and candidates of one answer keep the order found.
    """

    source: ClassVar[str] = (
        "Dai et al. 2023, doi:10.1145/3604915.3610646; Sileo et al. 2021, arXiv:2112.04184"
    )
    taxonomy: ClassVar[Place] = Place(
        UTILIZE, "non-generative, without retraining", "pointwise prompting"
    )

    template: str = setting(
        "pointwise",
        "Wording of the prompt: a name or a .toml file; of several, with commas, the mean rank.",
    )
    judged_by: str = setting(
        "answer", "What is read: Yes or No, or the title itself.", choices=("answer", "title")
    )
    prior: float = setting(
        1.0, "Weight of a title's likelihood without a history, judged by title.", low=0
    )

    def fit(self, train: Interactions) -> Self:
        super().fit(train)
        for words in self.wordings_:
            if self.judged_by == "answer" and len(words.options) != 2:
                raise ConfigError(
                    f"the template {words.name!r} must have two options, the first one for a "
                    f"liking; it has {list(words.options)}"
                )
        return self

    def _wording(self) -> str:
        """By title, the default asks for the title."""
        is_default = self.template == "pointwise"
        return "next" if is_default and self.judged_by == "title" else self.template

    def _needs(self) -> tuple[str, ...]:
        return ("history",) if self.judged_by == "title" else ("history", "candidate")

    def _rank(self, case: Case) -> Floats:
        if self.judged_by == "title":
            return Titles(self._asking, self.names_, self.noun).gain(
                case, lambda n: self._gaps(case, n), self.prior
            )
        told = self._asking.fitted(
            lambda n: [
                case.words.messages(self._gaps(case, n, candidate=self.names_[item]))
                for item in case.shown
            ],
            len(case.past),
        )
        yes, no = self._asking.options(told, case.words.options).T
        with np.errstate(over="ignore", invalid="ignore"):
            likely: Floats = 1.0 / (1.0 + np.exp(no - yes))
        return likely
