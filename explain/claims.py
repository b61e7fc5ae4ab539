"""What does a sentence claim?  Who liked what, what is recommended, what ties items together."""

import re
from dataclasses import dataclass
from math import inf

from explain.mentions import TITLE, Covered, Mention

AND = r"\s*,?\s+(?:and|&|or)\s+(?:also\s+|of\s+)?"
# after a comma, a title that a verb follows begins a clause: "had you not liked A, B would …"
CLAUSE = (
    r"\s+(?:would|may|might|will|could|should|can|is|was|has|comes|fits|suits|seems|deserves)\b"
)
TITLES = rf"{TITLE}(?:\s*[,/]\s*{TITLE}(?!{CLAUSE}))*(?:{AND}{TITLE})*"
PAST = r"(?:liked|enjoyed|loved|adored|appreciated|watched|seen|bought|rated|knew|known)"
PRESENT = r"(?:like|enjoy|love|adore|appreciate|know)"
MAY = r"(?:may|might|will|would|could|should|can|'ll|'d|to|surely|probably|definitely)"
KIND = r"(?:the\s+|both\s+|such\s+)?(?:\w+\s+){0,2}(?:films?|movies?|items?|books?|classics?)?\s*"
LIKED = re.compile(
    rf"(?P<modal>\b{MAY}\s+(?:\w+\s+)?|'(?:ll|d)\s+)?"
    rf"\b(?:{PAST}|{PRESENT}|fans?\s+of|admirers?\s+of|taste\s+for|interest\s+in|fond\s+of|"
    rf"fondness\s+for|history\s+of|already\s+\w+)\s+(?:both\s+|the\s+)?(?P<titles>{TITLES})",
    re.IGNORECASE,
)
WHICH_LIKED = re.compile(
    rf"(?P<titles>{TITLES})\s*,?\s*(?:both of which|all of which|which|that)?\s*"
    rf"(?:you(?:'ve)?|the user)\s+(?:have\s+|has\s+)?(?:also\s+|already\s+|both\s+|previously\s+)?"
    rf"{PAST}\b",
    re.IGNORECASE,
)
OTHERS = re.compile(
    r"\b(you|the user|your|user's)\b|"
    r"\b(users|people|others|viewers|customers|those|many|fans who)\b",
    re.IGNORECASE,
)
RECOMMENDED = re.compile(
    rf"\b(?:{MAY}\s+(?:\w+\s+)?(?:like|love|enjoy|appreciate|adore|watch|see|try|find)|"
    rf"(?<!been )recommend(?:ing|ed)?(?:\s+(?:you|that you))?(?:\s+(?:to\s+)?(?:watch|try|see))?|"
    rf"suggest(?:ing|ed)?|check\s+out|try|consider|give)\s+(?:watching\s+|also\s+)?{KIND}"
    rf"(?P<titles>{TITLE})",
    re.IGNORECASE,
)
SUITS = re.compile(
    rf"(?P<titles>{TITLE})(?:\s*,[^.;:\ue000-\uf8ff]*,)?\s+"
    r"(?:(?:may|might|will|would|could|should)\s+(?:also\s+)?(?:be|suit|appeal|fit|interest|please)"
    r"|is\s+(?:recommended|suggested|for\s+you|a\s+(?:good|great|perfect)\s+(?:choice|match|fit)))",
    re.IGNORECASE,
)
COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "both": 2}
MANY = {"some": 2, "several": 3, "many": 3, "a few": 2, "most": inf, "all": inf, "much": inf}
HOW_MANY = rf"(?:{'|'.join([*COUNTS, *MANY])}|\d+)"
NOUN = r"(?P<noun>[\w'-]+(?:\s+[\w'-]+){0,2}?)"
SAME = re.compile(
    rf"(?:(?P<many>{HOW_MANY})\s+of\s+)?the\s+same\s+(?:{HOW_MANY}\s+)?{NOUN}\s+"
    rf"(?:as|from|of|in|behind|with)\s+(?:in\s+|that\s+of\s+|those\s+of\s+)?(?P<titles>{TITLES})",
    re.IGNORECASE,
)
SHARES = re.compile(
    rf"\bshar(?:es?|ing|ed)\s+(?P<many>an?|its|the|{HOW_MANY})\s+(?:same\s+|common\s+)?{NOUN}\s+"
    rf"with\s+(?P<titles>{TITLES})",
    re.IGNORECASE,
)
FOLLOWS = re.compile(
    rf"\b(?P<noun>sequel|prequel|follow-up|remake|spin-off)\s+(?:to|of)\s+(?P<titles>{TITLES})",
    re.IGNORECASE,
)
BY = re.compile(
    rf"\b(?:by|from|of)\s+the\s+(?:same\s+)?(?P<noun>\w+)\s+(?:of|as|behind|who made)\s+"
    rf"(?P<titles>{TITLES})",
    re.IGNORECASE,
)
# one word for each tie, whatever it is called
MEANS = {
    "star": "actor",
    "actress": "actor",
    "cast": "actor",
    "cast member": "actor",
    "screenwriter": "writer",
    "author": "writer",
    "follow-up": "sequel",
    "movie director": "director",
    "film director": "director",
    "production company": "studio",
}
WHOLE = {"cast", "crew"}  # one noun for all of them


@dataclass(frozen=True)
class Tie:
    """Two of the same actors as Alien.

    noun   "actor"; words: as the text has it, "actors"
    title  "Alien"; n: how many are claimed to be shared, 2; inf: all of them
    """

    noun: str
    words: str
    title: str
    n: float
    start: int
    end: int


def liked_by_user(text: Covered) -> list[Mention]:
    """Items that the text says the user liked."""
    found = []
    for pattern in (LIKED, WHICH_LIKED):
        for match in pattern.finditer(text.text):
            if match.groupdict().get("modal") or _of_others(text.text, match.start()):
                continue
            found += text.under(*match.span("titles"))
    return sorted(set(found), key=lambda one: one.start)


def _of_others(text: str, at: int) -> bool:
    """Do other people do what the verb here says?  The nearest subject before it tells."""
    sentence = re.split(r"[.!?;]\s", text[:at])[-1]
    subjects = list(OTHERS.finditer(sentence))
    return bool(subjects) and subjects[-1].group(2) is not None


def recommended(text: Covered) -> list[Mention]:
    """Items that the text recommends."""
    found = []
    for pattern in (RECOMMENDED, SUITS):
        for match in pattern.finditer(text.text):
            if not _of_others(text.text, match.start()):
                found += text.under(*match.span("titles"))
    return sorted(set(found), key=lambda one: one.start)


def ties(text: Covered) -> list[Tie]:
    """What the text says that items have in common with others."""
    found: dict[tuple[int, str], Tie] = {}
    for pattern in (SAME, SHARES, FOLLOWS, BY):
        for match in pattern.finditer(text.text):
            said = match.groupdict()
            noun, is_plural = singular(said["noun"])
            n = _count((said.get("many") or "").lower(), is_plural=is_plural)
            for one in text.under(*match.span("titles")):
                tie = Tie(noun, said["noun"], one.name, n, match.start(), match.start("titles"))
                found.setdefault((one.start, noun), tie)
    return sorted(found.values(), key=lambda tie: tie.start)


def singular(noun: str) -> tuple[str, bool]:
    """A noun without its plural, by its usual name; and whether it stood for several."""
    low = " ".join(noun.lower().split())
    one = low
    if low.endswith("ies"):
        one = f"{low[:-3]}y"
    elif low.endswith("sses"):
        one = low[:-2]
    elif low.endswith("s") and not low.endswith(("ss", "'s", "series")):
        one = low[:-1]
    return MEANS.get(one, one), one != low or low in WHOLE


def _count(many: str, *, is_plural: bool) -> float:
    if many.isdecimal():
        return float(many)
    if many in COUNTS:
        return float(COUNTS[many])
    if many in MANY:
        return MANY[many]
    return inf if is_plural else 1.0
