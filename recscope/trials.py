"""Trials: the same model on data as they are and on data changed on purpose, user by user."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ConfigError
from core.split import split
from core.tables import PAD, Codes, Dataset, Floats, Ids, Interactions, Ints, TopK
from recommenders.base import NeedsIds, ReadsUsers
from recommenders.contract import check_topk
from recommenders.doors import resolve
from recommenders.history import together
from recscope.compare import compare, holm
from recscope.estimate import Sureness
from recscope.judge import judge, label, per_user

COLUMNS = (
    "model", "trial", "size", "against", "metric", "k", "before", "after",
    "difference", "low", "high", "p", "p_holm", "n",
)  # fmt: skip
SPARE_NAME = "fake user {}"  # of a user whom the data do not hold

Told = Callable[[str, int, int], None]  # what is at work, pieces done, pieces in all


def untold(_what: str, _done: int, _total: int) -> None:
    """For a caller who does not watch."""


@dataclass(frozen=True, eq=False)
class Trials:
    """What came of trials.

    table  one row a model, trial, metric: COLUMNS. before, after: means over the same users;
           difference with its interval and p (paired sign flips); p_holm: over all rows
    facts  what was done: settings, counts, names
    notes  what could not be tried, and why: (about, reason)
    """

    table: pd.DataFrame
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[tuple[str, str]] = ()

    def to_json(self) -> str:
        from recscope.outputs import as_json

        return as_json({"trials": self.table, "facts": self.facts, "notes": list(self.notes)})

    def write(self, path: str | Path) -> Path:
        """FILE.json, FILE.parquet or FILE.csv.  ConfigError for another ending."""
        from recscope.outputs import write

        return write(Path(path), self.table, self.to_json())


@dataclass(frozen=True, eq=False)
class Scene:
    """What all trials of one call share.

    train, test  the data cut at random by user; users: int64 (n,) who is asked, ascending
    """

    dataset: Dataset
    train: Interactions
    test: Interactions
    users: Ints
    k: int
    sure: Sureness


def scene_of(dataset: Dataset, n_users: int, k: int, sure: Sureness) -> Scene:
    """A fifth of each user's rows held out at random; so many users drawn of those with both."""
    parts = split(dataset.interactions, "ratio-per-user", seed=sure.seed, test=0.2, validation=0.0)
    has_history = np.diff(parts.train.liked.indptr) > 0
    users: Ints = np.unique(parts.test.users[parts.test.is_liked]).astype(np.int64)
    users = users[has_history[users]]
    if not len(users):
        raise ConfigError(
            f"{dataset.name} holds no user with something liked in train and in test, so nobody "
            "can be asked; lower the relevance threshold or take other data"
        )
    if len(users) > n_users:
        rng = np.random.default_rng([sure.seed, 1])
        users = np.sort(rng.choice(users, n_users, replace=False))
    is_asked = np.zeros(parts.test.n_users, dtype=bool)
    is_asked[users] = True
    test = parts.test.take(is_asked[parts.test.users])
    return Scene(dataset, parts.train, test, users, k, sure)


def fitted_on(
    spec: str, parameters: Mapping[str, Any], dataset: Dataset, train: Interactions
) -> Any:
    """A recommender by name, told the ids and users it needs, and fitted.

    train  may hold users whom the data set does not: they get names of their own
    """
    model = resolve(spec, parameters)
    if isinstance(model, NeedsIds):
        names = list(dataset.user_ids.names)
        names += [SPARE_NAME.format(n) for n in range(1, train.n_users - len(names) + 1)]
        user_ids = Ids("user", np.array(names, dtype=object))
        model = model.bind(user_ids, dataset.item_ids) or model
    if isinstance(model, ReadsUsers):
        model = model.bind_users(dataset.side.users) or model
    return model.fit(train) or model


def lists_of(
    model: Any, name: str, scene: Scene, learned: Interactions, depth: int | None = None
) -> Codes:
    """int32 (n_users, depth) codes: the lists of the users asked, k deep if nothing is said."""
    depth = depth or scene.k
    return check_topk(model.recommend(scene.users, depth), scene.users, depth, learned, name).items


def quality(items: Codes, scene: Scene) -> pd.DataFrame:
    """ndcg@k of each user's list; index: code."""
    from evaluators.doors import metrics

    places = np.broadcast_to(-np.arange(float(items.shape[1])), items.shape)
    lists = TopK(scene.users, items, np.where(items == PAD, -np.inf, places))
    judged = judge(lists, scene.test, k=scene.k)
    return per_user(judged, [metrics()["ndcg"]], [scene.k], np.float64)


def overlap(one: Codes, other: Codes) -> Floats:
    """Share of each list that is on the other too: float64 (n,); 1 where both are empty."""
    is_shared = (one[:, :, None] == other[:, None, :]) & (one != PAD)[:, :, None]
    longest = np.maximum((one != PAD).sum(axis=1), (other != PAD).sum(axis=1))
    shared = is_shared.any(axis=2).sum(axis=1)
    return np.where(longest > 0, shared / np.maximum(longest, 1), 1.0)


def moved(
    before: pd.DataFrame, after: pd.DataFrame, sure: Sureness, **facts: Any
) -> list[dict[str, Any]]:
    """One row of COLUMNS a metric: what the trial changed, over users defined in both."""
    found = compare(
        {"before": before, "after": after},
        "before",
        resamples=sure.resamples,
        confidence=sure.confidence,
        seed=sure.seed,
    )
    rows = []
    for one in found.to_dict("records"):
        name = label(one["metric"], None if pd.isna(one["k"]) else int(one["k"]))
        both = before[name].notna() & after[name].notna()
        kept = {key: one[key] for key in ("metric", "k", "difference", "low", "high", "p", "n")}
        means = {"before": before.loc[both, name].mean(), "after": after.loc[both, name].mean()}
        rows.append({**facts, **means, **kept})
    return rows


def table_of(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows in COLUMNS, p corrected by Holm over all of them."""
    table = pd.DataFrame([dict(row) for row in rows], columns=list(COLUMNS))
    table["p_holm"] = holm(table["p"].to_numpy(dtype=np.float64))
    return table


def with_users(train: Interactions, fake: Interactions) -> Interactions:
    """Rows of users who are not there added to those of users who are."""
    return together(train, replace(fake, side=train.side))
