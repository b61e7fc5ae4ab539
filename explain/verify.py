"""Does a text say more than the facts?  A check by rules, the same answer every time.

It knows the facts, the names of all items and the usual ways to claim something; it does not
understand. What it finds is nearly always wrong; what it does not find may still be (a plot made up
in plain words).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from explain.brief import Brief
from explain.claims import Tie, liked_by_user, recommended, ties
from explain.lexicon import Lexicon
from explain.mentions import QUOTED, TITLE, Mention
from explain.reading import YEAR, Reading

KINDS: Mapping[str, str] = {
    "empty": "there are no words",
    "refusal": "the writer refuses, or speaks of itself",
    "cut off": "the last sentence has no end",
    "markup": "marks of a page, a prompt or a program instead of a sentence",
    "repetition": "one word is listed twice in a row",
    "no target": "the recommended item is not named",
    "wrong target": "another item is recommended",
    "liked target": "the recommended item is said to be liked already",
    "wrong history": "an item is said to be liked that was not",
    "novel title": "an item is named that no fact names",
    "novel name": "a name is given that no fact gives",
    "novel claim": "several things are said of the item that no fact says",
    "novel number": "a number is given that no fact gives",
    "bad group": "the item is not of this group",
    "bad year": "the item is not from this year",
    "wrong relation": "no fact ties the items in this way",
    "relation strength": "more is said to be shared than the facts say",
}
N_FREE = 2  # words that a writer may add out of taste: "a thrilling, classic film"
REFUSAL = re.compile(
    r"\b(?:as an ai|language model|i(?:'m| am) sorry|i apologi[sz]e|"
    r"i (?:can't|cannot|can not|won't|am unable|am not able|do not have|don't have)|"
    r"unable to (?:provide|help|assist|answer|recommend))\b",
    re.IGNORECASE,
)
MARKUP = re.compile(
    r"<[^>\n]*>?|\]\(|https?:|\*\*|```|^\s*#+\s|^\s*[-*]\s|[{}]|\[/?INST\]|"
    r"\b(?:Facts?|Explanation|Answer|Output|Note|User|Assistant|System|Task|Sentence)\s*:",
    re.MULTILINE,
)
REPEATED = re.compile(
    r"\b([^\W\d_][\w'’-]{2,})(?:\s*,\s*(?:(?:and|or)\s+)?|\s+(?:and|or)\s+)\1\b", re.IGNORECASE
)
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?:\s?%)?")
CAPITALISED = re.compile(
    r"(?<![\w'-])[A-Z][\w'-]*(?:\s+(?:(?:of|the|de|van|von|and)\s+)?[A-Z][\w'-]*)*"
)
APPOSITION = re.compile(
    rf"({TITLE})(?:\s*\(\d{{4}}\))?\s*(?:,|is|was)\s*(?:which (?:is|was) )?"
    rf"(?:an?|the)\s[^.;\ue000-\uf8ff]*$"
)
TIE_TO_NOTHING = re.compile(rf"\bthe\s+same\s+[\w'-]+(?:\s+[\w'-]+)?\s+as\s+(?!(?:in\s+)?{TITLE})")
OF_ITS_KIND = re.compile(rf"\ban?\s+({TITLE})\s+(?:\w+,?\s+)*?(?:film|movie|item|book|game|story)")
TASTE = re.compile(
    r"\b(?:you|the user)\s+(?:\w+\s+)?(?:likes?|liked|enjoys?|enjoyed|loves?|loved|watch|watched|"
    r"prefers?)\s+(?:\w+[\s,]+){0,5}$|\b(?:your|taste|love|fans?|fond|preference|interest)\s+"
    r"(?:\w+[\s,]+){0,4}$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Violation:
    """What a text says beyond its facts.

    kind        one of KINDS; words: as they stand in the text, at text[start:end]
    """

    kind: str
    start: int
    end: int
    words: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}" if self.words else self.kind


def verify(text: str, brief: Brief, lexicon: Lexicon | None = None) -> tuple[Violation, ...]:
    """Where does the text say more than the facts?  In order of the text; empty: nowhere.

    lexicon  names of everything there is; None: the brief's own, or only what the brief names

    Deterministic; one to three milliseconds a sentence.
    """
    if not text.strip():
        return (Violation("empty", 0, 0, ""),)
    reading = Reading(text, brief, lexicon or brief.lexicon or Lexicon(noun=brief.noun))
    found = {(start, end, kind) for kind, check in CHECKS.items() for start, end in check(reading)}
    return tuple(Violation(kind, a, b, text[a:b]) for a, b, kind in sorted(found))


Spans = Iterator[tuple[int, int]]


def _span(one: Mention | re.Match[str] | Tie) -> tuple[int, int]:
    return one.span() if isinstance(one, re.Match) else (one.start, one.end)


def _refusal(r: Reading) -> Spans:
    yield from map(_span, REFUSAL.finditer(r.covered.text))


def _markup(r: Reading) -> Spans:
    yield from map(_span, MARKUP.finditer(r.covered.text))


def _repetition(r: Reading) -> Spans:
    yield from map(_span, REPEATED.finditer(r.covered.text))


def _cut_off(r: Reading) -> Spans:
    end = r.text.rstrip().rstrip("\"'”’)")
    if not end.endswith((".", "!", "?", "…")):
        at = max(end.rfind(" ") + 1, 0)
        yield at, len(end)


def _no_target(r: Reading) -> Spans:
    if all(one.name != r.brief.title for one in r.covered.mentions):
        yield len(r.text), len(r.text)


def _wrong_target(r: Reading) -> Spans:
    yield from (_span(m) for m in recommended(r.covered) if m.name != r.brief.title)


def _liked_target(r: Reading) -> Spans:
    if r.brief.title not in r.liked:
        yield from (_span(m) for m in liked_by_user(r.covered) if m.name == r.brief.title)


def _wrong_history(r: Reading) -> Spans:
    fine = r.liked | {r.brief.title}
    yield from (_span(m) for m in liked_by_user(r.covered) if m.name not in fine)


def _novel_title(r: Reading) -> Spans:
    yield from (_span(m) for m in r.covered.mentions if m.name not in r.named)
    for match in QUOTED.finditer(r.covered.text):
        said = match.group(1) or match.group(2)
        if not re.fullmatch(TITLE, said) and not _is_known(said, r):
            yield _span(match)


def _is_known(said: str, r: Reading) -> bool:
    words = re.findall(r"[\w'-]+", said.lower())
    return all(word in r.words or word in r.lexicon.plain for word in words)


def _novel_name(r: Reading) -> Spans:
    text = r.covered.text
    for match in CAPITALISED.finditer(text):
        words = [
            (w.group(), match.start() + w.start(), match.start() + w.end())
            for w in re.finditer(r"[\w'-]+", match.group())
        ]
        begins = re.search(r"(?:^|[.!?:]\s)[\s\"'(]*$", text[: match.start()]) is not None
        unknown = [
            w for w in words if not _is_known(w[0], r) and not _is_known(w[0].removesuffix("'s"), r)
        ]
        if begins and unknown and unknown[0][1] == match.start() and len(words) == 1:
            continue  # any sentence begins with a capital
        if unknown:
            yield unknown[0][1], unknown[-1][2]


def _novel_claim(r: Reading) -> Spans:
    if len(r.untold) <= N_FREE:
        return
    start, end = r.untold[0]
    for word in r.untold[1:]:
        if r.text[end : word[0]] != " ":  # neighbours are marked as one
            yield start, end
            start = word[0]
        end = word[1]
    yield start, end


def _novel_number(r: Reading) -> Spans:
    known = set(re.findall(r"\d+(?:[.,]\d+)*", "\n".join(f.text for f in r.facts)))
    for match in NUMBER.finditer(r.covered.text):
        value = re.match(r"\d+(?:[.,]\d+)*", match.group())
        if value and value.group() not in known and not YEAR.match(r.covered.text, match.start()):
            yield _span(match)


def _bad_year(r: Reading) -> Spans:
    text = r.covered.text
    told = {int(m.group()[:4]) for m in YEAR.finditer(r.own_facts)}
    for match in YEAR.finditer(text):
        fits = {r.brief.year, *told} - {None}
        before = [m for m in r.covered.mentions if m.end <= match.start()]
        if (
            before
            and before[-1].name != r.brief.title
            and re.fullmatch(r"\s*[(,]?\s*(?:from|of|in)?\s*", text[before[-1].end : match.start()])
        ):
            fits = set(r.lexicon.years.get(before[-1].name, fits))
        year = int(match.group()[:4])
        same = {y // 10 for y in fits if y} if match["decade"] else fits
        if (year // 10 if match["decade"] else year) not in same:
            yield _span(match)


def _bad_group(r: Reading) -> Spans:
    pattern = r.lexicon.group_pattern
    if pattern is None:
        return
    fits = set(r.brief.groups) | {
        r.lexicon.group_words[m.group().lower()] for m in pattern.finditer(r.own_facts)
    }
    tastes = fits.union(*(r.lexicon.groups.get(name, frozenset()) for name in r.liked))
    for match in pattern.finditer(r.covered.text):
        before = r.covered.text[: match.start()]
        allowed = fits
        if (of := APPOSITION.search(before)) and (
            (name := r.covered.under(*of.span(1))[0].name) != r.brief.title
        ):
            allowed = set(r.lexicon.groups.get(name, frozenset()))
        elif TASTE.search(before):
            allowed = tastes
        if r.lexicon.group_words[match.group().lower()] not in allowed:
            yield _span(match)


def _told_ties(r: Reading) -> dict[tuple[str, str], float]:
    told: dict[tuple[str, str], float] = {}
    for tie in (tie for fact in r.facts for tie in ties(fact)):
        told[tie.noun, tie.title] = max(tie.n, told.get((tie.noun, tie.title), 0.0))
    return told


def _wrong_relation(r: Reading) -> Spans:
    told = _told_ties(r)
    yield from (_span(t) for t in ties(r.covered) if (t.noun, t.title) not in told)
    yield from map(_span, TIE_TO_NOTHING.finditer(r.covered.text))
    for match in OF_ITS_KIND.finditer(r.covered.text):
        if r.covered.under(*match.span(1))[0].name != r.brief.title:
            yield _span(match)


def _relation_strength(r: Reading) -> Spans:
    told = _told_ties(r)
    for tie in ties(r.covered):
        if tie.n > told.get((tie.noun, tie.title), tie.n):
            yield _span(tie)


CHECKS: Mapping[str, Callable[[Reading], Spans]] = {
    "refusal": _refusal,
    "cut off": _cut_off,
    "markup": _markup,
    "repetition": _repetition,
    "no target": _no_target,
    "wrong target": _wrong_target,
    "liked target": _liked_target,
    "wrong history": _wrong_history,
    "novel title": _novel_title,
    "novel name": _novel_name,
    "novel claim": _novel_claim,
    "novel number": _novel_number,
    "bad group": _bad_group,
    "bad year": _bad_year,
    "wrong relation": _wrong_relation,
    "relation strength": _relation_strength,
}
