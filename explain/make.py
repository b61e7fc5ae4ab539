"""From a question to explanations: reasons are found, put into words, and kept together."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from inspect import Parameter, signature
from typing import Any

from core.errors import ConfigError, PluginError, UnknownNameError
from explain.brief import Brief, Writer, Written
from explain.explainers import EXPLAINERS, Explainer
from explain.explanation import Explanation
from explain.reasons import Question, Reasons


def explain(
    question: Question, name: str, *, writer: Writer | None = None, **options: Any
) -> list[Explanation]:
    """Why each of these items for this user, in the words of one explainer?

    name     a row of EXPLAINERS
    writer   words the reasons, made once for many questions; None: the explainer's own, made of
             those of `options` that it takes (language_model, seed …)

    One Explanation an item, in the order of the question. Where nobody found a reason there is
    neither text nor evidence, and `facts["reason"]` says so. Raises UnknownNameError for a name
    that is not there and ConfigError where a question of this kind has no answer here (a model
    that scores no histories, a user without a history).
    """
    explainer = explainer_named(name)
    found = found_reasons(question, explainer)
    words = writer if writer is not None else writer_of(name, options)
    return worded([question], name, [found], words)[0]


def explainer_named(name: str) -> Explainer:
    """The row of this name.  UnknownNameError, with the nearest, where there is none."""
    if name not in EXPLAINERS:
        raise UnknownNameError("explainer", name, EXPLAINERS)
    return EXPLAINERS[name]


def found_reasons(question: Question, explainer: Explainer) -> list[Reasons]:
    """What the explainer's function answers, one an item.

    Raises PluginError where it answers with another number.
    """
    found: list[Reasons] = pointed_at(explainer.reasons)(question)
    if len(found) != len(question.items):
        raise PluginError(
            f"{explainer.reasons} must answer with one Reasons an item: {len(question.items)} "
            f"were asked for, {len(found)} came"
        )
    return found


def worded(
    questions: Sequence[Question], name: str, found: Sequence[Sequence[Reasons]], writer: Writer
) -> list[list[Explanation]]:
    """Reasons of some questions in words; an item without any reason is not put into words.

    All briefs go to the writer together, so that a model that fails again and again is given up
    once. Answers one list a question, in its order.
    """
    from explain.briefs import brief_of

    explainer = explainer_named(name)
    asked = [
        (question, int(item), reasons)
        for question, of_question in zip(questions, found, strict=True)
        for item, reasons in zip(question.items, of_question, strict=True)
    ]
    briefs: dict[int, Brief] = {
        place: brief_of(question.world, question.user, item, reasons)
        for place, (question, item, reasons) in enumerate(asked)
        if reasons.evidence
    }
    answers = writer.write(list(briefs.values())) if briefs else []
    if len(answers) != len(briefs):
        raise PluginError(
            f"{explainer.writer} must answer each brief once: {len(briefs)} were given, "
            f"{len(answers)} came back"
        )
    said: Mapping[int, Written] = dict(zip(briefs, answers, strict=True))
    nothing = Written("", facts={"reason": "no reason was found"})
    made = iter(
        _explanation(question.user, item, name, explainer, reasons, said.get(place, nothing))
        for place, (question, item, reasons) in enumerate(asked)
    )
    return [[next(made) for _ in question.items] for question in questions]


def _explanation(
    user: int, item: int, name: str, explainer: Explainer, reasons: Reasons, said: Written
) -> Explanation:
    facts = {**reasons.facts, **said.facts}
    if "reason" in reasons.facts:  # why nobody found one is more than that nobody did
        facts["reason"] = reasons.facts["reason"]
    if reasons.spread:
        facts["spread"] = dict(reasons.spread)
    if said.own_text:
        facts["own_text"] = said.own_text
    return Explanation(
        user=user,
        item=item,
        stage=explainer.stage,
        explainer=name,
        text=said.text,
        evidence=reasons.evidence,
        attribution=dict(reasons.attribution),
        is_fallback=said.is_fallback,
        violations=said.violations,
        facts=facts,
    )


def writer_of(name: str, options: Mapping[str, Any] | None = None) -> Writer:
    """The writer of an explainer, made of those options that it takes; others are left out."""
    kind = pointed_at(explainer_named(name).writer)
    taken = signature(kind).parameters
    takes_any = any(p.kind is Parameter.VAR_KEYWORD for p in taken.values())
    fitting = {
        key: value
        for key, value in (options or {}).items()
        if value is not None and (takes_any or key in taken)
    }
    made = kind(**fitting)
    if not isinstance(made, Writer):
        raise PluginError(f"the writer of {name!r} has no write(briefs); see explain.brief.Writer")
    return made


def pointed_at(path: str) -> Any:
    """What "package.module:name" stands for.  ConfigError where it stands for nothing."""
    module, _, name = path.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"{path!r} does not stand for anything that can be had: {error}"
        ) from error
