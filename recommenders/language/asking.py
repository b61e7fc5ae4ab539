"""One language model asked on behalf of a ranker: what fits, what it costs, what went wrong."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.errors import ConfigError, LanguageError
from core.language import LanguageModel
from core.language_options import n_tokens, option_likelihood, reader, text_likelihood
from core.language_turns import Message
from core.ledger import Ledger
from core.prompt_files import Words
from core.tables import Floats

CUT_ITEMS = "oldest history left out of a prompt longer than the context"
CUT_PROMPTS = "prompt that was longer than the context"
HALVED = "batch halved for want of memory"
SILENT = "answer that did not come: candidates keep the order found"
NO_OPTION = "answer that names none of the options"
PATIENCE = 3  # failures in a row after which nothing more is expected
Gaps = Mapping[str, str]


@dataclass
class Asked:
    """What was asked since fit.  counts: reasons of the ledger; tokens: prompt and completion."""

    counts: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    n_failed_in_a_row: int = 0

    def ledger(self, stage: str) -> Ledger:
        kept = Ledger()
        units = {CUT_ITEMS: "items", HALVED: "batches", SILENT: "answers", NO_OPTION: "answers"}
        for reason, n in sorted(self.counts.items()):
            action: Any = "dropped" if reason == CUT_ITEMS else "noted"
            kept.add(stage, action, reason, n, unit=units.get(reason, "prompts"))
        return kept

    def attempt(self, ask: Callable[[], Floats], n: int) -> Floats:
        """The scores, or NaN for each of n where the model does not answer.

        LanguageError is let through after three failures in a row.
        """
        try:
            found = ask()
        except LanguageError:
            self.n_failed_in_a_row += 1
            if self.n_failed_in_a_row >= PATIENCE:
                raise
            self.counts[SILENT] += 1
            return np.full(n, np.nan)
        self.n_failed_in_a_row = 0
        return found


@dataclass
class Asking:
    """model: who is asked; context: tokens of a prompt at most; asked: the counts."""

    model: LanguageModel
    context: int
    asked: Asked

    def __post_init__(self) -> None:
        if weights := reader(self.model):
            self.context = min(self.context, weights.n_context())

    def fitted(
        self, make: Callable[[int], Sequence[Sequence[Message]]], n_history: int, room: int = 0
    ) -> list[Sequence[Message]]:
        """Conversations with as much of the history as fits, the oldest left out first.

        make  the conversations with the last n of the history; room: tokens kept for the answer

        Raises ConfigError where they do not fit without any history.
        """
        if self._fits(make(n_history), room):
            return list(make(n_history))
        low, high = 0, n_history  # so many do not fit: high; what fits is looked for below
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._fits(make(middle), room) else (low, middle)
        if not self._fits(make(low), room):
            raise ConfigError(
                f"a prompt without any history is longer than the {self.context} tokens that "
                f"{self.model.name} may read; show fewer candidates or examples, or "
                "raise `context`"
            )
        told = list(make(low))
        self.asked.counts[CUT_ITEMS] += n_history - low
        self.asked.counts[CUT_PROMPTS] += len(told)
        return told

    def _fits(self, conversations: Sequence[Sequence[Message]], room: int) -> bool:
        longest = max(conversations, key=lambda one: sum(len(said["content"]) for said in one))
        return n_tokens(self.model, longest) + room <= self.context

    def options(self, conversations: Sequence[Sequence[Message]], options: Sequence[str]) -> Floats:
        """Ln p of each option: (n_conversations, n_options)."""
        with _Halvings(self):
            told = option_likelihood(self.model, conversations, options)
        self._count(told.n_prompt, told.n_answer)
        self.asked.counts[NO_OPTION] += int(np.isnan(told.values).all(axis=1).sum())
        return told.values

    def texts(self, conversation: Sequence[Message], opening: str, texts: Sequence[str]) -> Floats:
        """Ln p of each text as the answer: (n_texts,).  ConfigError where nothing can tell it."""
        weights = reader(self.model)
        if weights is None:
            raise ConfigError(
                f"{self.model.name} completes texts but cannot say how likely one is; name a model "
                'whose weights are on this machine, or use llm-pointwise with judged_by = "answer"'
            )
        with _Halvings(self):
            told = text_likelihood(weights, conversation, opening, texts)
        self._count(told.n_prompt, told.n_answer)
        return told.values

    def write(
        self, words: Words, conversation: Sequence[Message], opening: str, pool: Sequence[str]
    ) -> str:
        """The answer, with the words that begin it."""
        said = self.model.complete(
            conversation,
            prefill=opening,
            max_tokens=words.max_tokens,
            stop=words.stop,
            pool=pool,
        )
        self._count(said.n_prompt, said.n_answer)
        return (opening if said.is_begun else "") + said.text

    def _count(self, n_prompt: int, n_answer: int) -> None:
        self.asked.tokens["prompt"] += n_prompt
        self.asked.tokens["completion"] += n_answer


class _Halvings:
    """Counts how often a batch had to be halved meanwhile."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking

    def _now(self) -> int:
        # only weights that are loaded can have run out of memory
        scorer = getattr(self.asking.model.scorer, "__dict__", {}).get("scorer")
        return int(getattr(scorer, "n_halved", 0))

    def __enter__(self) -> None:
        self.before = self._now()

    def __exit__(self, *_: object) -> None:
        self.asking.asked.counts[HALVED] += self._now() - self.before
