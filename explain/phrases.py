"""Facts as parts of a sentence, in the grammar of whom they are told to."""

import re
from collections.abc import Iterable

from core.naming import article, listed
from explain.brief import Brief

N_GROUPS = 3  # named in one sentence
TO_YOU = (
    (r"\bhad the user not\b", "had you not"),
    (r"\bthe user's\b", "your"),
    (r"\bthe user (?:has|is|was|does)\b", None),
    (r"\bthe user\b", "you"),
)
WAS = {"has": "have", "is": "are", "was": "were", "does": "do"}


def to_you(sentence: str, names: Iterable[str] = ()) -> str:
    """A fact about "the user", told to that user: "The user liked Alien." → "You liked Alien.".

    names  of items, which stay as they are whatever they say
    """
    told = sorted({name for name in names if "user" in name.lower()}, key=len, reverse=True)
    for place, name in enumerate(told):
        sentence = sentence.replace(name, chr(0xE000 + place))
    for pattern, said in TO_YOU:
        sentence = re.sub(
            pattern,
            lambda found, said=said: _as_begun(found.group(), said),  # type: ignore[misc]
            sentence,
            flags=re.IGNORECASE,
        )
    for place, name in enumerate(told):
        sentence = sentence.replace(chr(0xE000 + place), name)
    return sentence


def names_in(brief: Brief) -> tuple[str, ...]:
    """Names of items that the facts of a brief may hold."""
    return (brief.title, *brief.because, *brief.liked)


def _as_begun(old: str, said: str | None) -> str:
    new = said or f"you {WAS[old.rsplit(maxsplit=1)[-1].lower()]}"
    return new[0].upper() + new[1:] if old[0].isupper() else new


def kind_of(brief: Brief) -> str:
    """What the item is, with its article: "a Drama and War film"; empty where nothing is known."""
    if brief.groups:
        kind = f"{listed(brief.groups[:N_GROUPS])} {brief.noun}"
        return f"{article(kind)} {kind}"
    return f"{article(brief.noun)} {brief.noun}" if brief.year else ""


def ties(brief: Brief) -> list[str]:
    """Facts of the form "X has the same director as Y …" as "the same director as Y"."""
    start = f"{brief.title} has "
    found = []
    for fact in brief.facts:
        if fact.startswith(start) and " as " in fact:
            told = fact.removeprefix(start).rstrip(".")
            found.append(re.sub(r",? which (?:you|the user) (?:also )?liked(?: too)?$", "", told))
    return found


def others(brief: Brief) -> list[str]:
    """Facts that neither say what the item is nor tie it to another: whole sentences."""
    tied = f"{brief.title} has "
    is_one = re.compile(rf"{re.escape(brief.title)}(?: \(\d{{4}}\))? is an? .*{brief.noun}\.$")
    return [
        to_you(fact, names_in(brief))
        for fact in brief.facts
        if not (fact.startswith(tied) and " as " in fact) and not is_one.match(fact)
    ]


def ended(text: str) -> str:
    """With a full stop, unless a title ends it with a mark of its own."""
    text = text.rstrip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
