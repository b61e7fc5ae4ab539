"""A RecTools model as a recommender."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from core.errors import ConfigError
from core.tables import PAD, Codes, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.contract import is_seen
from recommenders.outside_names import Name, OutsideNames, SpeaksByName, frame_of


@dataclass
class RecToolsModel(SpeaksByName):
    """Lists made by a RecTools model (0.12 or later), its order and scores kept.

    A fitted model comes with the rectools Dataset it was fitted on, which must not hold the test
    part: nobody can check that here, so refit=True (which needs no dataset) is the safe choice.
    Users that the model has never met get no list. to_id makes the dataset's ids out of text:
    to_id=int where it was fitted on numbers.
    """

    source: ClassVar[str] = "RecTools, https://rectools.readthedocs.io"

    model: Any
    dataset: Any = None

    def fit(self, train: Interactions) -> Self:
        if not self.refit and self.dataset is None:
            raise ConfigError(
                "a fitted RecTools model needs the Dataset it was fitted on: "
                "RecToolsModel(model, dataset); or set refit=True to train it here"
            )
        self.names_ = self.known_names(train)
        if self.refit:
            self.dataset_ = _dataset(train, self.names_, everything=self.everything)
            self.model_ = deepcopy(self.model).fit(self.dataset_)
        else:
            self.dataset_, self.model_ = self.dataset, self.model
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        codes: Ints = np.asarray(users, dtype=np.int64)
        items = np.full((len(codes), k), PAD, dtype=np.int32)
        scores = np.full((len(codes), k), -np.inf)
        met = set(self.dataset_.user_id_map.external_ids.tolist())
        names = self.names_.of_users(codes)
        rows = np.flatnonzero([name in met for name in names])
        if len(rows):
            width = k + int(np.diff(self.train_.seen.indptr)[codes[rows]].max())
            listed, given = self._ask([names[row] for row in rows], width)
            kept, kept_scores = _without(
                is_seen(codes[rows], listed, self.train_), listed, given, k
            )
            items[rows, : kept.shape[1]], scores[rows, : kept.shape[1]] = kept, kept_scores
        return TopK(codes, items, scores)

    def _ask(self, names: list[Name], width: int) -> tuple[Codes, Any]:
        """As many items as stay k when the seen ones are taken out."""
        known = self.dataset_.item_id_map.external_ids
        shared = known[self.names_.item_codes(known.tolist()) != PAD]
        width = min(width, len(shared))
        frame = self.model_.recommend(
            users=np.array(names, dtype=known.dtype if known.dtype.kind in "iu" else object),
            dataset=self.dataset_,
            k=width,
            filter_viewed=False,
            items_to_recommend=shared,
        )
        row_of = {name: row for row, name in enumerate(names)}
        rows = frame["user_id"].map(row_of).to_numpy()
        places = frame["rank"].to_numpy() - 1
        listed = np.full((len(names), width), PAD, dtype=np.int32)
        given = np.full((len(names), width), -np.inf)
        listed[rows, places] = self.names_.item_codes(frame["item_id"].tolist())
        given[rows, places] = frame["score"].to_numpy()
        return listed, given


def _without(hidden: Any, items: Codes, scores: Any, k: int) -> tuple[Codes, Any]:
    """Close up what is left of each list, and cut it to k."""
    order = np.argsort(hidden, axis=1, kind="stable")[:, :k]
    is_hidden = np.take_along_axis(hidden, order, axis=1)
    kept = np.take_along_axis(items, order, axis=1)
    kept_scores = np.take_along_axis(scores, order, axis=1)
    return np.where(is_hidden, PAD, kept), np.where(is_hidden, -np.inf, kept_scores)


def _dataset(train: Interactions, names: OutsideNames, *, everything: bool) -> Any:
    from rectools.dataset import Dataset

    frame = frame_of(train, names, everything=everything).rename(
        columns={"rating": "weight", "timestamp": "datetime"}
    )
    if not everything:
        frame["weight"] = 1.0
    if "datetime" not in frame:  # RecTools insists on one; models without time do not look at it
        frame["datetime"] = np.datetime64("1970-01-01", "ns")
    return Dataset.construct(frame)
