"""Tables of results as files: JSON, Parquet, CSV that no spreadsheet takes for formulas."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import ConfigError

ENDINGS = (".json", ".parquet", ".csv")
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def check_ending(path: Path) -> Path:
    """The same path; ConfigError where its ending is none that can be written."""
    if path.suffix.lower() not in ENDINGS:
        raise ConfigError(f"{path} must end in one of {', '.join(ENDINGS)}; rename it")
    return path


def as_json(value: Any) -> str:
    """JSON text in which undefined (NaN, NA, None) is null."""
    return json.dumps(plain(value), indent=1, ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """What JSON can hold of a value: numpy's numbers as Python's, undefined as None."""
    if isinstance(value, pd.DataFrame):
        return records(value)
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    value = value.item() if hasattr(value, "item") else value
    if value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One dict a row."""
    columns = {str(name): [plain(cell) for cell in frame[name]] for name in frame.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def formula_safe(frame: pd.DataFrame) -> pd.DataFrame:
    """Text that a spreadsheet would run, and headers too, get an apostrophe in front."""
    safe = frame.rename(columns=lambda name: _safe(str(name)))
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name].dtype):
            safe[name] = safe[name].map(_safe, na_action="ignore")
    return safe


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(STARTS_A_FORMULA) else value


def write(path: Path, frame: pd.DataFrame, document: str | None = None) -> Path:
    """Write a table whole or not at all, as the path's ending says.

    document  what a .json file holds; the rows of the table when not given

    Raises ConfigError for another ending and StorageError where the disk refuses.
    """
    from core.atomic import new_file
    from recscope.files import write_table, write_text

    ending = check_ending(path).suffix.lower()
    if ending == ".json":
        write_text(path, (document or as_json(frame)) + "\n")
    elif ending == ".parquet":
        write_table(path, frame)
    else:
        with new_file(path) as temporary:
            formula_safe(frame).to_csv(temporary, index=False)
    return path
