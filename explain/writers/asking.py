"""What writers that ask a language model share: drafts, their check, the template behind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import FetchError, LanguageError
from core.language import LanguageModel, language_model
from core.language_turns import Answer, Schema
from explain.brief import Brief, Written
from explain.mentions import first_sentence
from explain.prompts import Prompt, prompt
from explain.verify import Violation, verify
from explain.writers.template import Template

GIVES_UP = 3  # failures in a row after which the model is not asked again
TEMPLATE = Template()


@dataclass
class Desk:
    """A language model at work: what it said, what that cost, how often it failed.

    language_model  a name (see core.language) or a LanguageModel
    """

    language_model: str | LanguageModel
    model: LanguageModel | None = None
    n_failed: int = 0
    spent: dict[str, Any] = field(default_factory=dict)

    def ask(
        self,
        words: Prompt,
        brief: Brief,
        *,
        schema: Schema | None = None,
        temperature: float = 0.0,
        seed: int = 0,
        **more: str,
    ) -> Answer:
        """The model's answer to a prompt about a brief; what it cost is added to `spent`.

        Raises LanguageError or FetchError where there is none.
        """
        if self.model is None:
            self.model = (
                language_model(self.language_model)
                if isinstance(self.language_model, str)
                else self.language_model
            )
        answer = self.model.complete(
            words.messages(brief, **more),
            schema=schema,
            prefill="" if schema is not None else words.begun(brief),
            max_tokens=words.max_tokens,
            temperature=temperature,
            seed=seed,
            stop=words.stop,
        )
        self._count(answer, words)
        return answer

    def sentence(self, words: Prompt, brief: Brief, **how: Any) -> str:
        """The first sentence that the model writes, with the words that it was begun with.

        A server that cannot go on from given words begins its own sentence, or goes on without
        saying them again, in lower case; it is taken as it is, and the check decides.
        """
        answer = self.ask(words, brief, **how)
        begun = words.begun(brief)
        said = answer.text
        if not answer.is_begun:
            self.spent["is_begun"] = False
            said = said.strip().strip('"“”')
            if begun and said[:1].islower():
                said = f"{begun} {said}"
        whole = begun + said if answer.is_begun else said
        names = (brief.title, *brief.because, *brief.liked)
        return first_sentence(whole, names)

    def _count(self, answer: Answer, words: Prompt) -> None:
        spent = self.spent
        spent["prompt"] = words.id
        spent["n_calls"] = spent.get("n_calls", 0) + 1
        spent["n_prompt"] = spent.get("n_prompt", 0) + answer.n_prompt
        spent["n_answer"] = spent.get("n_answer", 0) + answer.n_answer
        spent["seconds"] = spent.get("seconds", 0.0) + answer.seconds
        spent["is_cached"] = spent.get("is_cached", True) and answer.is_cached

    @property
    def name(self) -> str:
        """What the model is called in the facts of an explanation."""
        asked = self.language_model
        return asked if isinstance(asked, str) else asked.name


def write_each(
    desk: Desk, briefs: Sequence[Brief], one: Callable[[Desk, Brief], Written]
) -> list[Written]:
    """Each brief in words; where the model fails the template speaks, and the others go on.

    After three failures in a row it is not asked again: a server that is gone costs three times its
    patience, not that of a whole run.
    """
    made = []
    for brief in briefs:
        desk.spent = {"language_model": desk.name}
        if desk.n_failed >= GIVES_UP:
            reason = f"{desk.name} was not asked: it had failed {GIVES_UP} times in a row"
            made.append(by_template(brief, {**desk.spent, "error": reason}))
            continue
        try:
            made.append(one(desk, brief))
            desk.n_failed = 0
        except (LanguageError, FetchError) as error:
            desk.n_failed += 1
            made.append(by_template(brief, {**desk.spent, "error": str(error)}))
    return made


def by_template(brief: Brief, facts: dict[str, Any]) -> Written:
    """The template's sentence in place of one that never came."""
    return Written(TEMPLATE.one(brief).text, is_fallback=True, facts=facts)


def checked(text: str, brief: Brief, facts: dict[str, Any]) -> Written:
    """The writer's own sentence where it says no more than the facts, else the template's.

    Both are kept, with what was wrong.
    """
    found = verify(text, brief)
    if not found:
        return Written(text, facts=facts)
    return refused(text, brief, found, facts)


def refused(text: str, brief: Brief, found: Sequence[Violation], facts: dict[str, Any]) -> Written:
    """The template's sentence in place of one that says more than the facts."""
    return Written(
        TEMPLATE.one(brief).text,
        own_text=text,
        is_fallback=True,
        violations=tuple(str(one) for one in found),
        facts=facts,
    )


def named(words: str | Prompt) -> Prompt:
    return words if isinstance(words, Prompt) else prompt(words)
