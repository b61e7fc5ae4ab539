"""Items and providers: shares and inequality hold the truth, the alarm its level, and finds."""

import numpy as np
import pandas as pd

from core.item_groups import groups_of
from core.tables import Interactions, TopK
from recscope.audits.item_numbers import away_from_relevance, of_groups, over_groups
from recscope.audits.item_parts import Groups, Parts, groups_shown, parts_of, wanted
from recscope.estimate import Sureness
from recscope.judge import judge
from tests.validity.study import alarmed, covered, detected, repeats, study

N_GROUPS, N_EACH, K = 8, 10, 5
SEEN = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.07, 0.05, 0.03])
EVEN = np.full(N_GROUPS, 1 / N_GROUPS)


def draw(seed, n_users, seen, due) -> tuple[Parts, Groups]:
    """Lists and likings whose groups fall as told, each user with a leaning of their own."""
    rng = np.random.default_rng([21, seed])
    n_items = N_GROUPS * N_EACH
    column = pd.Series([f"g{item % N_GROUPS}" for item in range(n_items)])
    groups = groups_shown(groups_of(column, "g", n_items), np.ones(n_items, bool), 20)

    def places(share, k):
        own = rng.dirichlet(share * 10, n_users)
        picked = (rng.random((n_users, k, 1)) > own.cumsum(axis=1)[:, None, :]).sum(axis=2)
        return np.minimum(picked, N_GROUPS - 1) + N_GROUPS * rng.integers(0, N_EACH, (n_users, k))

    liked, users = places(due, 3), np.repeat(np.arange(n_users), 3)
    pairs = np.unique(np.stack([users, liked.ravel()], axis=1), axis=0).astype(np.int32)
    test = Interactions(pairs[:, 0], pairs[:, 1], n_users, n_items)
    lists = places(seen, K).astype(np.int32)
    judged = judge(TopK(np.arange(n_users), lists, -lists.astype(float)), test, k=K)
    nothing = Interactions(np.zeros(0, np.int32), np.zeros(0, np.int32), n_users, n_items)
    return parts_of(judged, groups, K, nothing, wanted(judged, groups)), groups


def gini(shares):
    ordered, n = np.sort(shares), len(shares)
    return float(((2 * np.arange(1, n + 1) - n - 1) * ordered).sum() / n)


@study("intervals")
def shares_and_inequality_of_groups():
    truth = SEEN / EVEN
    for n_users, way in ((300, "bootstrap"), (4000, "blocks left out")):
        share, inequality = [], []
        for seed in range(repeats(40, 1000)):
            sure = Sureness(resamples=300, seed=seed)
            parts, groups = draw(seed, n_users, SEEN, EVEN)
            _, low, high = of_groups(parts, groups, sure).numbers["exposure_to_relevance"]
            share += ((low <= truth) & (truth <= high)).tolist()
            found = over_groups(parts, groups, sure, 5)[0]["exposure_gini"]
            inequality.append(found[1] <= gini(SEEN) <= found[2])
        yield covered(f"exposure over relevance, {n_users:,} users, {way}", "of_groups", share)
        yield covered(f"Gini of exposure, {n_users:,} users", "over_groups", inequality)


@study("levels")
def groups_that_get_their_due():
    for n_users in (200, 3000):
        p, any_ = [], []
        for seed in range(repeats(60, 300)):
            found = away_from_relevance(*draw(seed, n_users, SEEN, SEEN))[1]
            p += found.tolist()
            any_.append(found.min() * N_GROUPS)
        what = f"a group's exposure against its relevance, {n_users:,} users"
        yield alarmed(what, "away_from_relevance", p)
        yield alarmed(f"any of {N_GROUPS} groups, {n_users:,} users", "Holm", any_, at_most=True)


@study("power")
def a_group_that_gets_three_fifths_of_its_due():
    less = EVEN.copy()
    less[0] *= 0.6
    less[1:] += 0.4 * EVEN[0] / (N_GROUPS - 1)
    found = [
        away_from_relevance(*draw(seed, 600, less, EVEN))[1][0] * N_GROUPS < 0.05
        for seed in range(repeats(60, 200))
    ]
    yield detected("one group of 8 gets 3/5 of its due, 600 users", "away_from_relevance", found)
