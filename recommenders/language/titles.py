"""How much likelier does a history make a title?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.language_turns import Message
from core.tables import Floats
from recommenders.language.asking import Asking
from recommenders.language.ranker import Case

BLOCK = 32  # items by code whose likelihoods are told in one go, whoever asks for one of them


@dataclass
class Titles:
    """asking: who tells; names: of all items; noun: what an item is."""

    asking: Asking
    names: Sequence[str]
    noun: str

    def gain(
        self,
        case: Case,
        gaps: Callable[[int], Mapping[str, str]],
        prior: float,
        before: Sequence[Message] = (),
    ) -> Floats:
        """Ln p(title | history) - prior · ln p(title) of each item shown.

        gaps    what fills the prompt with the last n of the history
        before  turns before the question: worked examples
        """
        told = self.asking.fitted(
            lambda n: [self._with(before, case.words.messages(gaps(n)))], len(case.past)
        )
        opening = case.words.text("opening", {"noun": self.noun})
        texts = [f" {self.names[item]}" for item in case.shown]
        after = self.asking.texts(told[0], opening, texts)
        if not prior or "alone" not in case.words.texts:
            return after
        alone = case.words.messages({"noun": self.noun}, user="alone")
        return after - prior * self._alone(alone, opening, case.shown)

    @staticmethod
    def _with(before: Sequence[Message], messages: list[Message]) -> list[Message]:
        return [*messages[:-1], *before, messages[-1]]

    def _alone(self, question: list[Message], opening: str, items: Sequence[int]) -> Floats:
        """Ln p of titles without a history; of a block of items at once, and kept.

        Which block an item is in does not depend on who asks, so its last bits do not either.
        """
        told: dict[int, Floats] = {}
        for block in sorted({item // BLOCK for item in items}):
            some = self.names[block * BLOCK : (block + 1) * BLOCK]
            told[block] = self.asking.texts(question, opening, [f" {name}" for name in some])
        return np.array([told[item // BLOCK][item % BLOCK] for item in items])
