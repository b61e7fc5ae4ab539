"""Lists against tastes, and against popularity, worked by hand."""

import numpy as np
import pytest

from evaluators import METRICS

GROUPS = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], dtype=np.float32)


def one(name, items, profile):
    arrays = {
        "items": np.array([items]),
        "item_groups": GROUPS,
        "profile_groups": np.array([profile], dtype=float),
    }
    return float(METRICS[name](**arrays)[0])


@pytest.mark.parametrize("name", ["list_kl", "list_js", "list_hellinger"])
@pytest.mark.parametrize("ranked", ["", "_ranked"])
def test_a_list_that_mirrors_the_profile_is_calibrated(name, ranked):
    assert one(name + ranked, [2, 2], [0.5, 0.5]) == pytest.approx(0, abs=1e-12)


def test_a_list_without_the_users_taste_is_as_far_as_can_be():
    assert one("list_kl", [1, 1], [1, 0]) == pytest.approx(np.log(100))
    assert one("list_js", [1, 1], [1, 0]) == pytest.approx(1)
    assert one("list_hellinger", [1, 1], [1, 0]) == pytest.approx(1)


def test_divergences_of_a_half_right_list():
    """Worked by hand: p = (1, 0), q = (1/2, 1/2)."""
    assert one("list_kl", [0, 1], [1, 0]) == pytest.approx(-np.log(0.99 / 2 + 0.01))
    js = (np.log2(1 / 0.75) + 0.5 * np.log2(0.5 / 0.75) + 0.5 * np.log2(0.5 / 0.25)) / 2
    assert one("list_js", [0, 1], [1, 0]) == pytest.approx(js)
    assert one("list_hellinger", [0, 1], [1, 0]) == pytest.approx(np.sqrt(1 - np.sqrt(0.5)))


def test_the_first_place_counts_more_where_ranks_do():
    right_first, right_last = (one("list_js_ranked", items, [1, 0]) for items in ([0, 1], [1, 0]))
    assert right_first < one("list_js", [0, 1], [1, 0]) < right_last
    q = 1 / (1 + 1 / np.log2(3))
    assert one("list_kl_ranked", [0, 1], [1, 0]) == pytest.approx(-np.log(0.99 * q + 0.01))


def test_an_item_without_a_group_and_an_empty_place_have_no_vote():
    assert one("list_js", [0, 3, -1, 1], [1, 0]) == pytest.approx(one("list_js", [0, 1], [1, 0]))


@pytest.mark.parametrize("items,profile", [([3, -1], [1, 0]), ([0, 1], [np.nan, np.nan])])
@pytest.mark.parametrize("name", ["list_kl", "list_js_ranked", "list_hellinger"])
def test_nothing_to_compare_has_no_answer(name, items, profile):
    assert np.isnan(one(name, items, profile))


def test_popularity_of_lists():
    listed = np.array([[8, 2, -1], [-1, -1, -1]])
    np.testing.assert_array_equal(METRICS["arp"](listed), [5, np.nan])
    lift = METRICS["popularity_lift"](listed, np.array([2.0, 3.0]))
    np.testing.assert_array_equal(lift, [1.5, np.nan])
    tail = np.array([[True, False, True]])
    assert METRICS["aplt"](tail, np.array([3])) == pytest.approx([2 / 3])
    np.testing.assert_array_equal(METRICS["aclt"](tail), [2])


def test_delta_gap_is_the_lift_of_the_means_not_the_mean_of_the_lifts():
    assert METRICS["delta_gap"](np.array([30.0, 10.0])) == pytest.approx(2)
    assert np.isnan(METRICS["delta_gap"](np.array([0.0, 0.0])))


def test_head_and_tail_are_treated_alike_or_one_is_never_shown():
    assert METRICS["pop_rsp"](np.array([4.0, 8.0]), np.array([10.0, 20.0])) == 0
    assert METRICS["pop_rsp"](np.array([4.0, 0.0]), np.array([10.0, 20.0])) == 1
    assert METRICS["pop_reo"](np.array([3.0, 1.0]), np.array([6.0, 6.0])) == pytest.approx(0.5)
