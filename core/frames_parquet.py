"""Rows out of a Parquet file, or out of a folder of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import DatasetError, EmptyError
from core.frames_sniff import refuse_doubled
from core.frames_text import Read, no_rejects


def is_parquet(path: Path) -> bool:
    """By its first four bytes, by its name where there are too few; a folder is taken for one."""
    if path.is_dir() or path.suffix.lower() in {".parquet", ".pq"}:
        return True
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def read_parquet(path: Path, label: str) -> Read:
    """Read it all.  Raises DatasetError for a broken file, naming it, and for parts that differ."""
    with _readable(label):
        frame = _plain(_open(path).to_table())
    return Read(frame, no_rejects(), lambda: np.arange(1, len(frame) + 1))


def first_rows(path: Path, label: str, count: int) -> pd.DataFrame:
    """The first rows, to guess from."""
    with _readable(label):
        return _plain(_open(path).head(count))


@contextmanager
def _readable(label: str) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(
            f"{label} cannot be read ({_first_sentence(error)}): its inside is damaged, or its "
            f"parts have different types; copy or write it again"
        ) from error


def _open(path: Path) -> Any:
    """A pyarrow dataset whose every part has been opened and has the columns of the first."""
    import pyarrow as pa
    from pyarrow import dataset as ds
    from pyarrow import parquet as pq

    parts = sorted(chain(path.rglob("*.parquet"), path.rglob("*.pq"))) if path.is_dir() else [path]
    if not parts:
        raise EmptyError(
            f"the folder {path.name} holds no .parquet file; name a file or such a folder"
        )
    schemas = {}
    for part in parts:
        try:
            schemas[part] = pq.read_schema(part)
        except (pa.ArrowException, OSError) as error:
            raise DatasetError(
                f"{part.name} is no whole Parquet file ({_first_sentence(error)}): the copy or the "
                f"download was probably cut short; copy or write it again"
            ) from error
    first = schemas[parts[0]]
    refuse_doubled(first.names, parts[0].name)
    for part, schema in schemas.items():
        if set(schema.names) != set(first.names):
            raise DatasetError(
                f"{part.name} has columns {', '.join(schema.names)}, but {parts[0].name} in the "
                f"same folder has {', '.join(first.names)}; one folder is read as one table"
            )
    return ds.dataset(str(path), format="parquet", partitioning="hive")


def _plain(table: Any) -> pd.DataFrame:
    """Columns for pandas; whole numbers with holes stay whole, bytes become text."""
    import pyarrow as pa

    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            values = [
                None if v is None else v.decode("utf-8", "replace") for v in column.to_pylist()
            ]
            columns[name] = pd.Series(values, dtype="str")
        elif pa.types.is_integer(kind) and column.null_count:
            columns[name] = column.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
            if not pd.api.types.is_integer_dtype(columns[name]):
                columns[name] = column.cast(pa.int64()).to_pandas(
                    types_mapper=lambda _: pd.Int64Dtype()
                )
        else:
            columns[name] = column.to_pandas()
    return pd.DataFrame(columns)


def _first_sentence(error: BaseException) -> str:
    return str(error).partition("\n")[0].partition(". ")[0][:160]
