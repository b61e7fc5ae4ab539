"""Vectors of items beyond their texts: pictures, sounds, places, from columns or files."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ConfigError, DatasetError
from core.tables import Bools, Floats, Interactions
from recommenders.represent.vectors import centred

KINDS = ("text", "image", "audio", "place")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "image": ("image_vector", "image_features", "image"),
    "audio": ("audio_vector", "audio_features", "audio"),
    "place": ("place_vector", "place"),
}
LATITUDE, LONGITUDE = ("latitude", "lat"), ("longitude", "lon", "lng")
Vectors = tuple[Floats, Bools]


def vectors_in(
    train: Interactions, kind: str, file: str = "", item_ids: Any = None
) -> Vectors | None:
    """What is known of items in one kind other than text; None where nothing is.

    file      .npy with a row an item in the order of its codes, .npz with an array by outside id,
              or .parquet with columns item_id and vector; "" for a column of the items
    item_ids  core.tables.Ids, needed for files by outside id

    Columns: image_vector, audio_vector, place_vector (lists of numbers, or numbers in one text
    parted by blanks or commas), or latitude and longitude. Returns float32 (n_items, width), rows
    of length 1 less the mean, and who has one. Raises DatasetError for vectors of unlike lengths
    and for what is no number, ConfigError for a file that cannot be used.
    """
    if file:
        cells: list[Any] | None = _from_file(Path(file).expanduser(), kind, train.n_items, item_ids)
    else:
        cells = _from_columns(train.side.items.reindex(np.arange(train.n_items)), kind)
    if cells is None:
        return None
    read = [_vector(cell, kind, item) for item, cell in enumerate(cells)]
    has = np.array([vector is not None for vector in read])
    widths = sorted({len(vector) for vector in read if vector is not None})
    if not widths:
        return None
    if len(widths) > 1:
        raise DatasetError(
            f"{kind} vectors must be of one length; these have "
            f"{', '.join(map(str, widths))} numbers"
        )
    raw = np.zeros((train.n_items, widths[0]))
    for item, vector in enumerate(read):
        if vector is not None:
            raw[item] = vector
    return centred(raw, has), has


def _from_columns(items: pd.DataFrame, kind: str) -> list[Any] | None:
    named = next((name for name in COLUMNS[kind] if name in items.columns), None)
    if named is not None:
        return items[named].tolist()
    if kind != "place":
        return None
    latitude = next((name for name in LATITUDE if name in items.columns), None)
    longitude = next((name for name in LONGITUDE if name in items.columns), None)
    if latitude is None or longitude is None:
        return None
    north = pd.to_numeric(items[latitude], errors="coerce").to_numpy(np.float64)
    east = pd.to_numeric(items[longitude], errors="coerce").to_numpy(np.float64)
    # points on the globe: near ones have near vectors, on either side of the date line too
    phi, lam = np.radians(north), np.radians(east)
    points = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    return [point if np.isfinite(point).all() else None for point in points]


def _from_file(path: Path, kind: str, n_items: int, item_ids: Any) -> list[Any]:
    try:
        if path.suffix == ".npy":
            rows = np.load(path, allow_pickle=False)
            if rows.ndim != 2 or len(rows) != n_items:
                raise ConfigError(
                    f"{path} holds an array of shape {rows.shape}; {kind} vectors in .npy need a "
                    f"row for each of the {n_items:,} items in the order of their codes"
                )
            return list(rows)
        by_id = _by_id(path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ConfigError(
            f"{path} cannot be read as {kind} vectors ({error}); give .npy (a row an item), .npz "
            "(an array by item id) or .parquet (columns item_id and vector)"
        ) from error
    if item_ids is None:
        raise ConfigError(
            f"{path} names items by outside ids, which this model was not told; bind it to the "
            "ids, or give .npy with a row an item"
        )
    return [by_id.get(str(name)) for name in item_ids.names]


def _by_id(path: Path) -> dict[str, Any]:
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    if path.suffix == ".parquet":
        table = pd.read_parquet(path, columns=["item_id", "vector"])
        return dict(zip(table["item_id"].map(str), table["vector"], strict=True))
    raise ValueError(f"no reader for {path.suffix or 'a file without an ending'}")


def _vector(cell: Any, kind: str, item: int) -> Floats | None:
    """A cell as numbers; None where it is missing."""
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return None
    told = cell.replace(",", " ").split() if isinstance(cell, str) else cell
    try:
        vector = np.asarray(told, dtype=np.float64).ravel()
    except (TypeError, ValueError) as error:
        raise DatasetError(
            f"the {kind} vector of item code {item} is {str(cell)[:40]!r}, no list of numbers"
        ) from error
    if not len(vector):
        return None
    if not np.isfinite(vector).all():
        raise DatasetError(f"the {kind} vector of item code {item} holds what is no number")
    return vector
