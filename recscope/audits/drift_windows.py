"""Time cut into calendar windows, and what falls into each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import ConfigError
from core.tables import Floats, Ints

HOUR, DAY = 3600, 86_400
UNITS = ("hour", "day", "week", "month", "quarter", "year")
AUTO = "auto"
MOST = 60  # windows, when the unit is chosen here: what a reader can still tell apart
COVERED = 0.9  # share of a window at either end that the data must cover, or it is no full window
FINER = {"year": "month", "quarter": "day", "month": "day", "week": "day", "day": "hour"}
MONDAY = 4  # days from 1970-01-01, a Thursday, to the first Monday


@dataclass(frozen=True, eq=False)
class Windows:
    """Stretches of the calendar, one after another, in UTC.

    edges   int64 (n + 1,) seconds since 1970: window w holds edges[w] <= time < edges[w + 1]
    labels  what each is called: 2000-11-20 for a day or the Monday of a week, 2000-11, 2000-Q4
    is_full bool (n,) False for a window at either end that the data cover only in part
    """

    unit: str
    edges: Ints
    labels: tuple[str, ...]
    is_full: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.labels)

    def place(self, times: Ints) -> Ints:
        """The window of each time, -1 outside all: int64 (n,)."""
        found = np.searchsorted(self.edges, times, side="right") - 1
        return np.where((found >= 0) & (found < len(self)), found, -1)


def windows_of(times: Ints, unit: str = AUTO) -> Windows:
    """Cut the time of the data.  ConfigError for a unit that is none of UNITS.

    unit  auto: the finest that gives at most 60 windows
    """
    if unit != AUTO and unit not in UNITS:
        raise ConfigError(
            f"[audit.drift] window must be one of {', '.join(UNITS)} or {AUTO}; got {unit!r}"
        )
    first, last = int(times.min()), int(times.max())
    if unit == AUTO:
        counts = {
            name: int(np.diff(_index(np.array([first, last]), name))[0]) + 1 for name in UNITS
        }
        unit = next((name for name in UNITS if counts[name] <= MOST), UNITS[-1])
    return between(first, last, unit)


def between(first: int, last: int, unit: str) -> Windows:
    """All windows of a unit from one time to another, both included."""
    span = _index(np.array([first, last]), unit)
    numbers = np.arange(span[0], span[1] + 2)
    edges = _start(numbers, unit)
    length = np.diff(edges)
    covered = np.minimum(edges[1:], last + 1) - np.maximum(edges[:-1], first)
    labels = tuple(_label(int(start), unit) for start in edges[:-1])
    return Windows(unit, edges, labels, covered >= COVERED * length)


def _index(times: Ints, unit: str) -> Ints:
    """Number of the window a time lies in, counted from 1970."""
    if unit == "hour":
        return times // HOUR
    if unit == "day":
        return times // DAY
    if unit == "week":
        return (times // DAY - MONDAY) // 7
    months = times.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return months // {"month": 1, "quarter": 3, "year": 12}[unit]


def _start(numbers: Ints, unit: str) -> Ints:
    """First second of numbered windows."""
    if unit in {"hour", "day"}:
        return numbers * (HOUR if unit == "hour" else DAY)
    if unit == "week":
        return (numbers * 7 + MONDAY) * DAY
    months = numbers * {"month": 1, "quarter": 3, "year": 12}[unit]
    return months.astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)


def _label(start: int, unit: str) -> str:
    moment = np.datetime64(start, "s")
    if unit == "hour":
        return f"{moment.astype('datetime64[h]')}:00".replace("T", " ")
    if unit == "quarter":
        month = int(str(moment)[5:7])
        return f"{str(moment)[:4]}-Q{(month + 2) // 3}"
    return str(
        moment.astype(
            {"month": "datetime64[M]", "year": "datetime64[Y]"}.get(unit, "datetime64[D]")
        )
    )


@dataclass(frozen=True, eq=False)
class Pairs:
    """Every user in every window in which the user did something, windows one after another.

    starts  int64 (n_windows + 1,) where each window's pairs begin
    users   int64 (n_pairs,) ascending within a window
    of_row  int64 (n_rows,) the pair of each row, -1 for a row outside all windows
    counts  int64 (n_pairs,) rows of each pair
    """

    starts: Ints
    users: Ints
    of_row: Ints
    counts: Ints

    def __len__(self) -> int:
        return len(self.users)

    @property
    def window(self) -> Ints:
        """The window of each pair."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


def pairs_of(users: npt.NDArray[Any], place: Ints, n_windows: int, n_users: int) -> Pairs:
    """Who was active when?  users: of each row; place: its window, -1 for none."""
    inside = place >= 0
    key = place[inside] * n_users + users[inside]
    distinct, of_inside, counts = np.unique(key, return_inverse=True, return_counts=True)
    of_row = np.full(len(users), -1, dtype=np.int64)
    of_row[inside] = of_inside
    starts = np.searchsorted(distinct, np.arange(n_windows + 1) * n_users)
    return Pairs(starts.astype(np.int64), distinct % n_users, of_row, counts)


@dataclass(frozen=True, eq=False)
class Profiles:
    """What each active user did in each window, every user counting once.

    starts  int64 (n_windows + 1,); users int64 (n,): as in Pairs, those without a value left out
    values  float64 (n, m) shares of the user's rows that fall into each category, or features
    """

    starts: Ints
    users: Ints
    values: Floats

    def __len__(self) -> int:
        return len(self.starts) - 1

    def n(self, window: int) -> int:
        """Users with a value in this window."""
        return int(self.starts[window + 1] - self.starts[window])

    def at(self, window: int) -> tuple[Ints, Floats]:
        """Users and values of one window."""
        rows = slice(self.starts[window], self.starts[window + 1])
        return self.users[rows], self.values[rows]

    def __iter__(self) -> Iterator[tuple[Ints, Floats]]:
        return (self.at(window) for window in range(len(self)))


def kept(pairs: Pairs, values: Floats, has_value: npt.NDArray[np.bool_] | None = None) -> Profiles:
    """Profiles of those pairs that have a value.  values: float (pairs with a value, m)."""
    if has_value is None:
        return Profiles(pairs.starts, pairs.users, values)
    before = np.append(0, np.cumsum(has_value))
    return Profiles(before[pairs.starts], pairs.users[has_value], values)
