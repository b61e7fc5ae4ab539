"""What a writer is told, what it answers, and what it must be able to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from explain.explanation import Evidence
from explain.lexicon import Lexicon


@dataclass(frozen=True)
class Brief:
    """All that may be said of one item to one user.  Names and sentences, never codes or ids.

    user, item  codes, to tell briefs apart; a writer never shows them
    title       of the item; because: titles of the history items that the reasons rest on, the
                strongest first
    facts       sentences that are true of the data: "X is a Drama film.", "X has the same director
                as Y, which the user also liked." …
    groups      what the item is of: "Drama" …; year: or None
    liked       titles of everything the user liked: what may be called liked
    evidence    what the facts come from
    lexicon     names of everything there is, by which words are checked; None: only those above
    """

    user: int
    item: int
    title: str
    because: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    year: int | None = None
    liked: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    noun: str = "item"
    lexicon: Lexicon | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Written:
    """What came of a brief.

    text         what is shown; own_text: what the writer itself said, where it was refused
    is_fallback  the shown text is the template's
    violations   what the check found wrong with own_text (or text): "bad group: Horror" …
    facts        model, prompt, seconds, tokens, attempts, error …
    """

    text: str
    own_text: str = ""
    is_fallback: bool = False
    violations: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Writer(Protocol):
    """Puts reasons into words.

    write answers each brief, in order. What a model or a server cannot do becomes the template's
    sentence with the reason in `facts["error"]`; the other briefs go on.
    """

    def write(self, briefs: Sequence[Brief]) -> list[Written]: ...
