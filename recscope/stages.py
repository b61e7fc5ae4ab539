"""From a data set's name to the three tables of a run: users, items, interactions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import FetchError, UnknownNameError
from core.ledger import Ledger
from core.tables import Bools, Dataset, Floats, Interactions, Ints, Split
from recscope.catalogue import Catalogue, catalogue_of
from recscope.config_sections import AUTO, DataConfig, SplitConfig
from recscope.files import is_whole, write_table

TABLES = ("users.parquet", "items.parquet", "interactions.parquet")
DERIVED = ("activity", "history")  # groups that every data set has
LEVELS = ("light", "medium", "heavy")
DAY = 86_400.0
NOT_DRAWN = "user of the test part not drawn: [evaluate] users asks for fewer"
NO_THRESHOLD = "rated, but no threshold is set: every rating counts as a liking"
Fetched = Callable[[int, int | None], None]


@dataclass(frozen=True, eq=False)
class Material:
    """What every later stage works on.

    history  what models learn from and users have had: train, with validation where that is asked
    users    int (n,) codes of the users who are judged: those with a row in the test part
    n_users_of_test  how many had one before some were drawn by lot
    """

    dataset: Dataset
    split: Split
    history: Interactions
    users: Ints
    n_users_of_test: int

    @cached_property
    def catalogue(self) -> Catalogue:
        """What is known of the items, and of what users had: one for all models."""
        return catalogue_of(self.dataset, self.history)


def load_data(asked: DataConfig, fetched: Fetched | None = None) -> tuple[Dataset, str | None]:
    """The data set, and why it is another than the one asked for (None: it is the one).

    fetched  called with bytes fetched and bytes in all, where they are known
    """
    from core.load import load

    if asked.interactions is not None:
        return _load_own(asked), None
    name = str(asked.name)
    try:
        return load(name, progress=fetched, options=asked.options or None), None
    except FetchError as error:
        if asked.otherwise is None:
            raise
        why = f"{name} could not be fetched, so {asked.otherwise} stands in: {error}"
        return load(asked.otherwise), why


def _load_own(asked: DataConfig) -> Dataset:
    from core.own import read_own

    imported = read_own(
        Path(str(asked.interactions)),
        users=Path(asked.users) if asked.users else None,
        items=Path(asked.items) if asked.items else None,
        columns=dict(asked.columns) or None,
        name=asked.label,
    )
    dataset: Dataset = imported.dataset
    return dataset


def with_threshold(dataset: Dataset, threshold: float | None) -> Dataset:
    """The same data, where another rating counts as a liking."""
    if threshold is not None:
        return replace(dataset, interactions=replace(dataset.interactions, threshold=threshold))
    had = dataset.interactions
    if had.ratings is not None and had.threshold is None:
        dataset.ledger.add("load", "noted", NO_THRESHOLD, len(had))
    return dataset


def split_data(dataset: Dataset, asked: SplitConfig) -> Split:
    """The three parts, by the rule asked for or the one that suits the data."""
    from core.split import split

    interactions = dataset.interactions
    usual = dataset.facts.get("split") or "global-time"
    if interactions.timestamps is None:
        usual = "ratio-per-user"
    return split(interactions, asked.rule or usual, seed=asked.seed, **asked.parameters)


def material(
    dataset: Dataset, split: Split, *, learn_validation: bool, n_users: int = 0, seed: int = 0
) -> Material:
    """Gather what the later stages work on.

    n_users  so many of the users of the test part are judged, drawn by lot; 0: all of them
    """
    history = joined(split.train, split.validation) if learn_validation else split.train
    users = np.unique(split.test.users).astype(np.int64)
    n_all = len(users)
    if 0 < n_users < n_all:
        split, users = _drawn(split, users, n_users, seed)
    return Material(dataset, split, history, users, n_all)


def _drawn(split: Split, users: Ints, n_users: int, seed: int) -> tuple[Split, Ints]:
    """The split with only the test rows of some users; who is not drawn is counted."""
    drawn = np.random.default_rng([seed, len(users)]).choice(users, n_users, replace=False)
    ledger = Ledger()
    ledger.extend(split.ledger)
    ledger.add("split", "dropped", NOT_DRAWN, len(users) - n_users, unit="users")
    test = split.test.take(np.isin(split.test.users, drawn))
    return replace(split, test=test, ledger=ledger), np.sort(drawn)


def joined(first: Interactions, second: Interactions) -> Interactions:
    """Rows of the one, then of the other."""
    if not len(second):
        return first

    def both(name: str) -> Any:
        one, other = getattr(first, name), getattr(second, name)
        return None if one is None else np.concatenate([one, other])

    names = ("users", "items", "ratings", "timestamps")
    return replace(first, **{name: both(name) for name in names})


def write_tables(given: Material, folder: Path) -> None:
    """users, items and interactions of the run; a table that is there and whole is kept."""
    makers = (users_table, items_table, interactions_table)
    for name, make in zip(TABLES, makers, strict=True):
        if not is_whole(folder / name):
            write_table(folder / name, make(given))


def users_table(given: Material) -> pd.DataFrame:
    """user, user_id, attributes, n_train, n_test, and groups derived from the user's history.

    activity (how much), history (any at all), tenure (how long), mainstreamness (how popular what
    the user liked is).
    """
    ids, history = given.dataset.user_ids, given.history
    n_train = np.bincount(history.users, minlength=len(ids))
    n_test = np.bincount(given.split.test.users, minlength=len(ids))
    frame = pd.DataFrame({"user": np.arange(len(ids), dtype=np.int32), "user_id": ids.names})
    frame = _with_attributes(frame, given.dataset.side.users)
    frame["n_train"], frame["n_test"] = n_train.astype(np.int32), n_test.astype(np.int32)
    has_history = n_train > 0
    frame["activity"] = _terciles(n_train.astype(float), has_history, LEVELS, "none")
    frame["history"] = np.where(has_history, "warm", "cold")
    frame["tenure"] = _tenure(history, len(ids), has_history)
    frame["mainstreamness"] = _mainstreamness(history)
    return frame


def items_table(given: Material) -> pd.DataFrame:
    """item, item_id, attributes (title, genres …), n_train."""
    ids = given.dataset.item_ids
    frame = pd.DataFrame({"item": np.arange(len(ids), dtype=np.int32), "item_id": ids.names})
    frame = _with_attributes(frame, given.dataset.side.items)
    frame["n_train"] = np.bincount(given.history.items, minlength=len(ids)).astype(np.int32)
    return frame


def interactions_table(given: Material) -> pd.DataFrame:
    """user, item, rating, timestamp, part; by user, then time."""
    parts = {
        "train": given.split.train,
        "validation": given.split.validation,
        "test": given.split.test,
    }
    frame = pd.concat([_rows(part, name) for name, part in parts.items()], ignore_index=True)
    order = [name for name in ("user", "timestamp") if name in frame]
    frame["part"] = frame["part"].astype("category")
    return frame.sort_values(order, kind="stable", ignore_index=True)


def _rows(part: Interactions, name: str) -> pd.DataFrame:
    columns: dict[str, Any] = {"user": part.users, "item": part.items}
    if part.ratings is not None:
        columns["rating"] = part.ratings
    if part.timestamps is not None:
        columns["timestamp"] = part.timestamps
    return pd.DataFrame(columns).assign(part=name)


def _with_attributes(frame: pd.DataFrame, attributes: pd.DataFrame) -> pd.DataFrame:
    """Beside each code what is known of it; a name that the run's own columns use gives way."""
    if attributes.empty:
        return frame
    taken = {*frame.columns, "n_train", "n_test", *DERIVED, "tenure", "mainstreamness"}
    renamed = {name: f"{name}_given" for name in attributes.columns if name in taken}
    beside = attributes.rename(columns=renamed).reindex(frame.index)
    return pd.concat([frame, beside], axis=1)


def _terciles(
    values: Floats, known: Bools, labels: Sequence[str], otherwise: str
) -> npt.NDArray[np.object_]:
    """Thirds of the known values by size; equal values always share a third."""
    named = np.full(len(values), otherwise, dtype=object)
    if known.any():
        bounds = np.quantile(values[known], [1 / 3, 2 / 3])
        named[known] = np.asarray(labels, dtype=object)[np.searchsorted(bounds, values[known])]
    return named


def _tenure(history: Interactions, n_users: int, known: Bools) -> npt.NDArray[np.object_]:
    """Thirds by days since a user's first row, counted at the last row of all."""
    if history.timestamps is None:
        return np.full(n_users, "unknown", dtype=object)
    first = np.full(n_users, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(first, history.users, history.timestamps)
    days = (float(history.timestamps.max()) - first.astype(float)) / DAY
    return _terciles(days, known, ("new", "settled", "longest"), "none")


def _mainstreamness(history: Interactions) -> npt.NDArray[np.object_]:
    """Thirds by the mean popularity of what a user liked: users who had the item.

    As group average popularity is cut in Abdollahpouri et al. 2019, arXiv:1907.13286.
    """
    popularity = np.bincount(history.items, minlength=history.n_items).astype(float)
    users, items = history.users[history.is_liked], history.items[history.is_liked]
    n_liked = np.bincount(users, minlength=history.n_users)
    total = np.bincount(users, weights=popularity[items], minlength=history.n_users)
    mean = total / np.maximum(n_liked, 1)
    return _terciles(mean, n_liked > 0, ("niche", "mixed", "mainstream"), "none")


def group_columns(users: pd.DataFrame, asked: Sequence[str], dataset: Dataset) -> pd.DataFrame:
    """The columns of users to slice by, index: code.

    "auto" stands for the card's groups that are there, activity and history. Raises
    UnknownNameError for a column that nobody has.
    """
    names: list[str] = []
    for name in asked:
        if name == AUTO:
            declared = [*dataset.facts.get("groups", ()), *DERIVED]
            names += [known for known in declared if known in users]
        elif name in users:
            names.append(name)
        else:
            columns = [str(column) for column in users.columns]
            raise UnknownNameError("group (a column of the users)", name, columns)
    return users.set_index("user")[list(dict.fromkeys(names))]


def data_facts(given: Material, name: str) -> dict[str, Any]:
    """What the manifest says of the data."""
    dataset, split = given.dataset, given.split
    return {
        "name": dataset.name,
        "asked": name,
        "sha256": dataset.sha256,
        "facts": dict(dataset.facts),
        "counts": {
            "interactions": len(dataset.interactions),
            "users": len(dataset.user_ids),
            "items": len(dataset.item_ids),
            "train": len(split.train),
            "validation": len(split.validation),
            "test": len(split.test),
            "judged_users": len(given.users),
            "test_users": given.n_users_of_test,
        },
        "split": {"rule": split.rule, "seed": split.seed, "parameters": dict(split.parameters)},
        "threshold": dataset.interactions.threshold,
    }


def data_ledger(given: Material) -> Ledger:
    """Everything dropped or repaired before a model was at work."""
    ledger = Ledger()
    ledger.extend(given.dataset.ledger)
    ledger.extend(given.split.ledger)
    return ledger
