"""What an explanation is: words, the evidence they stand on, and what speaks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Stage = Literal["pre", "post"]


@dataclass(frozen=True)
class Evidence:
    """One fact that speaks for showing an item to a user.

    kind     who found it: "similar item", "rule", "path", "profile", "attribution" …
    item     code of the item it speaks for
    sources  codes of the items of the user's history that it rests on
    weight   how strongly it speaks; comparable within one kind
    text     the fact in words, names of items only
    facts    figures behind it, such as support and confidence of a rule
    """

    kind: str
    item: int
    sources: tuple[int, ...]
    weight: float
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Explanation:
    """Why this item for this user.

    stage        pre: made before ranking, and fed into the score; post: made for a finished list
    explainer    who made it
    text         for people; evidence: what it stands on
    attribution  code of a history item → how much it adds to the score, where that was computed
    is_fallback  the words are a template's, because the writer's own were refused
    violations   what a check found wrong with the writer's own words
    facts        model of the words, prompt, seconds, tokens …
    """

    user: int
    item: int
    stage: Stage
    explainer: str
    text: str = ""
    evidence: tuple[Evidence, ...] = ()
    attribution: Mapping[int, float] = field(default_factory=dict)
    is_fallback: bool = False
    violations: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
