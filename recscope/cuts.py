"""How does an attribute, or several at once, cut the users into groups?

A cut is one code a user, so that a million users are regrouped by counting codes.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import UnknownNameError
from core.tables import Codes, Ints

N_BANDS = 4
FEW_NUMBERS = 10  # as many different numbers stay as they are; more are cut into bands
MOST_GROUPS = 200
ALL_DERIVED = ("activity", "tenure", "mainstreamness")
NO_ATTRIBUTES = ("user", "user_id", "n_train", "n_test")
BETWEEN = " × "
CLEARLY_MORE = 1.5


@dataclass(frozen=True, eq=False)
class Cut:
    """Who belongs to which group.

    name    the attribute, or several joined by ×
    codes   int32 (n_users,) place in `groups`, -1 for a user without a value
    groups  names, in the order of the values
    """

    name: str
    codes: Codes
    groups: tuple[str, ...]

    @cached_property
    def place(self) -> npt.NDArray[np.intp]:
        """Codes + 1 (n_users,), as sums by code want them."""
        return self.codes.astype(np.intp) + 1

    @property
    def sizes(self) -> Ints:
        """int64 (n_groups,) users in each."""
        return np.bincount(self.place, minlength=len(self.groups) + 1)[1:]

    def take(self, rows: Any) -> "Cut":
        """The same groups for these users alone."""
        return Cut(self.name, self.codes[rows], self.groups)


def cut(column: "pd.Series[Any]", name: str, most: int = MOST_GROUPS) -> Cut | str:
    """One attribute as groups; or why it makes none.

    column  one value a user. Words and up to ten different numbers stay as they are, more numbers
            are cut into four bands of about as many users
    most    values that can be told apart
    """
    if column.isna().all():
        return "no user has a value"
    is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if is_number and column.nunique() > FEW_NUMBERS:
        return _banded(column, name)
    try:
        codes, values = pd.factorize(column, sort=True)
    except TypeError:  # lists, or values of several types, which have no order
        codes, values = pd.factorize(column.map(str, na_action="ignore"), sort=True)
    if len(values) > most:
        return (
            f"it has {len(values):,} values, too many to tell groups apart (at most {most:,}): put "
            "them into bands first"
        )
    if len(values) < 2:
        return f"every user who has a value has the same, {_text(values[0])!r}"
    return Cut(name, codes.astype(np.int32), tuple(_text(value) for value in values))


def _banded(column: "pd.Series[Any]", name: str) -> Cut | str:
    bands = pd.qcut(column, N_BANDS, duplicates="drop").cat
    if len(bands.categories) < 2:
        return "nearly every user has the same value"
    is_whole = bool((column.dropna() % 1 == 0).all())
    lowest = float(column.min())
    groups = tuple(_band(part, lowest, is_whole=is_whole) for part in bands.categories)
    return Cut(name, bands.codes.to_numpy().astype(np.int32), groups)


def _band(part: Any, lowest: float, *, is_whole: bool) -> str:
    """Such as 30 to 43: both ends belong to it where the numbers are whole."""
    if is_whole:
        return f"{max(math.floor(part.left) + 1, lowest):g} to {math.floor(part.right):g}"
    return f"{max(part.left, lowest):g} to {part.right:g}"


def _text(value: object) -> str:
    """As a person would write it: 25, not 25.0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def crossed(cuts: Sequence[Cut]) -> Cut:
    """Groups of users who share their groups in every one of the cuts; those that occur."""
    if len(cuts) == 1:
        return cuts[0]
    codes = cuts[0].codes.astype(np.int64)
    names = list(cuts[0].groups)
    for other in cuts[1:]:
        is_in = (codes >= 0) & (other.codes >= 0)
        both = np.where(is_in, codes * len(other.groups) + other.codes, -1)
        counts = np.bincount(both + 1, minlength=len(names) * len(other.groups) + 1)[1:]
        found = np.flatnonzero(counts)
        place = np.full(len(counts) + 1, -1)  # the last place answers for -1
        place[found] = np.arange(len(found))
        codes = place[both]
        pairs = (divmod(int(one), len(other.groups)) for one in found)
        names = [f"{names[first]}{BETWEEN}{other.groups[second]}" for first, second in pairs]
    return Cut(BETWEEN.join(each.name for each in cuts), codes.astype(np.int32), tuple(names))


def intersections(cuts: Sequence[Cut], depth: int) -> list[Cut]:
    """Every crossing of 2 to `depth` cuts that says clearly more than one of them does.

    Age in years and age in bands, say, follow from each other: crossed, they make few new groups.
    """
    found = []
    for width in range(2, depth + 1):
        for chosen in combinations(cuts, width):
            made = crossed(chosen)
            finest = max(int((each.sizes > 0).sum()) for each in chosen)
            if len(made.groups) >= CLEARLY_MORE * finest:
                found.append(made)
    return found


def declared(users: pd.DataFrame, facts: Mapping[str, Any]) -> list[str]:
    """Attributes worth a look: the card's groups and sensitive ones that are there, and derived."""
    named = [*facts.get("groups", ()), *facts.get("sensitive", ()), *ALL_DERIVED]
    return [name for name in dict.fromkeys(named) if name in users]


def cuts_of(
    users: pd.DataFrame, names: Iterable[str], most: int = MOST_GROUPS
) -> tuple[list[Cut], dict[str, str]]:
    """A cut for every attribute that makes one; and for the others the reason.

    Raises UnknownNameError for a name that is no column of users.
    """
    made, reasons = [], {}
    for name in names:
        if name not in users:
            known = [str(column) for column in users.columns if column not in NO_ATTRIBUTES]
            raise UnknownNameError("attribute of users", name, known)
        found = cut(users[name], name, most)
        if isinstance(found, str):
            reasons[name] = found
        else:
            made.append(found)
    return made, reasons
