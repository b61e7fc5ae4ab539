"""A language model only chooses what to say; a template says it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import LanguageError
from core.language import DEFAULT, LanguageModel
from explain.brief import Brief, Written
from explain.prompts import Prompt
from explain.writers.asking import Desk, checked, named, write_each
from explain.writers.template import sentence


@dataclass
class Slots:
    """A language model chooses liked items and one fact; a template puts its choice into words.

    The answer is held to a JSON schema whose values are the facts and the liked items, so nothing
    can be invented; what a small model chooses is arbitrary all the same.
    """

    language_model: str | LanguageModel = DEFAULT
    prompt: str | Prompt = "slots"
    seed: int = 0

    def write(self, briefs: Sequence[Brief]) -> list[Written]:
        words = named(self.prompt)

        def one(desk: Desk, brief: Brief) -> Written:
            if len(brief.because) < 2 and len(brief.facts) < 2:
                facts = {**desk.spent, "reason": "there was nothing to choose between"}
                return checked(sentence(brief), brief, facts)
            answer = desk.ask(words, brief, schema=choice(brief), seed=self.seed)
            chosen = read_json(answer.text, desk.name)
            facts = {**desk.spent, "chosen": chosen}
            return checked(sentence(narrowed(brief, chosen)), brief, facts)

        return write_each(Desk(self.language_model), briefs, one)


def choice(brief: Brief) -> dict[str, Any]:
    """The JSON schema of a choice: one or two liked items, one fact."""
    properties: dict[str, Any] = {}
    if brief.because:
        properties["because_of"] = {
            "type": "array",
            "items": {"enum": list(brief.because)},
            "minItems": 1,
            "maxItems": 2,
        }
    if brief.facts:
        properties["fact"] = {"enum": list(brief.facts)}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def narrowed(brief: Brief, chosen: dict[str, Any]) -> Brief:
    """The brief with what was chosen alone, and what the item is.

    LanguageError where a server without schemas chose what was not there.
    """
    because = list(dict.fromkeys(_texts(chosen.get("because_of"))))
    facts = list(dict.fromkeys(_texts(chosen.get("fact")) + _texts(chosen.get("aspects"))))
    if strange := [x for x in because if x not in brief.because] + [
        x for x in facts if x not in brief.facts
    ]:
        raise LanguageError(f"the model chose what it was not offered: {strange[0][:80]!r}")
    is_what = [fact for fact in brief.facts[:1] if fact not in facts]
    return replace(
        brief, because=tuple(because) or brief.because, facts=(*is_what, *facts) or brief.facts
    )


def read_json(text: str, name: str) -> dict[str, Any]:
    """The object in an answer.  LanguageError where there is none."""
    start, end = text.find("{"), text.rfind("}")
    try:
        said = json.loads(text[start : end + 1])
    except ValueError as error:
        raise LanguageError(f"{name} answered with broken JSON: {text[:120]!r}") from error
    if not isinstance(said, dict):
        raise LanguageError(f"{name} answered with JSON that is no object: {text[:120]!r}")
    return said


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
