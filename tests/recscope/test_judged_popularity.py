"""Head and tail, and how popular histories were: made fast, held against the obvious way."""

import numpy as np
import pandas as pd
import pytest

from core.tables import PAD, Interactions, TopK
from evaluators import METRICS
from recscope.catalogue import Catalogue
from recscope.estimate import estimate
from recscope.judge import judge, per_user, reason_missing
from recscope.judged_popularity import POPULARITY_PROVIDERS, tail_of

N_USERS, N_ITEMS, K = 40, 30, 5
NAMES = ("popularity_lift", "delta_gap", "arp", "aplt", "aclt", "pop_rsp", "pop_reo")


def drawn(rng, n):
    pairs = np.unique(rng.integers(0, [N_USERS, N_ITEMS], (n, 2)), axis=0)
    return pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32)


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(8)
    users, items = drawn(rng, 160)
    items = (items * rng.random(len(items)) ** 2).astype(np.int32)
    keep = users != 3  # has no history
    history = Interactions(users[keep], items[keep], N_USERS, N_ITEMS)
    test = Interactions(*drawn(rng, 120), N_USERS, N_ITEMS)
    lists = np.argsort(rng.random((N_USERS, N_ITEMS)), axis=1)[:, :K].astype(np.int32)
    lists[::7, 3:] = PAD
    return history, test, lists


@pytest.fixture(scope="module")
def judged(world):
    history, test, lists = world
    catalogue = Catalogue(history, pd.DataFrame(), np.ones(N_ITEMS, dtype=bool))
    ranks = np.broadcast_to(-np.arange(K, dtype=float), lists.shape)
    topk = TopK(np.arange(N_USERS), lists, np.where(lists == PAD, -np.inf, ranks))
    return judge(topk, test, seen=[history], k=K, catalogue=catalogue)


def test_the_tail_is_what_stays_when_four_fifths_are_reached():
    popularity = np.array([1, 50, 0, 30, 1, 18])
    np.testing.assert_array_equal(np.flatnonzero(~tail_of(popularity)), [1, 3])
    assert tail_of(np.array([4, 4, 4, 4])).tolist() == [False, False, False, False]


def slow_sums(world, judged):
    history, test, _ = world
    had = {(u, i) for u, i in zip(history.users.tolist(), history.items.tolist(), strict=True)}
    popularity = [sum((u, i) in had for u in range(N_USERS)) for i in range(N_ITEMS)]
    tail = set(np.flatnonzero(tail_of(np.array(popularity))).tolist())
    sums = {name: np.zeros(2) for name in ("tail_listed", "tail_open", "tail_hits",
                                           "tail_relevant", "gap_sums")}  # fmt: skip
    for row, user in enumerate(judged.truth.users.tolist()):
        listed = [i for i in judged.items[row].tolist() if i >= 0]
        liked = set(test.items[test.users == user].tolist())
        for item in range(N_ITEMS):
            kind = int(item in tail)
            sums["tail_listed"][kind] += item in listed
            sums["tail_open"][kind] += (user, item) not in had
            sums["tail_hits"][kind] += item in listed and item in liked and (user, item) not in had
            sums["tail_relevant"][kind] += item in liked
        mine = [popularity[i] for i in range(N_ITEMS) if (user, i) in had]
        if mine and listed:
            sums["gap_sums"] += [np.mean([popularity[i] for i in listed]), np.mean(mine)]
    return sums


def test_sums_over_users_are_what_counting_pair_by_pair_gives(world, judged):
    for name, expected in slow_sums(world, judged).items():
        assert judged.array(name, K) == pytest.approx(expected), name


def test_a_user_without_a_history_has_no_profile_and_no_lift(judged):
    row = judged.truth.users.tolist().index(3)
    values = per_user(judged, [METRICS["popularity_lift"]], [K], np.float64)
    assert np.isnan(values.iloc[row, 0])
    assert (
        np.isnan(values.to_numpy()).sum()
        == (np.isnan(judged.array("profile_popularity")) | (judged.n_listed == 0)).sum()
    )


def test_run_numbers_come_with_intervals_that_hold_them(judged):
    metrics = [METRICS[name] for name in NAMES]
    table = estimate(
        per_user(judged, metrics, [K], np.float64), metrics, judged=judged, ks=[K], resamples=100
    )
    assert set(table["metric"]) == set(NAMES)
    assert ((table["low"] <= table["mean"]) & (table["mean"] <= table["high"])).all()


def test_blocks_of_users_say_what_all_together_do(judged):
    metrics = [METRICS[name] for name in ("arp", "aplt", "popularity_lift")]
    whole = per_user(judged, metrics, [K], np.float64)
    parts = [per_user(b, metrics, [K], np.float64) for _, b in judged.blocks(7)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_without_a_history_popularity_is_left_out_with_the_reason(world):
    _, test, lists = world
    bare = judge(TopK(np.arange(N_USERS), lists, np.zeros(lists.shape)), test, k=K)
    assert not any(bare.has(name) for name in POPULARITY_PROVIDERS)
    reason = reason_missing(METRICS["pop_rsp"], bare)
    assert "what users had before is not known" in reason
