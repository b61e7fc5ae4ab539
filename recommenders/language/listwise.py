"""All candidates at once: a list is written, or read from its first word."""

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core.answers import parse
from core.answers_match import UNKNOWN, Names
from core.errors import ConfigError
from core.tables import Floats, Ids, Ints
from recommenders.language.ranker import Case, LanguageRanker
from recommenders.parameters import setting
from recommenders.taxonomy import UTILIZE, Place

UNREAD = "answer without a list: candidates keep the order found"
LEFT_OUT = "candidate that the answer left out: it keeps its place behind the others"
STRANGE = "entry of an answer that names no candidate"


@dataclass
class LLMListwise(LanguageRanker):
    """All candidates in one prompt, put in order by the list that a language model writes.

    Titles (or numbers) in the answer are recognised; what it leaves out follows in the order found,
    what it invents is counted. The answers are kept, to be audited. Read by `first`, nothing is
    written: candidates stand under letters, and the order is that of how likely each letter is as
    the first word. With `orders` above 1 the candidates are also shown shuffled, and the ranks are
    averaged, which tells (and lessens) what is due to the place in the prompt.
    """

    source: ClassVar[str] = "Hou et al. 2023, arXiv:2305.08845; Reddy et al. 2024, arXiv:2406.15657"
    taxonomy: ClassVar[Place] = Place(
        UTILIZE, "non-generative, without retraining", "listwise prompting"
    )

    template: str = setting(
        "listwise",
        "Wording of the prompt: a name or a .toml file; of several, with commas, the mean rank.",
    )
    read_by: str = setting(
        "text", "What is read: the list as written, or its first word.", choices=("text", "first")
    )
    orders: int = setting(1, "In how many orders the candidates are shown; the mean rank.", low=1)

    def _wording(self) -> str:
        """By the first word, the default shows letters."""
        is_default = self.template == "listwise"
        return "listwise-letters" if is_default and self.read_by == "first" else self.template

    def _needs(self) -> tuple[str, ...]:
        return ("history", "candidates")

    def _writes(self) -> bool:
        return self.read_by == "text"

    def _orders(self, user: int, n: int) -> list[Ints]:
        first = self._order(user, n, self.order, 0)
        return [first, *(self._order(user, n, "shuffled", at) for at in range(1, self.orders))]

    def _rank(self, case: Case) -> Floats:
        labels = self._labels(case)
        shown = "\n".join(
            f"{label}. {self.names_[item]}" for label, item in zip(labels, case.shown, strict=True)
        )
        room = case.words.max_tokens if self.read_by == "text" else 1
        told = self._asking.fitted(
            lambda n: [case.words.messages(self._gaps(case, n, candidates=shown))],
            len(case.past),
            room,
        )
        if self.read_by == "first":
            likely: Floats = self._asking.options(told, labels)[0]
            return likely
        opening = case.words.text("opening", {"noun": self.noun})
        names = [self.names_[item] for item in case.shown]
        text = self._asking.write(case.words, told[0], opening, names)
        # which order it was: audits tell orders apart by the candidates as shown
        self._keep(case, text, 0, told[0][-1]["content"])
        return self._read(text, names)

    def _labels(self, case: Case) -> list[str]:
        n = len(case.shown)
        if self.read_by == "text":
            return [str(place) for place in range(1, n + 1)]
        if n > len(case.words.options):
            raise ConfigError(
                f"the template {case.words.name!r} has {len(case.words.options)} letters and there "
                f"are {n} candidates; show fewer, or read the list as written"
            )
        return list(case.words.options[:n])

    def _read(self, text: str, names: list[str]) -> Floats:
        """Minus the place in the answer; NaN for what it leaves out."""
        ids = Ids("candidate", np.array([f"\x00{place}" for place in range(len(names))], object))
        known = Names(ids, names)
        parsed = parse(text)
        found = [known.code(entry, range(len(names))) for entry in parsed.entries]
        places = list(dict.fromkeys(place for place in found if place != UNKNOWN))
        counts: Counter[str] = self.asked_.counts
        counts[STRANGE] += found.count(UNKNOWN)
        counts[UNREAD] += not places
        counts[LEFT_OUT] += len(names) - len(places) if places else 0
        scores = np.full(len(names), np.nan)
        scores[places] = -np.arange(len(places))
        return scores
