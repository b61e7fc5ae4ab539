"""What can be said of a data set without a card: the facts a card would state, where data show."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from core.frames import Table
from core.frames_roles import bare
from core.tables import Dataset

MAX_GROUPS = 25  # an attribute with more values than this slices too finely
_SENSITIVE = {
    "gender", "sex", "age", "agegroup", "ethnicity", "race", "religion", "nationality", "country",
    "disability", "zip", "zipcode", "postcode", "income", "maritalstatus", "birthdate", "birthyear",
}  # fmt: skip
_TEXTS = {"title", "text", "description", "plot", "summary", "abstract", "overview", "body"}


def facts_of(
    dataset: Dataset, tables: Sequence[Table], roles: Mapping[str, str], threshold: float | None
) -> dict[str, Any]:
    """Title, files, roles, attributes to slice by, sensitive ones, texts, are ratings graded?"""
    side, ratings = dataset.side, dataset.interactions.ratings
    groups = _slicing(side.users)
    return {
        "title": dataset.name,
        "description": f"read from {', '.join(table.label for table in tables)}",
        "licence": "your own data",
        "roles": dict(roles),
        "files": [
            {"name": t.label, "format": t.layout.format, "bytes": t.n_bytes, "sha256": t.sha256}
            for t in tables
        ],
        "sensitive": [name for name in side.users.columns if bare(str(name)) in _SENSITIVE],
        "groups": groups,
        "item_groups": ["genres"] * ("genres" in side.items) + _slicing(side.items),
        "provider": None,
        "texts": [name for name in side.items.columns if bare(str(name)) in _TEXTS],
        "threshold": threshold,
        "graded": ratings is not None and bool((ratings != ratings[0]).any()),
        "split": "global-time" if dataset.interactions.timestamps is not None else "ratio-per-user",
    }


def sha256_of_all(tables: Sequence[Table]) -> str:
    """Of one file its own; of several, of their hashes in the order interactions, users, items."""
    if len(tables) == 1:
        return tables[0].sha256
    return hashlib.sha256("\n".join(table.sha256 for table in tables).encode()).hexdigest()


def _slicing(frame: pd.DataFrame) -> list[str]:
    """Columns of few values, at least two of them, that are neither lists nor fractions."""
    found = []
    for name, column in frame.items():
        present = column.dropna()
        if not len(present) or isinstance(present.iloc[0], list):
            continue
        is_float = pd.api.types.is_float_dtype(present.dtype)
        if is_float and bool((present % 1 != 0).any()):
            continue
        if 2 <= present.nunique() <= MAX_GROUPS:
            found.append(str(name))
    return found
