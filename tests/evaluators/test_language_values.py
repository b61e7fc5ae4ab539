"""Lists of language models: overlap and position bias, worked by hand and by simulation."""

import numpy as np
import pytest

from evaluators import METRICS
from evaluators.language_lists import average_overlap, position_correlation

PAD = -1


def slow_overlap(first, second):
    """The definition, word for word."""
    first, second = [x for x in first if x != PAD], [x for x in second if x != PAD]
    depth = max(len(first), len(second))
    return np.mean([len(set(first[:d]) & set(second[:d])) / d for d in range(1, depth + 1)])


def test_average_overlap_worked_by_hand():
    # depths 1, 2, 3: 0/1, 1/2, 2/3 in common
    found = average_overlap(np.array([[1, 2, 3]]), np.array([[2, 4, 1]]))
    assert found[0] == pytest.approx((0 + 1 / 2 + 2 / 3) / 3, rel=1e-12)


def test_average_overlap_is_its_definition_on_lists_of_any_length():
    rng = np.random.default_rng(0)
    lists = np.full((2, 40, 8), PAD)
    for side in range(2):
        for row in lists[side]:
            n = rng.integers(1, 9)
            row[:n] = rng.choice(12, n, replace=False)
    expected = [slow_overlap(a.tolist(), b.tolist()) for a, b in zip(*lists, strict=True)]
    np.testing.assert_allclose(average_overlap(*lists), expected, rtol=1e-12)


def test_alike_is_1_apart_is_0_and_two_empty_lists_say_nothing():
    one = np.array([[1, 2, PAD], [1, 2, PAD], [PAD, PAD, PAD]])
    other = np.array([[1, 2, PAD], [3, 4, 5], [PAD, PAD, PAD]])
    np.testing.assert_array_equal(average_overlap(one, other), [1.0, 0.0, np.nan])


def test_repeating_the_prompt_is_1_and_turning_it_round_is_minus_1():
    shown = np.tile(np.arange(5.0), (3, 1))
    answered = np.array([[0, 1, 2, 3, 4.0], [4, 3, 2, 1, 0], [2, 2, 2, 2, 2]])
    found = position_correlation(shown, answered)
    np.testing.assert_allclose(found[:2], [1.0, -1.0], rtol=1e-12)
    assert np.isnan(found[2])


def test_places_past_the_last_candidate_do_not_count():
    shown = np.array([[0, 1, 2, np.nan]])
    assert position_correlation(shown, np.array([[0, 1, 2, np.nan]]))[0] == pytest.approx(1.0)


def test_rates_are_undefined_where_nothing_was_listed():
    for metric in METRICS.values():
        if metric.family == "language":
            assert np.isnan(metric(np.zeros(2), np.zeros(2))).all(), metric.name
            assert metric(np.ones(2), np.full(2, 4)).tolist() == [0.25, 0.25]
