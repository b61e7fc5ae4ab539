"""Ranked lists of which each stands on one line: a user, a tab, item ids parted by spaces.

The layout of LLMRank's runs (Hou et al. 2024, doi:10.1007/978-3-031-56060-6_24) and of many
scripts. Item ids are whole numbers there: text could be a title as well as a list.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.frames_text import REJECT_COLUMNS, Read

_SHOWN = 60


def read_lists(path: Path) -> Read:
    """One row a listed item, ranks from 1; a line of another form is rejected."""
    users: list[str] = []
    items: list[list[str]] = []
    places: list[int] = []
    rejects: list[tuple[int, str, str, str]] = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            user, tab, rest = line.rstrip("\r\n").partition("\t")
            codes = rest.split()
            if not line.strip():
                continue
            if not tab or not user or not all(code.isdigit() for code in codes) or not codes:
                reason = "no list: a user, a tab and whole numbers parted by spaces were wanted"
                rejects.append((number, "", reason, line[:_SHOWN]))
                continue
            users.append(user)
            items.append(codes)
            places.append(number)
    lengths = np.array([len(codes) for codes in items], dtype=np.int64)
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    frame = pd.DataFrame(
        {
            "user_id": _ids(users).repeat(lengths),
            "item_id": _ids([code for codes in items for code in codes]),
            "rank": np.arange(len(starts)) - starts + 1,
        }
    )
    found = pd.DataFrame(rejects, columns=list(REJECT_COLUMNS))
    return Read(frame, found, lambda: np.repeat(np.array(places, dtype=np.int64), lengths))


def _ids(texts: list[str]) -> npt.NDArray[Any]:
    """Whole numbers where each prints as its text does, else the texts."""
    is_whole = all(text.isdigit() and (text[0] != "0" or text == "0") for text in texts)
    if is_whole and max(map(len, texts), default=0) < 18:
        return np.array([int(text) for text in texts], dtype=np.int64)
    made = np.empty(len(texts), dtype=object)
    made[:] = texts
    return made
