"""What a plug-in may answer, and what it is told when it may not."""

import numpy as np
import pytest

from core.errors import PluginError
from core.ledger import Ledger
from core.tables import PAD, Interactions, TopK
from recommenders.contract import (
    HOLE,
    RISES,
    SEEN,
    TOO_LONG,
    TWICE,
    check_model,
    check_topk,
    is_seen,
    repeats,
)

USERS = np.array([2, 0])


@pytest.fixture
def train():
    return Interactions(
        users=np.array([0, 2, 2], np.int32),
        items=np.array([4, 1, 0], np.int32),
        n_users=3,
        n_items=6,
    )


@pytest.fixture
def check(train):
    """Check one answer for users 2 and 0; returns what came back, and the ledger."""

    def checked(items, scores=None, *, users=USERS, k=3):
        items = np.array(items)
        if scores is None:
            scores = np.where(items == PAD, -np.inf, -np.arange(items.shape[1], dtype=float))
        ledger = Ledger()
        return check_topk(TopK(users, items, scores), USERS, k, train, "mine", ledger), ledger

    return checked


def test_a_good_answer_comes_back_with_nothing_counted(check):
    top, ledger = check([[2, 3, 5], [1, PAD, PAD]])
    np.testing.assert_array_equal(top.items, [[2, 3, 5], [1, PAD, PAD]])
    assert top.items.dtype == np.int32
    assert not len(ledger)


def test_a_narrow_answer_is_padded(check):
    top, ledger = check([[2], [1]])
    np.testing.assert_array_equal(top.items, [[2, PAD, PAD], [1, PAD, PAD]])
    assert np.isneginf(top.scores[:, 1:]).all()
    assert not len(ledger)


def test_lists_longer_than_k_are_cut_and_counted(check):
    top, ledger = check([[2, 3, 5, 4], [1, 2, 3, PAD]])
    assert top.items.shape == (2, 3)
    assert ledger.count(TOO_LONG) == 1


def test_a_seen_item_stays_and_is_counted_with_its_place(check):
    top, ledger = check([[2, 1, 5], [1, 2, 3]])
    np.testing.assert_array_equal(top.items[0], [2, 1, 5])
    assert ledger.count(SEEN) == 1
    assert next(iter(ledger)).examples == ("user code 2, rank 2",)
    assert next(iter(ledger)).stage == "recommend mine"


def test_an_item_listed_twice_stays_and_is_counted_once(check):
    top, ledger = check([[2, 3, 2], [1, 2, 3]])
    np.testing.assert_array_equal(top.items[0], [2, 3, 2])
    assert ledger.count(TWICE) == 1


def test_a_rank_left_empty_is_counted(check):
    _, ledger = check([[2, PAD, 3], [1, PAD, PAD]])
    assert ledger.count(HOLE) == 1


def test_scores_that_rise_are_counted_and_the_order_kept(check):
    top, ledger = check([[2, 3, 5], [1, 2, 3]], np.array([[1.0, 3, 2], [3, 2, 1]]))
    np.testing.assert_array_equal(top.items[0], [2, 3, 5])
    assert ledger.count(RISES) == 1


def test_scores_at_padding_are_reset(check):
    top, _ = check([[2, PAD, PAD], [1, PAD, PAD]], np.zeros((2, 3)))
    assert np.isneginf(top.scores[:, 1:]).all()


def test_whole_number_scores_and_wide_codes_are_taken(check):
    top, _ = check(np.array([[2, 3, 5], [1, 2, 3]], np.int64), np.array([[3, 2, 1]] * 2))
    assert top.items.dtype == np.int32
    assert top.scores.dtype == np.float64


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_no_number_is_refused_by_place(check, bad):
    scores = np.array([[3.0, 2, 1], [3, bad, 1]])
    with pytest.raises(
        PluginError, match=r"mine scores item code 2 of user code 0 with -?(nan|inf)"
    ):
        check([[2, 3, 5], [1, 2, 3]], scores)


@pytest.mark.parametrize("code", [6, 99, -2])
def test_a_code_that_no_item_has_is_refused(check, code):
    with pytest.raises(PluginError, match=rf"lists item code {code} .* codes run from 0 to 5"):
        check([[2, 3, code], [1, 2, 3]])


def test_items_that_are_no_whole_numbers_are_refused(check):
    with pytest.raises(PluginError, match="items of type float64; they must be integer"):
        check([[2.0, 3, 5], [1, 2, 3]])


def test_scores_that_are_no_numbers_are_refused(check):
    with pytest.raises(PluginError, match="scores of type <U1; return numbers"):
        check([[2, 3, 5], [1, 2, 3]], np.array([["a", "b", "c"]] * 2))


def test_lists_of_others_are_refused(check):
    with pytest.raises(PluginError, match="for other users than it was asked for, or in another"):
        check([[2, 3, 5], [1, 2, 3]], users=np.array([0, 2]))


def test_too_few_lists_are_refused(check):
    with pytest.raises(PluginError, match=r"items of shape \(1, 3\).* need two arrays of shape"):
        check([[2, 3, 5]], users=np.array([0]))


def test_an_answer_that_is_no_topk_is_refused(train):
    with pytest.raises(PluginError, match="answered with a list; recommend must return a core"):
        check_topk([[1, 2, 3]], USERS, 3, train, "mine")


def test_a_thing_without_recommend_is_no_recommender():
    with pytest.raises(PluginError, match=r"mine is a object without the method fit\(\)"):
        check_model(object(), "mine")


def test_seen_and_repeats_equal_a_slow_search():
    rng = np.random.default_rng(0)
    rows, columns = np.nonzero(rng.random((30, 12)) < 0.4)
    train = Interactions(rows.astype(np.int32), columns.astype(np.int32), 30, 12)
    users = rng.permutation(30)
    items = rng.integers(PAD, 12, (30, 8)).astype(np.int32)
    seen = train.seen.toarray() > 0
    slow_seen = [
        [i != PAD and seen[u, i] for i in row] for u, row in zip(users, items, strict=True)
    ]
    slow_twice = [
        [i != PAD and i in row[:at] for at, i in enumerate(row)] for row in items.tolist()
    ]
    np.testing.assert_array_equal(is_seen(users, items, train), slow_seen)
    np.testing.assert_array_equal(repeats(items), slow_twice)


def test_nobody_has_seen_anything_where_there_is_no_history(train):
    empty = train.take(np.array([], dtype=np.int64))
    assert not is_seen(USERS, np.array([[1, 2], [3, PAD]], np.int32), empty).any()
