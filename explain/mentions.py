"""Where does a text name items?  Titles are found before anything else is read.

A title may hold anything: years, groups, names, full stops. Whoever reads a sentence for its claims
first has to cover its titles; each is covered by a letter of Unicode's private use area, repeated,
so that all positions stay as they were.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from explain.brief import Brief
from explain.lexicon import STRAIGHT, WORD, Lexicon, aliases

FIRST, LAST = 0xE000, 0xF8FF  # Unicode's private use area: no title holds it, see naming.one_line
TITLE = "[\ue000-\uf8ff]+"
QUOTED = re.compile(r"\"([^\"\n]{2,80})\"|(?<!\w)'([A-Z][^'\n]{2,80})'(?!\w)")


@dataclass(frozen=True)
class Mention:
    """One naming of an item.  name: as the brief or the lexicon has it; start, end: in the text."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Covered:
    """A text with its titles covered.

    text      of the same length as the original; each mention is one repeated letter
    mentions  in order of the text; mention i is covered by the letter of code FIRST + i
    """

    text: str
    mentions: tuple[Mention, ...]

    def under(self, start: int, end: int) -> list[Mention]:
        """The mentions that lie in this part of the text."""
        return [one for one in self.mentions if start <= one.start and one.end <= end]


def covered(text: str, brief: Brief, lexicon: Lexicon) -> Covered:
    """The text with every title of the brief, and every other title there is, covered.

    Names of the brief are found in any case and without their article; of other items only the
    whole name as it is written, else half of the language would be a title.
    """
    plain = text.translate(STRAIGHT)
    own = _own_names(brief)
    found: list[Mention] = []
    taken = 0
    for word in WORD.finditer(plain):
        if word.start() < taken:
            continue
        one = _at(plain, word, own, lexicon)
        if one is not None and one.start >= taken:
            found.append(one)
            taken = one.end
    for name in {brief.title, *brief.because}:
        if not WORD.search(name) and name.strip():  # "???": no word to find it by
            at = plain.find(name.translate(STRAIGHT))
            if at >= 0 and all(at >= one.end or at + len(name) <= one.start for one in found):
                found.append(Mention(name, at, at + len(name)))
    found = sorted(found, key=lambda one: one.start)[: LAST - FIRST]
    letters = list(plain)
    for place, one in enumerate(found):
        letters[one.start : one.end] = chr(FIRST + place) * (one.end - one.start)
    return Covered("".join(letters), tuple(found))


def _own_names(brief: Brief) -> Mapping[str, list[tuple[str, str, int]]]:
    """First word in lower case → (name as it may be said, name, where the first word stands)."""
    said: dict[str, str] = {}
    for name in (brief.title, *brief.because, *brief.liked):
        for way in aliases(name):
            said.setdefault(way, name)
    said |= {name: name for name in (brief.title, *brief.because, *brief.liked)}
    found: dict[str, list[tuple[str, str, int]]] = {}
    for way, name in said.items():
        if first := WORD.search(way):
            key = first.group().lower()
            found.setdefault(key, []).append((way.translate(STRAIGHT), name, first.start()))
    return {key: sorted(ways, key=lambda one: -len(one[0])) for key, ways in found.items()}


def _at(
    text: str, word: re.Match[str], own: Mapping[str, list[tuple[str, str, int]]], lexicon: Lexicon
) -> Mention | None:
    """The longest title whose first word stands here."""
    key = word.group().lower()
    begins = _begins_sentence(text, word.start())
    best: Mention | None = None
    for way, name, offset in own.get(key, ()):
        start = word.start() - offset
        is_one_word = " " not in way
        if start >= 0 and _stands(text, way, start, any_case=not is_one_word):
            best = Mention(name, start, start + len(way))
            break
    for name, offset in lexicon.by_first_word.get(key, ()):
        if best is not None and len(name) <= best.end - best.start:
            break
        start = word.start() - offset
        if (
            start >= 0
            and (" " in name or not begins)
            and _stands(text, name.translate(STRAIGHT), start, any_case=False)
        ):
            return Mention(name, start, start + len(name))
    return best


def _stands(text: str, name: str, start: int, *, any_case: bool) -> bool:
    end = start + len(name)
    piece = text[start:end]
    if piece != name and not (any_case and piece.lower() == name.lower()):
        return False
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    return not (before.isalnum() and name[0].isalnum()) and not (
        after.isalnum() and name[-1].isalnum()
    )


def _begins_sentence(text: str, start: int) -> bool:
    return re.search(r"(?:^|[.!?])\W*$", text[:start]) is not None


def first_sentence(text: str, names: Iterable[str] = ()) -> str:
    """The text up to its first full stop that is no part of a name; all of it without one."""
    line = text.strip().split("\n", 1)[0].strip()
    hidden = line
    for name in sorted(set(names), key=len, reverse=True):
        if name:
            hidden = hidden.replace(name, "\ue000" * len(name))
    end = re.search(r"(?:(?<!\b[A-Z])(?<!\b[MDJS]r)(?<!\bMrs)[.!?]|[!?])[\"')]?(?=\s|$)", hidden)
    return line if end is None else line[: end.end()]
