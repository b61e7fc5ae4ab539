"""What a user liked, in order, as a prompt tells it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.tables import Interactions

DAY = 86_400
SPANS = ((365, "year"), (30, "month"), (7, "week"), (1, "day"))


@dataclass(frozen=True)
class Past:
    """One liked item.  ago: days before the user's last interaction, None where time is unknown."""

    item: int
    ago: float | None


class Histories:
    """Liked items of every user, oldest first; what was liked twice counts where it came last."""

    def __init__(self, train: Interactions) -> None:
        mask = train.is_liked
        rows = np.flatnonzero(mask)
        times = train.timestamps
        keys = (rows, train.users[rows]) if times is None else (
            rows, times[rows], train.users[rows]
        )  # fmt: skip
        rows = rows[np.lexsort(keys)]
        self.users = train.users[rows]
        self.items = train.items[rows]
        self.times = None if times is None else times[rows]
        self.starts = np.searchsorted(self.users, np.arange(train.n_users + 1))

    def of(self, user: int) -> tuple[Past, ...]:
        """Oldest first; () for a user who liked nothing."""
        part = slice(self.starts[user], self.starts[user + 1])
        items = self.items[part].tolist()
        if self.times is None:
            told: list[float | None] = [None] * len(items)
        else:
            times = self.times[part]
            told = [(int(times[-1]) - int(time)) / DAY for time in times]
        last = {item: place for place, item in enumerate(items)}
        return tuple(
            Past(item, told[place]) for place, item in enumerate(items) if last[item] == place
        )


def ago(days: float) -> str:
    """In words: "today", "3 weeks before"."""
    for length, name in SPANS:
        if days >= length:
            n = int(days // length)
            return f"{n} {name}{'s' if n > 1 else ''} before"
    return "the same day"


def lines(past: Sequence[Past], names: Sequence[str], *, is_timed: bool = False) -> str:
    """One liked item a line; with is_timed, how long before the last one it was liked."""
    told = []
    for one in past:
        when = f" ({ago(one.ago)})" if is_timed and one.ago is not None else ""
        told.append(f"- {names[one.item]}{when}")
    return "\n".join(told)
