"""Texts, JSON and Parquet of a run: written whole or not at all, read back with a plain word."""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core.atomic import new_file
from core.errors import StorageError

TEMPORARY = ".*.tmp"  # what core.atomic.new_file leaves when it is killed


def sweep(folder: Path) -> None:
    """Remove temporary files that a killed process left."""
    for left in folder.rglob(TEMPORARY):
        with contextlib.suppress(OSError):
            left.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    with new_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: object) -> None:
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False, default=_plain) + "\n")


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """Parquet of the columns; the index is not kept."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    with new_file(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_json(path: Path) -> Any:
    """Raises StorageError where the file is absent or is no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StorageError(f"{path} is not there; the run has not come so far") from error
    except (OSError, ValueError) as error:
        raise StorageError(f"{path} cannot be read back ({error}); resume the run") from error


def read_table(
    path: Path,
    columns: Sequence[str] | None = None,
    filters: list[tuple[str, str, Any]] | None = None,
) -> pd.DataFrame:
    """Read only these columns, and only row groups that can hold what the filters ask for.

    Raises StorageError where the file is absent, cut off, or lacks a column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        wanted = None if columns is None else list(columns)
        table = pq.read_table(path, columns=wanted, filters=filters)
    except FileNotFoundError as error:
        raise StorageError(f"{path} is not there; the run has not come so far") from error
    except (OSError, pa.ArrowException) as error:
        raise StorageError(f"{path} cannot be read back ({error}); resume the run") from error
    frame: pd.DataFrame = table.to_pandas()
    return frame


def columns_of(path: Path) -> list[str]:
    """Names of a Parquet file's columns, from its footer alone."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(path).names)
    except (OSError, pa.ArrowException) as error:
        raise StorageError(f"{path} cannot be read back ({error}); resume the run") from error


def is_whole(path: Path) -> bool:
    """Is the file there, and does it read as what its ending says?"""
    try:
        if path.suffix == ".parquet":
            columns_of(path)
        elif path.suffix == ".json":
            read_json(path)
        else:
            return path.is_file()
    except StorageError:
        return False
    return True


def _plain(value: object) -> object:
    """JSON of what numpy and pathlib hold; anything else as text."""
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", 0) == 0:
        return item()
    return value.tolist() if hasattr(value, "tolist") else str(value)
