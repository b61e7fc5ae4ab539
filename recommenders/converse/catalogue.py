"""What a conversation can be about: items by name, their groups, years and popularity."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from core.naming import one_line, years_of
from core.tables import Bools, Floats, Ids, Interactions
from recommenders.texts import names_of

GROUP_COLUMNS = ("genres", "categories", "category")
MOST_GROUPS = 60  # that a turn may name; rarer ones are too many to offer
LONGEST_NAME = 10  # words
SHORT_WORDS = {"a", "an", "the", "of", "and", "in", "on", "to", "my", "me", "it", "you", "i"}
# what people say for groups whose names they do not know; only groups that the data hold count
SAID_FOR: Mapping[str, tuple[str, ...]] = {
    "comedy": ("funny", "laugh", "comedies", "humour", "humor", "hilarious", "comic"),
    "horror": ("scary", "frightening", "creepy", "terrifying", "spooky"),
    "romance": ("romantic", "love story", "love stories"),
    "sci-fi": ("science fiction", "scifi", "sci fi", "futuristic"),
    "science fiction": ("sci-fi", "scifi", "sci fi", "futuristic"),
    "children's": ("children", "kids", "for kids", "family", "for my daughter", "for my son"),
    "animation": ("animated", "cartoon", "cartoons"),
    "musical": ("musicals", "singing", "songs"),
    "mystery": ("mysteries", "detective", "whodunit", "puzzle"),
    "crime": ("gangster", "gangsters", "mafia", "heist", "criminals"),
    "western": ("westerns", "cowboy", "cowboys"),
    "war": ("soldiers", "battlefield", "military"),
    "thriller": ("thrillers", "suspense", "suspenseful", "tense", "gripping"),
    "documentary": ("documentaries", "true story", "non-fiction"),
    "fantasy": ("magic", "magical", "dragons", "fairy tale"),
    "drama": ("dramas", "dramatic", "serious", "moving"),
    "action": ("action-packed", "explosions", "fights", "fast-paced"),
    "adventure": ("adventures", "adventurous", "quest", "journey"),
    "film-noir": ("noir", "film noir"),
}


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Made by `catalogue_of`.

    names    what each item is called; groups: every item's groups, as the data name them
    years    float64 (n_items,), NaN where unknown; None where none is known
    counts   float64 (n_items,): users who liked the item in train
    """

    names: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    years: Floats | None
    counts: Floats

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def known_groups(self) -> tuple[str, ...]:
        """Groups that a turn may name, most frequent first."""
        counted = Counter(group for groups in self.groups for group in groups)
        return tuple(group for group, _ in counted.most_common(MOST_GROUPS))

    @cached_property
    def words_for(self) -> dict[str, str]:
        """What may be said, in lower case → the group it means; longest first."""
        said: dict[str, str] = {}
        for group in self.known_groups:
            plain = group.casefold()
            for word in (plain, f"{plain}s", *SAID_FOR.get(plain, ())):
                said.setdefault(word, group)
        own = {group.casefold(): group for group in self.known_groups}
        said |= own  # a group's own name means that group, whatever else it is said for
        return dict(sorted(said.items(), key=lambda pair: (-len(pair[0]), pair[0])))

    @cached_property
    def group_pattern(self) -> re.Pattern[str]:
        """Finds what is said for any group."""
        words = "|".join(re.escape(word) for word in self.words_for) or r"(?!)"
        return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")

    def has(self, group: str) -> Bools:
        """Which items are of this group? bool (n_items,)."""
        return self._members.get(group, np.zeros(len(self), dtype=bool))

    @cached_property
    def _members(self) -> dict[str, Bools]:
        members = {group: np.zeros(len(self), dtype=bool) for group in self.known_groups}
        for item, groups in enumerate(self.groups):
            for group in groups:
                if group in members:
                    members[group][item] = True
        return members

    @cached_property
    def fame(self) -> Floats:
        """Share of items that fewer users liked: float64 (n_items,) from 0 to 1."""
        order = np.argsort(np.argsort(self.counts, kind="stable"), kind="stable")
        return order / max(len(self) - 1, 1)

    @cached_property
    def by_name(self) -> dict[str, int]:
        """Words of a name → the best-known item that is called so."""
        found: dict[str, int] = {}
        for item in np.argsort(-self.counts, kind="stable"):
            found.setdefault(words_of(self.names[item]), int(item))
        return found

    def mentioned(self, text: str) -> list[tuple[int, int, int]]:
        """Items named in a text: (code, begin, end) in its words, longest names first wins.

        A name of one word counts only with a capital or in quotes: "heat" is no film, "Heat" is.
        """
        spoken = list(re.finditer(r"[\w'’&.-]*\w", text))
        found: list[tuple[int, int, int]] = []
        place = 0
        while place < len(spoken):
            hit = self._named_at(text, spoken, place)
            if hit is None:
                place += 1
                continue
            item, n = hit
            found.append((item, spoken[place].start(), spoken[place + n - 1].end()))
            place += n
        return found

    def _named_at(
        self, text: str, spoken: list["re.Match[str]"], place: int
    ) -> tuple[int, int] | None:
        for n in range(min(LONGEST_NAME, len(spoken) - place), 0, -1):
            begin, end = spoken[place].start(), spoken[place + n - 1].end()
            words = words_of(text[begin:end])
            item = self.by_name.get(words)
            if item is None or not words or set(words.split()) <= SHORT_WORDS:
                continue
            is_quoted = text[begin - 1 : begin] in {'"', "“", "'"} if begin else False
            has_capital = text[begin : begin + 1].isupper() and begin > 0
            is_group = words in self.words_for
            if len(words.split()) > 1 or is_quoted or (has_capital and not is_group):
                return item, n
        return None


def words_of(text: str) -> str:
    """Lower case, without punctuation and the article in front: how names are compared."""
    words = re.findall(r"\w+", text.casefold().replace("’", "").replace("'", ""))
    return " ".join(words[1:] if len(words) > 1 and words[0] in {"the", "a", "an"} else words)


def catalogue_of(train: Interactions, item_ids: Ids | None = None) -> Catalogue:
    """What can be talked about in these data: without titles, items are called by their ids."""
    items = train.side.items.reindex(np.arange(train.n_items))
    column = next((name for name in GROUP_COLUMNS if name in items.columns), None)
    cells: Iterable[Any] = [()] * train.n_items if column is None else items[column]
    return Catalogue(
        names=names_of(train, item_ids),
        groups=tuple(_groups(cell) for cell in cells),
        years=years_of(items),
        counts=np.bincount(train.liked.indices, minlength=train.n_items).astype(np.float64),
    )


def _groups(cell: Any) -> tuple[str, ...]:
    if isinstance(cell, (list, tuple, np.ndarray)):
        return tuple(dict.fromkeys(filter(None, (one_line(one, 60) for one in cell))))
    return tuple(filter(None, (one.strip() for one in one_line(cell, 300).split("|"))))
