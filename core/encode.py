"""Outside ids to codes: the one place where a name that a file or a frame uses becomes a number.

Outside, an id is text. Whole numbers are read as the text that they print as, so that 1, 1.0 (what
pandas makes of a whole number beside a hole) and "1" are one id from one column to the next; within
one column the two kinds together are refused, because nobody can say whether they mean one id.
Text stays letter for letter: spaces, accents, `=cmd()` and "NA" are ids like any other.
"""

import re
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import DatasetError
from core.tables import Codes, Ids

MISSING = -1  # no id in this row: NaN, None, empty or blank text
UNKNOWN = -2  # an id that the other table does not have

Names = pd.Series | pd.Index | npt.NDArray[Any] | Sequence[Any]

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")  # prints as itself and fits int64
_EXACT = 2.0**53  # above it neighbouring whole numbers are one and the same float


def encode(names: Names, kind: str) -> tuple[Codes, Ids]:
    """Which code has each id, and which id has each code?

    names  (n,) ids as they came: whole numbers, decimals without a fraction, text, categories
    kind   "user" or "item", for messages
    codes  int32 (n,), MISSING where there is no id: the caller drops these rows and counts them

    Codes follow the order of the ids (as numbers if all are whole, else as text), never the order
    of the rows, and do not depend on whether numbers came as numbers or as text. Raises
    DatasetError for a column of text and numbers, and for numbers that lost digits as floats.
    """
    series = names if isinstance(names, pd.Series) else pd.Series(names)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return _categories(series, kind)
    if series.dtype == object:
        series = _of_one_type(series, kind)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return _categories(series, kind)
    if pd.api.types.is_bool_dtype(series.dtype):
        series = series.astype("object").map(str, na_action="ignore").astype("str")
    if pd.api.types.is_integer_dtype(series.dtype) and not series.hasnans:
        return _whole(series.to_numpy(), kind)
    if pd.api.types.is_numeric_dtype(series.dtype):
        return _numbers(series, kind)
    return _text(series, kind)


def look_up(names: Names, ids: Ids) -> Codes:
    """Which of the known codes has each id?  int32 (n,): MISSING without an id, UNKNOWN if new."""
    own_codes, own = encode(names, ids.kind)
    if not len(own):
        return own_codes
    known = ids.codes
    there = np.array([known.get(name, UNKNOWN) for name in own.names], dtype=np.int32)
    return np.where(own_codes == MISSING, np.int32(MISSING), there[own_codes])


def _whole(numbers: npt.NDArray[Any], kind: str) -> tuple[Codes, Ids]:
    """Codes of whole numbers by marking them off where they lie close, by sorting elsewhere."""
    if not len(numbers):
        return np.empty(0, dtype=np.int32), _ids(kind, [])
    low, high = int(numbers.min()), int(numbers.max())
    if high - low < max(4 * len(numbers), 1 << 20):
        wide = numbers if numbers.dtype == np.uint64 else numbers.astype(np.int64, copy=False)
        offset = (wide - wide.dtype.type(low)).astype(np.int64, copy=False)
        occurs = np.zeros(high - low + 1, dtype=bool)
        occurs[offset] = True
        code_at = np.cumsum(occurs, dtype=np.int32) - np.int32(1)
        distinct = [str(low + step) for step in np.flatnonzero(occurs).tolist()]
        return code_at[offset], _ids(kind, distinct)
    values, codes = np.unique(numbers, return_inverse=True)
    return codes.astype(np.int32), _ids(kind, [str(number) for number in values.tolist()])


def _numbers(series: pd.Series, kind: str) -> tuple[Codes, Ids]:
    """Floats, and whole numbers with holes."""
    there = series.notna().to_numpy(dtype=bool).copy()
    if pd.api.types.is_integer_dtype(series.dtype):
        values = series[there].to_numpy(dtype=np.int64)
    else:
        decimals = series.to_numpy(dtype=np.float64, na_value=np.nan)
        there &= np.isfinite(decimals)
        decimals = decimals[there]
        if len(decimals) and np.abs(decimals).max() > _EXACT:
            raise DatasetError(
                f"{kind} ids are decimal numbers as large as {np.abs(decimals).max():.0f}: beyond "
                f"{_EXACT:.0f} neighbouring ids have become one; read the column as text or int64"
            )
        if (decimals % 1).any():
            text = [f"{x:.0f}" if x == int(x) else repr(x) for x in decimals.tolist()]
            codes, ids = _text(pd.Series(text, dtype="str"), kind)
            return _spread(codes, there), ids
        values = decimals.astype(np.int64)
    codes, ids = _whole(values, kind)
    return _spread(codes, there), ids


def _text(series: pd.Series, kind: str) -> tuple[Codes, Ids]:
    raw, distinct = pd.factorize(series)
    texts = [str(name) for name in distinct.to_numpy(dtype=object).tolist()]
    filled = [place for place, text in enumerate(texts) if text.strip()]
    if all(_WHOLE.fullmatch(texts[place]) for place in filled):
        order = sorted(filled, key=lambda place: int(texts[place]))
    else:
        order = sorted(filled, key=texts.__getitem__)
    code_at = np.full(len(texts) + 1, MISSING, dtype=np.int32)  # the last one serves raw == -1
    code_at[order] = np.arange(len(order), dtype=np.int32)
    return code_at[raw], _ids(kind, [texts[place] for place in order])


def _categories(series: pd.Series, kind: str) -> tuple[Codes, Ids]:
    """Only the categories that occur get a code."""
    occurring = series.cat.remove_unused_categories()
    codes, ids = encode(pd.Series(occurring.cat.categories), kind)
    raw = occurring.cat.codes.to_numpy()
    return np.append(codes, np.int32(MISSING))[raw], ids


def _of_one_type(series: pd.Series, kind: str) -> pd.Series:
    """An object column as one of text or of numbers, or the reason why it is neither."""
    inferred = pd.api.types.infer_dtype(series, skipna=True)
    if inferred in {"string", "empty"}:
        return series.astype("str")
    if inferred == "integer" and not series.hasnans:
        return _as_whole(series)
    if inferred in {"integer", "floating", "mixed-integer-float"}:
        return pd.to_numeric(series)
    present = series.dropna()
    first = {type(value).__name__: value for value in reversed(present.to_list())}
    is_text = present.map(lambda value: isinstance(value, str))
    if is_text.any() and not is_text.all():
        text, other = present[is_text].iloc[0], present[~is_text].iloc[0]
        raise DatasetError(
            f"{kind} ids must be of one type; text such as {text!r} and {type(other).__name__} "
            f"such as {other!r} came in one column, and nobody can say whether '1' and 1 are one "
            f"{kind}. Make them one type before, in pandas frame[column].astype(str)"
        )
    if len(first) > 1 or not all(pd.api.types.is_hashable(value) for value in first.values()):
        shown = ", ".join(f"{name} ({value!r})" for name, value in sorted(first.items()))
        raise DatasetError(
            f"{kind} ids must be text or whole numbers; {shown} came. Turn the column into text "
            f"before, in pandas frame[column].astype(str)"
        )
    return series.map(str, na_action="ignore").astype("str")


def _as_whole(series: pd.Series) -> pd.Series:
    try:
        return series.astype(np.int64)
    except OverflowError:  # Python's whole numbers have no largest; as text they keep every digit
        return series.map(str).astype("str")


def _spread(codes: Codes, there: npt.NDArray[np.bool_]) -> Codes:
    spread = np.full(len(there), MISSING, dtype=np.int32)
    spread[there] = codes
    return spread


def _ids(kind: str, names: list[str]) -> Ids:
    array = np.empty(len(names), dtype=object)
    array[:] = names
    return Ids(kind, cast("npt.NDArray[np.object_]", array))
