"""Between codes and the ids that a model from another package was fitted with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd

from core.errors import ConfigError
from core.tables import PAD, Codes, Ids, Interactions, Ints
from recommenders.parameters import setting

Name = str | int


@dataclass(frozen=True, eq=False)
class OutsideNames:
    """users, items: the outside id of each code, (n_users,) and (n_items,)."""

    users: Sequence[Name]
    items: Sequence[Name]

    @classmethod
    def of(cls, ids: tuple[Ids, Ids] | None, to_id: Callable[[str], Name]) -> "OutsideNames":
        """The ids a fitted model knows: each name through to_id (int where it learned numbers)."""
        if ids is None:
            raise ConfigError(
                "a model fitted elsewhere knows users and items by name; call "
                "bind(user_ids, item_ids) first, or set refit=True to train it here"
            )
        try:
            users, items = ([to_id(name) for name in side.names] for side in ids)
        except ValueError as error:
            raise ConfigError(
                f"an id does not turn into what the model knows: {error}; set to_id to the "
                "function that makes the model's ids out of the data set's text"
            ) from error
        return cls(users, items)

    @classmethod
    def codes(cls, train: Interactions) -> "OutsideNames":
        """The codes themselves, for a model that is trained here."""
        return cls(range(train.n_users), range(train.n_items))

    def of_users(self, users: Codes | Ints) -> list[Name]:
        return [self.users[code] for code in np.asarray(users).tolist()]

    def array(self, items: Ints) -> Any:
        """Ids of these item codes: int64 where all are whole numbers, else object."""
        names = [self.items[code] for code in items.tolist()]
        are_numbers = all(isinstance(name, int) for name in names)
        return np.array(names, dtype=np.int64 if are_numbers else object)

    def item_codes(self, names: Sequence[Any]) -> Codes:
        """int32 (n,): the code of each id, PAD for one that the data set does not hold."""
        return np.array([self._code_of.get(name, PAD) for name in names], dtype=np.int32)

    @cached_property
    def _code_of(self) -> dict[Name, int]:
        return {name: code for code, name in enumerate(self.items)}


@dataclass(kw_only=True)
class SpeaksByName:
    """What every model of another package is told: train it here, on what, and which ids it knows.

    to_id makes the model's ids out of the data set's, which are text.
    """

    refit: bool = setting(default=False, doc="Train a copy of the model on train.")
    everything: bool = setting(
        default=False, doc="When refitting, learn from all ratings instead of likings alone."
    )
    to_id: Callable[[str], Name] = str

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        self._ids = user_ids, item_ids
        return self

    def known_names(self, train: Interactions) -> OutsideNames:
        """Those it was fitted with elsewhere, or the codes where it is trained here."""
        if self.refit:
            return OutsideNames.codes(train)
        return OutsideNames.of(getattr(self, "_ids", None), self.to_id)


def frame_of(train: Interactions, names: OutsideNames, *, everything: bool) -> pd.DataFrame:
    """user_id, item_id, rating (1 where there is none), timestamp (datetime, where there are any).

    everything  False: only likings, each pair once; True: all rows, the last of each pair
    """
    rows = np.arange(len(train)) if everything else np.flatnonzero(train.is_liked)
    part = train.take(rows)
    frame = pd.DataFrame(
        {
            "user_id": names.of_users(part.users),
            "item_id": names.array(part.items.astype(np.int64)),
            "rating": 1.0 if part.ratings is None else part.ratings,
        }
    )
    if part.timestamps is not None:
        frame["timestamp"] = pd.to_datetime(part.timestamps, unit="s")
    return frame.drop_duplicates(["user_id", "item_id"], keep="last", ignore_index=True)
