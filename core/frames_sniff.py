"""How is a file laid out? Format, delimiter, encoding, header and names, from its first rows."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from core.errors import DatasetError, EmptyError
from core.frames_bytes import encoding_of, single_byte_encoding
from core.frames_roles import Roles, bare, guess_roles, is_alias, is_number, roles_by_place

Format = Literal["delimited", "recbole", "trec-run", "trec-qrels", "json-lines", "parquet", "lists"]

SAMPLE_BYTES = 256 * 1024
N_SAMPLE = 200
_DELIMITER = re.compile(r'[^"\r\n]{1,4}')
DELIMITERS = ("::", "\t", ",", ";", "|")
_TREC_RUN = ("user_id", "q0", "item_id", "rank", "score", "tag")
_TREC_QRELS = ("user_id", "iteration", "item_id", "rating")
_LISTS = ("user_id", "item_id", "rank")
_LIST = re.compile(r"\S+\t\d+(?: \d+){2,} ?")  # a user and three items or more, on one line
_RECBOLE = re.compile(r"[^:\t]+:(token|float|token_seq|float_seq)")


@dataclass(frozen=True)
class Layout:
    """How to read a file; any field can be replaced before reading.

    delimiter   what parts the columns of delimited text, else None
    encoding    as Python names it; of Parquet, "binary"
    quoted      may a field stand in double quotes?
    names       the columns' names
    types       RecBole's type of each column; empty for other formats
    """

    format: Format
    delimiter: str | None = None
    encoding: str = "utf-8"
    has_header: bool = True
    quoted: bool = True
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """A layout with the cells of its first rows as text, and the roles guessed from both."""

    layout: Layout
    rows: tuple[tuple[str, ...], ...]
    roles: Roles


def sniff_text(path: Path, label: str) -> Sample:
    """The layout of a text file of rows and columns.  label: its name in messages.

    Raises EmptyError without any row, DatasetError for one column or a doubled name.
    """
    encoding = encoding_of(path, label)
    with path.open("rb") as file:
        raw = file.read(SAMPLE_BYTES)
    if encoding == "utf-8" and _is_broken(raw):
        encoding = single_byte_encoding(path)
    text = raw.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")[: 5 * N_SAMPLE]
    if len(raw) == SAMPLE_BYTES and len(lines) > 1:
        lines = lines[:-1]  # cut in the middle
    filled = [line for line in lines if line.strip("\x00 \t")]
    if not filled:
        raise EmptyError(f"{label} holds blank lines only; a header or a first row was wanted")
    if filled[0].lstrip()[:1] in {"{", "["}:
        return Sample(Layout("json-lines", encoding=encoding, quoted=False), (), guess_roles(()))
    if (trec := _trec(filled, label)) is not None:
        names = _TREC_RUN if trec == "trec-run" else _TREC_QRELS
        layout = Layout(trec, "\t", encoding, has_header=False, quoted=False, names=names)
        rows = tuple(tuple(line.split()[: len(names)]) for line in filled[:N_SAMPLE])
        return Sample(layout, rows, guess_roles(names, rows))
    if all(_LIST.fullmatch(line) for line in filled[:N_SAMPLE]):
        rows = tuple((*re.split(r"[\t ]", line)[:2], "1") for line in filled[:N_SAMPLE])
        layout = Layout("lists", "\t", encoding, has_header=False, quoted=False, names=_LISTS)
        return Sample(layout, rows, guess_roles(_LISTS, rows))
    if all(_RECBOLE.fullmatch(name) for name in filled[0].split("\t")):
        return _with_names(Layout("recbole", "\t", encoding, quoted=False), filled, label)
    delimiter = _delimiter(filled, label)
    is_quoted = delimiter != "::" and _quotes_close(lines, delimiter)
    return _with_names(Layout("delimited", delimiter, encoding, quoted=is_quoted), filled, label)


def resample(path: Path, layout: Layout, label: str) -> Sample:
    """The first rows under a layout that a person has corrected; its names are read anew."""
    if layout.delimiter is not None and not _DELIMITER.fullmatch(layout.delimiter):
        raise DatasetError(
            f"a delimiter is one to four characters, no quotes, no line ends; got "
            f"{layout.delimiter!r}. Usual ones are {', '.join(map(repr, DELIMITERS))}"
        )
    with path.open("rb") as file:
        raw = file.read(SAMPLE_BYTES)
    try:
        text = raw.decode(layout.encoding, "replace")
    except LookupError as error:
        raise DatasetError(
            f"no encoding is called {layout.encoding!r}; name one of Python's, such as utf-8, "
            f"latin-1, cp1252, utf-16"
        ) from error
    filled = [line for line in text.splitlines() if line.strip()]
    return _with_names(layout, filled, label)


def refuse_doubled(names: Sequence[str], label: str) -> None:
    """Refuse two columns of one name."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        places = [str(place + 1) for place, name in enumerate(names) if name == twice[0]]
        raise DatasetError(
            f"{label} has more than one column called {twice[0]!r} (columns {', '.join(places)}); "
            f"rename or remove one, because which of them is meant cannot be known"
        )


def _with_names(layout: Layout, filled: Sequence[str], label: str) -> Sample:
    rows = _cells(filled[: N_SAMPLE + 1], layout)
    header = tuple(name.strip() for name in rows[0])
    has_header = layout.format == "recbole" or (layout.has_header and _is_header(header, rows[1:]))
    types: tuple[str, ...] = ()
    if has_header:
        if layout.format == "recbole":
            types = tuple(name.rpartition(":")[2] for name in header)
            header = tuple(name.rpartition(":")[0] for name in header)
        names = tuple(name or f"unnamed{place + 1}" for place, name in enumerate(header))
        refuse_doubled(names, label)
        rows = rows[1:]
        roles = guess_roles(names, rows)
    else:
        names, roles = roles_by_place(rows)
    layout = replace(layout, has_header=has_header, names=names, types=types)
    return Sample(layout, tuple(rows[:N_SAMPLE]), roles)


def _cells(lines: Sequence[str], layout: Layout) -> list[tuple[str, ...]]:
    delimiter = layout.delimiter or ","
    if layout.quoted and len(delimiter) == 1:
        reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
        try:
            return [tuple(row) for row in reader if row]
        except csv.Error:  # a field beyond the csv module's own limit
            return [tuple(line.split(delimiter)) for line in lines]
    return [tuple(line.split(delimiter)) for line in lines]


def _is_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Names rather than data: known names, or text over numbers, or text never seen again."""
    if any(is_number(cell) for cell in first):
        return False
    if any(is_alias(cell) for cell in first if bare(cell)):
        return True
    columns = [[row[place] for row in rest if len(row) > place] for place in range(len(first))]
    if any(cells and all(map(is_number, cells)) for cells in columns):
        return True
    is_seen_again = any(cell in cells for cell, cells in zip(first, columns, strict=True))
    return bool(rest) and not is_seen_again and len(set(first)) == len(first)


def _delimiter(lines: Sequence[str], label: str) -> str:
    """The one that parts most lines alike; among equals, into the most columns."""
    best, best_rank = "", (0.0, 0)
    for delimiter in DELIMITERS:
        layout = Layout("delimited", delimiter)
        widths = Counter(len(row) for row in _cells(lines[:N_SAMPLE], layout))
        width, count = widths.most_common(1)[0]
        rank = (round(count / sum(widths.values()), 2), width)
        if width > 1 and rank > best_rank:
            best, best_rank = delimiter, rank
    if best:
        return best
    shown = lines[0][:60]
    raise DatasetError(
        f"{label} has one column only: no comma, tab, semicolon, '::' or '|' parts its lines alike "
        f"(line 1 is {shown!r}); a user and an item column were wanted. Part them by one of these"
    )


def _trec(lines: Sequence[str], label: str) -> Literal["trec-run", "trec-qrels"] | None:
    """A run has six columns, qrels four; the second, which nobody uses, tells them from data."""
    cells = [line.split() for line in lines[:N_SAMPLE]]
    widths = {len(row) for row in cells}
    if min(widths) >= 6 and {row[1].upper() for row in cells} <= {"Q0", "0"}:
        is_run = all(is_number(row[3]) and is_number(row[4]) for row in cells)
        return "trec-run" if is_run else None
    ends_so = Path(label).suffix.lower() in {".qrels", ".qrel"}
    is_unused = {row[1].upper() for row in cells if len(row) > 1} <= {"Q0", "0"}
    if widths == {4} and (ends_so or is_unused) and all(is_number(row[3]) for row in cells):
        return "trec-qrels"
    return None


def _quotes_close(lines: Sequence[str], delimiter: str) -> bool:
    """False where quotes are part of the text: a field opens with one, and goes on behind one."""
    escaped = re.escape(delimiter)
    goes_on = re.compile(rf'(?m)(?:^|{escaped})"(?:[^"]|"")*+"(?!\s*$|{escaped})')
    return goes_on.search("\n".join(lines[:N_SAMPLE])) is None


def _is_broken(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start < len(raw) - 4 or len(raw) < SAMPLE_BYTES
    return False
