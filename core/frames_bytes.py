"""What kind of bytes a file holds, found in one bounded pass.

Nothing here holds more of a file than one block, so that a field without an end is refused before
it fills the memory.
"""

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import DatasetError, EmptyError

MAX_LINE_BYTES = 16 * 2**20  # one line, or one quoted record, larger than this is a broken file
BLOCK = 4 * 2**20

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT = (
    (b"\x1f\x8b", "gzip-compressed", "unpack it"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet", "unpack it, or save the sheet as CSV"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed", "unpack it"),
    (b"BZh", "bzip2-compressed", "unpack it"),
    (b"\xfd7zXZ", "xz-compressed", "unpack it"),
    (b"SQLite format 3", "a SQLite database", "export the table as CSV"),
    (b"\x89HDF", "an HDF5 file", "save the table as Parquet"),
    (b"%PDF", "a PDF document", "export its table as CSV"),
)


@dataclass(frozen=True)
class Survey:
    """Counts over a whole file.

    first_bad       line of the first byte that is not UTF-8, 0 if all of them are
    longest_record  bytes of the longest line, or of the longest run of lines held together by
                    double quotes; longest_line: the line on which it starts
    n_lone_cr       carriage returns that do not belong to a line end
    """

    sha256: str
    n_lines: int
    first_bad: int
    longest_record: int
    longest_line: int
    n_quotes: int
    n_crlf: int
    n_lone_cr: int


def encoding_of(path: Path, label: str) -> str:
    """How the text of a file is encoded, as far as its first bytes tell; utf-8 where they do not.

    Raises EmptyError for no bytes, DatasetError for what is not text.
    """
    with path.open("rb") as file:
        head = file.read(65536)
    if not head:
        raise EmptyError(f"{label} is empty (0 bytes); a header or a first row was wanted")
    for magic, what, remedy in _NOT_TEXT:
        if head.startswith(magic):
            raise DatasetError(
                f"{label} is {what}; text, JSON lines or Parquet was wanted. Please {remedy} "
                f"and give the file inside"
            )
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 8:
        if min(even, odd) > len(head) // 16:
            raise DatasetError(f"{label} holds binary data; text, JSON lines or Parquet was wanted")
        return "utf-16-be" if even > odd else "utf-16-le"
    return "utf-8"


def single_byte_encoding(path: Path) -> str:
    """Which encoding of single bytes explains what is no UTF-8; utf-8 where few bytes are not."""
    n_bad = n_good = 0
    controls: set[int] = set()
    with path.open("rb") as file:
        for _ in range(16):
            data = file.read(BLOCK)
            if not data:
                break
            text = data.decode("utf-8", "replace")
            bad = text.count("\ufffd")
            n_bad += bad
            n_good += sum(1 for _ in re.finditer(r"[^\x00-\x7f\ufffd]", text))
            controls |= {byte for byte in set(data) if 0x80 <= byte < 0xA0}
    if n_good > 4 * n_bad:
        return "utf-8"  # a few broken lines in a UTF-8 file: the reader rejects them one by one
    undefined = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    return "cp1252" if controls and not controls & undefined else "latin-1"


def survey(path: Path, label: str, max_line_bytes: int = MAX_LINE_BYTES) -> Survey:
    """Hash, lines, quotes and broken bytes of a file in UTF-8 or an encoding of single bytes.

    Raises DatasetError, naming the line, as soon as a line grows beyond max_line_bytes.
    """
    sha = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    n_lines = n_quotes = n_crlf = n_cr = longest = position = first_bad = 0
    line_start = record_start = 0
    longest_line = record_line = 1
    for data in _blocks(path):
        sha.update(data)
        array = np.frombuffer(data, dtype=np.uint8)
        ends = np.flatnonzero(array == ord("\n")) + position
        if not first_bad:
            first_bad = _first_bad(decoder, data, n_lines)
        if b"\r" in data:
            n_cr += data.count(b"\r")
            n_crlf += data.count(b"\r\n")
        edges = np.concatenate([[line_start], ends + 1, [position + len(data)]])
        beyond = np.flatnonzero(np.diff(edges) > max_line_bytes)
        if len(beyond):
            raise too_long(label, n_lines + int(beyond[0]) + 1, max_line_bytes)
        quotes = np.flatnonzero(array == ord('"')) + position if b'"' in data else ends[:0]
        is_end = (n_quotes + np.searchsorted(quotes, ends)) % 2 == 0
        records = np.concatenate([[record_start], ends[is_end] + 1, [position + len(data)]])
        lines = np.concatenate([[record_line], n_lines + np.flatnonzero(is_end) + 2])
        here = int(np.diff(records).argmax())
        if records[here + 1] - records[here] > longest:
            longest, longest_line = int(records[here + 1] - records[here]), int(lines[here])
        line_start, record_start = int(edges[-2]), int(records[-2])
        record_line = int(lines[-1])
        n_lines += len(ends)
        n_quotes += len(quotes)
        position += len(data)
    n_lines += line_start < position
    return Survey(
        sha.hexdigest(),
        n_lines,
        first_bad,
        longest,
        longest_line,
        n_quotes,
        n_crlf,
        n_cr - n_crlf,
    )


def record_lines(path: Path, *, quoted: bool) -> npt.NDArray[np.int64]:
    """Line number, from 1, on which each record that is not blank starts."""
    lines: list[npt.NDArray[np.int64]] = []
    n_lines, n_quotes, is_start = 0, 0, True
    for data in _line_blocks(path):
        array = np.frombuffer(data, dtype=np.uint8)
        ends = np.flatnonzero(array == ord("\n"))
        starts = np.concatenate([[0], ends + 1])[: len(ends) + (not data.endswith(b"\n"))]
        n_here = len(starts)
        begins = np.concatenate([[is_start], np.ones(n_here - 1, dtype=bool)])
        if quoted and b'"' in data:
            quotes = np.flatnonzero(array == ord('"'))
            begins = (n_quotes + np.searchsorted(quotes, starts)) % 2 == 0
            n_quotes += len(quotes)
        is_blank = (array[starts] == ord("\n")) | (array[starts] == ord("\r"))
        lines.append(np.flatnonzero(begins & ~is_blank) + n_lines + 1)
        n_lines += n_here
        is_start = n_quotes % 2 == 0
    return np.concatenate(lines) if lines else np.empty(0, dtype=np.int64)


def sha256_of(path: Path) -> str:
    """Of the bytes of a file; of a folder, of its files' names and hashes in order of name."""
    if path.is_dir():
        total = hashlib.sha256()
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            total.update(f"{file.relative_to(path).as_posix()} {sha256_of(file)}\n".encode())
        return total.hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _blocks(path: Path) -> Iterator[bytes]:
    """Blocks that never end between a carriage return and its line feed."""
    with path.open("rb") as file:
        while data := file.read(BLOCK):
            yield data + file.read(1) if data.endswith(b"\r") else data


def _line_blocks(path: Path) -> Iterator[bytes]:
    """Blocks that end with a line."""
    with path.open("rb") as file:
        while data := file.read(BLOCK):
            yield data if data.endswith(b"\n") else data + file.readline()


def _first_bad(decoder: codecs.IncrementalDecoder, data: bytes, n_lines: int) -> int:
    try:
        if not data.isascii() or decoder.getstate()[0]:
            decoder.decode(data)
    except UnicodeDecodeError as error:
        return n_lines + data[: error.start].count(b"\n") + 1
    return 0


def too_long(label: str, line: int, limit: int) -> DatasetError:
    """The error for a line beyond the limit."""
    return DatasetError(
        f"line {line} of {label} is longer than {limit:,} bytes: a line end is missing, or a "
        f"field holds a whole file. Look at that line; shorten or remove the field and load again"
    )
