"""What an audit answers: three plain tables, and what could not be judged and why."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from recscope.estimate import COLUMNS as ESTIMATES
from recscope.files import read_json, read_table, write_json, write_table

Row = Mapping[str, Any]

CURVES = ("curve", "model", "series", "x", "label", "y", "low", "high", "n")
TESTS = (
    "test",
    "model",
    "metric",
    "k",
    "group_by",
    "group",
    "statistic",
    "effect",
    "low",
    "high",
    "p",
    "p_adjusted",
    "n",
    "is_alarm",
)
AUDIT = "audit.json"  # written last: it says that the tables beside it are whole
TABLES = ("estimates", "curves", "tests")
TEXTS = {"model", "metric", "group_by", "group", "method", "curve", "series", "label", "test"}
WHOLE = {"k", "n", "n_undefined", "n_imputed"}


@dataclass(frozen=True)
class Note:
    """Something that cannot be judged.

    about   a model, a metric, a column
    reason  because …
    """

    about: str
    reason: str


def estimates_frame(rows: Sequence[Row] = ()) -> pd.DataFrame:
    """Rows in the columns of estimates; a column that no row names is empty, counts are 0.

    model, metric, k, group_by, group, mean, low, high, n, n_undefined, n_imputed, method
    """
    return _frame(rows, ESTIMATES, {"n_undefined": 0, "n_imputed": 0, "method": "none"})


def curves_frame(rows: Sequence[Row] = ()) -> pd.DataFrame:
    """Rows in the columns of curves: points of what an audit draws.

    curve   what it is, such as "reliability"; series: one line of it, such as "after"
    x, y    float; label: the name of x where it is no number; low, high: the band around y
    n       what the point counts
    """
    return _frame(rows, CURVES, {})


def effects_frame(rows: Sequence[Row] = ()) -> pd.DataFrame:
    """Rows in the columns of tests: an effect, how likely it is by chance, and the alarm.

    statistic   of the test; effect, low, high: in the unit that a reader knows
    p_adjusted  corrected over the family of tests that stand together; is_alarm: judged by it
    """
    return _frame(rows, TESTS, {"is_alarm": False})


def _frame(rows: Sequence[Row], columns: Sequence[str], usual: Row) -> pd.DataFrame:
    if unknown := {name for row in rows for name in row} - set(columns):
        raise ValueError(f"no column is called {', '.join(sorted(unknown))}: {', '.join(columns)}")
    made = {}
    for name in columns:
        values = [row.get(name, usual.get(name)) for row in rows]
        if name in TEXTS:
            made[name] = pd.Series(values, dtype=object)
        elif name in WHOLE:
            made[name] = pd.Series(values, dtype="Int64")
        elif name == "is_alarm":
            made[name] = pd.Series(values, dtype=bool)
        else:
            made[name] = pd.Series(values, dtype="float64")
    return pd.DataFrame(made)


@dataclass(frozen=True, eq=False)
class Report:
    """What one audit found.

    estimates, curves, tests  as `estimates_frame`, `curves_frame`, `effects_frame` make them
    notes     what cannot be judged, and why
    settings  what the audit worked with; seconds: how long it took
    """

    estimates: pd.DataFrame = field(default_factory=estimates_frame)
    curves: pd.DataFrame = field(default_factory=curves_frame)
    tests: pd.DataFrame = field(default_factory=effects_frame)
    notes: Sequence[Note] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def facts(self) -> dict[str, Any]:
        """What is kept beside the tables."""
        return {
            "notes": [asdict(note) for note in self.notes],
            "settings": dict(self.settings),
            "seconds": self.seconds,
        }


def write_report(report: Report, folder: Path) -> None:
    """The tables as Parquet, then audit.json."""
    (folder / AUDIT).unlink(missing_ok=True)
    for name in TABLES:
        write_table(folder / f"{name}.parquet", getattr(report, name))
    write_json(folder / AUDIT, report.facts())


def read_report(folder: Path) -> Report:
    """What `write_report` kept.  StorageError where it is not there or cut off."""
    facts = read_json(folder / AUDIT)
    tables = {name: read_table(folder / f"{name}.parquet") for name in TABLES}
    notes = [Note(**note) for note in facts["notes"]]
    return Report(**tables, notes=notes, settings=facts["settings"], seconds=facts["seconds"])


def joined(reports: Sequence[Report]) -> Report:
    """Several parts of one audit as one."""
    if not reports:
        return Report()
    tables = {
        name: pd.concat([getattr(report, name) for report in reports], ignore_index=True)
        for name in TABLES
    }
    notes = [note for report in reports for note in report.notes]
    return Report(**tables, notes=list(dict.fromkeys(notes)), settings=reports[0].settings)
