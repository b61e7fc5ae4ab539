"""Frames out of files, whatever their layout.

CSV, TSV, `::`, `;` and `|`, JSON lines, Parquet (a folder too), RecBole atomic files, TREC runs and
qrels; RecTools frames are such files with its column names. What is read is what stands there:
an id is never shortened, an empty cell is missing, "NA" is text.
"""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from core.errors import DatasetError, EmptyError
from core.frames_bytes import MAX_LINE_BYTES, sha256_of, single_byte_encoding, survey
from core.frames_json import first_objects, read_json_lines
from core.frames_lists import read_lists
from core.frames_parquet import first_rows, is_parquet, read_parquet
from core.frames_roles import guess_roles
from core.frames_sniff import N_SAMPLE, Layout, Sample, resample, sniff_text
from core.frames_text import Read, read_delimited
from core.frames_utf8 import write_utf8

Source = Path | str | BinaryIO


@dataclass(frozen=True, eq=False)
class Table:
    """A frame and where it came from.  read: its rejects and line numbers; sha256: of the bytes."""

    frame: pd.DataFrame
    read: Read
    layout: Layout
    sha256: str
    label: str
    n_bytes: int


def read_frame(
    source: Source, name: str | None = None, layout: Layout | None = None
) -> pd.DataFrame:
    """What table does a file hold?  name: its name in messages; layout: how to read, else sniffed.

    A file without a header gets the names user_id, item_id, rating, timestamp by its values. Raises
    DatasetError naming the first lines that cannot be read: nothing is left out unsaid.
    """
    table = read_table(source, name, layout)
    rejects = table.read.rejects
    if len(rejects):
        first = rejects.iloc[0]
        raise DatasetError(
            f"{len(rejects)} lines of {table.label} cannot be read; the first is line "
            f"{first['line']}: {first['reason']} ({first['text']!r}). Mend or remove them"
        )
    return table.frame


def read_table(
    source: Source,
    name: str | None = None,
    layout: Layout | None = None,
    *,
    id_columns: Collection[str] = (),
    max_line_bytes: int = MAX_LINE_BYTES,
) -> Table:
    """As read_frame, but lines that cannot be read come back beside the frame.

    id_columns  columns whose cells are names, even where they look like decimals; those that by
                their own name are a user or an item are anyway
    """
    with as_file(source, name) as (path, label):
        if is_parquet(path):
            read = read_parquet(path, label)
            layout = Layout("parquet", encoding="binary", quoted=False)
        else:
            read, layout = _read_text(path, label, layout, id_columns, max_line_bytes)
        files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
        n_bytes = sum(file.stat().st_size for file in files)
        if not len(read.frame):
            raise EmptyError(_nothing_left(read, label))
        if path != source and str(path) != source:
            read = read.counted()
        layout = replace(layout, names=tuple(map(str, read.frame.columns)))
        return Table(read.frame, read, layout, sha256_of(path), label, n_bytes)


def sample(source: Source, name: str | None = None, layout: Layout | None = None) -> Sample:
    """The layout and the first rows of a file, read no further than needed for a guess."""
    with as_file(source, name) as (path, label):
        if is_parquet(path):
            head = first_rows(path, label, N_SAMPLE)
            return _of_frame(head, Layout("parquet", encoding="binary", quoted=False))
        found = resample(path, layout, label) if layout else sniff_text(path, label)
        if found.layout.format == "json-lines":
            with _utf8(path, found.layout, label, force=found.layout.encoding != "utf-8") as plain:
                return _of_frame(first_objects(plain, label, N_SAMPLE), found.layout)
        return found


@contextmanager
def as_file(source: Source, name: str | None) -> Iterator[tuple[Path, str]]:
    """A path to the bytes of a source, and what to call it.  Raises DatasetError without a file."""
    if isinstance(source, Path | str):
        path = Path(source)
        if not path.exists():
            there = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            close = get_close_matches(path.name, there, n=1)
            hint = f"did you mean {close[0]!r}?" if close else "check the path"
            raise DatasetError(f"there is no file {path}; {hint}")
        yield path, name or path.name
        return
    label = name or Path(str(getattr(source, "name", "") or "the upload")).name
    with tempfile.TemporaryDirectory(prefix="recscope-") as folder:
        path = Path(folder) / f"upload{Path(label).suffix}"
        source.seek(0)
        with path.open("wb") as file:
            while block := source.read(1 << 22):
                file.write(block)
        yield path, label


def _read_text(
    path: Path,
    label: str,
    layout: Layout | None,
    id_columns: Collection[str],
    max_line_bytes: int,
) -> tuple[Read, Layout]:
    found = resample(path, layout, label) if layout else sniff_text(path, label)
    layout = found.layout
    is_wide = layout.encoding.startswith(("utf-16", "utf-32"))
    facts = None if is_wide else survey(path, label, max_line_bytes)
    if facts and facts.first_bad and layout.encoding == "utf-8":
        layout = replace(layout, encoding=single_byte_encoding(path))
    is_plain = layout.encoding in {"utf-8", "utf-8-sig"} and not layout.format.startswith("trec")
    is_mixed = facts is None or facts.n_lone_cr or facts.n_crlf not in {0, facts.n_lines}
    with _utf8(path, layout, label, force=not is_plain or bool(is_mixed)) as plain:
        if plain != path or facts is None:
            facts = survey(plain, label, max_line_bytes)
        if layout.format == "json-lines":
            return read_json_lines(plain, label), layout
        if layout.format == "lists":
            return read_lists(plain), layout
        ids = {*id_columns, *(found.roles.columns.get(role, "") for role in ("user", "item"))}
        ids |= {n for n, t in zip(layout.names, layout.types, strict=False) if t == "token"}
        read = read_delimited(plain, layout, facts, ids, label, max_line_bytes)
        for column, kind in zip(layout.names, layout.types, strict=False):
            if kind.endswith("_seq"):
                read.frame[column] = _sequences(read.frame[column], kind)
        return (read if plain == path else read.counted()), layout


@contextmanager
def _utf8(path: Path, layout: Layout, label: str, *, force: bool) -> Iterator[Path]:
    """The file, or a copy in plain UTF-8 where a reader could not take the file as it is."""
    if not force and not any(sign in str(path) for sign in "*?["):  # DuckDB would expand these
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="recscope-") as folder:
        copy = Path(folder) / "copy.txt"
        n_columns = len(layout.names) if layout.format.startswith("trec") else 0
        write_utf8(path, copy, layout.encoding, label, n_columns=n_columns)
        yield copy


def _sequences(column: pd.Series, kind: str) -> pd.Series:
    """RecBole parts the members of a list with spaces."""
    make = float if kind == "float_seq" else str
    texts = column.astype("str")
    return texts.map(lambda text: [make(part) for part in text.split()], na_action="ignore")


def _of_frame(head: pd.DataFrame, layout: Layout) -> Sample:
    names = tuple(map(str, head.columns))
    rows = tuple(
        tuple("" if v is None else str(v) for v in row) for row in head.to_numpy(dtype=object)
    )
    return Sample(replace(layout, names=names), rows, guess_roles(names, rows))


def _nothing_left(read: Read, label: str) -> str:
    if not len(read.rejects):
        return f"{label} has a header and no rows; at least one row was wanted"
    first = read.rejects.iloc[0]
    return (
        f"no line of {label} can be read; the first is line {first['line']}: {first['reason']} "
        f"({first['text']!r}). Check the delimiter and the quotes"
    )
