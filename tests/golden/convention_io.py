"""Cases of the conventions, for scripts that run beside another tool: the standard library only."""

import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Value = float | dict[str, str]


@dataclass(frozen=True)
class Case:
    """One input.

    lists  user → (item, score) best first; a case ranked by rank has scores that fall by one
    truth  user → item → rating; rating 1 where there are none
    """

    name: str
    ks: list[int]
    ranked_by: str
    threshold: float
    n_items: int
    lists: dict[int, list[tuple[int, float]]]
    truth: dict[int, dict[int, float]]
    train: dict[int, list[int]]
    features: list[list[int]]

    @property
    def relevant(self) -> dict[int, list[int]]:
        """The relevant items of the users who have any."""
        found = {
            user: [item for item, rating in rows.items() if rating >= self.threshold]
            for user, rows in self.truth.items()
        }
        return {user: items for user, items in found.items() if items}

    @property
    def once(self) -> dict[int, list[tuple[int, float]]]:
        """The lists with each item at its first place only."""
        return {user: list(first_places(rows).items()) for user, rows in self.lists.items()}


def first_places(rows: list[tuple[int, float]]) -> dict[int, float]:
    kept: dict[int, float] = {}
    for item, score in rows:
        kept.setdefault(item, score)
    return kept


def cases() -> Iterator[Case]:
    made = json.loads((HERE / "convention_cases.json").read_text(encoding="utf-8"))
    for name, one in made["cases"].items():
        yield Case(
            name,
            one["ks"],
            one["ranked_by"],
            one["threshold"],
            one["n_items"],
            {
                int(user): [
                    (item, score if one["ranked_by"] == "score" else -float(place))
                    for place, (item, score) in enumerate(rows, start=1)
                ]
                for user, rows in one["lists"].items()
            },
            {int(user): {int(i): r for i, r in rows} for user, rows in one["truth"].items()},
            {int(user): items for user, items in one["train"].items()},
            one["features"],
        )


def attempt(compute: Callable[..., Any], *arguments: Any) -> Value | None:
    """The number, null for NaN; the name of the error where the tool stops."""
    try:
        value = float(compute(*arguments))
    except Exception as error:  # noqa: BLE001 - whatever the tool raises is what it says
        return {"error": type(error).__name__, "message": str(error)[:120]}
    return None if math.isnan(value) else value


def write(tool: str, version: str, values: dict[str, Any], **more: Any) -> None:
    """Write convention_TOOL.json beside this file: case → metric@k → value."""
    script = Path(sys.argv[0]).name
    head = {"tool": tool, "version": version, "python": sys.version.split()[0], "made_by": script}
    text = json.dumps({**head, **more, "values": values}, indent=1)
    (HERE / f"convention_{tool}.json").write_text(text + "\n", encoding="utf-8")
    n = sum(len(one) for one in values.values())
    failed = {v["error"] for one in values.values() for v in one.values() if isinstance(v, dict)}
    sys.stdout.write(f"{tool} {version}: {n} values; stopped with {sorted(failed)}\n")
