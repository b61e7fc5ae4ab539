"""Fast reading of well-formed delimited text that a card vouches for.

Files from users go through `core.own`, which guesses formats and reports bad lines one by one.
"""

import io

import pandas as pd

from core.errors import DatasetError, EmptyError


def read_table(
    content: bytes,
    delimiter: str,
    name: str,
    *,
    header: bool = True,
    text: bool = False,
    encoding: str = "utf-8",
) -> pd.DataFrame:
    """All columns of a delimited file.

    header  does the first line name the columns? Else they are numbered
    text    keep every column as text, nothing read as missing but the empty field
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
            dtype=str if text else None,
            encoding=encoding,
            keep_default_na=not text,
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
