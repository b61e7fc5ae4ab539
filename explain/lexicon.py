"""Every name that may occur in an explanation: of items, of groups, of years.

A check of words against facts needs to know what else there is: a title that the user never saw
is only found by whoever knows all titles.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from weakref import WeakKeyDictionary

import numpy as np

from explain.world import World

MANY_NAMES = 2**16  # whose readings are kept: each user's briefs name the same ones again
# Words that say nothing of an item, or that only hold a sentence together. They are no names, even
# where a title is the same word.
COMMON = frozenset(
    """
    a about after again ai all already also although always an and another any appeal appealing
    appeals are as at based be because been before being believe between both but by came can choice
    chosen combine combines come comes common consider could dear drawn each enjoy enjoyable enjoyed
    enjoying enough especially even ever every excellent explanation fan fans favorite favourite
    feature features featuring find first fits fitting for from further genre genres given gives
    good great guess had happen has have he her here his history hope hopefully how i ideal if in
    include includes including indeed interest interested interesting into involve is it item items
    its just kind kinds know known lean leave like liked likely likes liking list look looking love
    loved loves loving made make makes many match may maybe me means meet might more most much must
    my name never new next nice no nor not now of often on one only or other others our out over own
    part particularly people perfect perhaps pick picture please possibly prefer preference
    preferences probably product products quite rather read reader really reason recommend
    recommendation recommended recommends related release released right same second see seem seems
    seen select selected share shared shares sharing she should show shows similar simply since so
    some sort sorts speak speaks star starring stars still story style such suggest suggested suits
    sure surely take takes taste tastes tell tells than thanks that the their them then there
    therefore these they thing things think this those thought thus title titles to together too try
    two type types under up user users usual usually very viewer viewers want wanted was watch
    watched way we well were what when where whether which while who whose will with within without
    work works worth would year years yes you your yours
    """.split()  # noqa: SIM905 - a list of so many literals reads worse
)
KINDS_OF = {"film": ("movie", "picture", "motion picture"), "book": ("novel",), "item": ()}
# other ways to say the name of a group, by the word in the name
OTHERWISE: Mapping[str, tuple[str, ...]] = {
    "sci-fi": ("science fiction", "science-fiction", "scifi"),
    "science fiction": ("sci-fi", "scifi", "science-fiction"),
    "film-noir": ("film noir", "noir"),
    "children's": ("children", "kids"),
    "children": ("children's", "kids"),
    "animation": ("animated",),
    "romance": ("romantic",),
    "comedy": ("comedic", "comedies"),
    "history": ("historical",),
    "biography": ("biographical",),
}
WORD = re.compile(r"\w+")
MARKS = re.compile(r"[:,;!?…]")
ASIDE = re.compile(r"\s*\([^()]*\)$")
STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})


@dataclass(frozen=True, eq=False)
class Lexicon:
    """What there is besides the facts of one explanation.

    titles       names of all items
    groups       name of an item → groups it is of; items of one name are taken together
    years        name of an item → years it is from
    group_names  of all groups; noun: what an item is
    """

    titles: frozenset[str] = frozenset()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    years: Mapping[str, frozenset[int]] = field(default_factory=dict)
    group_names: tuple[str, ...] = ()
    noun: str = "item"

    @cached_property
    def by_words(self) -> "Names":
        """All titles by their first words, see names_by_words.

        Names of one common word are left out: nobody could tell them from the word.
        """
        return names_by_words({one: one for one in self.in_order})

    @cached_property
    def in_order(self) -> tuple[str, ...]:
        """Titles that no common word is, in order: what may be drawn from."""
        return tuple(sorted(one for one in self.titles if one.lower() not in self.plain))

    @cached_property
    def plain(self) -> frozenset[str]:
        """Words that are no names: common ones, groups, what an item is."""
        nouns = {self.noun, *KINDS_OF.get(self.noun, ())}
        groups = {word for way in self.group_words for word in (way, *way.split())}
        return COMMON | nouns | {f"{noun}s" for noun in nouns} | groups

    @cached_property
    def group_words(self) -> Mapping[str, str]:
        """Every way to say a group, in lower case → the group."""
        said: dict[str, str] = {}
        for name in self.group_names:
            for way in ways_to_say(name):
                said.setdefault(way, name)
        return said

    @cached_property
    def group_pattern(self) -> re.Pattern[str] | None:
        """Finds groups by any of their names, the longest first; None where there are none."""
        ways = sorted(self.group_words, key=lambda way: (-len(way), way))
        if not ways:
            return None
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ways))})(?!\w)", re.IGNORECASE)


# first two words of a name in lower case, or its only one → (name as it may be said, name of the
# item, where the first word stands in it), the longest first
Names = Mapping[str, Sequence[tuple[str, str, int]]]


def names_by_words(said: Mapping[str, str]) -> Names:
    """Names to look up at each word of a text.  said: as it may be said → name of the item.

    A name without any letter or figure cannot be found in this way, and is left out.
    """
    found: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for way, name in said.items():
        key, plain, start = _found_by(way)
        if key:
            found[key].append((plain, name, start))
    for names in found.values():
        names.sort(key=lambda one: (-len(one[0]), one[0]))
    return found


@lru_cache(MANY_NAMES)
def _found_by(way: str) -> tuple[str, str, int]:
    """First words of a name in lower case, the name with plain marks, where its first word is."""
    words = list(islice(WORD.finditer(way), 2))
    key = " ".join(word.group().lower() for word in words)
    return key, straight(way), words[0].start() if words else 0


def straight(text: str) -> str:
    """With the plain marks of a typewriter, of the same length."""
    return text.translate(STRAIGHT)


def ways_to_say(name: str) -> set[str]:
    """A group's name in lower case, its plural, and other words for it."""
    low = straight(name.lower())
    ways = {low, *OTHERWISE.get(low, ())}
    ways |= {f"{way}s" for way in ways if way[-1:].isalpha() and not way.endswith("s")}
    return {way for way in ways if len(way) > 2 and way not in COMMON}


@lru_cache(MANY_NAMES)
def aliases(name: str) -> frozenset[str]:
    """What else a name of the brief may be called: without article, brackets or marks.

    The whole name is looked for first, so that a shorter one never leaves a rest behind.
    """
    short = ASIDE.sub("", name) or name
    ways = {name, short}
    for way in (name, short):
        rest = re.sub(r"^(?:The|A|An) ", "", way)
        if len(rest) > 3 and rest.lower() not in COMMON:
            ways.add(rest)
    return frozenset(ways | {bare for way in ways if " " in (bare := MARKS.sub("", way))})


_MADE: WeakKeyDictionary[World, Lexicon] = WeakKeyDictionary()


def lexicon_of(world: World) -> Lexicon:
    """All names of a world; made once for each."""
    if world not in _MADE:
        _MADE[world] = _lexicon(world)
    return _MADE[world]


def _lexicon(world: World) -> Lexicon:
    groups: dict[str, frozenset[str]] = {}
    years: dict[str, frozenset[int]] = {}
    if world.groups is not None:
        table = world.groups.tocsr()
        for code, title in enumerate(world.titles):
            places = table.indices[table.indptr[code] : table.indptr[code + 1]]
            of = frozenset(world.group_names[place] for place in places)
            groups[title] = groups.get(title, frozenset()) | of
    if world.years is not None:
        for title, year in zip(world.titles, world.years, strict=True):
            if np.isfinite(year):
                years[title] = years.get(title, frozenset()) | {int(year)}
    return Lexicon(
        frozenset(title for title in world.titles if title),
        groups,
        years,
        known_groups(world.group_names),
        world.noun,
    )


def known_groups(names: Iterable[str]) -> tuple[str, ...]:
    """Names of groups without those that only say that nothing is known."""
    nothing = {"", "unknown", "none", "other", "(no genres listed)", "nan"}
    return tuple(name for name in names if name.strip().lower() not in nothing)
