"""Known-good sentences spoilt on purpose, to see what a judge of explanations can tell apart.

Each corruption changes one thing and leaves the shape of the sentence as it was, so that a judge
cannot go by length or style. None of them asks the check of explain.verify for its opinion.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.naming import article
from explain.brief import Brief
from explain.claims import COUNTS, liked_by_user, recommended, ties
from explain.lexicon import Lexicon
from explain.mentions import Mention
from explain.reading import YEAR, Reading

# people nobody will find in a catalogue
FIRST_NAMES = ("Alan", "Berta", "Conrad", "Delia", "Edgar", "Frieda", "Gustav", "Helen")
LAST_NAMES = ("Whitmore", "Kessling", "Oduya", "Varenholt", "Brandauer", "Tillgard", "Moresby")
TIES = ("director", "writer", "producer", "composer", "studio")
REFUSALS = (
    "I'm sorry, but I cannot recommend anything to you.",
    "As an AI language model, I do not have access to this information.",
    "I cannot help with that request.",
)
N_TRIES = 1000  # titles drawn before it is said that there is no other
PLOTS = (
    "a moving tale of revenge and forgiveness in a small town by the sea",
    "praised by critics for its stunning visuals and unforgettable soundtrack",
    "where an orphan discovers a hidden treasure and a loyal friend",
)
MARKS = ("<b>{}</b>", "**{}**", "[{}](http://example.org)", "```{}```")


@dataclass(frozen=True)
class Corrupted:
    """A sentence that was right before one thing was changed.

    kind  a name of CORRUPTIONS; place: of the sentence among those given
    """

    kind: str
    text: str
    place: int


Corrupt = Callable[[Reading, np.random.Generator], str | None]


def corrupted(
    texts: Sequence[str],
    briefs: Sequence[Brief],
    *,
    kinds: Sequence[str] = (),
    seed: int = 0,
    lexicon: Lexicon | None = None,
) -> list[Corrupted]:
    """Every sentence spoilt in every way that it can be.

    kinds    names of CORRUPTIONS; empty: all of them
    lexicon  where wrong titles and groups come from; None: the lexicon of each brief

    A sentence without a year has no wrong group, and so on: what cannot be spoilt is left out.
    The same seed spoils a sentence in the same way whatever the others are.
    """
    found = []
    for place, (text, brief) in enumerate(zip(texts, briefs, strict=True)):
        words = lexicon or brief.lexicon or Lexicon(noun=brief.noun)
        reading = Reading(text, brief, words)
        for number, (kind, spoil) in enumerate(CORRUPTIONS.items()):
            if kinds and kind not in kinds:
                continue
            rng = np.random.default_rng([seed, number, brief.user, brief.item])
            wrong = spoil(reading, rng)
            if wrong is not None and wrong != text:
                found.append(Corrupted(kind, wrong, place))
    return found


def _replaced(r: Reading, start: int, end: int, new: str) -> str:
    return r.text[:start] + new + r.text[end:]


def _other_title(r: Reading, rng: np.random.Generator) -> str | None:
    """A title of the catalogue that this explanation may not name."""
    titles = r.lexicon.in_order
    for place in map(int, rng.permutation(len(titles))[:N_TRIES]):
        if titles[place] not in r.named:
            return titles[place]
    return None


def _of_history(r: Reading) -> list[Mention]:
    return [one for one in liked_by_user(r.covered) if one.name != r.brief.title]


def _of_target(r: Reading) -> list[Mention]:
    """Where the item is recommended; else where it is named."""
    named = [one for one in recommended(r.covered) if one.name == r.brief.title]
    return named or [one for one in r.covered.mentions if one.name == r.brief.title]


def _swap_title(r: Reading, rng: np.random.Generator, places: list[Mention]) -> str | None:
    other = _other_title(r, rng)
    if not places or other is None:
        return None
    one = places[int(rng.integers(len(places)))]
    return _replaced(r, one.start, one.end, other)


def wrong_history(r: Reading, rng: np.random.Generator) -> str | None:
    """An item that the user never liked in place of one of the history."""
    return _swap_title(r, rng, _of_history(r))


def wrong_target(r: Reading, rng: np.random.Generator) -> str | None:
    """Another item is recommended."""
    return _swap_title(r, rng, _of_target(r))


def liked_target(r: Reading, rng: np.random.Generator) -> str | None:
    """The recommended item is said to be liked already."""
    history = _of_history(r)
    if not history or r.brief.title in r.liked:
        return None
    one = history[int(rng.integers(len(history)))]
    return _replaced(r, one.start, one.end, r.brief.title)


def no_target(r: Reading, _: np.random.Generator) -> str | None:
    """Nobody can tell what is recommended."""
    places = [one for one in r.covered.mentions if one.name == r.brief.title]
    text = r.text
    for one in reversed(places):
        text = text[: one.start] + f"this {r.brief.noun}" + text[one.end :]
    return text if places else None


def wrong_group(r: Reading, rng: np.random.Generator) -> str | None:
    """Another group in place of one that the item is of."""
    pattern = r.lexicon.group_pattern
    found = list(pattern.finditer(r.covered.text)) if pattern else []
    said = {r.lexicon.group_words[one.group().lower()] for one in found}
    others = sorted(set(r.lexicon.group_names) - set(r.brief.groups) - said)
    if not found or not others:
        return None
    one = found[int(rng.integers(len(found)))]
    new = str(rng.choice(np.array(others, dtype=object)))
    start = one.start()
    for old in ("a ", "an "):
        if r.text[:start].endswith(f" {old}"):
            start -= len(old)
            new = f"{article(new)} {new}"
            break
    return _replaced(r, start, one.end(), new)


def wrong_year(r: Reading, rng: np.random.Generator) -> str | None:
    """A year up to thirty years off; where the sentence has none, one is put behind the title."""
    if r.brief.year is None:
        return None
    off = int(rng.integers(2, 31)) * (1 if rng.random() < 0.5 else -1)
    year = r.brief.year - abs(off) if r.brief.year + off > 2100 else r.brief.year + off
    found = [one for one in YEAR.finditer(r.covered.text) if not one["decade"]]
    if found:
        return _replaced(r, *found[0].span(), str(year))
    places = _of_target(r)
    return _replaced(r, places[0].end, places[0].end, f" ({year})") if places else None


def wrong_relation(r: Reading, rng: np.random.Generator) -> str | None:
    """Another tie between the items than the one there is."""
    found = ties(r.covered)
    if not found:
        return None
    one = found[int(rng.integers(len(found)))]
    told = {(tie.noun, tie.title) for fact in r.facts for tie in ties(fact)}
    others = [noun for noun in TIES if (noun, one.title) not in told]
    old = r.text[one.start : one.end]
    word = one.words
    if not others or word not in old:
        return None
    new = str(rng.choice(others))
    new += "s" if word.endswith("s") else ""
    return _replaced(r, one.start, one.end, old.replace(word, new, 1))


def overstated(r: Reading, _: np.random.Generator) -> str | None:
    """All are shared where the facts say some: "one of the same actors", "the same actors"."""
    for one in ties(r.covered):
        old = r.text[one.start : one.end]
        for many in (*COUNTS, *map(str, range(2, 30))):
            if old.lower().startswith(f"{many} of the same "):
                return _replaced(r, one.start, one.end, old[len(many) + len(" of ") :])
    return None


def invented_name(r: Reading, rng: np.random.Generator) -> str | None:
    """A person nobody knows of."""
    name = f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"
    said = str(rng.choice([f" by {name}", f", made by {name}", f", with {name}"]))
    return _at_end(r, said)


def invented_title(r: Reading, rng: np.random.Generator) -> str | None:
    """A comparison with an item that no fact speaks of."""
    other = _other_title(r, rng)
    return None if other is None else _at_end(r, f", much like {other}")


def invented_plot(r: Reading, rng: np.random.Generator) -> str | None:
    """A story in plain words, without any name."""
    return _at_end(r, f", {rng.choice(PLOTS)}")


def invented_number(r: Reading, rng: np.random.Generator) -> str | None:
    """A figure out of thin air."""
    return _at_end(r, f", rated {rng.integers(71, 99)}% by people like you")


def _at_end(r: Reading, said: str) -> str:
    body = r.text.rstrip()
    end = body[-1:] if r.covered.text.rstrip().endswith((".", "!", "?")) else ""
    return f"{body.removesuffix(end)}{said}{end or '.'}"


def cut_off(r: Reading, rng: np.random.Generator) -> str | None:
    """The end of the sentence is missing."""
    spaces = [place for place, letter in enumerate(r.covered.text) if letter == " "]
    late = [place for place in spaces if place > len(r.text) // 2]
    return r.text[: int(rng.choice(late))] if late else None


def marked_up(r: Reading, rng: np.random.Generator) -> str | None:
    """Marks of a page or of a program around the title."""
    places = _of_target(r)
    if not places:
        return None
    one = places[0]
    mark = str(rng.choice(MARKS)).format(r.text[one.start : one.end])
    return _replaced(r, one.start, one.end, mark)


def refused(_: Reading, rng: np.random.Generator) -> str | None:
    """The writer declines."""
    return str(rng.choice(REFUSALS))


CORRUPTIONS: Mapping[str, Corrupt] = {
    "wrong group": wrong_group,
    "wrong history": wrong_history,
    "wrong relation": wrong_relation,
    "wrong target": wrong_target,
    "wrong year": wrong_year,
    "overstated": overstated,
    "liked target": liked_target,
    "invented name": invented_name,
    "invented title": invented_title,
    "invented plot": invented_plot,
    "invented number": invented_number,
    "no target": no_target,
    "cut off": cut_off,
    "markup": marked_up,
    "refusal": refused,
}
# what a check of words should call it
MEANT: Mapping[str, str] = {
    "wrong group": "bad group",
    "wrong history": "wrong history",
    "wrong relation": "wrong relation",
    "wrong target": "wrong target",
    "wrong year": "bad year",
    "overstated": "relation strength",
    "liked target": "liked target",
    "invented name": "novel name",
    "invented title": "novel title",
    "invented plot": "novel claim",
    "invented number": "novel number",
    "no target": "no target",
    "cut off": "cut off",
    "markup": "markup",
    "refusal": "refusal",
}
