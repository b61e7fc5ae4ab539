import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from scipy.sparse import csr_array

from core.errors import PluginError
from core.tables import PAD, Interactions
from recommenders.rank import product, rank, rank_in_blocks, warm_up

NOTHING_SEEN = csr_array((3, 4), dtype=np.float32)


def slow_rank(scores, seen, k):
    """What rank must equal: a stable sort of everything."""
    hidden = np.where(seen, -np.inf, scores)
    order = np.argsort(-hidden, axis=1, kind="stable")[:, :k]
    best = np.take_along_axis(hidden, order, axis=1)
    items = np.where(np.isneginf(best), PAD, order)
    room = ((0, 0), (0, k - items.shape[1]))
    return (
        np.pad(items, room, constant_values=PAD),
        np.pad(best, room, constant_values=-np.inf),
    )


@st.composite
def scored_users(draw):
    n_users, n_items = draw(st.integers(0, 6)), draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    scores = rng.integers(0, draw(st.integers(1, 8)), (n_users, n_items)).astype(np.float32)
    scores[rng.random(scores.shape) < 0.1] = -np.inf
    seen = rng.random(scores.shape) < draw(st.sampled_from([0.0, 0.3, 1.0]))
    return scores, seen, draw(st.integers(1, 40))


@settings(deadline=None)  # the first call compiles
@given(scored_users())
def test_it_equals_a_stable_sort_of_everything(drawn):
    scores, seen, k = drawn
    top = rank(np.arange(len(scores)), scores, csr_array(seen.astype(np.float32)), k)
    items, best = slow_rank(scores, seen, k)
    np.testing.assert_array_equal(top.items, items)
    np.testing.assert_array_equal(top.scores, best)
    assert top.items.dtype == np.int32


def test_equal_scores_go_to_the_lower_item_code():
    top = rank(np.arange(3), np.ones((3, 4)), NOTHING_SEEN, k=3)
    np.testing.assert_array_equal(top.items, [[0, 1, 2]] * 3)


def test_row_u_of_seen_belongs_to_user_u_whatever_the_order_asked():
    seen = csr_array(np.eye(3, 4, dtype=np.float32))
    top = rank(np.array([2, 0]), np.array([[1.0, 2, 3, 0], [3, 2, 1, 0]]), seen, k=2)
    np.testing.assert_array_equal(top.items, [[1, 0], [1, 2]])


def test_seen_items_in_any_order_are_hidden():
    seen = csr_array((np.ones(2, np.float32), [3, 0], [0, 2, 2, 2]), shape=(3, 4))
    assert not seen.has_sorted_indices
    top = rank(np.array([0]), np.array([[9.0, 1, 2, 9]]), seen, k=4)
    np.testing.assert_array_equal(top.items, [[2, 1, PAD, PAD]])


def test_scores_given_are_left_as_they_were():
    scores = np.arange(12.0).reshape(3, 4)
    rank(np.arange(3), scores, csr_array(np.eye(3, 4, dtype=np.float32)), k=2)
    np.testing.assert_array_equal(scores, np.arange(12.0).reshape(3, 4))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_scores_of_any_number_type_rank_alike(dtype):
    scores = np.array([[1, 3, 2, 0]] * 3, dtype=dtype)
    np.testing.assert_array_equal(rank(np.arange(3), scores, NOTHING_SEEN, 2).items[0], [1, 2])


def test_one_row_spread_over_all_users_is_taken():
    scores = np.broadcast_to(np.array([1.0, 3, 2, 0]), (3, 4))
    np.testing.assert_array_equal(rank(np.arange(3), scores, NOTHING_SEEN, 2).items[2], [1, 2])


def test_a_nan_score_names_the_user_and_the_item():
    scores = np.zeros((3, 4))
    scores[1, 2] = np.nan
    with pytest.raises(PluginError, match="user code 1 has NaN at item code 2"):
        rank(np.arange(3), scores, NOTHING_SEEN, 2)


def test_a_list_of_no_length_is_refused():
    with pytest.raises(ValueError, match="k of at least 1; got k=0"):
        rank(np.arange(3), np.zeros((3, 4)), NOTHING_SEEN, 0)


def test_scores_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"\(users, items\) = \(3, 4\); got \(3, 5\)"):
        rank(np.arange(3), np.zeros((3, 5)), NOTHING_SEEN, 2)


def histories(n_users, n_items, seed=0):
    rng = np.random.default_rng(seed)
    users, items = np.nonzero(rng.random((n_users, n_items)) < 0.2)
    return Interactions(users.astype(np.int32), items.astype(np.int32), n_users, n_items)


def test_blocks_of_any_size_give_the_same_lists():
    train = histories(50, 30)
    weights = np.random.default_rng(1).normal(size=(30, 30)).astype(np.float32)
    lists = [
        rank_in_blocks(
            lambda users: product(train.liked[users], weights), np.arange(50), train, 7, block=block
        )
        for block in (1, 7, 50, None)
    ]
    for other in lists[1:]:
        np.testing.assert_array_equal(other.items, lists[0].items)
        np.testing.assert_array_equal(other.scores, lists[0].scores)


def test_no_more_users_than_a_block_are_scored_at_once():
    train = histories(50, 30)
    sizes = []

    def score(users):
        sizes.append(len(users))
        return np.zeros((len(users), 30))

    rank_in_blocks(score, np.arange(50), train, 5, block=16)
    assert sizes == [16, 16, 16, 2]


def test_users_who_liked_nothing_are_padded_and_never_scored():
    train = histories(5, 30).take(np.array([], dtype=np.int64))
    top = rank_in_blocks(lambda users: pytest.fail("nobody to score"), np.arange(5), train, 3)
    assert (top.items == PAD).all()
    assert np.isneginf(top.scores).all()


def test_a_model_may_say_whom_it_knows():
    train = histories(3, 4).take(np.array([], dtype=np.int64))
    known = np.array([False, True, False])
    top = rank_in_blocks(lambda users: np.ones((1, 4)), np.arange(3), train, 2, known=known)
    np.testing.assert_array_equal(top.items, [[PAD, PAD], [0, 1], [PAD, PAD]])


@pytest.mark.parametrize("is_sparse", [True, False])
def test_a_row_of_a_product_has_the_same_bits_in_every_company(is_sparse):
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(40, 33)).astype(np.float32)
    matrix = rng.normal(size=(33, 77)).astype(np.float32)
    given = csr_array(np.where(rng.random(rows.shape) < 0.5, rows, 0)) if is_sparse else rows
    together = product(given, matrix)
    apart = np.vstack([product(given[[row]], matrix) for row in range(40)])
    np.testing.assert_array_equal(together, apart)
    dense = given.toarray() if is_sparse else given
    np.testing.assert_allclose(together, dense @ matrix, rtol=1e-4, atol=1e-4)
    assert together.dtype == np.float32


def test_a_product_over_nothing_is_zero():
    assert not product(np.empty((2, 0)), np.empty((0, 3))).any()


def test_warming_up_compiles_what_ranking_uses():
    from recommenders.kernels import add_rows, select

    warm_up()
    ready = len(select.signatures), len(add_rows.signatures)
    for kind in (np.float32, np.float64):
        scores = product(csr_array(np.eye(3, dtype=np.float32)), np.ones((3, 4), dtype=kind))
        rank(np.arange(3), scores, NOTHING_SEEN, 2)
    assert (len(select.signatures), len(add_rows.signatures)) == ready
