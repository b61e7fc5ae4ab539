"""Rows out of JSON lines: one object a line, its keys the columns."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import DatasetError
from core.frames_bytes import MAX_LINE_BYTES, too_long
from core.frames_text import REJECT_COLUMNS, TEXT_SHOWN, Read

_BATCH = 50_000


def read_json_lines(path: Path, label: str) -> Read:
    """Read a UTF-8 file; a line that is no object is rejected.

    Raises DatasetError for one JSON array over many lines, and for a key twice in one object.
    """
    frames: list[pd.DataFrame] = []
    lines: list[int] = []
    rejects: list[tuple[int, str, str, str]] = []
    objects = _objects(path, label, rejects)
    while batch := list(islice(objects, _BATCH)):
        lines.extend(line for line, _ in batch)
        frames.append(pd.DataFrame([row for _, row in batch]))
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    found = pd.DataFrame(rejects, columns=list(REJECT_COLUMNS))
    return Read(frame, found, lambda: np.array(lines, dtype=np.int64))


def first_objects(path: Path, label: str, count: int) -> pd.DataFrame:
    """The first rows, to guess from."""
    return pd.DataFrame([row for _, row in islice(_objects(path, label, []), count)])


def _objects(
    path: Path, label: str, rejects: list[tuple[int, str, str, str]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open("rb") as file:
        lines = iter(lambda: file.readline(MAX_LINE_BYTES + 1), b"")
        for number, line in enumerate(lines, start=1):
            if len(line) > MAX_LINE_BYTES:
                raise too_long(label, number, MAX_LINE_BYTES)
            text = line.strip()
            if number == 1 and text.startswith(b"["):
                raise DatasetError(
                    f"{label} is one JSON array; JSON lines were wanted, one object a line. In "
                    f"pandas: frame.to_json(path, orient='records', lines=True)"
                )
            if not text:
                continue
            try:
                row = json.loads(text, object_pairs_hook=_row)
            except (ValueError, RecursionError) as error:
                rejects.append((number, "", f"no JSON: {error}", _shown(text)))
                continue
            except _DoubledKeyError as error:
                raise DatasetError(
                    f"line {number} of {label} has more than one key {str(error)!r}; rename or "
                    f"remove one, because which of them is meant cannot be known"
                ) from error
            if isinstance(row, dict):
                yield number, row
            else:
                rejects.append((number, "", "a JSON object was wanted", _shown(text)))


class _DoubledKeyError(Exception):
    """One object has a key twice."""


def _row(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _DoubledKeyError(next(key for key in keys if keys.count(key) > 1))
    return row


def _shown(text: bytes) -> str:
    return text[:TEXT_SHOWN].decode("utf-8", "replace")
