"""Explanations of a run on disk: their tables, how rows are made, and how they are read back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import StorageError
from explain.explanation import Evidence, Explanation
from recscope.files import is_whole, read_json, read_table
from recscope.outputs import plain
from recscope.store import Run

FOLDER = "explanations"
FACTS = "explain.json"  # written last: it says that the tables beside it are whole
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "explanations": {
        "model": "object",
        "explainer": "object",
        "stage": "object",
        "user": "int32",
        "item": "int32",
        "rank": "int32",
        "text": "object",
        "own_text": "object",
        "is_fallback": "bool",
        "violations": "object",
        "evidence": "object",
        "attribution": "object",
        "spread": "object",
        "facts": "object",
    },
    "scores": {
        "model": "object",
        "explainer": "object",
        "user": "int32",
        "item": "int32",
        "rank": "int32",
        "scorer": "object",
        "value": "float64",
    },
    "estimates": {
        "model": "object",
        "explainer": "object",
        "scorer": "object",
        "family": "object",
        "better": "object",
        "mean": "float64",
        "low": "float64",
        "high": "float64",
        "n": "Int64",
        "n_undefined": "Int64",
        "method": "object",
        "reason": "object",
    },
    "judges": {
        "judge": "object",
        "corruption": "object",
        "auc": "float64",
        "low": "float64",
        "high": "float64",
        "n": "Int64",
        "n_undefined": "Int64",
        "is_flagged": "bool",
        "reason": "object",
    },
    "fusion": {
        "model": "object",
        "evidence": "object",
        "weight": "float64",
        "metric": "object",
        "k": "Int64",
        "base": "float64",
        "fused": "float64",
        "difference": "float64",
        "low": "float64",
        "high": "float64",
        "p": "float64",
        "p_adjusted": "float64",
        "n": "Int64",
        "covered": "float64",
    },
}


@dataclass(frozen=True, eq=False)
class Explained:
    """What explanations of a run came to.

    explanations  one row an explanation; lists and mappings are JSON text, `violations` a list
    scores        one row per explanation and scorer of single explanations; NaN is undefined
    estimates     one row per model, explainer and scorer, with its interval; `reason` where there
                  is no number
    judges        how well each judge tells good explanations from corrupted ones
    fusion        what evidence fed into the ranking changes
    facts         settings, seconds by step, notes (about, reason), counts
    """

    explanations: pd.DataFrame
    scores: pd.DataFrame
    estimates: pd.DataFrame
    judges: pd.DataFrame
    fusion: pd.DataFrame
    facts: Mapping[str, Any]

    @property
    def notes(self) -> list[dict[str, str]]:
        """What could not be done, and why: about, reason."""
        return list(self.facts.get("notes", ()))


def frame(name: str, rows: Sequence[Mapping[str, Any]] = ()) -> pd.DataFrame:
    """Rows in the columns of one of the tables; what a row does not name is missing.

    Raises ValueError for a key that is no column.
    """
    columns = COLUMNS[name]
    if unknown := {key for row in rows for key in row} - columns.keys():
        raise ValueError(f"no column is called {', '.join(sorted(unknown))}: {', '.join(columns)}")
    made = {
        key: pd.Series([row.get(key) for row in rows], dtype=kind) for key, kind in columns.items()
    }
    return pd.DataFrame(made)


def row_of(explanation: Explanation, model: str, rank: int) -> dict[str, Any]:
    """One explanation as a row of explanations.parquet.  rank: in the model's list, 0 if absent."""
    facts = dict(explanation.facts)
    own_text, spread = facts.pop("own_text", ""), facts.pop("spread", {})
    return {
        "model": model,
        "explainer": explanation.explainer,
        "stage": explanation.stage,
        "user": explanation.user,
        "item": explanation.item,
        "rank": rank,
        "text": explanation.text,
        "own_text": own_text,
        "is_fallback": explanation.is_fallback,
        "violations": list(explanation.violations),
        "evidence": as_text([_fact(one) for one in explanation.evidence]),
        "attribution": as_text(explanation.attribution),
        "spread": as_text(spread),
        "facts": as_text(facts),
    }


def _fact(evidence: Evidence) -> dict[str, Any]:
    told = asdict(evidence)
    del told["item"]  # it stands in the row
    return told


def as_text(value: Any) -> str:
    """JSON on one line; what is undefined is null."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def explanation_of(row: Mapping[str, Any]) -> Explanation:
    """A row of explanations.parquet as an Explanation again."""
    item = int(row["item"])
    evidence = tuple(
        Evidence(
            kind=one["kind"],
            item=item,
            sources=tuple(one["sources"]),
            weight=float("nan") if one["weight"] is None else one["weight"],
            text=one["text"],
            facts=one["facts"],
        )
        for one in json.loads(row["evidence"])
    )
    spread = codes_of(row["spread"])
    facts = json.loads(row["facts"])
    if row["own_text"]:
        facts["own_text"] = row["own_text"]
    return Explanation(
        user=int(row["user"]),
        item=item,
        stage=row["stage"],
        explainer=row["explainer"],
        text=row["text"],
        evidence=evidence,
        attribution=codes_of(row["attribution"]),
        is_fallback=bool(row["is_fallback"]),
        violations=tuple(row["violations"]),
        facts={**facts, "spread": spread} if spread else facts,
    )


def codes_of(text: str) -> dict[int, float]:
    """A mapping from item codes that was kept as JSON text."""
    return {
        int(code): float("nan") if value is None else float(value)
        for code, value in json.loads(text).items()
    }


def is_explained(run: Run) -> bool:
    """Were explanations of this run made, and are they whole?"""
    return is_whole(run.path / FOLDER / FACTS)


def read_explained(run: Run) -> Explained:
    """The explanations of a run.  StorageError, with what to do, where there are none."""
    if not is_explained(run):
        raise StorageError(
            f"no explanations were made of run {run.id}; make them with: python -m recscope "
            f"explain --run {run.id}"
        )
    folder = run.path / FOLDER
    tables = {name: _read(folder / f"{name}.parquet", name) for name in COLUMNS}
    return Explained(**tables, facts=read_json(folder / FACTS))


def _read(path: Path, name: str) -> pd.DataFrame:
    found = read_table(path)
    for key, kind in COLUMNS[name].items():
        if kind == "Int64":
            found[key] = found[key].astype("Int64")
    return found[list(COLUMNS[name])]
