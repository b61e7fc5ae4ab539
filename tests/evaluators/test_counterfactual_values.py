"""Likeness of two lists of one user, worked by hand."""

import numpy as np
import pytest

from evaluators import METRICS


def likeness(name, first, second):
    return float(METRICS[name](np.array([first]), np.array([second]))[0])


@pytest.mark.parametrize("name", ["list_jaccard", "list_serp", "list_prag"])
@pytest.mark.parametrize("items", [[3, 1, 2], [3, 1, -1], [3, -1, -1]])
def test_a_list_is_like_itself(name, items):
    assert likeness(name, items, items) == 1


@pytest.mark.parametrize("name", ["list_jaccard", "list_serp", "list_prag"])
def test_lists_without_a_common_item_are_unlike_and_empty_ones_have_no_answer(name):
    assert likeness(name, [1, 2, 3], [4, 5, 6]) == 0
    assert np.isnan(likeness(name, [-1, -1], [-1, -1]))


def test_jaccard_counts_items_whatever_their_order():
    assert likeness("list_jaccard", [1, 2, 3], [3, 2, 4]) == pytest.approx(2 / 4)
    assert likeness("list_jaccard", [1, 2, -1], [2, -1, -1]) == pytest.approx(1 / 2)


def test_serp_weighs_the_first_places_of_the_other_list():
    assert likeness("list_serp", [1, 2, 3], [3, 9, 8]) == pytest.approx(3 / 6)
    assert likeness("list_serp", [1, 2, 3], [9, 8, 3]) == pytest.approx(1 / 6)
    assert likeness("list_serp", [3, 2, 1], [1, 2, 3]) == 1


def test_prag_asks_whether_pairs_keep_their_order():
    assert likeness("list_prag", [3, 2, 1], [1, 2, 3]) == 0
    assert likeness("list_prag", [2, 1, 3], [1, 2, 3]) == pytest.approx(2 / 3)
    # of 1 9, 1 8, 9 8 the first two keep 1 above what is not here
    assert likeness("list_prag", [1, 2, 3], [1, 9, 8]) == pytest.approx(2 / 3)


def published(x, y):
    """PRAG of the code published with the paper: over pairs of x, sought in y."""
    kept = pairs = 0
    for i, first in enumerate(x):
        for second in x[i + 1 :]:
            pairs += 1
            if first in y:
                kept += second not in y or y.index(first) < y.index(second)
    return kept / pairs


def test_prag_is_what_the_published_code_says():
    rng = np.random.default_rng(1)
    for _ in range(50):
        other, items = rng.permutation(12)[:6].tolist(), rng.permutation(12)[:6].tolist()
        assert likeness("list_prag", items, other) == pytest.approx(published(other, items))


def test_range_and_deviation_over_the_values_of_an_attribute():
    similarity = np.array([[0.9, 0.7, 0.5], [0.4, 0.4, 0.4]])
    np.testing.assert_allclose(METRICS["snsr"](similarity), [0.4, 0], atol=1e-12)
    np.testing.assert_allclose(
        METRICS["snsv"](similarity), [np.std([0.9, 0.7, 0.5]), 0], atol=1e-12
    )
