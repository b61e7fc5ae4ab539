"""Membership inference: does a model betray who it learned from?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import rankdata

from core.tables import Floats, Interactions, Ints
from recscope.bootstrap import interval
from recscope.estimate import Sureness


@dataclass(frozen=True, eq=False)
class Seen:
    """How much more each user looks like one the model learned from than a model without them says.

    members, outsiders  float64 (n,) of each: consistency less that of the reference
    """

    members: Floats
    outsiders: Floats
    sure: Sureness

    @property
    def auc(self) -> float:
        return auc(self.members, self.outsiders)

    def since(self, before: "Seen") -> dict[str, Any]:
        """A row of trials: AUC before and after, the difference with its interval over users."""
        rng = np.random.default_rng([self.sure.seed, 5])
        again = np.zeros((self.sure.resamples, 1))
        for row in range(self.sure.resamples):
            here = rng.integers(len(self.members), size=len(self.members))
            there = rng.integers(len(self.outsiders), size=len(self.outsiders))
            again[row] = auc(self.members[here], self.outsiders[there]) - auc(
                before.members[here], before.outsiders[there]
            )
        n = len(self.members) + len(self.outsiders)
        difference = self.auc - before.auc
        low = high = float("nan")
        if self.sure.resamples:
            found = interval(
                np.array([difference]), again, np.array([n]), self.sure.confidence, "percentile"
            )
            low, high = float(found.low[0]), float(found.high[0])
        return {
            "metric": "membership_auc", "before": before.auc, "after": self.auc,
            "difference": difference, "low": low, "high": high, "n": n,
        }  # fmt: skip


def auc(high: Floats, low: Floats) -> float:
    """Chance that one of the first has the higher value, ties counted half."""
    ranks = rankdata(np.concatenate([high, low]))
    over = ranks[: len(high)].sum() - len(high) * (len(high) + 1) / 2
    return float(over / (len(high) * len(low)))


def signals(model: Any, rows: Interactions, users: Ints, probes: int, seed: int) -> Floats:
    """`consistency` of each user: float64 (n_users,)."""
    return np.array([consistency(model, rows, int(user), probes, seed) for user in users])


def consistency(model: Any, rows: Interactions, user: int, probes: int, seed: int) -> float:
    """How high does the model rank each liking of a user, were it not known? Mean share below it.

    rows  hold what the attacker knows of the user. Up to `probes` likings are left out one at a
          time; ties count half. The model is not told whose history it is.
    NaN without two likings.
    """
    liked = rows.liked[[user]].indices
    if len(liked) < 2:
        return float("nan")
    rng = np.random.default_rng([seed, 6, user])
    left_out = liked if len(liked) <= probes else np.sort(rng.choice(liked, probes, replace=False))
    histories = np.zeros((len(left_out), rows.n_items), dtype=np.float32)
    histories[:, liked] = 1
    histories[np.arange(len(left_out)), left_out] = 0
    scores = np.asarray(model.score_histories(csr_array(histories)))
    is_other = np.ones(rows.n_items, dtype=bool)
    is_other[liked] = False
    own = scores[np.arange(len(left_out)), left_out][:, None]
    others = scores[:, is_other]
    return float(((others < own).mean(axis=1) + (others == own).mean(axis=1) / 2).mean())
