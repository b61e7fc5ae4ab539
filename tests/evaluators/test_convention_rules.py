"""What conventions are handed, and facts that no golden value shows."""

import numpy as np
import pytest

from core.tables import PAD
from evaluators import METRICS
from evaluators.conventions import CONVENTIONS, Given
from evaluators.conventions.parts import average_ranks, gini_sum

HITS = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 0]], dtype=bool)


def given(**changed):
    """Three users: a full list, none at all, a list of two."""
    facts = {
        "items": np.array([[4, 1, 2], [PAD, PAD, PAD], [3, 0, PAD]], dtype=np.int32),
        "is_match": HITS,
        "n_relevant": np.array([2, 1, 3]),
        "n_tested": np.array([2, 1, 4]),
        "n_items": 6,
    }
    return Given(**{**facts, **changed})


def test_a_cut_beyond_the_lists_adds_empty_places():
    cut = given().cut(5)
    assert cut.items.shape == (3, 5)
    assert cut.n_listed.tolist() == [3, 0, 2]
    assert not cut.is_match[:, 3:].any()


def test_a_list_without_its_repeats_is_closed_up():
    items = np.array([[4, 4, 2], [PAD] * 3, [3, 0, 3]], dtype=np.int32)
    once = given(items=items).once
    assert once.items.tolist() == [[4, 2, PAD], [PAD] * 3, [3, 0, PAD]]
    assert once.is_match.tolist() == [[True, True, False], [False] * 3, [True, True, False]]


def test_lists_without_repeats_are_left_as_they_are():
    it = given()
    assert it.once is it


def test_ties_go_to_the_item_that_stands_last_in_the_order():
    scores = np.array([[0.5, 0.5, 0.1], [-np.inf] * 3, [0.2, 0.2, -np.inf]])
    ordered = given(scores=scores).by_ties(np.array([5, 1, 2, 3, 0, 4]))
    assert ordered.items.tolist() == [[1, 4, 2], [PAD] * 3, [0, 3, PAD]]


def test_without_scores_the_order_stays():
    it = given()
    assert it.by_ties(np.arange(6)) is it


def test_equal_scores_share_the_mean_of_their_ranks():
    scores = np.array([[3.0, 3.0, 1.0], [-np.inf] * 3, [2.0, 1.0, -np.inf]])
    ranks = average_ranks(given(scores=scores))
    assert ranks.tolist() == [[1.5, 1.5, 3.0], [np.inf] * 3, [1.0, 2.0, np.inf]]


@pytest.mark.parametrize("n,expected", [(4, 0.25), (10, 0.7)])
def test_gini_counts_the_items_that_nobody_was_shown(n, expected):
    assert gini_sum(np.array([8.0, 6.0, 4.0, 2.0]), n) / n == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", CONVENTIONS)
def test_every_rule_bears_the_name_of_a_metric_and_says_what_differs(name):
    for metric, rule in CONVENTIONS[name].rules.items():
        assert metric in METRICS
        assert len(rule.clause) > 8
        assert rule.theirs


@pytest.mark.parametrize("name", CONVENTIONS)
def test_what_is_handed_over_is_not_changed(name):
    it = given()
    before = it.items.copy(), it.is_match.copy(), it.n_relevant.copy()
    for rule in CONVENTIONS[name].rules.values():
        if not rule.needs:
            rule.answer(it, 2)
    for kept, now in zip(before, (it.items, it.is_match, it.n_relevant), strict=True):
        assert np.array_equal(kept, now)


@pytest.mark.parametrize("name", CONVENTIONS)
def test_a_users_value_does_not_depend_on_other_users(name):
    it = given()
    alone = given(
        items=it.items[2:],
        is_match=HITS[2:],
        n_relevant=it.n_relevant[2:],
        n_tested=it.n_tested[2:],
    )
    for metric, rule in CONVENTIONS[name].rules.items():
        if rule.needs:
            continue
        together = rule.answer(it, 2).per_user[2:]
        assert np.array_equal(together, rule.answer(alone, 2).per_user, equal_nan=True), metric


@pytest.mark.parametrize("name", CONVENTIONS)
def test_nobody_counted_is_no_number_and_no_crash(name):
    nobody = given(
        items=np.full((3, 3), PAD, dtype=np.int32),
        is_match=np.zeros((3, 3), dtype=bool),
        n_relevant=np.zeros(3, dtype=np.int64),
        n_tested=np.zeros(3, dtype=np.int64),
    )
    for metric, rule in CONVENTIONS[name].rules.items():
        if not rule.needs:
            assert np.isnan(rule.answer(nobody, 2).value) or metric == "coverage"
