"""The tables of explanations while they are made: parts, seconds, notes."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from recscope.explained import COLUMNS, frame


@dataclass
class Tables:
    """What comes of the stage, part by part.

    parts    table → its parts; seconds: step → how long it took; notes: about, reason
    """

    parts: dict[str, list[pd.DataFrame]] = field(
        default_factory=lambda: {name: [] for name in COLUMNS}
    )
    seconds: dict[str, float] = field(default_factory=dict)
    notes: list[dict[str, str]] = field(default_factory=list)

    def add(self, name: str, rows: pd.DataFrame) -> None:
        if len(rows):
            self.parts[name].append(rows)

    def table(self, name: str) -> pd.DataFrame:
        """All parts in one, in the columns of explained.COLUMNS."""
        if not self.parts[name]:
            return frame(name)
        return pd.concat(self.parts[name], ignore_index=True)

    def take(self, other: "Tables") -> None:
        """What another part of the stage made, after what is here."""
        for name, parts in other.parts.items():
            self.parts[name] += parts
        self.seconds |= other.seconds
        for one in other.notes:
            self.note(**one)

    def note(self, about: str, reason: str) -> None:
        """Something that could not be done, once."""
        one = {"about": about, "reason": reason}
        if one not in self.notes:
            self.notes.append(one)

    @contextlib.contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long a step takes."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[step] = round(time.monotonic() - start, 3)
