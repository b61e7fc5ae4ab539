"""Every row, user or value that was dropped or repaired, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

Action = Literal["dropped", "repaired", "imputed", "noted"]
N_EXAMPLES = 5


@dataclass(frozen=True)
class Entry:
    """One reason.  stage: where it happened; count: how many `unit`; examples: at most five."""

    stage: str
    action: Action
    reason: str
    count: int
    unit: str = "rows"
    examples: tuple[str, ...] = ()


@dataclass
class Ledger:
    """Grows as a stage works; a reason that counts nothing is not entered."""

    entries: list[Entry] = field(default_factory=list)

    def add(
        self,
        stage: str,
        action: Action,
        reason: str,
        count: int,
        *,
        unit: str = "rows",
        examples: Iterable[object] = (),
    ) -> None:
        if count:
            shown = tuple(str(example) for example, _ in zip(examples, range(N_EXAMPLES)))  # noqa: B905
            self.entries.append(Entry(stage, action, reason, int(count), unit, shown))

    def extend(self, other: "Ledger") -> None:
        self.entries.extend(other.entries)

    def count(self, reason: str) -> int:
        """How much was counted under a reason, over all stages."""
        return sum(entry.count for entry in self.entries if entry.reason == reason)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def frame(self) -> pd.DataFrame:
        """Columns stage, action, reason, count, unit, examples (a list of text)."""
        columns = ["stage", "action", "reason", "count", "unit", "examples"]
        rows = [
            [entry.stage, entry.action, entry.reason, entry.count, entry.unit, list(entry.examples)]
            for entry in self.entries
        ]
        return pd.DataFrame(rows, columns=columns)
