"""Numbers that took long to compute, kept by what they were computed from."""

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from core.errors import StorageError
from core.keeping import is_anew, note_use
from core.paths import cache_dir
from core.tables import Floats


def remembered(
    about: Sequence[object], make: Callable[[], Floats], path: Path | None = None
) -> Floats:
    """What `make` computes, from disk where the same was asked before: float64, of any shape.

    about  all that decides the numbers, as JSON can hold it; path: an SQLite file, by default in
           the cache folder. Each answer is written as soon as it is there, so work that is broken
           off goes on where it was.
    """
    if is_anew():
        return np.ascontiguousarray(make(), dtype=np.float64)
    path = path or cache_dir() / "numbers.sqlite"
    text = json.dumps(about, ensure_ascii=False, sort_keys=True)
    key = hashlib.sha256(text.encode()).hexdigest()
    with closing(_open(path)) as kept:
        row = kept.execute(
            "SELECT shape, value, seconds FROM timed_number WHERE key = ?", (key,)
        ).fetchone()
    if row is not None:
        note_use(row[2])
        return np.frombuffer(row[1], dtype=np.float64).reshape(json.loads(row[0])).copy()
    began = time.perf_counter()
    made: Floats = np.ascontiguousarray(make(), dtype=np.float64)
    seconds = time.perf_counter() - began
    with closing(_open(path)) as kept, kept:
        kept.execute(
            "INSERT OR REPLACE INTO timed_number(key, shape, value, seconds) VALUES (?, ?, ?, ?)",
            (key, json.dumps(made.shape), made.tobytes(), seconds),
        )
    return made


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = sqlite3.connect(path, timeout=30)
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute(
            "CREATE TABLE IF NOT EXISTS timed_number"
            "(key TEXT PRIMARY KEY, shape TEXT, value BLOB, seconds REAL)"
        )
    except (OSError, sqlite3.Error) as error:
        raise StorageError(
            f"numbers cannot be kept in {path}: {error}; set RECSCOPE_HOME to a folder that can be "
            "written"
        ) from error
    return opened
