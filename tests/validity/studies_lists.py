"""Numbers of all lists together: how places spread over items."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.tables import Interactions, TopK
from evaluators import METRICS
from recscope.estimate import estimate
from recscope.judge import judge
from tests.validity.study import covered, repeats, study

NAMES = ("gini", "coverage", "entropy", "hhi", "personalisation")
K = 10


def lists(n_users, n_items, rng):
    """Ten different items a user, popular ones more often."""
    liking = -0.8 * np.log(np.arange(1, n_items + 1))
    drawn = liking + rng.gumbel(size=(n_users, n_items))
    return np.argpartition(-drawn, K, axis=1)[:, :K].astype(np.int32)


@study("intervals")
def spread_over_items():
    metrics = [METRICS[name] for name in NAMES]
    for n_users, n_items in ((400, 200), (400, 2000)):
        made = []
        for seed in range(repeats(80, 500)):
            rng = np.random.default_rng([7, n_users, n_items, seed])
            users = np.arange(n_users, dtype=np.int32)
            truth = Interactions(users, users % n_items, n_users, n_items)
            shown = TopK(users, lists(n_users, n_items, rng), np.zeros((n_users, K)))
            judged = judge(shown, truth)
            empty = pd.DataFrame(index=users)
            found = estimate(empty, metrics, judged=judged, ks=[K], seed=seed)
            made.append(found.set_index("metric")[["mean", "low", "high"]])
        whole = pd.concat(made)
        for name in NAMES:
            rows = whole.loc[name]
            truth = rows["mean"].mean()
            held = rows["low"].le(truth) & rows["high"].ge(truth)
            row = covered(f"{name}@{K}, {n_users} users, {n_items:,} items",
                          "estimate, jackknife", held)  # fmt: skip
            # what counts items is given more room, see recscope.jackknife
            high = 1.0 if name == "coverage" else row.high
            yield replace(row, high=high)
