"""Diversity, novelty and spread, worked by hand."""

import numpy as np
import pytest

from evaluators.between_models import rbo
from evaluators.bits import n_set, packed
from evaluators.diversity import ild, ild_jaccard, ild_vectors, s_recall, vendi, vendi_vectors
from evaluators.novelty import (
    efd,
    epc,
    novelty,
    recency,
    repeated_rate,
    serendipity,
    serendipity_by_popularity,
    unexpectedness,
)
from evaluators.spread import coverage, entropy, gini, hhi, personalisation
from evaluators.subtopics import alpha_ndcg, best_gains, err_ia, novel_gains

# item 0: a; 1: a and b; 2: b; 3: nothing known
GROUPS = np.array([[1, 0], [1, 1], [0, 1], [0, 0]], dtype=np.float32)
HALF = 1 / np.sqrt(2)


def lists(*rows):
    return np.array(rows)


def test_diversity_is_the_mean_distance_over_pairs_of_known_items():
    items = lists([0, 1, 2], [0, 3, 2], [1, 3, -1], [0, 0, -1])
    cosine = [((1 - HALF) + 1 + (1 - HALF)) / 3, 1, np.nan, 0]
    np.testing.assert_allclose(ild(items, GROUPS), cosine, atol=1e-15)
    jaccard = [(0.5 + 1 + 0.5) / 3, 1, np.nan, 0]
    np.testing.assert_allclose(ild_jaccard(items, GROUPS), jaccard, atol=1e-15)
    np.testing.assert_allclose(ild_vectors(items, GROUPS), cosine, atol=1e-15)


def test_opposite_vectors_are_two_apart():
    assert ild_vectors(lists([0, 1]), np.array([[1.0, 0], [-3.0, 0]])).item() == 2


def test_a_vendi_score_counts_wholly_different_items():
    values = vendi(lists([0, 2, -1], [0, 0, 0], [3, -1, -1], [0, 3, -1]), GROUPS)
    np.testing.assert_allclose(values, [2, 1, np.nan, 1], atol=1e-12)
    orthogonal = np.eye(6)
    assert vendi_vectors(lists([0, 1, 2, 3, 4, 5]), orthogonal).item() == pytest.approx(6)


def test_groups_beyond_one_word_are_counted_too():
    many = np.zeros((3, 130))
    many[0, [0, 64, 129]], many[1, [64, 129]], many[2, 1] = 1, 1, 1
    assert n_set(packed(many)).tolist() == [3, 2, 1]
    distance = 1 - 2 / np.sqrt(6)
    assert ild(lists([0, 1]), many).item() == pytest.approx(distance, abs=1e-15)
    assert s_recall(lists([0, 1, 2]), many).item() == pytest.approx(4 / 130)


def test_novelty_counts_an_item_that_nobody_had_as_one_users():
    values = novelty(lists([4, 0, -1], [8, 8, 8], [-1, -1, -1]), np.asarray(8))
    np.testing.assert_allclose(values, [(1 + 3) / 2, 0, np.nan])


def test_only_hits_are_discovered_and_the_top_counts_most():
    hits = lists([True, False], [False, True], [False, False])
    popularity, n_relevant = lists([2, 6], [2, 6], [2, 6]), np.array([1, 1, 0])
    second = 1 / np.log2(3)
    discovered = epc(hits, popularity, np.asarray(8), n_relevant)
    expected = [0.75 / (1 + second), 0.25 * second / (1 + second), np.nan]
    np.testing.assert_allclose(discovered, expected, atol=1e-15)
    free = efd(hits, popularity, np.array([2, 6, 8]), n_relevant)
    bits = [3 / (1 + second), -np.log2(6 / 16) * second / (1 + second), np.nan]
    np.testing.assert_allclose(free, bits, atol=1e-15)


def test_what_lies_far_from_the_liked_history_is_unexpected():
    liked_a = np.array([[1.0, 0.0], [np.nan, np.nan]])
    items = lists([0, 1, 2, 3], [0, 1, 2, 3])
    values = unexpectedness(items, GROUPS, liked_a)
    np.testing.assert_allclose(values, [(0 + (1 - HALF) + 1) / 3, np.nan], atol=1e-15)
    hits = lists([False, True, True, False], [True] * 4)
    lucky = serendipity(hits, items, GROUPS, liked_a, np.array([2, 4]))
    np.testing.assert_allclose(lucky, [((1 - HALF) + 1) / 4, np.nan], atol=1e-15)


def test_a_hit_that_everybody_gets_anyway_is_no_serendipity():
    popularity = np.array([9, 5, 5, 0])
    arguments = (popularity, np.asarray(4), np.array([1]))
    first = serendipity_by_popularity(lists([True]), lists([0]), *arguments)
    unknown = serendipity_by_popularity(lists([True]), lists([3]), *arguments)
    tied = serendipity_by_popularity(lists([True]), lists([2]), *arguments)
    assert (first.item(), tied.item(), unknown.item()) == (0, 0.25, 1)


def test_age_and_repeats_leave_out_what_is_not_there():
    np.testing.assert_allclose(recency(lists([1.0, np.nan, 3.0], [np.nan] * 3)), [2, np.nan])
    had, again = lists([True, False, False]), lists([False, False, True])
    assert repeated_rate(had, again, np.array([3])).item() == pytest.approx(2 / 3)


COUNTS = np.array([8.0, 6.0, 4.0, 2.0])


def test_counts_in_a_catalogue_of_ten_come_to_the_known_figures():
    assert float(gini(COUNTS, np.asarray(10))) == pytest.approx(0.7)
    assert float(coverage(COUNTS, np.asarray(10))) == pytest.approx(0.4)
    assert float(entropy(COUNTS)) == pytest.approx(1.8464393446710154)
    assert float(hhi(COUNTS)) == pytest.approx(0.3)
    assert float(gini(np.append(COUNTS, np.zeros(6)), np.asarray(10))) == pytest.approx(0.7)


def test_even_exposure_is_no_inequality_and_one_item_for_all_is_the_most():
    assert float(gini(np.ones(5), np.asarray(5))) == pytest.approx(0)
    assert float(gini(np.array([7.0]), np.asarray(5))) == pytest.approx(0.8)
    assert float(entropy(np.array([7.0]))) == 0


def test_two_lists_with_one_item_in_common_are_half_alike():
    weights = np.array([2.0, 1.0, 1.0]) / np.sqrt(2)
    assert float(personalisation(weights, np.asarray(2.0))) == pytest.approx(0.5)
    assert np.isnan(personalisation(weights, np.asarray(1.0)))


def test_an_interest_that_was_served_counts_half_the_next_time():
    items = lists([0, 1, 2])
    gains = novel_gains(lists([True, True, True]), items, GROUPS)
    np.testing.assert_allclose(gains, [[1, 1.5, 0.5]])
    best = best_gains(np.array([0, 3]), np.array([0, 1, 2]), GROUPS, 3)
    np.testing.assert_allclose(best, [[2, 0.5, 0.5]])
    discount = 1 / np.log2([2, 3, 4])
    expected = (gains @ discount) / (best @ discount)
    value = alpha_ndcg(lists([True, True, True]), items, GROUPS, best)
    np.testing.assert_allclose(value, expected, atol=1e-15)


def test_users_with_nothing_to_find_have_no_best_order():
    best = best_gains(np.array([0, 0, 1, 1]), np.array([3]), GROUPS, 2)
    assert not best.any()
    nobody = best_gains(np.array([0, 0]), np.array([], dtype=np.int64), GROUPS, 2)
    assert nobody.shape == (1, 2)


def test_a_reader_with_one_interest_stops_at_half_of_its_hits():
    profile = np.array([[0.75, 0.25]])
    value = err_ia(lists([True, True]), lists([0, 2]), GROUPS, profile, np.array([2]))
    assert value.item() == pytest.approx(0.75 / 2 + 0.25 / 2 / 2)


def test_the_same_list_overlaps_wholly_and_disjoint_ones_not_at_all():
    one = lists([4, 5, 6], [4, 5, 6], [-1, -1, -1])
    other = lists([4, 5, 6], [1, 2, 3], [-1, -1, -1])
    np.testing.assert_allclose(rbo(one, other), [1, 0, np.nan], atol=1e-12)
