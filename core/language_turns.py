"""What is asked of a language model and what it answers; what a backend must be able to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from core.errors import ConfigError
from core.tables import Floats

Message = Mapping[str, str]  # role: system, user or assistant; content
Schema = Mapping[str, Any]  # JSON schema of the answer


@dataclass(frozen=True)
class Answer:
    """What a model said.

    text        without the prefill
    n_prompt, n_answer  tokens read and written
    seconds     of the call; of the first call where the answer comes from the cache
    is_whole    False where max_tokens cut it off
    is_begun    False where the server did not go on from the prefill but began anew
    is_cached   it was asked before
    """

    text: str
    n_prompt: int
    n_answer: int
    seconds: float
    is_whole: bool = True
    is_begun: bool = True
    is_cached: bool = False


@dataclass(frozen=True)
class Request:
    """All that decides an answer.

    schema       the answer is JSON that fits it; prefill: the answer goes on from these words
    temperature  0 always takes the likeliest token; stop: texts that end the answer
    pool         texts that the answer may repeat, for guesses that are checked several tokens at
                 once; it decides nothing but the time, so it is none of the facts
    """

    messages: tuple[Message, ...]
    schema: Schema | None = None
    prefill: str = ""
    max_tokens: int = 128
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    pool: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.messages or any(set(m) != {"role", "content"} for m in self.messages):
            raise ConfigError(
                'messages must be one or more {"role": "user", "content": "…"}; got '
                f"{list(self.messages)!r}"
            )
        if self.schema is not None and self.prefill:
            raise ConfigError("an answer by schema begins with its own brace: leave prefill out")
        if self.max_tokens < 1:
            raise ConfigError(f"max_tokens must be 1 or more; got {self.max_tokens}")

    def facts(self) -> dict[str, Any]:
        """As JSON can hold it; equal requests are equal here."""
        return {
            "messages": [dict(message) for message in self.messages],
            "schema": None if self.schema is None else dict(self.schema),
            "prefill": self.prefill,
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "seed": self.seed,
            "stop": list(self.stop),
        }


@runtime_checkable
class Completes(Protocol):
    """Goes on from a conversation.  name: says which weights answer."""

    name: str

    def answer(self, request: Request) -> Answer:
        """The model's turn.  LanguageError where it cannot answer, and why."""
        ...


@runtime_checkable
class ScoresText(Protocol):
    """Tells how likely texts are to it."""

    name: str

    def log_likelihood(self, prompts: Sequence[str], continuations: Sequence[str]) -> list[Floats]:
        """Natural log of the probability of each token of each continuation after its prompt."""
        ...
