"""A first try of a plug-in on a small drawn data set, before a run depends on it."""

from functools import partial
from typing import Any

import numpy as np

from core.errors import PluginError
from core.ledger import Ledger
from core.tables import Ids, Interactions, Ints, TopK
from recommenders.base import NeedsIds
from recommenders.contract import check_model, check_topk, guarded

N_USERS, N_ITEMS = 60, 40


def drawn(seed: int = 0) -> Interactions:
    """60 users, 40 items, ratings and times by chance; user 0 liked nothing, user 1 saw nothing."""
    rng = np.random.default_rng(seed)
    users, items = np.nonzero(rng.random((N_USERS, N_ITEMS)) < 0.3)
    users, items = users[users != 1], items[users != 1]
    ratings = rng.integers(1, 6, len(users)).astype(np.float32)
    ratings[users == 0] = 1
    return Interactions(
        users=users.astype(np.int32),
        items=items.astype(np.int32),
        n_users=N_USERS,
        n_items=N_ITEMS,
        ratings=ratings,
        timestamps=rng.integers(10**9, 10**9 + 10**7, len(users)),
        threshold=4.0,
    )


def trial(
    model: Any, *, name: str = "the model", k: int = 10, seconds: float | None = 60
) -> Ledger:
    """Does a model hold the contract of a recommender?

    seconds  time limit of each call; None waits for ever
    Returns what a run would count (seen items, repeats …; empty is best). Raises PluginError for
    what a run would refuse, and for lists that change with who else is asked or from fit to fit.
    """
    check_model(model, name)
    train, users, ledger = drawn(), np.arange(N_USERS), Ledger()
    if isinstance(model, NeedsIds):
        model = model.bind(_names("user", N_USERS), _names("item", N_ITEMS))
    together = _asked(model, train, users, k, (name, seconds, ledger))
    apart = [
        guarded(partial(model.recommend, np.array([user]), k), seconds, f"recommend of {name}")
        for user in users[:10]
    ]
    if not np.array_equal(np.vstack([top.items for top in apart]), together.items[:10]):
        raise PluginError(
            f"{name} gives a user another list alone than among others; score each user by "
            "themselves (recommenders.rank.product keeps even the last bits)"
        )
    again = _asked(model, train, users, k, (name, seconds, Ledger()))
    if not np.array_equal(again.items, together.items):
        raise PluginError(
            f"{name} gives other lists after a second fit on the same data; draw all chance from a "
            "seed that is one of its fields"
        )
    return ledger


def _asked(
    model: Any,
    train: Interactions,
    users: Ints,
    k: int,
    guard: tuple[str, float | None, Ledger],
) -> TopK:
    name, seconds, ledger = guard
    fitted = guarded(lambda: model.fit(train), seconds, f"fit of {name}")
    check_model(fitted, f"what fit of {name} returns")
    answer = guarded(lambda: fitted.recommend(users, k), seconds, f"recommend of {name}")
    return check_topk(answer, users, k, train, name, ledger)


def _names(kind: str, n: int) -> Ids:
    return Ids(kind, np.array([f"{kind}{code}" for code in range(n)], dtype=object))
