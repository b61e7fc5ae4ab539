"""Recommendations out of a file that another tool wrote, told apart by what stands in it.

Tables (Parquet, CSV, TSV) of LensKit, RecTools, RePlay, RecPack, Recommenders, ranx and Evidently;
a TREC run (trec_eval, ranx); ranx's JSON; Elliot's TSV without a header; RecBole's case study, its
atomic files or a table of its user_id:token columns. Nothing is ever unpickled.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import DatasetError, EmptyError
from core.frames import read_frame
from recscope.imports.tools import ITEM, RANK, SCORE, USER, Shape, shape_of

MOST_BYTES_OF_JSON = 1 << 30
WANTED = (
    "wanted: a table of LensKit (user_id, item_id, rank, score), RecTools (user_id, item_id, "
    "rank), RePlay (query_id, item_id, rating), RecPack (uid, iid, score), Recommenders (userID, "
    "itemID, prediction), ranx (q_id, doc_id, score) or Evidently (user_id, item_id, prediction); "
    "a TREC run; ranx's JSON; or Elliot's TSV of user, item and score"
)


@dataclass(frozen=True, eq=False)
class Imported:
    """Lists as `recscope.score` takes them.

    tool   name of the convention of the tool that wrote them
    frame  user_id, item_id, rank[, score]; ranks from 1 in the order of each list
    """

    tool: str
    frame: pd.DataFrame


def read_lists(path: str | Path) -> Imported:
    """Which tool wrote this file, and what lists are in it?

    Raises DatasetError, saying which columns came and which were wanted, where no tool is known to
    write such a file, and EmptyError where it holds no list.
    """
    source = Path(path)
    if source.suffix.lower() in {".pkl", ".pickle"}:
        raise DatasetError(
            f"{source.name} is a pickle, and pickles can run code when they are read; save the "
            "lists as CSV or Parquet instead"
        )
    if is_one_object(source):
        return Imported("ranx", _of_json(source))
    frame = read_frame(source)
    frame.columns = [str(name).partition(":")[0] for name in frame.columns]  # RecBole's types
    if {"q0", "tag", SCORE} <= set(frame.columns):
        return Imported("trec_eval", _ordered(frame, "score"))  # as trec_eval: ranks do not count
    if "items" in frame and frame.shape[1] == 2:
        frame = _unpacked(frame)
    shape = shape_of(list(frame.columns))
    if shape is not None:
        return Imported(shape.tool, _of_table(frame, shape))
    if _has_no_header(source) and frame.shape[1] in {3, 4}:
        return Imported("elliot", _of_columns(frame))
    came = ", ".join(map(str, frame.columns))
    raise DatasetError(f"{source.name}: no tool is known to write columns {came}; {WANTED}")


def is_one_object(source: Path) -> bool:
    """Is the file one JSON object, and not JSON lines, each of which is one?"""
    if not source.is_file():
        return False
    with source.open("rb") as file:
        first, more = file.readline(), file.read(64)
    if not first.lstrip().startswith(b"{"):
        return False
    return not (more.lstrip().startswith(b"{") and first.rstrip().endswith(b"}"))


def _of_json(source: Path) -> pd.DataFrame:
    """What ranx's Run.save writes: user → item → score."""
    if source.stat().st_size > MOST_BYTES_OF_JSON:
        raise DatasetError(
            f"{source.name} is over 1 GiB of JSON; save the run as Parquet (kind='parquet')"
        )
    try:
        made = json.loads(source.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DatasetError(f"{source.name} is no JSON ({error}); {WANTED}") from error
    rows = [
        (str(user), str(item), float(score))
        for user, listed in made.items()
        if isinstance(listed, dict)
        for item, score in listed.items()
        if isinstance(score, int | float)
    ]
    if not rows:
        raise EmptyError(
            f"{source.name}: JSON of user → item → score was wanted, as ranx saves a run; no such "
            "pair came"
        )
    frame = pd.DataFrame(rows, columns=[USER, ITEM, SCORE])
    return _ordered(frame, "score")


def _unpacked(frame: pd.DataFrame) -> pd.DataFrame:
    """LensKit's native layout: one row a user, its items as a list of item_id, rank, score."""
    user = next(str(name) for name in frame.columns if name != "items")
    long = frame.explode("items", ignore_index=True).dropna(subset=["items"])
    parts = pd.DataFrame(long["items"].tolist())
    return pd.concat([long[[user]].reset_index(drop=True), parts], axis=1)


def _of_table(frame: pd.DataFrame, shape: Shape) -> pd.DataFrame:
    names = {**shape.columns, **{k: v for k, v in shape.also.items() if k in frame}}
    return _ordered(frame[list(names)].rename(columns=names), shape.order)


def _of_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Elliot's recommendations: user, item and score by place."""
    made = frame.iloc[:, :3].copy()
    made.columns = [USER, ITEM, SCORE]
    return _ordered(made, "score")


def _has_no_header(source: Path) -> bool:
    with source.open("r", encoding="utf-8", errors="replace") as file:
        cells = file.readline().rstrip("\n").split("\t")
    return len(cells) in {3, 4} and _is_number(cells[2])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _ordered(frame: pd.DataFrame, order: str) -> pd.DataFrame:
    """One list after the other, best first; equal scores and ranks keep the order of the rows."""
    for name in {"rank": (RANK,), "score": (SCORE,)}.get(order, ()):
        numbers: Any = pd.to_numeric(frame[name], errors="coerce")
        if numbers.isna().any():
            bad = frame.loc[numbers.isna(), name].iloc[0]
            raise DatasetError(
                f"{name} must be a number in every row; {bad!r} came. Mend or drop such rows"
            )
        frame = frame.assign(**{name: numbers})
    users, _ = pd.factorize(frame[USER])
    keys: tuple[Any, ...] = (users,)
    if order == "rank":
        keys = (frame[RANK].to_numpy(), users)
    elif order == "score":
        keys = (-frame[SCORE].to_numpy(dtype=np.float64), users)
    made = frame.iloc[np.lexsort(keys)].reset_index(drop=True)
    made[RANK] = made.groupby(USER, sort=False).cumcount() + 1
    return made[[name for name in (USER, ITEM, RANK, SCORE) if name in made]]
