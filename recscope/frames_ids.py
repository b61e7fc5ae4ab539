"""One space of codes for the ids of several tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.encode import MISSING, encode, look_up
from core.errors import DatasetError
from core.tables import Codes, Ids
from recscope.frames_in import FrameIn, is_whole

BLOCK = 1 << 16  # rows looked at together: temporaries stay in the processor's cache
SPAN_PER_ROW = 4  # whole numbers lying closer than this are their own codes, from the lowest on


@dataclass(frozen=True, eq=False)
class Space:
    """The ids of one kind.  Codes go from 0 to len - 1; where `first` is set not all need occur.

    kind   "user" or "item", for messages
    first  the whole number that is code 0, code 1 being the next one; None: `ids` tells
    """

    kind: str
    size: int
    first: int | None
    given: Ids | None = None

    def __len__(self) -> int:
        return self.size

    @cached_property
    def ids(self) -> Ids:
        if self.given is not None:
            return self.given
        return Ids(self.kind, self.names(np.arange(self.size)).astype(str).astype(object))

    def names(self, codes: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The outside ids of codes: int64 where all ids are whole numbers, else text as objects."""
        if self.first is not None:
            return codes.astype(np.int64) + self.first
        return np.asarray(self.ids.names[codes])

    def look_up(self, series: "pd.Series[Any]") -> Codes:
        """int32 codes of ids in another table; below 0 where there is none, or it is unknown."""
        return look_up(series, self.ids)


@dataclass(frozen=True, eq=False)
class Coded:
    """The ids of one role over all tables.

    codes  table name → int32 (n_rows,); MISSING where a row has no id
    marks  table name → digest of its ids and their order
    kinds  table name → "whole numbers" or "text", for messages
    """

    space: Space
    codes: Mapping[str, Codes]
    marks: Mapping[str, bytes]
    kinds: Mapping[str, str]


def code_ids(frames: Mapping[str, FrameIn], kind: str) -> Coded:
    """Codes of the ids of a kind in all tables that have them.

    Ids are compared as text, so 7 in one table and "7" in another are the same. Raises
    DatasetError, naming table and column, for ids that cannot be told apart.
    """
    columns = {name: frame.of(kind) for name, frame in frames.items() if kind in frame.columns}
    kinds = {name: "whole numbers" if is_whole(it) else "text" for name, it in columns.items()}
    if set(kinds.values()) == {"whole numbers"}:
        numbers = {name: series.to_numpy() for name, series in columns.items()}
        first = min(int(values.min()) for values in numbers.values())
        size = max(int(values.max()) for values in numbers.values()) - first + 1
        n_rows = sum(len(values) for values in numbers.values())
        if size <= max(SPAN_PER_ROW * n_rows, 1 << 20):
            codes = {name: _from(first, values) for name, values in numbers.items()}
            marks = {name: digest_of(values) for name, values in numbers.items()}
            return Coded(Space(kind, size, first), codes, marks, kinds)
    coded = {}
    for name, series in columns.items():
        try:
            coded[name] = encode(series, kind)
        except DatasetError as error:
            where = f"{name}, column {frames[name].columns[kind]!r}"
            raise DatasetError(f"{where}: {error}") from error
    united, ids = _unite(coded, kind)
    marks = {name: _mark_text(*one) for name, one in coded.items()}
    return Coded(Space(kind, len(ids), None, ids), united, marks, kinds)


def _from(first: int, values: npt.NDArray[Any]) -> Codes:
    codes = np.empty(len(values), dtype=np.int32)
    for start in range(0, len(values), BLOCK):
        rows = slice(start, start + BLOCK)
        codes[rows] = values[rows].astype(np.int64, copy=False) - first
    return codes


def digest_of(values: npt.NDArray[Any]) -> bytes:
    """A digest of numbers that does not depend on how wide they are stored.

    sha256 over the sum, modulo 2^64, of each block's values times odd numbers: a change by mistake
    is found but for one in 2^60, and it costs a tenth of sha256 over all the bytes.
    """
    digest = sha256(str(len(values)).encode())
    odd = _odd_numbers(min(BLOCK, len(values)))
    wide = np.int64 if np.issubdtype(values.dtype, np.integer) else np.float64
    for start in range(0, len(values), BLOCK):
        block = np.ascontiguousarray(values[start : start + BLOCK], dtype=wide).view(np.uint64)
        digest.update(np.dot(block, odd[: len(block)]).tobytes())
    return digest.digest()


def _odd_numbers(n: int) -> npt.NDArray[np.uint64]:
    """Well mixed odd numbers, always the same ones (SplitMix64, doi:10.1145/2660193.2660195)."""
    mixed = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return (mixed ^ (mixed >> np.uint64(31))) | np.uint64(1)


def _mark_text(codes: Codes, ids: Ids) -> bytes:
    names = "\n".join(ids.names.tolist())
    return digest_of(codes) + sha256(names.encode("utf-8", "surrogatepass")).digest()


def _unite(coded: Mapping[str, tuple[Codes, Ids]], kind: str) -> tuple[dict[str, Codes], Ids]:
    """Codes in the one space of all, in the order that `encode` gives; and its names."""
    spaces = [ids for _, ids in coded.values()]
    first = spaces[0]
    if all(np.array_equal(ids.names, first.names) for ids in spaces[1:]):
        return {name: codes for name, (codes, _) in coded.items()}, first
    everything = np.concatenate([ids.names for ids in spaces])
    place, together = encode(pd.Series(everything, dtype="str"), kind)
    answer, start = {}, 0
    for name, (codes, ids) in coded.items():
        to_united = np.append(place[start : start + len(ids)], np.int32(MISSING))
        answer[name] = to_united[codes]
        start += len(ids)
    return answer, together
