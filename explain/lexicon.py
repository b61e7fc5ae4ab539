"""Every name that may occur in an explanation: of items, of groups, of years.

A check of words against facts needs to know what else there is: a title that the user never saw
is only found by whoever knows all titles.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from weakref import WeakKeyDictionary

import numpy as np

from explain.world import World

# Words that say nothing of an item, or that only hold a sentence together. They are no names, even
# where a title is the same word.
COMMON = frozenset(
    """
    a about after again ai all also although an and another any are as at based be because been
    before being both but by can choice common could drawn each enjoy enjoyed even every explanation
    fan fans feature features featuring find fits for from further given gives good great had has
    have he her here his history how i if in interest into is it item items its just know known like
    liked likely likes list love loved loves made make makes many match may me means might more most
    much my name new no nor not now of often on one only or other others our out over own part
    people picture pick please product products reason recommend recommended recommendation
    recommends same see seen she should show shows similar since so some story such suggest
    suggested suits taste tastes than that the their them then there these they thing things this
    those thus title titles to too try two up user users very viewer viewers was watch watched way
    we well were what when where which while who whose will with work works would year years yes you
    your yours
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
        return names_by_words({one: one for one in self.titles if one.lower() not in self.plain})

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
        words = list(islice(WORD.finditer(way), 2))
        if words:
            key = " ".join(word.group().lower() for word in words)
            found[key].append((straight(way), name, words[0].start()))
    for names in found.values():
        names.sort(key=lambda one: (-len(one[0]), one[0]))
    return found


def straight(text: str) -> str:
    """With the plain marks of a typewriter, of the same length."""
    return text.translate(STRAIGHT)


def ways_to_say(name: str) -> set[str]:
    """A group's name in lower case, its plural, and other words for it."""
    low = straight(name.lower())
    ways = {low, *OTHERWISE.get(low, ())}
    ways |= {f"{way}s" for way in ways if way[-1:].isalpha() and not way.endswith("s")}
    return {way for way in ways if len(way) > 2 and way not in COMMON}


def aliases(name: str) -> set[str]:
    """What else a name of the brief may be called: without article, brackets or marks.

    The whole name is looked for first, so that a shorter one never leaves a rest behind.
    """
    short = ASIDE.sub("", name) or name
    ways = {name, short}
    for way in (name, short):
        rest = re.sub(r"^(?:The|A|An) ", "", way)
        if len(rest) > 3 and rest.lower() not in COMMON:
            ways.add(rest)
    return ways | {bare for way in ways if " " in (bare := MARKS.sub("", way))}


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
