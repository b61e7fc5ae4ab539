"""Errors of calibration: hand-worked values, edges, and what a planted map leaves behind."""

import numpy as np
import pytest

from core.sandbox_checks import sandbox_scores
from evaluators import METRICS
from evaluators.calibration import (
    calibration_bias,
    ece,
    ece_debiased,
    ece_equal_mass,
    ece_gap,
    ece_squared,
    mce,
    rating_calibration_error,
)
from evaluators.calibration_bins import (
    bin_sums,
    equal_mass,
    equal_width,
    place,
    reliability,
    with_users,
)
from evaluators.calibration_scores import (
    brier,
    brier_reliability,
    brier_resolution,
    brier_uncertainty,
    log_loss,
)
from evaluators.calibration_smooth import smooth_ece, smooth_sums

# worked by hand: bin [0.2, 0.3) holds 0.2 and 0.25 with one hit, bin [0.8, 0.9) one miss
PROMISED = np.array([0.2, 0.25, 0.8])
CHOSEN = np.array([True, False, False])
OF_PAIRS = [ece, ece_equal_mass, ece_debiased, ece_squared, mce, calibration_bias, brier,
            brier_reliability, brier_resolution, log_loss, smooth_ece]  # fmt: skip
every_error = pytest.mark.parametrize("error", OF_PAIRS, ids=lambda error: error.name)


def drawn(**planted):
    frame = sandbox_scores(40_000, seed=3, **planted)
    return frame["score"].to_numpy(), frame["outcome"].to_numpy(), frame


def test_the_error_of_a_hand_worked_case():
    assert float(ece(PROMISED, CHOSEN)) == pytest.approx((2 * 0.275 + 0.8) / 3)
    assert float(mce(PROMISED, CHOSEN)) == pytest.approx(0.8)
    assert float(calibration_bias(PROMISED, CHOSEN)) == pytest.approx(0.25 / 3)
    assert float(brier(PROMISED, CHOSEN)) == pytest.approx((0.64 + 0.0625 + 0.64) / 3)
    assert float(log_loss(PROMISED, CHOSEN)) == pytest.approx(-np.log(0.2 * 0.75 * 0.2) / 3)


def test_bins_of_equal_mass_of_a_hand_worked_case():
    promised = np.array([0.1, 0.2, 0.3, 0.4])
    chosen = np.array([False, False, True, True])
    assert float(ece_equal_mass(promised, chosen, n_bins=2)) == pytest.approx((0.15 + 0.65) / 2)
    # (0.15² - 0) and (0.65² - 0), two pairs each
    assert float(ece_squared(promised, chosen, n_bins=2)) == pytest.approx((0.15**2 + 0.65**2) / 2)


@every_error
def test_nothing_to_judge_is_undefined(error):
    assert np.isnan(float(error(np.zeros(0), np.zeros(0, dtype=bool))))


@every_error
def test_values_lie_in_their_bounds(error):
    rng = np.random.default_rng(0)
    for n in (20, 40, 60):
        promised = rng.random(n)
        low, high = error.bounds
        assert low <= float(error(promised, rng.random(n) < promised)) <= high


@every_error
def test_the_order_of_pairs_does_not_matter(error):
    promised, chosen, _ = drawn(slope=1.4)
    promised, chosen = promised[:500], chosen[:500]
    other = np.random.default_rng(1).permutation(500)
    value = float(error(promised[other], chosen[other]))
    assert value == pytest.approx(float(error(promised, chosen)), abs=1e-12)


@every_error
def test_inputs_stay_as_they_are(error):
    promised, chosen = PROMISED.copy(), CHOSEN.copy()
    error(promised, chosen)
    np.testing.assert_array_equal(promised, PROMISED)
    np.testing.assert_array_equal(chosen, CHOSEN)


@every_error
def test_equal_promises_are_one_bin(error):
    chosen = np.arange(20) < 5
    assert np.isfinite(float(error(np.full(20, 0.25), chosen)))
    if error in {ece, ece_equal_mass, mce, calibration_bias}:
        assert float(error(np.full(20, 0.25), chosen)) == pytest.approx(0)


@pytest.mark.parametrize("error", [ece, ece_equal_mass, ece_debiased, smooth_ece])
def test_a_planted_error_is_found(error):
    promised, chosen, frame = drawn(slope=2.0, shift=0.3)
    planted = frame["error"].abs().mean()
    assert float(error(promised, chosen)) == pytest.approx(planted, abs=0.006)


def test_kept_promises_leave_next_to_nothing():
    promised, chosen, _ = drawn()
    assert float(ece(promised, chosen)) < 0.01
    assert abs(float(ece_debiased(promised, chosen))) < 0.006
    assert abs(float(ece_squared(promised, chosen))) < 5e-5
    assert float(smooth_ece(promised, chosen)) < 0.01
    assert abs(float(calibration_bias(promised, chosen))) < 0.006


def test_the_plain_error_of_few_pairs_is_chance_and_the_debiased_is_not():
    rng = np.random.default_rng(5)
    promised = rng.beta(1.5, 3.0, size=(300, 200))
    chosen = rng.random(promised.shape) < promised
    plain = np.mean([ece_equal_mass(*pair) for pair in zip(promised, chosen, strict=True)])
    debiased = np.mean([ece_debiased(*pair) for pair in zip(promised, chosen, strict=True)])
    assert plain > 0.06
    assert abs(debiased) < 0.7 * plain
    squared = np.mean([ece_squared(*pair) for pair in zip(promised, chosen, strict=True)])
    assert abs(squared) < 6e-4


def test_pairs_that_go_together_by_user_raise_the_noise_that_is_taken_off():
    rng = np.random.default_rng(6)
    user = np.repeat(np.arange(60), 20)
    promised = rng.beta(2, 4, size=len(user))
    chosen = np.repeat(rng.random(60) < 0.33, 20)  # a user chooses all or nothing
    alone = float(ece_debiased(promised, chosen))
    assert float(ece_debiased(promised, chosen, user=user)) < alone
    assert float(ece_squared(promised, chosen, user=user)) < float(ece_squared(promised, chosen))


def test_users_of_one_pair_each_add_no_noise_of_their_own():
    promised, chosen, _ = drawn(slope=1.5)
    cuts = equal_mass(promised, 10)
    alone, together = (
        bin_sums(promised, chosen, cuts),
        with_users(promised, chosen, cuts, np.arange(len(promised))),
    )
    np.testing.assert_allclose(together.noise, alone.noise, rtol=0.03)


def test_brier_is_reliability_less_resolution_plus_uncertainty_where_bins_are_pure():
    rng = np.random.default_rng(2)
    promised = rng.choice([0.1, 0.3, 0.6], size=500)
    chosen = rng.random(500) < promised**1.5
    parts = brier_reliability(promised, chosen) - brier_resolution(promised, chosen)
    assert float(brier(promised, chosen)) == pytest.approx(
        float(parts + brier_uncertainty(chosen)), abs=1e-12
    )


def test_resolution_looks_at_the_order_of_scores_alone():
    promised, chosen, _ = drawn()
    moved = brier_resolution(1000 * promised**3, chosen)
    assert float(moved) == pytest.approx(float(brier_resolution(promised, chosen)), abs=1e-12)


def test_a_certain_promise_that_fails_costs_a_finite_surprise():
    assert float(log_loss(np.array([1.0]), np.array([False]))) == pytest.approx(36.04, abs=0.01)


def test_a_score_on_a_cut_belongs_above_it_and_one_to_the_last_bin():
    inside = place(np.array([0.0, 0.1, 0.0999, 1.0]), equal_width(10))
    assert inside.tolist() == [0, 1, 0, 9]


def test_frequent_scores_leave_fewer_bins():
    assert len(equal_mass(np.array([1.0, 1.0, 1.0, 1.0, 2.0]), 10)) <= 1
    assert len(equal_mass(np.full(9, 0.3), 10)) == 0


@pytest.mark.parametrize("cut", [equal_width, lambda n: equal_mass(np.arange(3.0), n)])
def test_bins_need_a_number(cut):
    with pytest.raises(ValueError, match="n_bins must be 1 or more; got 0"):
        cut(0)


def test_the_smooth_error_from_sums_over_users_is_near_the_exact_one():
    promised, chosen, frame = drawn(slope=1.6)
    sums = smooth_sums(frame["user"].to_numpy(), 1000, promised, chosen)
    coarse = float(sums.error(np.asarray(sums.parts.sum(axis=0)).ravel()))
    assert sums.exact == float(smooth_ece(promised, chosen))
    assert coarse == pytest.approx(sums.exact, abs=0.002)


def test_the_band_holds_kept_promises_as_often_as_it_says():
    rng = np.random.default_rng(8)
    inside = []
    for _ in range(60):
        promised = rng.beta(1.5, 3.0, size=800)
        found = reliability(
            promised, rng.random(800) < promised, equal_mass(promised, 10), rng, 0.95
        )
        inside.append(((found.low <= found.found) & (found.found <= found.high)).mean())
    assert 0.92 < np.mean(inside) < 0.98


def test_broken_promises_leave_the_band():
    promised, chosen, _ = drawn(slope=2.5)
    rng = np.random.default_rng(0)
    found = reliability(promised, chosen, equal_mass(promised, 10), rng)
    assert ((found.found < found.low) | (found.found > found.high)).mean() > 0.7


def test_the_gap_of_groups_is_largest_less_smallest_and_needs_two():
    assert float(ece_gap(np.array([0.1, np.nan, 0.35]))) == pytest.approx(0.25)
    assert np.isnan(float(ece_gap(np.array([0.1, np.nan]))))
    assert ece_gap(np.array([[0.1, 0.2], [0.5, 0.1]])).tolist() == pytest.approx([0.1, 0.4])


def test_scatter_of_ratings_is_no_error_and_a_shifted_scale_is():
    rng = np.random.default_rng(9)
    predicted = rng.uniform(2, 5, size=5000)
    given = predicted + rng.normal(0, 1, size=5000)
    assert float(rating_calibration_error(predicted, given)) < 0.06
    shifted = rating_calibration_error(predicted + 0.5, given)
    assert float(shifted) == pytest.approx(0.5, abs=0.05)
    assert np.isnan(float(rating_calibration_error(np.zeros(0), np.zeros(0))))


def test_every_metric_of_the_family_is_an_audits():
    family = [metric for metric in METRICS.values() if metric.family == "calibration"]
    assert len(family) >= 15
    assert {metric.per for metric in family} == {"audit"}
