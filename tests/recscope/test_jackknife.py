"""Intervals by leaving users out: what they come to for a mean, and how often they hold a Gini."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.tables import Interactions, TopK
from evaluators import METRICS
from evaluators.spread import gini
from recscope.estimate import estimate
from recscope.jackknife import BLOCKS, blocks_of, jackknife
from recscope.judge import judge


def test_blocks_are_even_and_the_same_for_the_same_key():
    block, n_blocks = blocks_of(137, (3,))
    assert n_blocks == BLOCKS
    assert set(np.bincount(block)) == {2, 3}
    np.testing.assert_array_equal(block, blocks_of(137, (3,))[0])
    assert blocks_of(7, (3,))[1] == 7
    assert sorted(blocks_of(7, (3,))[0]) == list(range(7))


def test_for_a_mean_and_one_user_a_block_it_is_students_interval():
    values = np.random.default_rng(0).normal(size=40)
    without = (values.sum() - values) / 39
    low, high = jackknife(values.mean(), without, np.ones(40, dtype=np.int64), 0.95)
    known = stats.t.interval(0.95, 39, values.mean(), stats.sem(values))
    assert (low, high) == pytest.approx(known, abs=1e-12)


def lists_of(n_users, k, n_items, rng):
    taste = np.log(1 / np.arange(1, n_items + 1)) + rng.gumbel(size=(n_users, n_items))
    return np.argpartition(-taste, k, axis=1)[:, :k].astype(np.int32)


def test_the_interval_of_a_gini_holds_what_other_users_would_give_on_average():
    rng, n_users, k, n_items, found = np.random.default_rng(5), 200, 5, 100, []
    for seed in range(200):
        items = lists_of(n_users, k, n_items, rng)
        block, n_blocks = blocks_of(n_users, (seed,))
        places = np.repeat(block, k) * n_items + items.ravel()
        parts = np.bincount(places, minlength=n_blocks * n_items).reshape(n_blocks, n_items)
        n_available, total = np.asarray(n_items), parts.sum(axis=0)
        value = float(gini(total, n_available))
        ends = jackknife(value, gini(total - parts, n_available), np.bincount(block), 0.95)
        found.append((value, *ends))
    value, low, high = np.array(found).T
    held = ((low <= value.mean()) & (value.mean() <= high)).mean()
    assert 0.92 <= held <= 0.99  # 0.95 less or more three standard errors of 200 trials


def judged_lists(n_users=60, n_items=30):
    rng = np.random.default_rng(1)
    items = lists_of(n_users, 6, n_items, rng)
    users = np.arange(n_users, dtype=np.int32)
    truth = Interactions(users, items[:, 0], n_users, n_items)
    return judge(TopK(users, items, np.zeros(items.shape)), truth)


def test_values_of_the_run_have_an_interval_for_everybody_and_for_each_group():
    judged = judged_lists()
    group = pd.DataFrame({"half": ["a", "b"] * 28 + ["tiny"] * 4}, dtype="category")
    asked = [METRICS[name] for name in ("coverage", "gini", "entropy", "hhi", "personalisation")]
    table = estimate(pd.DataFrame(index=range(60)), asked, judged=judged, ks=(2, 6), groups=group)
    everybody = table[table["group_by"].isna()]
    assert (everybody["method"] == "jackknife").all()
    assert (
        (everybody["low"] <= everybody["mean"]) & (everybody["mean"] <= everybody["high"])
    ).all()
    assert set(table.loc[table["group"] == "tiny", "method"]) == {"suppressed (n < 5)"}
    counts = np.bincount(judged.items[:, :2].ravel(), minlength=30)
    assert mean_of(everybody, "coverage", 2) == (counts > 0).mean()
    some = np.bincount(judged.items[:56:2].ravel(), minlength=30)
    expected = float(gini(some.astype(float), np.asarray(30)))
    assert mean_of(table[table["group"] == "a"], "gini", 6) == pytest.approx(expected, abs=1e-12)


def mean_of(table, metric, k):
    return table.loc[(table["metric"] == metric) & (table["k"] == k), "mean"].item()


def test_without_resamples_there_is_no_interval():
    table = estimate(
        pd.DataFrame(index=range(60)),
        [METRICS["gini"]],
        judged=judged_lists(),
        ks=(3,),
        resamples=0,
    )
    assert table["low"].isna().all()
    assert set(table["method"]) == {"none"}


def test_personalisation_is_the_mean_over_all_pairs_of_users():
    judged = judged_lists(n_users=25)
    items = judged.items[:, :4]
    alike = [
        len(np.intersect1d(items[one], items[other])) / 4
        for one in range(25)
        for other in range(one)
    ]
    value = METRICS["personalisation"](**judged.arrays(METRICS["personalisation"].needs, 4))
    assert float(value) == pytest.approx(1 - np.mean(alike), abs=1e-12)
