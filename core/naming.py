"""How items are called in a sentence: one short clean line each."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.tables import Floats, Ids

LONGEST = 80  # characters of a name
UNNAMED = "an item without a title"
YEAR = re.compile(r"\((1[89]\d\d|20\d\d)\)")
YEARS = (1800, 2100)  # what is no year is left out
ARTICLE = re.compile(
    r"^(?P<rest>.+), (?P<article>The|A|An|Le|La|Les|L'|Un|Une|Il|Lo|I|Gli|El|Los|Las|Der|Die|Das|"
    r"Det|Den|De|Het|O|Os)$"
)
ASIDE = re.compile(r"\s*\([^()]*\)\s*$")  # "(1972)", "(Se7en)", "(a.k.a. …)" at the end
BREAK = re.compile(r"\s[-–—|]\s|,\s|;\s|:\s")
# Angle brackets open tags and the marks by which chats are told apart, backticks open code, a
# bracket before a parenthesis a link: look-alikes open nothing.
NEUTRAL = str.maketrans({"<": "‹", ">": "›", "`": "’", "\\": "/"})


def one_line(text: object, longest: int = 10_000) -> str:
    """The text without line breaks, control, direction and invisible characters.

    Of a longer text only so much is read that `longest` characters can come of it.
    """
    if text is None or (isinstance(text, float) and np.isnan(text)) or text is pd.NA:
        return ""
    plain = unicodedata.normalize("NFC", str(text)[: 4 * longest])
    kept = "".join(c for c in plain if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(kept.split()).translate(NEUTRAL).replace("](", "] (")[:longest]


def shortened(name: str, longest: int = LONGEST) -> str:
    """At most so many characters, cut where the title itself pauses, else between words."""
    if len(name) <= longest:
        return name
    head = name[:longest]
    if head.rfind("(") > max(head.rfind(")"), longest // 4):
        head = head[: head.rfind("(")]  # no parenthesis is left open
    pauses = [found.start() for found in BREAK.finditer(head) if found.start() >= longest // 4]
    if pauses:
        return head[: pauses[-1]].rstrip()
    words, space, _ = head[: longest - 1].rpartition(" ")
    return (words if space else head[: longest - 1]).rstrip(" ,;:-") + "…"


def whole_name(title: object) -> str:
    """The title as one says it, with what it adds in parentheses: "The Convent (Convento, O)"."""
    text = one_line(title)
    aside = ""
    while (found := ASIDE.search(text)) and found.start():
        if not YEAR.fullmatch(found.group().strip()):
            aside = f" {found.group().strip()}{aside}"
        text = text[: found.start()]
    if found := ARTICLE.match(text):
        article, rest = found["article"], found["rest"]
        text = f"{article}{rest}" if article.endswith("'") else f"{article} {rest}"
    return text + aside


def name_of(title: object) -> str:
    """What is an item with this title called?  "Godfather, The (1972)": "The Godfather".

    One line of at most 80 characters; what a title adds in parentheses at its end is left out.
    """
    text = whole_name(title)
    while (found := ASIDE.search(text)) and found.start():
        text = text[: found.start()]
    return shortened(text).strip() or UNNAMED


def item_names(items: pd.DataFrame, ids: Ids) -> tuple[str, ...]:
    """What are the items called?  One name each, different ones where the data tell them apart.

    Two items of one name get their year, "Sabrina (1954)", or else what their titles add in
    parentheses. An item without a title is called by its outside id, "item B003VWJ2K8": that is
    all anybody knows of it.
    """
    titles = items["title"].tolist() if "title" in items.columns else [None] * len(ids)
    names = [name_of(title) for title in titles]
    for code, name in enumerate(names):
        if name == UNNAMED and (outside := shortened(one_line(ids.names[code], 200))):
            names[code] = f"item {outside}"
    years = years_of(items)
    told = [
        name if years is None or np.isnan(years[code]) else f"{name} ({years[code]:.0f})"
        for code, name in enumerate(names)
    ]
    whole = [shortened(whole_name(title), LONGEST) for title in titles]
    for finer in (told, whole):
        _tell_apart(names, finer)
    return tuple(names)


def _tell_apart(names: list[str], finer: Sequence[str]) -> None:
    """Names that occur twice are changed, if the finer ones differ among those of one name."""
    often = Counter(names)
    pairs = Counter(zip(names, finer, strict=True))
    for code, name in enumerate(names):
        if often[name] > 1 and pairs[name, finer[code]] < often[name] and finer[code]:
            names[code] = finer[code]


def years_of(items: pd.DataFrame) -> Floats | None:
    """From which year is each item?  float64 (n,), NaN where unknown; None where none is known.

    The column `year` where there is one; else the "(1972)" at the end of titles, if one title in
    three has it: in titles of goods such a number is a model's, not a year.
    """
    if "year" in items.columns:
        years = pd.to_numeric(items["year"], errors="coerce").to_numpy(np.float64, copy=True)
    elif "title" in items.columns:
        years = np.array([_year_in(title) for title in items["title"]], dtype=np.float64)
        if np.isfinite(years).mean() < 1 / 3:
            return None
    else:
        return None
    years[~((years >= YEARS[0]) & (years <= YEARS[1]))] = np.nan
    return None if np.isnan(years).all() else years


def _year_in(title: object) -> float:
    found = YEAR.search(one_line(title)[-6:])
    return float(found[1]) if found else np.nan


def listed(names: Sequence[str], last: str = "and") -> str:
    """In one phrase: A; A and B; A, B and C."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def article(word: str) -> str:
    """The indefinite article before this word, by its first letter."""
    begins = word.lstrip("'\"‘“(").lower()
    sounds_like_you = ("uni", "use", "eu", "one", "ur")
    return "an" if begins[:1] in set("aeiou") and not begins.startswith(sounds_like_you) else "a"
