"""Lists that another system has already made, judged like any model's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from core.encode import look_up
from core.errors import ConfigError, DatasetError
from core.frames import read_frame
from core.frames_roles import bare, guess_roles
from core.ledger import Ledger
from core.tables import PAD, Codes, Ids, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.parameters import setting

RANKS = ("rank", "ranking", "position", "pos")
SCORES = ("score", "scores", "prediction", "predicted", "rating", "weight", "relevance")


@dataclass
class ReadyLists:
    """A file of ready lists: user, item, and rank or score (rank wins).

    Any layout that RecScope reads (CSV, TSV, JSON lines, Parquet, a TREC run …). Equal scores keep
    the order of the file. A user whom the data set does not hold is dropped; an item that it does
    not hold keeps its rank, as a place without an item. Both are counted in `ledger_`, as are ties.
    """

    source: ClassVar[str] = "The system that made the file"

    path: str = setting("", "File with columns user_id, item_id and rank or score.")

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        self._ids = user_ids, item_ids
        return self

    def fit(self, train: Interactions) -> Self:
        """Read the file; nothing is learned from train."""
        if not hasattr(self, "_ids"):
            raise ConfigError(f"the lists in {self.path} need names; call bind(user_ids, item_ids)")
        frame = read_frame(Path(self.path))
        user, item, rank, score = self._columns(frame)
        self.ledger_ = Ledger()
        table = pd.DataFrame(
            {
                "user": look_up(frame[user], self._ids[0]),
                "item": look_up(frame[item], self._ids[1]),
                "order": self._numbers(frame, rank) if rank else -self._numbers(frame, score),
                "score": self._numbers(frame, score) if score else np.nan,
            }
        )
        table = self._counted(table, is_scored=rank is None)
        table = table.sort_values(["user", "order"], kind="stable")
        self.items_ = np.where(table["item"] < 0, PAD, table["item"]).astype(np.int32)
        self.starts_ = np.searchsorted(table["user"], np.arange(train.n_users + 1))
        place = np.arange(len(table)) - self.starts_[table["user"]]
        self.scores_ = np.where(table["score"].isna(), -1.0 - place, table["score"])
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        codes: Ints = np.asarray(users, dtype=np.int64)
        starts, stops = self.starts_[codes], self.starts_[codes + 1]
        places = starts[:, None] + np.arange(k)
        is_there = places < stops[:, None]
        places = np.minimum(places, max(len(self.items_) - 1, 0))
        if not len(self.items_):
            return TopK(
                codes, np.full(is_there.shape, PAD, np.int32), np.full(is_there.shape, -np.inf)
            )
        items = np.where(is_there, self.items_[places], PAD).astype(np.int32)
        return TopK(codes, items, np.where(items == PAD, -np.inf, self.scores_[places]))

    def _columns(self, frame: pd.DataFrame) -> tuple[str, str, str | None, str | None]:
        roles = guess_roles(list(frame.columns)).columns
        by_bare = {bare(name): name for name in reversed(frame.columns)}
        rank = next((by_bare[name] for name in RANKS if name in by_bare), None)
        score = next((by_bare[name] for name in SCORES if name in by_bare), None)
        missing = [role for role in ("user", "item") if role not in roles]
        if rank is None and score is None:
            missing.append("rank or score")
        if missing:
            raise DatasetError(
                f"{self.path} has no column for {' and '.join(missing)}; it has "
                f"{', '.join(map(str, frame.columns))}. Call them user_id, item_id, rank or score"
            )
        return roles["user"], roles["item"], rank, score

    def _numbers(self, frame: pd.DataFrame, column: Any) -> Any:
        numbers = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=np.float64)
        bad = np.flatnonzero(~np.isfinite(numbers))
        if len(bad):
            raise DatasetError(
                f"{len(bad)} rows of {self.path} have no finite number in {column!r}; the first is "
                f"row {bad[0] + 1}: {frame[column].iloc[bad[0]]!r}. Mend or remove them"
            )
        return numbers

    def _counted(self, table: pd.DataFrame, *, is_scored: bool) -> pd.DataFrame:
        stage = "lists"
        is_known = table["user"] >= 0
        self.ledger_.add(
            stage, "dropped", "list entry of a user the data set does not hold", (~is_known).sum()
        )
        table = table[is_known]
        self.ledger_.add(
            stage,
            "noted",
            "item the data set does not hold, kept as a miss",
            (table["item"] < 0).sum(),
        )
        ties = int(table.duplicated(["user", "order"]).sum())
        reason = "equal score in one list" if is_scored else "equal rank in one list"
        self.ledger_.add(stage, "noted", f"{reason}, order of the file kept", ties)
        return table
