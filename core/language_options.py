"""How likely is each of some given answers to a language model, wherever it runs?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from core.kept_numbers import remembered
from core.language import LanguageModel
from core.language_turns import Message
from core.tables import Floats

SIGNS_A_TOKEN = 3  # of a text whose tokenizer is elsewhere: rather too many tokens than too few
Conversation = Sequence[Message]


@runtime_checkable
class ReadsText(Protocol):
    """Weights on this machine.  identity: changes with them; n_context: tokens read at most."""

    identity: str

    def n_context(self) -> int: ...

    def told(self, messages: Sequence[Message]) -> str: ...

    def n_tokens(self, text: str) -> int: ...

    def log_likelihood(
        self, prompts: Sequence[str], continuations: Sequence[str]
    ) -> list[Floats]: ...

    def option_likelihood(self, prompts: Sequence[str], options: Sequence[str]) -> Floats: ...


@dataclass(frozen=True, eq=False)
class Told:
    """values: natural log of probabilities; n_prompt, n_answer: tokens read and written."""

    values: Floats
    n_prompt: int
    n_answer: int = 0


def reader(model: LanguageModel) -> ReadsText | None:
    """The weights, where they are on this machine."""
    return model.scorer if isinstance(model.scorer, ReadsText) else None


def n_tokens(model: LanguageModel, conversation: Conversation) -> int:
    """How many tokens is this conversation?  Estimated where the tokenizer is elsewhere."""
    if weights := reader(model):
        return weights.n_tokens(weights.told(conversation))
    return sum(len(one["content"]) // SIGNS_A_TOKEN + 8 for one in conversation)


def option_likelihood(
    model: LanguageModel, conversations: Sequence[Conversation], options: Sequence[str]
) -> Told:
    """Ln p of each option as the answer to each conversation: (n_conversations, n_options).

    What the conversations begin with alike is read once, and the numbers are kept on disk. A server
    that only completes is asked for one of the options: that one gets 0, the others -inf; NaN where
    it gives none of them.
    """
    weights = reader(model)
    if weights is None:
        return _asked(model, conversations, options)
    prompts = [weights.told(one) for one in conversations]
    values = remembered(
        ["options", weights.identity, prompts, list(options)],
        lambda: weights.option_likelihood(prompts, options),
    )
    return Told(values, sum(weights.n_tokens(prompt) for prompt in prompts))


def text_likelihood(
    weights: ReadsText, conversation: Conversation, opening: str, texts: Sequence[str]
) -> Told:
    """Ln p of each text as the answer, begun with the words of `opening`: (n_texts,)."""
    prompt = weights.told(conversation) + opening

    def make() -> Floats:
        told = weights.log_likelihood([prompt] * len(texts), texts)
        return np.array([values.sum() for values in told])

    values = remembered(["texts", weights.identity, prompt, list(texts)], make)
    return Told(values, weights.n_tokens(prompt) + sum(weights.n_tokens(text) for text in texts))


def _asked(
    model: LanguageModel, conversations: Sequence[Conversation], options: Sequence[str]
) -> Told:
    schema = {
        "type": "object",
        "properties": {"answer": {"enum": list(options)}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    values = np.full((len(conversations), len(options)), np.nan)
    n_prompt = n_answer = 0
    for row, conversation in enumerate(conversations):
        said = model.complete(conversation, schema=schema, max_tokens=32)
        n_prompt, n_answer = n_prompt + said.n_prompt, n_answer + said.n_answer
        if (chosen := _chosen(said.text, options)) is not None:
            values[row] = np.where(np.arange(len(options)) == chosen, 0.0, -np.inf)
    return Told(values, n_prompt, n_answer)


def _chosen(text: str, options: Sequence[str]) -> int | None:
    """Which option an answer names: as JSON, else as its first word."""
    import json

    try:
        said = json.loads(text)
    except ValueError:
        said = text
    if isinstance(said, dict):
        said = said.get("answer")
    word = str(said).strip().strip(".,:;!\"'").split()
    names = [option.lower() for option in options]
    first = word[0].strip(".,:;!\"'").lower() if word else ""
    return names.index(first) if first in names else None
