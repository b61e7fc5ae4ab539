"""Which item of the catalogue does an entry of an answer mean?"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import cached_property

from core.tables import Ids

UNKNOWN = -2  # no item: the entry names something else
CLOSE = 0.9  # of letters in common, among a prompt's own candidates only

_YEAR = re.compile(r"\s*\(\d{4}\)\s*$")
_ARTICLE = re.compile(r"^(.*),\s*(the|a|an)$")
_MARKUP = re.compile(r"^[\s*_`\"'“”«»]+|[\s*_`\"'“”«»,;]+$")
_ID = re.compile(r"(?:\bid\b|\bitem\b|#)\s*[:=#]?\s*([\w-]+)", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:candidate|item|movie|option|no\.?)?\s*[#\[(]?(\d{1,4})[\])]?", re.IGNORECASE
)
_CUTS = (" - ", " – ", " — ", ": ", " (", " [", " by ")


def key(title: str) -> str:
    """A title as it is compared: no case, accents, signs or leading article, and no year behind."""
    text = unicodedata.normalize("NFKD", _YEAR.sub("", title)).casefold().strip()
    if moved := _ARTICLE.match(text):
        text = f"{moved.group(2)} {moved.group(1)}"
    text = "".join(sign for sign in text.replace("&", " and ") if not unicodedata.combining(sign))
    words = re.sub(r"[\W_]+", " ", text.replace("'", "")).split()
    if len(words) > 1 and words[0] in {"the", "a", "an"}:
        words = words[1:]
    return " ".join(words)


class Names:
    """The catalogue by id and by title.

    ids     outside ids of the items; titles: one text an item, in their order, "" where unknown
    Where two items bear one title, a candidate of the prompt is meant, else the lower code.
    """

    def __init__(self, ids: Ids, titles: Iterable[object] | None = None) -> None:
        self.ids = ids
        self.titles = [str(title) for title in titles] if titles is not None else []

    @cached_property
    def keys(self) -> list[str]:
        return [key(title) for title in self.titles]

    @cached_property
    def by_key(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for code, name in enumerate(self.keys):
            if name:
                found.setdefault(name, code)
        return found

    def code(self, entry: str, candidates: Sequence[int] = ()) -> int:
        """The item that an entry means, or UNKNOWN.

        candidates  codes in the order in which the prompt showed them

        Tried in turn: an id; a title, whole, then cut before " - ", ": ", "(", " by " and the like,
        as explanations follow there; an id said to be one ("id: 12"); among candidates alone a
        title that differs in a letter or so, and the number under which one was shown.
        """
        text = _MARKUP.sub("", entry)
        own = self._keys(candidates)
        for name in self._readings(text):
            if (code := self.ids.codes.get(name)) is not None:
                return code
            wanted = key(name)
            if (code := own.get(wanted, self.by_key.get(wanted, UNKNOWN))) != UNKNOWN:
                return code
        if (said := _ID.search(text)) and said.group(1) in self.ids.codes:
            return self.ids.codes[said.group(1)]
        return self._among(text, own, candidates)

    def _keys(self, candidates: Sequence[int]) -> dict[str, int]:
        if not self.titles:
            return {}
        return {self.keys[code]: code for code in reversed(candidates) if code >= 0}

    def _readings(self, text: str) -> list[str]:
        """The entry whole, and up to each place where an explanation may begin, longest first."""
        cuts = {place for sign in _CUTS if (place := text.rfind(sign)) > 0}
        cuts |= {place for sign in _CUTS if (place := text.find(sign)) > 0}
        return [text, *(_MARKUP.sub("", text[:place]) for place in sorted(cuts, reverse=True))]

    @staticmethod
    def _among(text: str, own: dict[str, int], candidates: Sequence[int]) -> int:
        if own and (close := get_close_matches(key(text), own, n=1, cutoff=CLOSE)):
            return own[close[0]]
        number = _NUMBER.fullmatch(text)
        if number and 1 <= int(number.group(1)) <= len(candidates):
            return candidates[int(number.group(1)) - 1]
        return UNKNOWN
