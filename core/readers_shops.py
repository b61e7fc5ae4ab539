"""Readers of shops' ratings and reviews."""

import numpy as np
import pandas as pd

from core.cards import Card
from core.errors import DatasetError
from core.files import Files
from core.ledger import Ledger
from core.raw import Raw
from core.readers_text import read_parquet

PARTS = ("train", "val", "test")


def electronics(files: Files, card: Card) -> Raw:  # noqa: ARG001 - one signature for all readers
    """Amazon electronics 2023: three published parts as one, items with brand and price."""
    columns = ["user_id", "item_id", "rating", "timestamp"]
    parts = [read_parquet(files, f"{part}.parquet", columns) for part in PARTS]
    rows = pd.concat(parts, ignore_index=True).set_axis(
        ["user", "item", "rating", "timestamp"], axis=1
    )
    columns = ["item_id", "title", "category", "brand", "price"]  # avg_rating knows the future
    items = read_parquet(files, "items.parquet", columns).rename(columns={"item_id": "item"})
    items["genres"] = pd.Series([[name] for name in items["category"]], dtype=object)
    return Raw(rows, items=items)


def reviews(files: Files, card: Card) -> Raw:  # noqa: ARG001 - one signature for all readers
    """Amazon musical instruments: stars, and every review's full text."""
    columns = ["user_id", "item_id", "rating", "timestamp", "review", "review_title"]
    columns += ["helpful_yes", "helpful_votes"]
    table = read_parquet(files, "reviews.parquet", columns).rename(
        columns={"user_id": "user", "item_id": "item", "review": "text", "review_title": "title"}
    )
    ledger = Ledger()
    empty = table["text"].str.strip().eq("")
    ledger.add("load", "dropped", "review without text", int(empty.sum()), unit="reviews")
    told = table.loc[~empty, ["user", "item", "text", "title", "helpful_yes", "helpful_votes"]]
    told = told.assign(text=told["text"].map(_tidy), title=told["title"].map(_tidy))
    return Raw(table[["user", "item", "rating", "timestamp"]], reviews=told, ledger=ledger)


def _tidy(text: str) -> str:
    """Line ends and runs of blanks as one blank: a review stays one line in every table."""
    return " ".join(text.split())


def coat(files: Files, card: Card) -> Raw:  # noqa: ARG001 - one signature for all readers
    """Coat: stars on coats people chose themselves, and (tables) on coats drawn for them by chance.

    tables  randomised: user, item, rating; propensities: user, item, propensity (as published)
    """
    chosen = _long(_matrix(files, "train.ascii"), "rating")
    randomised = _long(_matrix(files, "test.ascii"), "rating")
    propensities = _long(_matrix(files, "propensities.ascii"), "propensity")
    users = _one_hot(files, "user").rename_axis("user").reset_index()
    items = _one_hot(files, "item").rename_axis("item").reset_index()
    kinds = [[kind] for kind in items["jackettype"]]
    titles = items["color"] + " " + items["jackettype"] + " for " + items["gender"]
    items = items.assign(title=titles, genres=pd.Series(kinds, dtype=object))
    tables = {"randomised": randomised, "propensities": propensities}
    return Raw(chosen, users, items, tables=tables)


def _matrix(files: Files, name: str) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    try:
        values = [[float(cell) for cell in line.split()] for line in _lines(files, name)]
        return np.array(values, dtype=np.float64)
    except ValueError as error:
        raise DatasetError(f"{name} is not a table of numbers: {error}") from error


def _lines(files: Files, name: str) -> list[str]:
    return [line for line in files.text(name).splitlines() if line.strip()]


def _long(matrix: np.ndarray[tuple[int, int], np.dtype[np.float64]], value: str) -> pd.DataFrame:
    """user, item, value for every cell that is not 0."""
    users, items = np.nonzero(matrix)
    return pd.DataFrame({"user": users, "item": items, value: matrix[users, items]})


def _one_hot(files: Files, kind: str) -> pd.DataFrame:
    """One column an attribute, from columns of 0 and 1 that a map names `attribute:value`."""
    folder = "user_item_features"
    names = _lines(files, f"{folder}/{kind}_features_map.txt")
    flags = _matrix(files, f"{folder}/{kind}_features.ascii") > 0
    if flags.shape[1] != len(names):
        raise DatasetError(
            f"{kind}_features.ascii has {flags.shape[1]} columns, {len(names)} named"
        )
    attributes: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        attributes.setdefault(name.partition(":")[0], []).append(place)
    values = np.array([name.partition(":")[2] for name in names], dtype=object)
    columns = {}
    for attribute, places in attributes.items():
        own = flags[:, places]
        named = values[np.array(places)][own.argmax(axis=1)]
        named[~own.any(axis=1)] = None
        columns[attribute] = pd.Series(named, dtype="str")
    return pd.DataFrame(columns)
