"""A language model's sentences about items and users: asked for, cleaned, counted."""

from collections.abc import Sequence
from typing import Any

from core.errors import LanguageError
from core.language import LanguageModel, language_model
from core.ledger import Ledger
from core.naming import one_line
from recommenders.base import Told
from recommenders.represent.wordings import Wording

LONGEST = 300  # characters of what was written
MAX_TOKENS = 40
FAILED = "language model could not describe, the own text is used"
CUT = "text longer than 1,000 characters, its end left out of the prompt"
LONGEST_PROMPT = 1000  # characters of data in a prompt: far within every model's context


class Writer:
    """Asks one model, and keeps count.

    tokens  prompt and completion tokens of all answers, those from the cache too: what it takes to
            make these texts anew
    """

    def __init__(self, name: str, ledger: Ledger) -> None:
        self.name = name
        self.ledger = ledger
        self.tokens = {"prompt": 0, "completion": 0}
        self._model: LanguageModel | None = None

    def written(
        self, wording: Wording, texts: Sequence[str], facts: Sequence[str], told: Told
    ) -> list[str]:
        """One answer a text, "" where the model failed; the same text is asked about once.

        Raises LanguageError where it failed at every one.
        """
        if self._model is None:
            self._model = language_model(self.name)
        found: dict[tuple[str, str], str] = {}
        n_failed, last = 0, None
        for done, pair in enumerate(zip(texts, facts, strict=True)):
            told(f"writing: {wording.name}", done, len(texts))
            if pair in found:
                continue
            try:
                found[pair] = self._one(self._model, wording, *pair)
            except LanguageError as error:
                found[pair], last = "", error
                n_failed += 1
        if last is not None and n_failed == len(found):
            raise last
        self.ledger.add("describe", "noted", FAILED, n_failed, unit="texts")
        return [found[pair] for pair in zip(texts, facts, strict=True)]

    def _one(self, model: LanguageModel, wording: Wording, text: str, facts: str) -> str:
        is_long = len(text) + len(facts) > LONGEST_PROMPT
        self.ledger.add("describe", "noted", CUT, int(is_long), unit="texts")
        facts = facts[: LONGEST_PROMPT // 2]
        answer = model.complete(
            wording.messages(text[: LONGEST_PROMPT - len(facts)], facts),
            prefill=wording.begins,
            max_tokens=MAX_TOKENS,
        )
        self.tokens["prompt"] += answer.n_prompt
        self.tokens["completion"] += answer.n_answer
        said = f"{wording.begins} {answer.text.strip()}" if answer.is_begun else answer.text
        return one_line(said, LONGEST)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_model": None}  # it is opened again where it is needed
