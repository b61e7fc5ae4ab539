"""A text and the facts that it may use, both read in the same way."""

import re
from dataclasses import dataclass
from functools import cached_property

from explain.brief import Brief
from explain.lexicon import Lexicon, Names
from explain.mentions import Covered, covered, own_names

YEAR = re.compile(r"(?<![\w.,$€£])(?:1[89]\d\d|20\d\d)(?P<decade>'?s)?(?![\w%]|[.,]\d)")
PLAIN = re.compile(r"(?<![\w'-])[^\W\d_\ue000-\uf8ff]{4,}")  # a word that may say something


def stem(word: str) -> str:
    """The beginning of a word, the same for "director" and "directed"."""
    return word[:5]


@dataclass(frozen=True)
class Reading:
    """A text beside the facts that it may use."""

    text: str
    brief: Brief
    lexicon: Lexicon

    @cached_property
    def covered(self) -> Covered:
        return covered(self.text, self.own, self.lexicon)

    @cached_property
    def own(self) -> Names:
        return own_names(self.brief)

    @cached_property
    def facts(self) -> tuple[Covered, ...]:
        """Facts and evidence with their titles covered."""
        told = (*self.brief.facts, *(one.text for one in self.brief.evidence))
        return tuple(covered(fact, self.own, self.lexicon) for fact in dict.fromkeys(told))

    @cached_property
    def own_facts(self) -> str:
        """Facts that name no item but the recommended one: what they say is said of it."""
        own = (f.text for f in self.facts if {m.name for m in f.mentions} <= {self.brief.title})
        return "\n".join(own)

    @cached_property
    def named(self) -> frozenset[str]:
        """Items that may be named."""
        in_facts = {one.name for fact in self.facts for one in fact.mentions}
        return frozenset({self.brief.title, *self.brief.because, *self.brief.liked, *in_facts})

    @cached_property
    def liked(self) -> frozenset[str]:
        return frozenset((*self.brief.liked, *self.brief.because))

    @cached_property
    def told(self) -> frozenset[str]:
        """Beginnings of the words of facts and evidence, titles left out."""
        text = " ".join((*(fact.text for fact in self.facts), *self.brief.groups, self.brief.noun))
        return frozenset(map(stem, PLAIN.findall(text.lower())))

    @cached_property
    def untold(self) -> tuple[tuple[int, int], ...]:
        """Where words stand that say something, and that no fact says."""
        return tuple(
            word.span()
            for word in PLAIN.finditer(self.covered.text)
            if word.group().islower()
            and word.group() not in self.lexicon.plain
            and stem(word.group()) not in self.told
        )

    @cached_property
    def words(self) -> frozenset[str]:
        """Words that the facts use, in lower case; those of titles are no words."""
        text = " ".join((*(fact.text for fact in self.facts), *self.brief.groups))
        return frozenset(re.findall(r"[\w'-]+", text.lower()))
