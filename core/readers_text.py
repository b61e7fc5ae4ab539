"""Fast reading of well-formed delimited text and Parquet that a card vouches for.

Files from users go through `core.own`, which guesses formats and reports bad lines one by one.
"""

import io
from collections.abc import Mapping, Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import DatasetError, EmptyError
from core.files import Files


def read_table(  # noqa: PLR0913 - one argument per property of the text
    content: bytes,
    delimiter: str,
    name: str,
    *,
    header: bool = True,
    text: bool = False,
    types: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
) -> pd.DataFrame:
    """All columns of a delimited file.

    header  does the first line name the columns? Else they are numbered
    text    keep every column as text; in any case only the empty field is missing
    types   of named columns, to save memory
    Raises EmptyError for a file without rows, DatasetError for rows that do not fit the header.
    """
    if not content.strip():
        raise EmptyError(f"{name} is empty; fetch it again or check where it was copied from")
    if len(delimiter) > 1:  # numbers between `::` hold no tab; one byte is what fast parsers take
        content, delimiter = content.replace(delimiter.encode(), b"\t"), "\t"
    try:
        frame = pd.read_csv(
            io.BytesIO(content),
            sep=delimiter,
            header=0 if header else None,
            dtype=str if text else dict(types or {}),
            encoding=encoding,
            keep_default_na=False,  # a tag `null` and a film `NA` are names
            na_values=[""],
            quoting=0 if delimiter == "," else 3,
            engine="c",
        )
    except (pd.errors.ParserError, UnicodeDecodeError, ValueError) as error:
        raise DatasetError(
            f"{name} cannot be read as {encoding} text with {delimiter!r} between columns: {error}"
        ) from error
    if not len(frame):
        raise EmptyError(f"{name} has a header and no rows; fetch it again")
    return frame


def read_parquet(files: Files, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Columns of a Parquet file; DatasetError where it is cut off or lacks a column."""
    path = files.path(name)
    if path is None:
        raise DatasetError(f"no file {name} in {files.folder}")
    try:
        there = pq.read_schema(path).names
        if missing := [column for column in columns or () if column not in there]:
            raise DatasetError(
                f"{path} has no column {', '.join(missing)}; it has {', '.join(there)}"
            )
        table = pq.read_table(path, columns=None if columns is None else list(columns))
        frame: pd.DataFrame = table.to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(
            f"{path} is not a whole Parquet file ({str(error).splitlines()[0]}); it was probably "
            "cut off: copy or fetch it again"
        ) from error
    return frame
