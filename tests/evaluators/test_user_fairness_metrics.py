"""Inequality between users and between groups: worked by hand, bounds, undefined cases."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluators import METRICS
from evaluators import user_fairness as uf
from evaluators import user_inequality as ui

MEANS = np.array([0.2, 0.5, np.nan, 0.4])
served = arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1, width=32))


def test_worked_by_hand():
    assert float(uf.user_gap(MEANS)) == pytest.approx(0.3)
    assert float(uf.user_ratio(MEANS)) == pytest.approx(0.4)
    assert float(uf.worst_group(MEANS)) == 0.2
    assert float(uf.group_deviation(np.array([0.2, 0.6]))) == pytest.approx(0.2)
    assert float(ui.jain(np.array([1.0, 1, 0, 0]))) == 0.5
    assert float(ui.theil(np.array([1.0, 0, 0, 0]))) == pytest.approx(math.log(4))
    assert float(ui.generalised_entropy(np.array([0.0, 2.0]))) == pytest.approx(0.5)
    assert float(ui.generalised_entropy(np.array([1.0, 3.0]), alpha=0)) == pytest.approx(
        -(math.log(0.5) + math.log(1.5)) / 2
    )
    assert float(ui.worst_tenth(np.arange(20.0))) == pytest.approx(0.5)
    assert float(ui.worst_tenth(np.array([1.0, 2, 3, 4, 5]))) == 1.0  # half a user


def test_a_user_at_the_edge_of_the_worst_tenth_counts_in_part():
    assert float(ui.worst_tenth(np.arange(15.0))) == pytest.approx((0 + 0.5 * 1) / 1.5)


def test_distributions_apart_with_the_same_mean_are_seen():
    values, groups = np.array([0.0, 1, 0.5, 0.5]), np.array([0, 0, 1, 1])
    assert float(uf.ks_gap(values, groups)) == 0.5


@pytest.mark.parametrize("number", ["user_gap", "user_ratio", "group_deviation"])
def test_one_group_alone_is_undefined(number):
    assert np.isnan(METRICS[number](np.array([0.3])))
    assert np.isnan(METRICS[number](np.array([0.3, np.nan])))


@pytest.mark.parametrize("number", ["theil", "generalised_entropy", "jain", "worst_tenth"])
def test_nobody_has_no_inequality(number):
    assert np.isnan(METRICS[number](np.array([np.nan, np.nan])))


@pytest.mark.parametrize("number", ["theil", "generalised_entropy", "jain"])
def test_where_all_get_nothing_shares_are_undefined(number):
    assert np.isnan(METRICS[number](np.zeros(4)))
    assert np.isnan(METRICS[number](np.array([-1.0, 2.0])))


def test_a_ratio_to_nothing_and_of_negative_means_is_undefined():
    assert np.isnan(uf.user_ratio(np.zeros(3)))
    assert np.isnan(uf.user_ratio(np.array([-0.1, 0.5])))


def test_one_group_in_the_distance_of_distributions_is_undefined():
    assert np.isnan(uf.ks_gap(np.array([0.1, 0.2]), np.array([0, 0])))
    assert np.isnan(uf.ks_gap(np.array([0.1, np.nan]), np.array([0, 1])))


@given(served)
def test_inequality_keeps_its_bounds_and_ignores_missing_users(values):
    for number in ("theil", "generalised_entropy", "jain", "worst_tenth"):
        metric = METRICS[number]
        value = float(metric(values))
        low, high = metric.bounds
        assert np.isnan(value) or low - 1e-9 <= value <= high + 1e-9
        with_missing = float(metric(np.append(values, np.nan)))
        assert with_missing == pytest.approx(value, abs=1e-12, nan_ok=True)


@given(served.filter(lambda values: values.sum() > 0.01))
def test_entropy_splits_into_between_and_within_groups(values):
    groups = np.arange(len(values)) % 3
    means = np.array([values[groups == g].mean() if (groups == g).any() else np.nan
                      for g in range(3)])  # fmt: skip
    sizes = np.bincount(groups, minlength=3)
    between = float(ui.theil_between(means, sizes))
    assert np.isnan(between) or between <= float(ui.theil(values)) + 1e-9


def test_columns_are_computed_at_once():
    values = np.random.default_rng(0).random((40, 3))
    values[::5, 1] = np.nan
    for number in ("theil", "generalised_entropy", "jain", "worst_tenth"):
        together = METRICS[number](values)
        assert together == pytest.approx([float(METRICS[number](column)) for column in values.T])
    means = np.random.default_rng(1).random((6, 4))
    assert uf.user_gap(means) == pytest.approx([float(uf.user_gap(row)) for row in means])


def test_the_lag_that_can_be_found_grows_with_the_error():
    assert float(uf.user_gap_detectable(np.array(0.01), np.array(1.96))) == pytest.approx(
        0.01 * (1.96 + 0.8416212335729143)
    )
    assert float(uf.user_gap_by_chance(np.array([0.1, 0.3]))) == pytest.approx(0.2)
