"""What a turn means, read by rules: groups, years, names, numbers of the list, yes and no."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from recommenders.converse.catalogue import Catalogue
from recommenders.converse.wishes import Act, State, Wish

_CLAUSE = re.compile(r"[.;!?,]+\s|(?<!thing )\bbut\b|\bthough\b|\bhowever\b", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not?|nothing|(?:any|every)thing but|never|without|except|avoid|skip|hates?|hated|"
    r"dislikes?|disliked|isn'?t|don'?t|didn'?t|do not|did not|can'?t stand|tired of|"
    r"enough of|sick of|less|rather than|"
    r"instead of|too (?:much|many|\w+)|no more)\b",
    re.IGNORECASE,
)
_LIKED = re.compile(
    r"\b(?:like[ds]?|loved?|loves|enjoy(?:ed)?|similar to|more of|as good as|such as|fan of)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(r"n'?t\b|\bnot\b|\bno\b|\bnever\b", re.IGNORECASE)
_RESTART = re.compile(
    r"\b(?:start (?:over|again|anew)|forget (?:it|that|all|everything)|reset|never mind)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^\W*(?:why|what(?:'s| is| are| kind| genre)|who|when|how (?:old|long|popular|come)|"
    r"is (?:it|this|that|number|the)|tell me (?:more )?about)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:can|could|would|will|do|have) you\b|\bany\b|\bwhat about\b|"
    r"\bwhat (?:else|other|should|do you|would you|can you)\b",
    re.IGNORECASE,
)
_YES = re.compile(
    r"^\W*(?:yes|yeah|yep|sure|ok(?:ay)?|please do|of course|gladly)\b", re.IGNORECASE
)
_NO = re.compile(  # "no romance" is a wish, not an answer
    r"^\W*(?:no|nope|nah|rather not|please don'?t)(?=\W*$|\s*[,.;!]|\s+(?:thanks?|rather)\b)",
    re.IGNORECASE,
)
_NEWER = re.compile(
    r"\b(?:newer|more recent|more modern|recent|not so old|too old)\b", re.IGNORECASE
)
_OLDER = re.compile(r"\b(?:older|classics?|not so new|too new|too recent)\b", re.IGNORECASE)
_RARER = re.compile(
    r"\b(?:less (?:well.?)?known|less popular|obscure|hidden gems?|lesser.known|too popular|"
    r"too (?:well.?)?known|not so (?:popular|well known)|off the beaten)\b",
    re.IGNORECASE,
)
_FAMED = re.compile(
    r"\b(?:more popular|better known|more famous|famous|blockbusters?|well.known|too obscure|"
    r"everybody knows|popular)\b",
    re.IGNORECASE,
)
_DECADE = re.compile(r"\b(?:(1[89]|20)?(\d)0'?s)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"\b(?:between|from)\s+(\d{4})\s+(?:and|to|-|–)\s+(\d{4})\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
_AFTER = re.compile(
    r"\b(?:after|since|newer than|(?:more )?recent than|later than|from)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"\b(?:before|until|older than|earlier than)\s+(?:the\s+)?$", re.IGNORECASE)
_NUMBER = re.compile(
    r"\b(?:number|no\.?|#|the)\s*(\d{1,2}|first|second|third|fourth|fifth|last)(?:\s+one)?\b|"
    r"#(\d{1,2})\b",
    re.IGNORECASE,
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
_THIS = re.compile(r"\b(?:this|that|it)\b", re.IGNORECASE)


def read_by_rules(text: str, catalogue: Catalogue, state: State, listed: Sequence[int]) -> Wish:
    """What does this turn ask for, as far as rules can tell?

    listed  codes of the last list, which numbers and "newer" speak of
    """
    if state.pending and (_YES.match(text) or _NO.match(text)):
        return _answer(text, catalogue, state, listed)
    return _plain(text, catalogue, listed)


def _answer(text: str, catalogue: Catalogue, state: State, listed: Sequence[int]) -> Wish:
    """Yes or no to the group that was asked about; what is said beside it counts too."""
    is_yes = bool(_YES.match(text))
    rest = _plain((_YES if is_yes else _NO).sub("", text, count=1), catalogue, listed)
    pending = (state.pending,)
    wanted = (*(pending if is_yes else ()), *rest.wanted)
    unwanted = (*(() if is_yes else pending), *rest.unwanted)
    return _with(rest, "wish", wanted, unwanted)


def _with(wish: Wish, act: Act, wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> Wish:
    return replace(
        wish,
        act=act,
        wanted=tuple(dict.fromkeys(wanted)),
        unwanted=tuple(dict.fromkeys(one for one in unwanted if one not in wanted)),
    )


def _plain(text: str, catalogue: Catalogue, listed: Sequence[int]) -> Wish:
    named = _named_items(text, catalogue, listed)
    is_question = bool(_QUESTION.search(text)) and not _REQUEST.search(text)
    if is_question:
        about = next((item for item, _, _ in named), None)
        if about is None and listed and _THIS.search(text):
            about = int(listed[0])
        if about is not None:
            return Wish("question", about=about)
    bare = _blanked(text, [(begin, end) for _, begin, end in named])
    wanted, unwanted = named_groups(bare, catalogue)
    likes, dislikes = _opinions(text, named)
    first, last = _years(bare, catalogue, listed)
    popularity = -1 if _RARER.search(bare) else 1 if _FAMED.search(bare) else 0
    found = Wish(
        "other",
        wanted,
        tuple(one for one in unwanted if one not in wanted),
        first,
        last,
        popularity,
        likes,
        dislikes,
    )
    if _RESTART.search(text):
        act: Act = "restart"
    elif found.is_empty:
        act = "question" if is_question else "other"
    else:
        is_critique = unwanted or dislikes or popularity or _NEWER.search(bare)
        act = "critique" if listed and (is_critique or _OLDER.search(bare)) else "wish"
    return _with(found, act, found.wanted, found.unwanted)


def _named_items(
    text: str, catalogue: Catalogue, listed: Sequence[int]
) -> list[tuple[int, int, int]]:
    found = catalogue.mentioned(text)
    for hit in _NUMBER.finditer(text):
        said = (hit[1] or hit[2]).casefold()
        place = len(listed) if said == "last" else _ORDINALS.get(said) or 0
        place = int(said) if said.isdigit() else place
        if 1 <= place <= len(listed):
            found.append((int(listed[place - 1]), hit.start(), hit.end()))
    return found


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with names blanked: what stands in a title asks for nothing."""
    letters = list(text)
    for begin, end in spans:
        letters[begin:end] = " " * (end - begin)
    return "".join(letters)


def _clauses(text: str) -> list[tuple[int, int]]:
    ends = [(hit.start(), hit.end()) for hit in _CLAUSE.finditer(text)]
    begins = [0, *(end for _, end in ends)]
    return list(zip(begins, [*(begin for begin, _ in ends), len(text)], strict=True))


def named_groups(text: str, catalogue: Catalogue) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Groups that a text asks for, and groups that it asks to leave out."""
    wanted: list[str] = []
    unwanted: list[str] = []
    plain = text.casefold().replace("’", "'")
    for begin, end in _clauses(plain):
        clause = plain[begin:end]
        no = _NOT.search(clause)
        for hit in catalogue.group_pattern.finditer(clause):
            is_unwanted = no is not None and no.start() < hit.end()
            (unwanted if is_unwanted else wanted).append(catalogue.words_for[hit.group()])
    return tuple(dict.fromkeys(wanted)), tuple(dict.fromkeys(unwanted))


def _opinions(
    text: str, named: Sequence[tuple[int, int, int]]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Named items that were liked, and those that were not; mere mention is a liking."""
    likes: list[int] = []
    dislikes: list[int] = []
    for item, begin, _ in named:
        clause = next(text[a:b] for a, b in _clauses(text) if a <= begin <= b)
        denies = _DENIES.search(clause) or (_NOT.search(clause) and not _LIKED.search(clause))
        (dislikes if denies else likes).append(item)
    return tuple(dict.fromkeys(likes)), tuple(dict.fromkeys(dislikes))


def _years(text: str, catalogue: Catalogue, listed: Sequence[int]) -> tuple[int | None, int | None]:
    if catalogue.years is None:
        return None, None
    if hit := _BETWEEN.search(text):
        low, high = sorted((int(hit[1]), int(hit[2])))
        return low, high
    hit = _DECADE.search(text) or _YEAR.search(text)
    if hit:
        return _bounds(text[: hit.start()], *_span(hit))
    if _NEWER.search(text):
        return nearby_years(catalogue, listed, is_newer=True)
    if _OLDER.search(text):
        return nearby_years(catalogue, listed, is_newer=False)
    return None, None


def nearby_years(
    catalogue: Catalogue, listed: Sequence[int], *, is_newer: bool
) -> tuple[int | None, int | None]:
    """First and last year of what is newer, or older, than the middle of the last list."""
    middle = int(_middle_year(catalogue, listed))
    return (middle + 1, None) if is_newer else (None, middle - 1)


def _span(hit: "re.Match[str]") -> tuple[int, int]:
    """First and last year of what was said: a decade, or one year."""
    if hit.re is _YEAR:
        return int(hit[1]), int(hit[1])
    century = hit[1] or ("20" if hit[2] in {"0", "1", "2"} else "19")
    first = int(f"{century}{hit[2]}0")
    return first, first + 9


def _bounds(before: str, first: int, last: int) -> tuple[int | None, int | None]:
    is_year = first == last
    if _BEFORE.search(before):
        return None, first - 1
    after = _AFTER.search(before)
    if after and (is_year or "from" not in after.group().casefold()):
        keeps = "from" in after.group().casefold() or "since" in after.group().casefold()
        return (first if keeps else last + 1), None
    return first, last


def _middle_year(catalogue: Catalogue, listed: Sequence[int]) -> float:
    """The middle year of the last list; of all items where there is no list with years."""
    years = catalogue.years
    if years is None:
        raise ValueError("items have no years")
    of_list = years[list(listed)]
    of_list = of_list[np.isfinite(of_list)]
    return float(np.median(of_list) if len(of_list) else np.nanmedian(years))
