"""Explanations of one model's recommendations by one explainer; what failed is counted."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import PluginError, RecScopeError
from explain.brief import Writer
from explain.explainers import EXPLAINERS, Explainer
from explain.explanation import Explanation
from explain.make import explainer_named, found_reasons, worded
from explain.reasons import Question, Reasons
from explain.world import World
from recscope.config_sections import ExplainConfig
from recscope.explaining_pairs import Pairs, asks_a_model

WORDED_AT_ONCE = 10  # pairs in a piece of a slow writer's work


@dataclass
class Made:
    """Explanations of one model by one explainer.

    explanations  in the order of the pairs; seconds: how long they took
    reasons       why something could not be explained, and how often
    """

    explanations: list[Explanation] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def notes(self) -> list[str]:
        """The reasons in words."""
        return [f"{reason} ({n} times)" if n > 1 else reason for reason, n in self.reasons.items()]


def together(parts: Iterable[Made]) -> Made:
    """Pieces of one explainer's work as one, in their order."""
    whole = Made()
    for part in parts:
        whole.explanations += part.explanations
        whole.reasons.update(part.reasons)
        whole.seconds = round(whole.seconds + part.seconds, 3)
    return whole


def blocks_of(pairs: Pairs, name: str, asked: ExplainConfig) -> list[Pairs]:
    """The pieces of an explainer's work: one that asks a language model does a few pairs at a time.

    It answers for the first `asked.written` pairs alone.
    """
    if not asks_a_model(name):
        return [pairs]
    some = pairs.first(asked.written)
    users, blocks = list(some.items), []
    block: list[int] = []
    for user in users:
        block.append(user)
        if sum(len(some.items[one]) for one in block) >= WORDED_AT_ONCE or user == users[-1]:
            blocks.append(some.of(block))
            block = []
    return blocks or [some]


def made(
    world: World,
    pairs: Pairs,
    name: str,
    writer: Writer,
    params: Mapping[str, Any],
) -> Made:
    """An explainer's answer for these pairs.

    writer  puts its reasons into words; params: of the questions, see `params_of`

    A user whom it cannot explain to is left out and counted. RecScopeError where it fails
    altogether.
    """
    start = time.monotonic()
    explainer, found = explainer_named(name), Made()
    answered: list[tuple[Question, list[Reasons]]] = []
    for user, items in pairs.items.items():
        question = Question(world, user, items, pairs.fitted, params)
        try:
            answered.append((question, answer_of(question, explainer)))
        except RecScopeError as error:
            found.reasons[str(error)] += 1
    found.reasons.update(
        one.facts["reason"]
        for _, of_user in answered
        for one in of_user
        if not one.evidence and "reason" in one.facts
    )
    questions, reasons = [q for q, _ in answered], [r for _, r in answered]
    lists: Sequence[list[Explanation]] = worded(questions, name, reasons, writer)
    found.explanations = [one for of_user in lists for one in of_user]
    found.seconds = round(time.monotonic() - start, 3)
    return found


def params_of(asked: ExplainConfig, kept: dict[Any, Any]) -> dict[str, Any]:
    """Settings of a question, by the names that reasons look for.

    kept  attributions made so far under the same circumstances
    """
    return {
        "seed": asked.seed,
        "n_permutations": asked.n_permutations,
        "language_model": asked.language_model,
        "embedding": asked.embedding,
        "kept": kept,
    }


def answer_of(question: Question, explainer: Explainer) -> list[Reasons]:
    """The explainer's reasons; whatever else a plug-in raises becomes a PluginError."""
    try:
        return found_reasons(question, explainer)
    except RecScopeError:
        raise
    except Exception as error:
        raise PluginError(f"{explainer.reasons} failed: {type(error).__name__}: {error}") from error


def is_baseline(name: str) -> bool:
    return EXPLAINERS[name].is_baseline
