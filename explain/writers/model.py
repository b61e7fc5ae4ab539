"""A language model in words of its own, held to the facts: begun, checked, replaced where wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.language import DEFAULT, LanguageModel
from explain.brief import Brief, Written
from explain.prompts import Prompt
from explain.writers.asking import Desk, checked, named, write_each


@dataclass
class LanguageWriter:
    """A language model goes on from facts, worked examples and a sentence that is begun.

    language_model  its name, such as "smollm2-135m" or "openai:MODEL@URL", or the model itself
    prompt          a name of explain.prompts, a .toml file or a Prompt
    temperature, seed  0 always takes the likeliest word

    The first sentence is kept and checked (explain.verify); where it says more than the facts, the
    template's sentence is shown, and both are kept with the reason. A model of 135 million
    parameters adds variety of phrase, no insight.
    """

    language_model: str | LanguageModel = DEFAULT
    prompt: str | Prompt = "opened"
    temperature: float = 0.0
    seed: int = 0

    def write(self, briefs: Sequence[Brief]) -> list[Written]:
        words = named(self.prompt)

        def one(desk: Desk, brief: Brief) -> Written:
            text = desk.sentence(words, brief, temperature=self.temperature, seed=self.seed)
            return checked(text, brief, {**desk.spent, "seed": self.seed})

        return write_each(Desk(self.language_model), briefs, one)
