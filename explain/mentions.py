"""Where does a text name items?  Titles are found before anything else is read.

A title may hold anything: years, groups, names, full stops. Whoever reads a sentence for its claims
first has to cover its titles; each is covered by a letter of Unicode's private use area, repeated,
so that all positions stay as they were.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from explain.brief import Brief
from explain.lexicon import STRAIGHT, WORD, Lexicon, Names, aliases, names_by_words, straight

FIRST, LAST = 0xE000, 0xF8FF  # Unicode's private use area: no title holds it, see naming.one_line
TITLE = "[\ue000-\uf8ff]++"  # possessive: half of a title is none
PRIVATE = re.compile(TITLE)
QUOTED = re.compile(r"\"([^\"\n]{2,80})\"|(?<!\w)'([A-Z][^'\n]{2,80})'(?!\w)")
SENTENCE_END = re.compile(r"(?:^|[.!?])\W*$")


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


def own_names(brief: Brief) -> Names:
    """Names of the brief, also without their article or what they add in brackets."""
    names = dict.fromkeys((brief.title, *brief.because, *brief.liked))
    said = {way: name for name in names for way in aliases(name)}
    own = dict(names_by_words({**said, **{name: name for name in names}}))
    own[""] = [(straight(name), name, 0) for name in names if name and not WORD.search(name)]
    return own


def covered(text: str, own: Names, lexicon: Lexicon) -> Covered:
    """The text with every title of the brief (own_names), and every other title there is, covered.

    Names of the brief are found in any case and without their article; of other items only the
    whole name as it is written, else half of the language would be a title.
    """
    plain = PRIVATE.sub(lambda one: " " * len(one.group()), text.translate(STRAIGHT))
    letters, free = list(plain), [True] * len(plain)
    kept = []
    longest_first = sorted(_all_in(plain, own, lexicon), key=lambda one: one.start - one.end)
    for one in longest_first:
        if all(free[one.start : one.end]):
            free[one.start : one.end] = [False] * (one.end - one.start)
            kept.append(one)
    kept = sorted(kept, key=lambda one: one.start)[: LAST - FIRST]
    for place, one in enumerate(kept):
        letters[one.start : one.end] = chr(FIRST + place) * (one.end - one.start)
    return Covered("".join(letters), tuple(kept))


def _all_in(plain: str, own: Names, lexicon: Lexicon) -> list[Mention]:
    """The longest title at each word, titles that overlap among them."""
    words = list(WORD.finditer(plain))
    found: list[Mention] = []
    for place, word in enumerate(words):
        keys = [word.group().lower()]
        if place + 1 < len(words):
            keys.insert(0, f"{keys[0]} {words[place + 1].group().lower()}")
        one = _own_at(plain, word.start(), keys, own)
        other = _other_at(plain, word.start(), keys, lexicon)
        if one is None or (other is not None and other.end - other.start > one.end - one.start):
            one = other
        if one is not None:
            found.append(one)
    for way, name, _ in own.get("", ()):  # "???": no word to find it by
        found += [Mention(name, *at.span()) for at in re.finditer(re.escape(way), plain)]
    return found


def _own_at(text: str, at: int, keys: list[str], own: Names) -> Mention | None:
    """The longest name of the brief whose first word stands here."""
    for key in keys:
        for way, name, offset in own.get(key, ()):
            if _stands(text, way, at - offset, any_case=" " in way):
                return Mention(name, at - offset, at - offset + len(way))
    return None


def _other_at(text: str, at: int, keys: list[str], lexicon: Lexicon) -> Mention | None:
    """The longest title of all whose first word stands here; one word begins no sentence."""
    for key in keys:
        for way, name, offset in lexicon.by_words.get(key, ()):
            start = at - offset
            if not _stands(text, way, start, any_case=False):
                continue
            if " " in way or not SENTENCE_END.search(text[max(0, start - 5) : start]):
                return Mention(name, start, start + len(way))
    return None


def _stands(text: str, name: str, start: int, *, any_case: bool) -> bool:
    end = start + len(name)
    piece = text[start:end] if start >= 0 else ""
    if piece != name and not (any_case and piece.lower() == name.lower()):
        return False
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    return not (before.isalnum() and name[0].isalnum()) and not (
        after.isalnum() and name[-1].isalnum()
    )


def first_sentence(text: str, names: Iterable[str] = ()) -> str:
    """The text up to its first full stop that is no part of a name; all of it without one."""
    line = text.strip().split("\n", 1)[0].strip()
    hidden = straight(line)
    for name in sorted({straight(name) for name in names}, key=len, reverse=True):
        if name:
            hidden = hidden.replace(name, "\ue000" * len(name))
    end = re.search(r"(?:(?<!\b[A-Z])(?<!\b[MDJS]r)(?<!\bMrs)\.|[!?])[\"')]?(?=\s|$)", hidden)
    return line if end is None else line[: end.end()]
