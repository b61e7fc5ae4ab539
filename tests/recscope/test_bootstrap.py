"""Intervals: how often they hold the truth, and that nothing but the seed moves them."""

import numpy as np
import pytest
from scipy import stats
from scipy.sparse import csr_array

from recscope import bootstrap
from recscope.bootstrap import (
    draws,
    interval,
    normal_interval,
    resampled_means,
    resampled_sums,
    summary,
)


def ndcg_like(rng, size):
    """Two of three users find nothing, the others something."""
    return np.where(rng.random(size) < 0.35, rng.beta(1.2, 3, size), 0.0)


def hit_like(rng, size):
    return (rng.random(size) < 0.3).astype(float)


TRUE_MEAN = {ndcg_like: 0.35 * 1.2 / 4.2, hit_like: 0.3}


def coverage(draw, n_users, method, batches=8, columns=400):
    """Share of 95 % intervals over simulated test sets that hold the true mean."""
    rng, held = np.random.default_rng(11), []
    for seed in range(batches):
        values = draw(rng, (n_users, columns))
        found = summary(values)
        if method == "normal":
            made = normal_interval(found.mean, found.deviation, found.n, 0.95)
        else:
            again = resampled_means(values, 600, (seed,))
            made = interval(found.mean, again, found.n, 0.95, method, found.skew)
        held.append((made.low <= TRUE_MEAN[draw]) & (made.high >= TRUE_MEAN[draw]))
    return np.mean(held)


@pytest.mark.parametrize("n_users", [50, 300])
@pytest.mark.parametrize("method", ["bca", "percentile"])
@pytest.mark.parametrize("draw", [ndcg_like, hit_like])
def test_intervals_hold_the_truth_as_often_as_they_say(draw, method, n_users):
    assert 0.93 <= coverage(draw, n_users, method) <= 0.97


def test_the_closed_form_holds_the_truth_as_often_as_it_says():
    assert 0.93 <= coverage(ndcg_like, 10_000, "normal", columns=200) <= 0.97


def test_bca_agrees_with_scipy_on_the_same_resamples():
    values = ndcg_like(np.random.default_rng(5), 80)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=2000, method="BCa", rng=3)
    found = summary(values[:, None])
    many = np.array([10**15])  # so many users that nothing is widened
    ours = interval(
        found.mean, theirs.bootstrap_distribution[:, None], many, 0.95, "bca", found.skew
    )
    assert ours.low[0] == pytest.approx(theirs.confidence_interval.low, rel=1e-9)
    assert ours.high[0] == pytest.approx(theirs.confidence_interval.high, rel=1e-9)


def test_summary_agrees_with_numpy_and_scipy():
    values = np.random.default_rng(0).random((30, 2))
    found = summary(values)
    np.testing.assert_allclose(found.mean, values.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(found.deviation, values.std(axis=0, ddof=1), rtol=1e-13)
    np.testing.assert_allclose(found.skew, stats.skew(values) / (6 * np.sqrt(30)), rtol=1e-10)


def test_undefined_users_are_left_out():
    values = np.array([[1.0, np.nan], [np.nan, np.nan], [0.0, np.nan]])
    found = summary(values)
    assert found.n.tolist() == [2, 0]
    assert found.mean[0] == 0.5
    assert np.isnan(found.mean[1])
    means = resampled_means(values, 500, (0,))
    assert np.nanmin(means[:, 0]) == 0
    assert np.nanmax(means[:, 0]) == 1
    assert np.isnan(means[:, 1]).all()


def test_resampled_means_are_means_of_the_drawn_users():
    values = np.random.default_rng(1).random((40, 3))
    drawn = np.concatenate(list(draws(40, 25, (9,))))
    assert drawn.shape == (25, 40)
    expected = values[drawn].mean(axis=1)
    np.testing.assert_allclose(resampled_means(values, 25, (9,)), expected, atol=1e-9)


@pytest.mark.parametrize("columns", [1, bootstrap.NARROW, bootstrap.NARROW + 1])
def test_sums_are_the_same_bits_looked_up_or_counted(columns, monkeypatch):
    values = np.random.default_rng(3).normal(size=(70, columns))
    found = resampled_sums(values, 60, (2,))
    monkeypatch.setattr(bootstrap, "NARROW", 0)
    np.testing.assert_array_equal(found, resampled_sums(values, 60, (2,)))
    drawn = np.concatenate(list(draws(70, 60, (2,))))
    np.testing.assert_allclose(found, values[drawn].sum(axis=1), atol=1e-6)
    np.testing.assert_allclose(resampled_sums(csr_array(values), 60, (2,)), found, atol=1e-6)


def test_a_seed_gives_the_same_bits_whatever_stands_beside_a_column():
    values = np.random.default_rng(2).random((333, 7))
    whole = resampled_means(values, 200, (4,))
    for column in range(7):
        alone = resampled_means(values[:, [column]], 200, (4,))
        np.testing.assert_array_equal(alone[:, 0], whole[:, column])
    assert not np.array_equal(resampled_means(values, 200, (5,)), whole)


def test_draws_do_not_depend_on_how_many_are_asked_for(monkeypatch):
    few = np.concatenate(list(draws(1000, 30, (1,))))
    monkeypatch.setattr(bootstrap, "DRAWN_AT_A_TIME", 10_000)
    blocks = list(draws(1000, 30, (1,)))
    assert [len(block) for block in blocks] == [10, 10, 10]
    again = np.concatenate(list(draws(1000, 15, (1,))))
    np.testing.assert_array_equal(again, np.concatenate(blocks)[:15])
    assert few.shape == (30, 1000)


def test_where_all_users_score_the_same_the_interval_is_a_point():
    values = np.full((30, 1), 0.25)
    found = summary(values)
    made = interval(
        found.mean, resampled_means(values, 300, (0,)), found.n, 0.95, "bca", found.skew
    )
    assert (made.low[0], made.high[0]) == (0.25, 0.25)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.999])
@pytest.mark.parametrize("n_users", [2, 3, 5, 40])
def test_intervals_are_ordered_hold_the_mean_and_stay_within_the_values(n_users, confidence):
    rng = np.random.default_rng(n_users)
    values = rng.random((n_users, 50)) ** 4
    found = summary(values)
    again = resampled_means(values, 400, (0,))
    for method in ("bca", "percentile"):
        made = interval(found.mean, again, found.n, confidence, method, found.skew)
        assert (made.low <= made.high).all()
        assert (made.low >= values.min(axis=0) - 1e-9).all()
        assert (made.high <= values.max(axis=0) + 1e-9).all()
