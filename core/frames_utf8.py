"""A copy of a text file that a reader of plain UTF-8 lines can take."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from core.errors import DatasetError, StorageError
from core.frames_bytes import BLOCK


def write_utf8(path: Path, target: Path, encoding: str, label: str, *, n_columns: int = 0) -> None:
    """The same lines in UTF-8, ended by line feeds.

    n_columns  of a TREC file: so many columns, parted by one tab; what follows them is left out,
               as trec_eval does

    A carriage return alone ends a line where there are no line feeds at all, and else becomes a
    space. Raises DatasetError where the bytes are not in that encoding.
    """
    columns = re.compile(r"(?m)^[ \t]*" + r"[ \t]+".join([r"(\S+)"] * n_columns) + r"([ \t].*)?$")
    parted = r"\t".join(f"\\{place + 1}" for place in range(n_columns))
    is_mac = not _has_line_feed(path, encoding)
    try:
        with (
            path.open(encoding=encoding, newline="") as source,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            for text in _texts(source):
                unified = text.replace("\r\n", "\n").replace("\r", "\n" if is_mac else " ")
                out.write(columns.sub(parted, unified) if n_columns else unified)
    except UnicodeError as error:
        raise DatasetError(
            f"{label} was taken for {encoding}, but holds bytes that are none ({error}); save "
            f"it as UTF-8"
        ) from error
    except OSError as error:
        raise StorageError(
            f"a UTF-8 copy of {label} could not be written to {target.parent}: {error}; free "
            f"space there, or point TMPDIR to another folder"
        ) from error


def _texts(source: IO[str]) -> Iterator[str]:
    """Blocks of text that end with a line, so far as lines are shorter than a block."""
    held = ""
    while text := source.read(BLOCK):
        held += text
        cut = max(held.rfind("\n"), held.rfind("\r", 0, -1)) + 1
        if not cut and len(held) > BLOCK:
            cut = len(held) - held.endswith("\r")
        yield held[:cut]
        held = held[cut:]
    yield held


def _has_line_feed(path: Path, encoding: str) -> bool:
    with path.open(encoding=encoding, errors="replace", newline="") as source:
        return "\n" in source.read(BLOCK)
