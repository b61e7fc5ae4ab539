"""Two candidates at a time: which one fits better?"""

from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar, Self

import numpy as np

from core.errors import ConfigError
from core.tables import Floats, Interactions
from recommenders.language.ranker import Case, LanguageRanker
from recommenders.parameters import setting
from recommenders.taxonomy import UTILIZE, Place


@dataclass
class LLMPairwise(LanguageRanker):
    """Candidates by how often a language model prefers them, two at a time, in both orders.

    Every pair is asked as A and B and as B and A, and the two probabilities are averaged: what a
    model gives to a place, and not to an item, cancels. A candidate's score is its mean probability
    of being preferred, over all others, or with `passes` over those it met: passes of bubble sort
    from the end of the list as found, which bring the best to the front for less.
    """

    source: ClassVar[str] = "Qin et al. 2023, arXiv:2306.17563"
    taxonomy: ClassVar[Place] = Place(
        UTILIZE, "non-generative, without retraining", "pairwise prompting"
    )

    candidates: int = setting(8, "How many are put in order for each user.", low=1)
    template: str = setting(
        "pairwise",
        "Wording of the prompt: a name or a .toml file; of several, with commas, the mean rank.",
    )
    passes: int = setting(0, "Passes of bubble sort; 0 asks for every pair.", low=0)

    def fit(self, train: Interactions) -> Self:
        super().fit(train)
        for words in self.wordings_:
            if len(words.options) != 2:
                raise ConfigError(
                    f"the template {words.name!r} must have two options, one for each of a pair; "
                    f"it has {list(words.options)}"
                )
        return self

    def _needs(self) -> tuple[str, ...]:
        return ("history", "first", "second")

    def _rank(self, case: Case) -> Floats:
        n = len(case.shown)
        if n == 1:
            return np.zeros(1)
        if self.passes:
            return self._sorted(case)
        pairs = list(combinations(range(n), 2))
        won, met = np.zeros(n), np.zeros(n)
        for (one, other), share in zip(pairs, self._preferred(case, pairs), strict=True):
            if np.isfinite(share):
                won[[one, other]] += share, 1 - share
                met[[one, other]] += 1
        return np.where(met > 0, won / np.maximum(met, 1), np.nan)

    def _sorted(self, case: Case) -> Floats:
        """Minus the place after some passes; what was not asked keeps its place."""
        order = list(range(len(case.shown)))
        for done in range(min(self.passes, len(order) - 1)):
            for place in range(len(order) - 2, done - 1, -1):
                pair = (order[place], order[place + 1])
                (share,) = self._preferred(case, [pair])
                if share < 0.5:
                    order[place : place + 2] = reversed(pair)
        scores = np.zeros(len(order))
        scores[order] = -np.arange(len(order))
        return scores

    def _preferred(self, case: Case, pairs: list[tuple[int, int]]) -> list[float]:
        """How likely is the first of each pair to be preferred?  NaN where there is no answer."""
        both = [pair for one, other in pairs for pair in ((one, other), (other, one))]
        told = self._asking.fitted(
            lambda n: [
                case.words.messages(
                    self._gaps(
                        case,
                        n,
                        first=self.names_[case.shown[one]],
                        second=self.names_[case.shown[other]],
                    )
                )
                for one, other in both
            ],
            len(case.past),
        )
        first, second = self._asking.options(told, case.words.options).T
        with np.errstate(over="ignore", invalid="ignore"):
            shares = 1.0 / (1.0 + np.exp(second - first))
        return [float(a + 1 - b) / 2 for a, b in zip(shares[::2], shares[1::2], strict=True)]
