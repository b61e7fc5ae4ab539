"""History and quality: the gap of short histories, the slope; and groups as the app tests them."""

import numpy as np
import pandas as pd

from app.gaps import group_gaps
from recscope.audits import cold_tests
from recscope.estimate import Sureness
from tests.validity.study import MEAN_FOUND, alarmed, covered, detected, ndcg_like, repeats, study

SHARES = {"short": 0.25, "long": 0.4}


def histories(seed, short, long, n_users=500):
    rng = np.random.default_rng([9, seed])
    n_rows = rng.geometric(0.08, n_users)
    share = np.where(n_rows <= 5, short, long)
    return ndcg_like(rng, n_users, share), n_rows


@study("intervals")
def gaps_of_short_histories():
    held = []
    for seed in range(repeats(150, 1000)):
        sure = Sureness(resamples=400, seed=seed)
        quality, n_rows = histories(seed, SHARES["short"], SHARES["long"])
        _, low, high = cold_tests.gap(quality, n_rows, 5, sure).number
        held.append(low[0] <= MEAN_FOUND * (SHARES["long"] - SHARES["short"]) <= high[0])
    yield covered("gap of short histories, 500 users", "cold_tests.gap", held)


@study("levels")
def histories_without_effect():
    for n_users in (200, 4000):
        gap, slope = [], []
        for seed in range(repeats(120, 1000)):
            sure = Sureness(resamples=0, seed=seed)
            quality, n_rows = histories(seed, 0.35, 0.35, n_users)
            gap.append(cold_tests.gap(quality, n_rows, 5, sure).test(sure)["p"])
            slope.append(cold_tests.slope(quality, n_rows, sure).test(sure)["p"])
        yield alarmed(f"short histories, {n_users:,} users", "cold_tests.gap", gap)
        yield alarmed(f"slope over histories, {n_users:,} users", "cold_tests.slope", slope)


@study("levels")
def groups_of_the_app():
    p, any_ = [], []
    for seed in range(repeats(50, 300)):
        rng = np.random.default_rng([10, seed])
        values = pd.Series(ndcg_like(rng, 150))
        groups = pd.DataFrame({"g": rng.choice(list("abc"), 150, p=[0.1, 0.3, 0.6])})
        found = group_gaps(values, groups, 5, seed)
        p.append(found["p"].iloc[-1])
        any_.append(found["p_holm"].min())
    yield alarmed("a group against the rest, 150 users", "app.gaps.group_gaps, p", p)
    yield alarmed("any of three groups", "app.gaps.group_gaps, p_holm", any_, at_most=True)


@study("power")
def planted_gap_of_short_histories():
    found = []
    for seed in range(repeats(40, 500)):
        sure = Sureness(resamples=0, seed=seed)
        quality, n_rows = histories(seed, 0.2, 0.45, 500)
        found.append(cold_tests.gap(quality, n_rows, 5, sure).test(sure)["p"] < 0.05)
    what = "short histories find something half as often, 500 users"
    yield detected(what, "cold_tests.gap", found)
