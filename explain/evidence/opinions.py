"""What do reviews speak of, and do they speak well of it?  By word lists and neighbouring words.

No parser and no model: a word is taken for a thing where it stands as things do ("the tone is",
"a sturdy stand."), and an opinion on it is a word of praise or blame nearby in the same sentence.
It reads English, misses irony and comparison, and knows only what its lists hold.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|[.!?;:,()]")
GERUND = re.compile(r".*[aeiouy].*ing$")  # playing, not string
SENTENCE_ENDS = frozenset(".!?;:()")


def words(text: str) -> frozenset[str]:
    """A list of words as a set."""
    return frozenset(text.split())


LONGEST = 4000  # characters of a review that are read
BEFORE = words(
    """
    the a an this that these those my your its their our his her of no any some each both every
    very quite really more most
    """
)
AFTER = words(
    """
    is are was were isn't aren't wasn't has have had of for on in and or but to with from at as
    that which when while if so than because itself will would can could does did it i you . ! ?
    ; : , ( )
    """
)
NEGATION = words(
    """
    not no never hardly barely without isn't aren't wasn't weren't don't doesn't didn't won't
    can't couldn't wouldn't shouldn't nothing neither nor lacks lack lacking
    """
)
PRAISE = words(
    """
    good great excellent nice perfect perfectly best love loved loves amazing awesome fantastic
    wonderful superb beautiful beautifully solid sturdy durable reliable clear crisp clean warm
    rich bright smooth easy easily comfortable quiet accurate accurately happy pleased impressed
    impressive recommend recommended fine well sweet strong tight outstanding brilliant decent
    terrific pleasant useful handy fun flawless flawlessly fast quick better favorite worth
    pretty gorgeous versatile precise stable secure affordable cheaper enjoy enjoyed funny
    moving gripping memorable charming clever delicious fresh helpful friendly cozy stylish
    """
)
BLAME = words(
    """
    bad poor poorly terrible awful horrible worst hate hated cheap cheaply flimsy broke broken
    breaks break fails failed fail useless worthless disappointing disappointed disappointment
    noisy hiss buzz hum muddy harsh thin weak loose wobbly unstable difficult hard annoying
    problem problems issue issues defective faulty returned return worse wrong uncomfortable
    expensive overpriced dull boring slow stiff sharp rattle rattles slips slipped waste
    unusable inaccurate unreliable crap junk ugly bland stale rude dirty predictable tedious
    """
)
NO_THING = words(
    """
    one ones thing things lot bit way ways kind sort time times day days week weeks month months
    year years people person guy guys everything something anything nothing someone anyone
    everyone product products item items review reviews reviewer star stars other others same
    first second last next end fact idea reason reasons case point part rest side place name use
    using used try tried get got getting need want buy bought buying purchase purchased order
    ordered money deal amazon new old own just only much many more less most least all any
    some few several here there now then again still even also too well really very however
    though although back job work works working look looking feels sounds like
    liked top number plus while two three four five ten hundred couple dozen half what who whom
    whose which where when why how you your yours him her them they she his its was were are
    been being have has had does did done will would could should might must can not for and but
    the this that these those with from into onto about over under off out down long little big
    small large high low real full right left major main different similar particular certain
    extra actual entire whole able sure enough made built came needs helps means makes past
    stuff satisfied opinion mind matter course amount type experience addition fan company
    market complaint complaints friend son wife husband daughter
    """
)


def sentences(text: str) -> Iterator[list[str]]:
    """Words in lower case, sentence by sentence, with the mark that ends it."""
    found: list[str] = []
    for token in TOKEN.findall(text[:LONGEST].lower().replace("’", "'")):
        found.append(token)
        if token in SENTENCE_ENDS:
            yield found
            found = []
    if found:
        yield [*found, "."]


def things(texts: Iterable[str], least: int, share: float = 0.2) -> dict[str, str]:
    """Words that stand as things do in at least `least` texts: every form → the word it counts as.

    share  of the word's occurrences that must do so: after an article, a possessive or a word of
           opinion, and before a verb, a preposition or the end of a part of the sentence. Plurals
           in -s count as their singular where that is a thing as well.
    """
    n_texts: Counter[str] = Counter()
    n_as_thing: Counter[str] = Counter()
    n_all: Counter[str] = Counter()
    for text in texts:
        in_text: set[str] = set()
        for told in sentences(text):
            for place, word in enumerate(told[:-1]):
                if not _may_be_thing(word):
                    continue
                n_all[word] += 1
                before = told[place - 1] if place else ""
                is_after = before in BEFORE or before in PRAISE or before in BLAME
                if is_after and told[place + 1] in AFTER:
                    n_as_thing[word] += 1
                    in_text.add(word)
        n_texts.update(in_text)
    found = {
        word
        for word, n in n_texts.items()
        if n >= least and n_as_thing[word] >= share * n_all[word]
    }
    return {word: _singular(word, found) for word in sorted(found)}


def _may_be_thing(word: str) -> bool:
    return (
        3 <= len(word) <= 20
        and word.isalpha()
        and word not in NO_THING
        and word not in PRAISE
        and word not in BLAME
        and word not in NEGATION
        and not word.endswith("ly")
        and not GERUND.match(word)
    )


def _singular(word: str, known: set[str]) -> str:
    return word[:-1] if word.endswith("s") and word[:-1] in known else word


def opinions(text: str, aspects: dict[str, str], reach: int = 4) -> dict[str, int]:
    """What does a text speak of, and how?  aspect → 1 praised, -1 blamed, 0 named only.

    aspects  every form of a word → the aspect it counts as
    reach    words on either side in which a word of praise or blame counts; a negation up to three
             words before it turns it round
    """
    balance: Counter[str] = Counter()
    named: set[str] = set()
    for told in sentences(text):
        for place, word in enumerate(told):
            if word in aspects:
                near = range(max(0, place - reach), min(place + reach + 1, len(told)))
                named.add(aspects[word])
                balance[aspects[word]] += sum(_leaning(told, other) for other in near)
    return {aspect: (balance[aspect] > 0) - (balance[aspect] < 0) for aspect in sorted(named)}


def _leaning(told: list[str], place: int) -> int:
    word = told[place]
    value = (word in PRAISE) - (word in BLAME)
    if not value:
        return 0
    is_turned = any(one in NEGATION for one in told[max(0, place - 3) : place])
    return -value if is_turned else value
