"""What does a model write when nothing holds it to the catalogue? Counted by kind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.ledger import Ledger

ITEM, INVALID, OUTSIDE, DUPLICATE, HAD = KINDS = (
    "item",
    "invalid",
    "out of catalogue",
    "duplicate",
    "in history",
)
REASONS = {
    INVALID: "free generation: malformed",
    OUTSIDE: "free generation: out of the catalogue",
    DUPLICATE: "free generation: item written twice in one list",
    HAD: "free generation: item the user already had",
}


@dataclass(frozen=True)
class Generated:
    """What was written for one user.

    texts  as written; codes: item of each, None where it is none; kinds: of KINDS, one each
    """

    texts: tuple[str, ...]
    codes: tuple[int | None, ...]
    kinds: tuple[str, ...]

    @property
    def items(self) -> list[int]:
        """What can be listed: items, each once, none that the user had."""
        pairs = zip(self.codes, self.kinds, strict=True)
        return [code for code, kind in pairs if kind == ITEM and code is not None]


def judged(
    texts: Iterable[str],
    codes: Iterable[int | None],
    is_formed: Iterable[bool],
    had: set[int],
) -> Generated:
    """Sort what was written by kind; of an item written twice the first counts."""
    kinds, met = [], set()
    told = list(codes)
    for code, formed in zip(told, is_formed, strict=True):
        if code is None:
            kinds.append(OUTSIDE if formed else INVALID)
        elif code in met:
            kinds.append(DUPLICATE)
        else:
            met.add(code)
            kinds.append(HAD if code in had else ITEM)
    return Generated(tuple(texts), tuple(told), tuple(kinds))


def rates(generated: Iterable[Generated]) -> dict[str, float]:
    """Share of each kind among all that was written; empty where nothing was."""
    kinds = [kind for one in generated for kind in one.kinds]
    return {kind: kinds.count(kind) / len(kinds) for kind in KINDS} if kinds else {}


def enter(ledger: Ledger, generated: Mapping[int, Generated], unit: str) -> None:
    """Add to a ledger what could not be listed.  generated: by user."""
    kinds = [kind for one in generated.values() for kind in one.kinds]
    for kind, reason in REASONS.items():
        examples = (
            text
            for one in generated.values()
            for text, found in zip(one.texts, one.kinds, strict=True)
            if found == kind
        )
        ledger.add("generate", "dropped", f"{reason} (of {len(kinds)} written)",
                   kinds.count(kind), unit=unit, examples=examples)  # fmt: skip
