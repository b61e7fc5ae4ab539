"""Data sets that drift in a known way, or do not, and the part of a case that the audit reads."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd

from core.ledger import Ledger
from core.sandbox import START, sandbox
from core.tables import Dataset, Ids, Interactions, Side
from recscope.audits import drift
from recscope.estimate import Sureness

DAY = 86_400
TURN = 37
QUIET = {"n_days": 72, "drift_day": TURN, "cold_day": 60, "join_day": 60, "n_per_user": 15.0}
STEADY = {**QUIET, "drift_share": 0.0, "cold_share": 0.0, "new_share": 0.0}


def planted(seed, n_users=600, n_items=2000, **truths):
    return sandbox(n_users, n_items, seed=seed, **{**STEADY, **truths})


def steady(seed, n_users=400, n_items=300, **truths):
    """Tastes, groups and popularity as ever, every row at a moment of its own: nothing changes."""
    data = planted(seed, n_users, n_items, **truths)
    rows = data.interactions
    rng = np.random.default_rng([11, seed])
    times = START + np.sort(rng.integers(QUIET["n_days"] * DAY, size=len(rows)))
    mixed = rows.take(rng.permutation(len(rows)))
    return replace(data, interactions=replace(mixed, timestamps=times))


def bursts(seed, n_users=400, n_topics=8):
    """Nothing changes, but each user comes once, with twenty rows of one topic."""
    rng = np.random.default_rng(seed)
    topic, day = rng.integers(n_topics, size=n_users), rng.integers(70, size=n_users)
    users = np.repeat(np.arange(n_users, dtype=np.int32), 20)
    items = (topic[users] * 25 + np.tile(np.arange(20), n_users)).astype(np.int32)
    times = START + day[users] * DAY + rng.integers(DAY, size=len(users))
    names = np.array([[f"topic {item // 25}"] for item in range(25 * n_topics)], dtype=object)
    side = Side(pd.DataFrame(index=range(n_users)), pd.DataFrame({"genres": list(names)}))
    rows = Interactions(users, items, n_users, 25 * n_topics, None, times, None, side)
    return dataset(rows)


def dataset(rows, **facts):
    ids = (
        Ids(kind, np.array([f"{kind}{code}" for code in range(n)], dtype=object))
        for kind, n in (("user", rows.n_users), ("item", rows.n_items))
    )
    return Dataset("made", rows, *ids, "", Ledger(), facts)


def case(data, seed=0, groups=(), resamples=100):
    """What the data side of the audit asks of a case."""
    return SimpleNamespace(
        given=SimpleNamespace(dataset=data),
        sure=Sureness(resamples=resamples, seed=seed),
        users=data.side.users.assign(user=range(len(data.user_ids))),
        config=SimpleNamespace(evaluate=SimpleNamespace(groups=groups), models={}),
        models=(),
        k=10,
    )


def audited(data, seed=0, groups=(), **settings):
    """The report on the data alone."""
    return drift._data(case(data, seed, groups), drift.Settings(**{"window": "week", **settings}))
