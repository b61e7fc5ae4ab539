"""Cold start and cost: values worked by hand, and where a question has no answer."""

import numpy as np
import pytest

from evaluators import METRICS, cost
from evaluators import cold_start as cold

COLD = [metric for metric in METRICS.values() if metric.family in {"cold-start", "cost"}]


def test_a_share_of_sums_works_on_one_row_and_on_many():
    assert cold.slice_recall(np.array([1, 0]), np.array([4, 0])).tolist()[0] == 0.25
    many = cold.slice_exposure_share(np.array([[1.0, 2.0], [0.0, 3.0]]), np.array([[4.0], [6.0]]))
    np.testing.assert_array_equal(many, [[0.25, 0.5], [0.0, 0.5]])


def test_nothing_to_divide_by_is_undefined_never_0():
    zero = np.zeros(1)
    assert np.isnan(cold.slice_recall(zero, zero)).all()
    assert np.isnan(cold.slice_exposure_ratio(zero, zero, zero, zero)).all()
    assert np.isnan(cold.cold_user_gap(zero, zero, np.ones(1), np.ones(1))).all()
    assert np.isnan(cost.tokens_per_list(np.ones(2), np.zeros(1)))
    assert np.isnan(cost.latency_p50(np.empty(0)))
    assert np.isnan(cold.never_listed(np.empty(0, dtype=int)))


def test_the_exposure_ratio_is_1_where_attention_follows_choices():
    ratio = cold.slice_exposure_ratio(np.array(2.0), np.array(8.0), np.array(5), np.array(20))
    assert float(ratio) == 1.0


def test_the_slope_is_that_of_least_squares():
    x, y = np.array([1.0, 2.0, 4.0, 5.0]), np.array([0.1, 0.4, 0.3, 0.7])
    sums = (np.array(4), x.sum(), y.sum(), (x * x).sum(), (x * y).sum())
    assert float(cold.warm_up_slope(*sums)) == pytest.approx(np.polyfit(x, y, 1)[0], rel=1e-12)


@pytest.mark.parametrize("length", [3.0, 0.1, 1e6])
def test_histories_of_one_length_have_no_slope(length):
    x, y = np.full(7, np.log2(1 + length)), np.arange(7.0)
    sums = (np.array(7), x.sum(), y.sum(), (x * x).sum(), (x * y).sum())
    assert np.isnan(cold.warm_up_slope(*sums))


def test_unreached_is_chaos_estimate_worked_by_hand():
    # 10 items, 5 users: 3 items in one list, 1 in two, 2 in four; 4 in none. S = 6 + 0.8·3·2/(2·2)
    n_lists = np.array([1, 1, 1, 2, 4, 4, 0, 0, 0, 0])
    assert float(cold.unreached(n_lists, np.array([5]))) == pytest.approx(1 - 7.2 / 10, rel=1e-12)
    estimate, low, high = cold.chao2(n_lists, 5)
    assert estimate == pytest.approx(7.2)
    assert 6 < low < estimate < high


def test_unreached_covers_what_more_users_of_the_same_kind_reach():
    rng = np.random.default_rng(5)
    chance = np.repeat([0.08, 0.02, 0.004, 0.0], 250)
    covered = 0
    for _ in range(60):
        n_lists = rng.binomial(300, chance)
        _, low, high = cold.chao2(n_lists, 300)
        covered += low <= 750 <= high
    assert covered >= 54  # of 60, at nominal 95 %


def test_an_item_nobody_liked_is_no_verdict_where_a_model_lists_it():
    listed, learned = np.array([1, 1, 0, 0, 0], bool), np.array([0, 1, 0, 1, 1], bool)
    ranked = np.array([1, 1, 1, 1, 0], bool)
    assert float(cold.never_recommendable(listed, learned, ranked)) == pytest.approx(2 / 5)


def test_price_of_a_thousand_lists_worked_by_hand():
    # 36 s at 2 an hour are 0.02; 3 million prompt tokens at 0.5 and 1 million answers at 2 are 3.5
    price = cost.cost_per_1000_lists(
        np.array([36.0]), np.array([2.0]), np.array([3e6, 1e6]), np.array([0.5, 2.0]),
        np.array([500]),
    )  # fmt: skip
    assert float(price) == pytest.approx(2 * 3.52, rel=1e-12)


def test_latency_is_in_milliseconds():
    calls = np.array([0.001, 0.002, 0.003])
    assert float(cost.latency_p50(calls)) == pytest.approx(2.0)
    assert float(cost.latency_p99(calls)) == pytest.approx(1000 * np.quantile(calls, 0.99))


def test_who_is_beaten_by_nobody():
    price = np.array([1.0, 2.0, 2.0, 3.0, np.nan])
    worth = np.array([0.1, 0.3, 0.2, 0.3, 0.9])
    assert cost.non_dominated(price, worth).tolist() == [True, True, False, False, False]


def test_two_alike_both_stand_on_the_front():
    assert cost.non_dominated(np.array([1.0, 1.0]), np.array([0.5, 0.5])).all()


def test_the_interval_of_a_quantile_covers_it():
    rng = np.random.default_rng(2)
    low, high = cost.quantile_bounds(80, 0.5, 0.95)
    values = np.sort(rng.exponential(size=(4000, 80)), axis=1)
    inside = (values[:, low] <= np.log(2)) & (np.log(2) <= values[:, high])
    assert 0.945 <= inside.mean() <= 0.98  # exact order statistics never fall below 95 %


def test_too_few_calls_leave_an_end_open():
    assert cost.quantile_bounds(100, 0.99, 0.95)[1] is None
    assert cost.quantile_bounds(1, 0.5, 0.95) == (None, None)


@pytest.mark.parametrize("metric", COLD, ids=lambda metric: metric.name)
def test_each_is_declared_for_an_audit_and_says_what_it_needs(metric):
    assert metric.per == "audit"
    assert metric.summary.endswith("?")
    for name in metric.needs:
        assert f"\n{name} " in metric.doc, name
