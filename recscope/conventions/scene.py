"""Lists to hold all conventions against: those of a run's model, or a worked example."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import ConfigError
from core.tables import PAD, Floats, Interactions, TopK
from recscope.catalogue import Catalogue, catalogue_of_frames
from recscope.conventions.handed import Handed, Names, hand_over
from recscope.judge import judge
from recscope.judged import Judged
from recscope.store import Run

EXAMPLE_LISTS = {"u1": "axbyz", "u2": "xc", "u3": "dexyf", "u5": "abcde"}
EXAMPLE_TRUTH = {"u1": "ab", "u2": "c", "u3": "defghij", "u4": "a"}
EXAMPLE_USERS = ("u1", "u2", "u3", "u4", "u5")
EXAMPLE_ITEMS = "abcdefghijxyz"


@dataclass(frozen=True, eq=False)
class Scene:
    """One model's lists, and all that is needed to count them in any way.

    lists, test, history  over one space of codes
    user_ids, items       outside ids of users; title (or id) of each item
    item_ids              outside ids of items, by which some tools order ties
    has_scores            the scores of `lists` are the model's own
    """

    lists: TopK
    test: Interactions
    history: Interactions | None
    catalogue: Catalogue
    user_ids: npt.NDArray[Any]
    items: npt.NDArray[Any]
    item_ids: npt.NDArray[Any]
    has_scores: bool = True

    def cut(self, depth: int) -> "Scene":
        """The same with lists of at most so many places: what a tool is handed need not be all."""
        if depth >= self.lists.k:
            return self
        first = TopK(self.lists.users, self.lists.items[:, :depth], self.lists.scores[:, :depth])
        return replace(self, lists=first)

    @cached_property
    def handed(self) -> Handed:
        groups = self.catalogue.groups
        return hand_over(
            self.lists,
            self.test,
            self.history,
            n_items=self.catalogue.n_available,
            scores=self.lists.scores.astype(np.float64) if self.has_scores else None,
            names=Names(self.item_ids),
            features=None if groups is None else groups.dense.astype(np.float64),
        )

    def judged(self, k: int) -> Judged:
        """As RecScope itself holds the lists against the truth."""
        return judge(
            self.lists,
            self.test,
            seen=() if self.history is None else (self.history,),
            k=k,
            n_catalogue=self.catalogue.n_available,
            has_scores=self.has_scores,
            catalogue=self.catalogue,
        )


def example() -> Scene:
    """Five users on whom the tools give eight answers: u4 has no list, u5 no truth."""

    def codes(users: dict[str, str]) -> tuple[Any, Any]:
        pairs = [
            (EXAMPLE_USERS.index(user), EXAMPLE_ITEMS.index(item))
            for user, text in users.items()
            for item in text
        ]
        table = np.array(pairs, dtype=np.int32)
        return table[:, 0], table[:, 1]

    width = max(map(len, EXAMPLE_LISTS.values()))
    items = np.full((len(EXAMPLE_LISTS), width), PAD, dtype=np.int32)
    for row, text in enumerate(EXAMPLE_LISTS.values()):
        items[row, : len(text)] = [EXAMPLE_ITEMS.index(item) for item in text]
    listed = np.array([EXAMPLE_USERS.index(user) for user in EXAMPLE_LISTS])
    users, chosen = codes(EXAMPLE_TRUTH)
    names = np.array(list(EXAMPLE_ITEMS), dtype=object)
    return Scene(
        lists=TopK(listed, items, np.zeros(items.shape, dtype=np.float32)),
        test=Interactions(users, chosen, len(EXAMPLE_USERS), len(EXAMPLE_ITEMS)),
        history=None,
        catalogue=catalogue_of_frames(None, None, np.ones(len(EXAMPLE_ITEMS), dtype=bool)),
        user_ids=np.array(EXAMPLE_USERS, dtype=object),
        items=names,
        item_ids=names,
        has_scores=False,
    )


def of_run(run: Run, model: str) -> Scene:
    """A model of a finished run, read from its folder alone.

    Raises ConfigError for a run without test rows, StorageError where a file cannot be read.
    """
    data = run.manifest.get("data") or {}
    users, items, rows = run.users(), run.items(), run.interactions()
    test = rows[rows["part"] == "test"]
    if test.empty:
        raise ConfigError(f"run {run.id} has no test rows; there is nothing to count hits against")
    n_users, n_items = int(users.index.max()) + 1, int(items.index.max()) + 1
    threshold = data.get("threshold")

    def part(table: pd.DataFrame) -> Interactions:
        rated = "rating" in table and threshold is not None
        return Interactions(
            users=table["user"].to_numpy(dtype=np.int32),
            items=table["item"].to_numpy(dtype=np.int32),
            n_users=n_users,
            n_items=n_items,
            ratings=table["rating"].to_numpy(dtype=np.float32) if rated else None,
            threshold=threshold if rated else None,
        )

    history = part(rows[rows["part"] != "test"])
    ids = items["item_id"].astype(str).reindex(np.arange(n_items), fill_value="")
    titles = items["title"].astype(str) if "title" in items else ids
    user_ids = users["user_id"].astype(str).reindex(np.arange(n_users), fill_value="")
    return Scene(
        lists=_lists(run.lists(model)),
        test=part(test),
        history=history,
        catalogue=catalogue_of_frames(
            items.drop(columns=["item"]), history, np.ones(n_items, dtype=bool)
        ),
        user_ids=user_ids.to_numpy(dtype=object),
        items=titles.reindex(np.arange(n_items), fill_value="").to_numpy(dtype=object),
        item_ids=ids.to_numpy(dtype=object),
    )


def _lists(table: pd.DataFrame) -> TopK:
    """The lists as kept, as arrays; users without a row have none."""
    users = np.unique(table["user"].to_numpy())
    width = int(table["rank"].max()) if len(table) else 1
    items = np.full((len(users), width), PAD, dtype=np.int32)
    scores: Floats = np.full((len(users), width), -np.inf, dtype=np.float32)
    row = np.searchsorted(users, table["user"].to_numpy())
    place = table["rank"].to_numpy() - 1
    items[row, place] = table["item"].to_numpy()
    scores[row, place] = table["score"].to_numpy()
    return TopK(users, items, scores)
