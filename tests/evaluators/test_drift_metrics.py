"""Drift by hand: small cases that a reader can work out, and what has no answer."""

import numpy as np
import pytest

from evaluators.drift import (
    cramers_v,
    jensen_shannon,
    kolmogorov_smirnov,
    mmd,
    newcomer_excess,
    psi,
    wasserstein,
)
from evaluators.drift_lists import quality_half_life, refit_churn, refit_overlap
from evaluators.overlap import rank_biased

DISTANCES = (psi, jensen_shannon, kolmogorov_smirnov, cramers_v)


@pytest.mark.parametrize("distance", DISTANCES, ids=lambda metric: metric.name)
def test_the_same_shares_are_at_no_distance_whatever_the_number_of_rows(distance):
    assert distance(np.array([1, 2, 3]), np.array([10, 20, 30])) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("distance", DISTANCES, ids=lambda metric: metric.name)
def test_nothing_on_one_side_has_no_distance(distance):
    assert np.isnan(distance(np.array([0, 0]), np.array([1, 2])))


@pytest.mark.parametrize("distance", DISTANCES, ids=lambda metric: metric.name)
def test_many_pairs_at_once_are_each_alone(distance):
    rng = np.random.default_rng(0)
    before, now = rng.integers(1, 50, (2, 7, 4))
    alone = [distance(one, other) for one, other in zip(before, now, strict=True)]
    np.testing.assert_allclose(distance(before, now), alone, rtol=1e-14)


def test_no_overlap_is_the_end_of_the_scale():
    one, other = np.array([3, 0]), np.array([0, 5])
    assert jensen_shannon(one, other) == pytest.approx(1)
    assert kolmogorov_smirnov(one, other) == 1
    assert cramers_v(one, other) == pytest.approx(1)


def test_psi_by_hand():
    assert psi(np.array([1, 1]), np.array([3, 1])) == pytest.approx(0.5 * np.log(3) / 2)


def test_half_of_the_rows_moved_by_two_is_a_wasserstein_of_one():
    assert wasserstein(np.array([2, 0]), np.array([1, 1]), np.array([1.0, 3.0])) == 1


def test_mmd_needs_two_points_a_side():
    assert np.isnan(mmd(np.zeros((1, 2)), np.zeros((5, 2))))


def test_newcomers_no_more_than_expected_are_no_excess():
    assert newcomer_excess(np.array(5), 5.0, np.array(20)) == 0
    assert np.isnan(newcomer_excess(np.array(0), 0.0, np.array(0)))


def test_a_quality_that_halves_in_ten_days_has_that_half_life():
    age = np.array([0.0, 5.0, 20.0])
    fresh = np.array([0.4, 0.2, 0.3])
    assert quality_half_life(fresh * 2 ** (-age / 10), fresh, age) == pytest.approx(10)


def test_a_quality_that_does_not_fall_has_an_endless_half_life_and_none_has_none():
    age = np.array([0.0, 5.0])
    assert quality_half_life(np.array([0.1, 0.2]), np.array([0.1, 0.1]), age) == np.inf
    assert np.isnan(quality_half_life(np.zeros(2), np.zeros(2), age))


def test_lists_compared_by_hand():
    before, after = np.array([[1, 2, -1], [-1, -1, -1]]), np.array([[2, 3, 4], [-1, -1, -1]])
    np.testing.assert_allclose(refit_churn(before, after), [2 / 3, np.nan])
    # agreements 0, 1/2, 1/3: 0.1 (0.9 / 2 + 0.81 / 3) + 0.9³ / 3
    np.testing.assert_allclose(refit_overlap(before, after), [0.315, np.nan])


def test_lists_of_different_shapes_cannot_be_compared():
    with pytest.raises(ValueError, match=r"differ in shape: \(1, 2\) and \(1, 3\)"):
        rank_biased(np.zeros((1, 2), int), np.zeros((1, 3), int), 0.9)
