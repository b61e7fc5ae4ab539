"""Parsed data sets kept as Parquet, so that the second load costs a fraction of the first.

A folder a data set under cache/datasets, named by what it was parsed from; written whole or not at
all, never unpickled. What cannot be read back is thrown away and parsed again.
"""

import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.atomic import new_folder
from core.errors import StorageError
from core.ledger import Entry, Ledger
from core.paths import cache_dir
from core.tables import Dataset, Ids, Interactions, Side

VERSION = 1  # raise it when a parsed data set changes shape or meaning
log = logging.getLogger(__name__)


def parsed_folder(name: str, fingerprint: str) -> Path:
    return cache_dir() / "datasets" / f"{name}-v{VERSION}-{fingerprint[:16]}"


def write_parsed(dataset: Dataset, folder: Path) -> None:
    """Keep a data set; StorageError, with nothing half-written, where the disk refuses."""
    rows, side = dataset.interactions, dataset.side
    columns: dict[str, Any] = {"user": rows.users, "item": rows.items}
    optional = {"rating": rows.ratings, "timestamp": rows.timestamps}
    columns |= {name: column for name, column in optional.items() if column is not None}
    tables: dict[str, pd.DataFrame] = {
        "interactions": pd.DataFrame(columns, copy=False),
        "users": side.users.assign(**{"id ": dataset.user_ids.names}),
        "items": side.items.assign(**{"id ": dataset.item_ids.names}),
        **{f"table.{name}": table for name, table in side.tables.items()},
    }
    known = {"graph": side.graph, "reviews": side.reviews}
    tables |= {name: table for name, table in known.items() if table is not None}
    meta = {
        "name": dataset.name,
        "sha256": dataset.sha256,
        "threshold": rows.threshold,
        "facts": dict(dataset.facts),
        "ledger": [asdict(entry) for entry in dataset.ledger],
        "rows": {name: len(table) for name, table in tables.items()},
    }
    with new_folder(folder) as temporary:
        for name, table in tables.items():
            arrow = pa.Table.from_pandas(table, preserve_index=False)
            pq.write_table(arrow, temporary / f"{name}.parquet", compression="zstd")
        (temporary / "meta.json").write_text(json.dumps(meta), encoding="utf-8")


def read_parsed(folder: Path) -> Dataset | None:
    """The data set kept in a folder; None where there is none, or none that can be read back."""
    if not folder.is_dir():
        return None
    try:
        return _read(folder)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        log.warning("the parsed data in %s cannot be read back (%s): parsed again", folder, error)
        shutil.rmtree(folder, ignore_errors=True)
        return None


def keep_parsed(dataset: Dataset, folder: Path) -> None:
    """Write if the disk allows; a full one costs the next load its speed, not this one its data."""
    try:
        write_parsed(dataset, folder)
    except StorageError as error:
        log.warning("%s", error)


def _read(folder: Path) -> Dataset:
    meta: Mapping[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    tables = {name: _frame(folder / f"{name}.parquet", n) for name, n in meta["rows"].items()}
    users, items, rows = tables.pop("users"), tables.pop("items"), tables.pop("interactions")
    side = Side(
        users=users.drop(columns="id "),
        items=items.drop(columns="id "),
        graph=tables.pop("graph", None),
        reviews=tables.pop("reviews", None),
        tables={name.removeprefix("table."): table for name, table in tables.items()},
    )
    optional = {
        name + "s": rows[name].to_numpy() if name in rows else None
        for name in ("rating", "timestamp")
    }
    interactions = Interactions(
        rows["user"].to_numpy(),
        rows["item"].to_numpy(),
        len(users),
        len(items),
        threshold=meta["threshold"],
        side=side,
        **optional,
    )
    ledger = Ledger([Entry(**{**e, "examples": tuple(e["examples"])}) for e in meta["ledger"]])
    ids = (_ids("user", users), _ids("item", items))
    return Dataset(meta["name"], interactions, *ids, meta["sha256"], ledger, meta["facts"])


def _ids(kind: str, table: pd.DataFrame) -> Ids:
    return Ids(kind, np.asarray(table["id "].to_numpy(dtype=object), dtype=object))


def _frame(path: Path, n_rows: int) -> pd.DataFrame:
    table = pq.read_table(path)
    if table.num_rows != n_rows:
        raise ValueError(f"{path.name} holds {table.num_rows} rows, {n_rows} were written")
    frame: pd.DataFrame = table.to_pandas()
    for name, kind in zip(table.schema.names, table.schema.types, strict=True):
        if pa.types.is_list(kind):
            frame[name] = pd.Series(table[name].to_pylist(), index=frame.index, dtype=object)
    return frame
