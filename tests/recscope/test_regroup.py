"""Groups and their gaps: sums by code agree with pandas, intervals cover, levels are kept."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from recscope.permuted import apart, p_value
from recscope.regroup import normal_reach, numbers, regroup


def drawn(rng, means, sizes):
    """Most users get nothing, as list metrics have it."""
    codes = np.repeat(np.arange(len(sizes)), sizes)
    hit = rng.random(len(codes)) < np.asarray(means)[codes] / 0.4
    return rng.beta(2, 3, len(codes)) * hit, codes


def test_sums_by_code_agree_with_pandas():
    rng = np.random.default_rng(0)
    values = rng.random(500).astype(np.float32)
    values[::7] = np.nan
    codes = rng.integers(-1, 4, 500)
    found = regroup(values, codes, 4)
    table = pd.DataFrame({"value": values.astype(float), "code": codes})
    table = table[table["code"] >= 0].groupby("code")["value"]
    assert found.n.tolist() == table.count().tolist()
    assert found.mean == pytest.approx(table.mean().to_numpy(), abs=1e-12)
    assert found.deviation == pytest.approx(table.std().to_numpy(), abs=1e-12)
    assert found.n_undefined.tolist() == (table.size() - table.count()).tolist()


def test_a_group_of_nobody_and_of_one():
    found = regroup(np.array([0.5, 0.1, 0.3]), np.array([0, 1, 1]), 3)
    assert found.n.tolist() == [1, 2, 0]
    assert found.deviation[0] == 0
    assert np.isnan(found.mean[2])
    assert np.isnan(regroup(np.array([np.nan]), np.array([0]), 1).mean[0])


def test_a_group_that_gets_nothing_has_a_mean_of_exactly_nothing():
    values = np.concatenate([np.zeros(7), np.random.default_rng(0).random(93)])
    assert regroup(values, np.repeat([0, 1], [7, 93]), 2).mean[0] == 0


def test_a_handful_who_all_get_nothing_are_not_certain():
    values = np.concatenate([np.zeros(6), np.random.default_rng(0).random(400)])
    found = regroup(values, np.repeat([0, 1], [6, 400]), 2)
    assert found.deviation[0] == 0
    assert found.error[0] > 0.05


def test_two_groups_get_the_interval_of_two_groups():
    """Student's with the pooled spread: among two, there is nothing to search."""
    rng = np.random.default_rng(1)
    values, codes = rng.normal(0.5, 0.1, 4000), np.repeat([0, 1], 2000)
    values[:2000] += 0.2
    found = regroup(values, codes, 2)
    known = stats.ttest_ind(values[codes == 0], values[codes == 1]).confidence_interval(0.95)
    _, low, high = numbers(found, normal_reach(found.n, 0.95), 0.95)["user_gap"]
    assert (low, high) == pytest.approx((known.low, known.high), abs=4e-4)


def test_of_a_metric_that_is_better_when_lower_the_worst_is_the_largest():
    found = regroup(np.array([1.0, 1.2, 3.0, 3.2]), np.array([0, 0, 1, 1]), 2)
    value, low, high = numbers(found, normal_reach(found.n, 0.95), 0.95, is_lower_better=True)[
        "worst_group"
    ]
    assert value == pytest.approx(3.1)
    assert low <= value <= high


def test_all_alike_is_no_gap():
    codes = np.arange(60) % 3
    held = apart(np.full((60, 1), 0.3), codes, 3, permutations=200)
    assert held.p_any.tolist() == [1.0]
    found = regroup(np.full(60, 0.3), codes, 3)
    bounds = numbers(found, held.reach[0], 0.95)
    assert bounds["user_gap"] == pytest.approx((0, 0, 0), abs=1e-12)
    assert bounds["user_ratio"] == pytest.approx((1, 1, 1))


def test_p_agrees_with_scipy():
    rng = np.random.default_rng(2)
    values, codes = drawn(rng, [0.15, 0.21], [120, 90])
    held = apart(values[:, None], codes, 2, permutations=4000)
    known = stats.permutation_test(
        (values[codes == 0], values[codes == 1]),
        lambda a, b, axis: a.mean(axis) - b.mean(axis),
        vectorized=True,
        rng=1,
    )
    assert held.p_any[0] == pytest.approx(known.pvalue, abs=0.02)
    assert held.p[0] == pytest.approx([held.p_any[0]] * 2)


def test_the_limit_of_many_users_is_what_dealing_out_goes_to(monkeypatch):
    rng = np.random.default_rng(3)
    values, codes = drawn(rng, [0.2, 0.2, 0.16, 0.2], [1500, 500, 250, 30])
    dealt = apart(values[:, None], codes, 4, permutations=2000)
    monkeypatch.setattr("recscope.permuted.ENOUGH_FOR_LIMIT", 0)
    limit = apart(values[:, None], codes, 4, permutations=2000)
    assert limit.p_any == pytest.approx(dealt.p_any, abs=0.03)
    assert limit.by_chance == pytest.approx(dealt.by_chance, rel=0.05)
    assert limit.reach[0].pairs == pytest.approx(dealt.reach[0].pairs, rel=0.05)


def test_p_beyond_every_permutation_is_small_but_not_zero():
    dealt = np.abs(np.random.default_rng(0).standard_normal((1000, 1)))
    p = p_value(np.array([5.0]), dealt)[0]
    assert 0 < p < 0.001
    assert p_value(np.array([2.0]), dealt)[0] == pytest.approx(0.0455, abs=0.02)


def test_what_lies_far_before_a_thin_tail_is_no_overflow():
    dealt = np.full((200, 1), 1000.0)
    dealt[-10:, 0] += np.arange(10) * 1e-9
    assert p_value(np.array([0.0]), dealt)[0] == 1


def test_of_many_groups_the_reach_is_bounded_from_above_and_close(monkeypatch):
    for n in (np.full(30, 50), np.array([400, *[20] * 20, *[8] * 9])):
        gone_through = normal_reach(n, 0.95)
        monkeypatch.setattr("recscope.regroup.MANY_GROUPS", 5)
        bounded = normal_reach(n, 0.95)
        monkeypatch.undo()
        assert gone_through.pairs <= bounded.pairs <= 1.1 * gone_through.pairs
        assert (bounded.below, bounded.above) == (gone_through.below, gone_through.above)


def test_the_same_seed_gives_the_same_bits():
    values, codes = drawn(np.random.default_rng(4), [0.2, 0.1], [60, 50])
    one, two = (apart(values[:, None], codes, 2, permutations=150, seed=5) for _ in range(2))
    assert one.p.tobytes() == two.p.tobytes()


SHAPES = ([150, 150], [300, 60, 30, 10], [40] * 6)


@pytest.mark.slow
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_where_nothing_is_there_the_level_holds_and_intervals_reach_zero(sizes):
    alarms, covered, n = 0, 0, 100
    for place in range(n):
        rng = np.random.default_rng([place, 99, len(sizes)])
        values, codes = drawn(rng, [0.2] * len(sizes), sizes)
        held = apart(values[:, None], codes, len(sizes), permutations=200, seed=place)
        found = numbers(regroup(values, codes, len(sizes)), held.reach[0], 0.95)
        alarms += held.p_any[0] < 0.05
        covered += found["user_gap"][1] == 0
    # four standard errors about 5 %
    assert alarms <= 0.05 * n + 4 * np.sqrt(0.05 * 0.95 * n)
    assert covered >= n - (0.05 * n + 4 * np.sqrt(0.05 * 0.95 * n))


@pytest.mark.slow
def test_intervals_cover_planted_gaps():
    means, sizes, n = (0.25, 0.2, 0.1), (150, 120, 90), 120
    truth = {"user_gap": 0.15, "user_ratio": 0.4, "worst_group": 0.1,
             "group_deviation": float(np.std(means))}  # fmt: skip
    covered = dict.fromkeys(truth, 0)
    for place in range(n):
        values, codes = drawn(np.random.default_rng([place, 9]), means, sizes)
        held = apart(values[:, None], codes, 3, permutations=200, seed=place)
        found = numbers(regroup(values, codes, 3), held.reach[0], 0.95)
        for name, true in truth.items():
            covered[name] += found[name][1] <= true <= found[name][2]
    assert all(count >= 0.88 * n for count in covered.values()), covered


@pytest.mark.slow
def test_the_gap_said_to_be_detectable_is_found_four_times_in_five():
    """One group of three lags by the stated least lag: power 0.8, give or take the simulation."""
    from evaluators.user_fairness import user_gap_detectable

    sizes = [200, 150, 150]
    values, codes = drawn(np.random.default_rng(0), [0.2] * 3, sizes)
    held = apart(values[:, None], codes, 3, permutations=2000)
    lag = float(user_gap_detectable(held.error[0, 2], held.critical[0]))
    found = 0
    for place in range(100):
        values, codes = drawn(np.random.default_rng([place, 3]), [0.2, 0.2, 0.2 - lag], sizes)
        found += apart(values[:, None], codes, 3, permutations=200, seed=place).p_any[0] < 0.05
    assert found / 100 >= 0.7
