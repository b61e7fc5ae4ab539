"""Which column is the user, the item, the rating, the time? Guessed from names, then values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ROLES = ("user", "item", "rating", "timestamp")
CANONICAL = {"user": "user_id", "item": "item_id", "rating": "rating", "timestamp": "timestamp"}

_ALIASES: Mapping[str, str] = {
    "user": """
        userid user uid userno usercode username reviewerid reviewer customerid customer memberid
        member visitorid visitor accountid account clientid client personid person profileid
        readerid listenerid playerid queryid qid query sessionid session""",
    "item": """
        itemid item iid itemno itemcode movieid movie filmid film productid product parentasin asin
        sku bookid book isbn articleid article newsid news songid song trackid track artistid artist
        docid docno doc documentid document videoid video gameid game businessid venueid venue
        placeid poiid poi recipeid recipe courseid jobid contentid goodsid appid""",
    "rating": """
        rating ratings ratingvalue stars star overall rate grade weight relevance rel preference
        score value label feedback playcount plays listens count""",
    "timestamp": """
        timestamp datetime time ts unixreviewtime unixtime eventtime clicktimestamp createdat
        reviewtime ratedat date day when""",
}

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?")


@dataclass(frozen=True)
class Roles:
    """columns: role → column, a role without one left out; reasons: role → why, or why not."""

    columns: Mapping[str, str]
    reasons: Mapping[str, str]


def bare(name: str) -> str:
    """A column's name without case, spaces, signs and RecBole's type: `User_ID:token` is userid."""
    return re.sub(r"[^a-z0-9]", "", name.partition(":")[0].lower())


def is_alias(name: str) -> bool:
    """Is this a name that columns of known meaning, or ranked lists, bear?"""
    known = {alias for aliases in _ALIASES.values() for alias in aliases.split()}
    return bare(name) in known | {"rank", "title", "genres", "genre", "gender", "age", "id"}


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text.strip()) is not None


def guess_roles(names: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> Roles:
    """Roles of columns that have names.  rows: some of the cells as text, to judge by values."""
    columns: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for role in ROLES:
        free = [name for name in names if name not in columns.values()]
        by_name = _by_name(role, free)
        if by_name is not None:
            columns[role] = by_name
            reasons[role] = f"the column is called {by_name!r}"
        else:
            reasons[role] = f"no column has a name that says {role}; map one"
    if "timestamp" not in columns:
        for name in names:
            cells = [row[names.index(name)] for row in rows if len(row) == len(names)]
            if name not in columns.values() and _are_times(cells):
                columns["timestamp"] = name
                reasons["timestamp"] = f"the values of {name!r}, such as {cells[0]}, are times"
                break
    return Roles(columns, reasons)


def roles_by_place(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], Roles]:
    """Names and roles of columns that have no names: user, item, and then by their values."""
    width = max((len(row) for row in rows), default=0)
    roles: dict[int, str] = dict(enumerate(("user", "item")[:width]))
    reasons = {role: f"column {place + 1}, without a header" for place, role in roles.items()}
    for place in range(2, width):
        cells = [row[place] for row in rows if len(row) == width]
        role = "timestamp" if _are_times(cells) else "rating" if _are_numbers(cells) else ""
        if role and role not in roles.values():
            roles[place] = role
            reasons[role] = f"column {place + 1}, without a header, has values such as {cells[0]}"
    for role in ROLES:
        reasons.setdefault(role, f"no column without a name looks like a {role}")
    names = tuple(
        CANONICAL[roles[place]] if place in roles else f"column{place + 1}"
        for place in range(width)
    )
    return names, Roles(
        {role: CANONICAL[role] for role in ROLES if role in roles.values()}, reasons
    )


def _by_name(role: str, names: Sequence[str]) -> str | None:
    by_bare: dict[str, str] = {}
    for name in names:
        by_bare.setdefault(bare(name), name)
    for alias in _ALIASES[role].split():
        if alias in by_bare:
            return by_bare[alias]
    endings = tuple(
        alias for alias in _ALIASES[role].split() if len(alias) > 5 and alias[-2:] == "id"
    )
    hints = (name for name in by_bare if name.endswith(endings) or role in name)
    return next((by_bare[name] for name in hints), None)


def _are_numbers(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and sum(map(is_number, filled)) >= 0.9 * len(filled)


def _are_times(cells: Sequence[str]) -> bool:
    """ISO dates, or numbers as large as seconds since 1970 have been from 1984 on."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return False
    if all(_DATE.fullmatch(cell) for cell in filled):
        return True
    return all(is_number(cell) and 4.5e8 <= float(cell) < 1e20 for cell in filled)
