"""What would the model say, had the user not liked some of it?  All that post-hoc methods need."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from core.errors import ConfigError
from core.tables import Bools, Floats, Interactions, Ints
from recommenders.base import IsLinear, ScoresHistories

MASKS_AT_A_TIME = 512  # rows of dense scores at once


@dataclass(frozen=True, eq=False)
class MaskedHistory:
    """One user's history, parts of which can be taken away.

    model    scores histories
    user     code; history: int (n,) codes of the items the user liked, ascending
    seen     int codes of all that the user had: never ranked
    n_items  of the catalogue
    """

    model: ScoresHistories
    user: int
    history: Ints
    seen: Ints
    n_items: int

    def __len__(self) -> int:
        return len(self.history)

    def scores(self, masks: Bools) -> Floats:
        """Scores of every item where only these parts of the history are there.

        masks    bool (m, n)  which liked items are kept
        answers  float64 (m, n_items); what a model does not list after so little counts as 0
        """
        kept = csr_array(masks.astype(np.float32))
        histories = csr_array(
            (kept.data, self.history[kept.indices], kept.indptr), shape=(len(masks), self.n_items)
        )
        parts = [
            self.model.score_histories(histories[start : start + MASKS_AT_A_TIME], user=self.user)
            for start in range(0, len(masks), MASKS_AT_A_TIME)
        ]
        scores = np.concatenate(parts).astype(np.float64)
        return np.where(np.isfinite(scores), scores, 0.0)

    def weights(self, items: Sequence[int] | Ints) -> Floats | None:
        """What each liked item adds to each of these, float64 (n, k); None unless it is a sum."""
        if not isinstance(self.model, IsLinear):
            return None
        table: Any = self.model.history_weights()
        rows = table[self.history][:, np.asarray(items)]
        dense: Floats = np.asarray(rows.todense() if hasattr(rows, "todense") else rows)
        return dense.astype(np.float64)

    def ranks(self, scores: Floats, items: Ints) -> Floats:
        """Rank from 1 of one item a row among what the user has not had.

        scores   float (m, n_items); items: int (m,) the item asked for in each row
        answers  float64 (m,); items with equal scores share the middle of their ranks, so that an
                 item about which nothing is known is not first among its like
        """
        own = scores[np.arange(len(items)), items][:, None]
        is_free = np.ones(self.n_items, dtype=bool)
        is_free[self.seen] = False
        better = ((scores > own) & is_free).sum(axis=1)
        equal = ((scores == own) & is_free).sum(axis=1)
        return np.asarray(1 + better + np.maximum(equal - 1, 0) / 2, dtype=np.float64)


def masked_history(model: Any, train: Interactions, user: int) -> MaskedHistory:
    """The history that the model learned of a user.

    Raises ConfigError where the model cannot score a history, or the user has none.
    """
    if not isinstance(model, ScoresHistories):
        raise ConfigError(
            f"{type(model).__name__} cannot be explained by the user's history: it has no "
            "score_histories(histories, user) (see recommenders.base.ScoresHistories); use an "
            "explainer that only looks at the list"
        )
    liked = train.liked[[user]].indices
    if not len(liked):
        raise ConfigError(
            f"user code {user} liked nothing in train, so no history explains a list; ask for a "
            "user with a history"
        )
    seen = train.seen[[user]].indices
    return MaskedHistory(
        model, user, np.sort(liked).astype(np.int64), seen.astype(np.int64), train.n_items
    )
