"""Explanations of one model's recommendations by every explainer; what failed is noted."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import PluginError, RecScopeError, StorageError
from explain.explainers import EXPLAINERS, Explainer
from explain.explanation import Explanation
from explain.make import explainer_named, found_reasons, worded, writer_of
from explain.reasons import Question, Reasons
from explain.world import World
from recscope.config_sections import ExplainConfig
from recscope.explaining_pairs import Pairs, asks_a_model

WORDED_AT_ONCE = 10  # briefs after which a slow writer tells how far it is
Tell = Callable[[str, float], None]  # what is done now, and the share that is behind us


@dataclass
class Made:
    """Explanations of one model.

    by         explainer → its explanations, in the order of the pairs
    seconds    explainer → how long it took
    notes      about, reason: what could not be explained
    """

    by: dict[str, list[Explanation]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    notes: list[dict[str, str]] = field(default_factory=list)


def made(
    world: World, pairs: Pairs, names: Sequence[str], asked: ExplainConfig, tell: Tell
) -> Made:
    """Every explainer's answer for these pairs.

    An explainer that asks a language model answers for the first `asked.written` pairs. A user whom
    it cannot explain to is left out, one that fails altogether is noted, and the others go on.
    """
    found, kept = Made(), {}  # type: tuple[Made, dict[Any, Any]]
    for place, name in enumerate(names):

        def part(share: float, place: int = place, name: str = name) -> None:
            tell(f"{pairs.model}: {name}", (place + share) / len(names))

        part(0.0)
        start = time.monotonic()
        some = pairs.first(asked.written) if asks_a_model(name) else pairs
        try:
            found.by[name] = _by_one(world, some, name, asked, found.notes, kept, part)
        except StorageError:
            raise  # the disk, not the explainer
        except RecScopeError as error:
            found.notes.append({"about": f"{pairs.model}: {name}", "reason": str(error)})
        found.seconds[f"{pairs.model}: {name}"] = round(time.monotonic() - start, 3)
    return found


def params_of(asked: ExplainConfig, kept: dict[Any, Any] | None = None) -> dict[str, Any]:
    """Settings of a question, by the names that reasons look for."""
    return {
        "seed": asked.seed,
        "n_permutations": asked.n_permutations,
        "language_model": asked.language_model,
        "embedding": asked.embedding,
        "kept": {} if kept is None else kept,
    }


def _by_one(  # noqa: PLR0913, PLR0917 - what is explained, by whom, and where it is told
    world: World,
    pairs: Pairs,
    name: str,
    asked: ExplainConfig,
    notes: list[dict[str, str]],
    kept: dict[Any, Any],
    part: Callable[[float], None],
) -> list[Explanation]:
    explainer = explainer_named(name)
    params = params_of(asked, kept)
    answered: list[tuple[Question, list[Reasons]]] = []
    reasons: Counter[str] = Counter()
    for user, items in pairs.items.items():
        question = Question(world, user, items, pairs.fitted, params)
        try:
            answered.append((question, answer_of(question, explainer)))
        except RecScopeError as error:
            reasons[str(error)] += 1
    empty = Counter(
        one.facts["reason"]
        for _, of_user in answered
        for one in of_user
        if not one.evidence and "reason" in one.facts
    )
    reasons.update(empty)
    for reason, n in reasons.items():
        about = f"{pairs.model}: {name}"
        notes.append({"about": about, "reason": f"{reason} ({n} times)" if n > 1 else reason})
    writer = writer_of(name, {"language_model": asked.language_model, "seed": asked.seed})
    # users by blocks, so that a slow writer tells how far it is; a quick one takes all at once
    size = WORDED_AT_ONCE if asks_a_model(name) else max(1, len(answered))
    made_: list[Explanation] = []
    for start in range(0, len(answered), size):
        part(start / max(1, len(answered)))
        block = answered[start : start + size]
        lists = worded([q for q, _ in block], name, [r for _, r in block], writer)
        made_ += [one for of_user in lists for one in of_user]
    return made_


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
