"""What single models promise beyond the contract."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import ConfigError
from core.tables import PAD, Interactions, Side
from recommenders import RECOMMENDERS
from recommenders.biased_mf import BiasedMF
from recommenders.ease import EASE
from recommenders.factors import ALS, BPR
from recommenders.history import together
from recommenders.knn import ItemKNN, UserKNN
from recommenders.neighbours import neighbours
from recommenders.popularity import DecayedPopularity, Popularity, Random

DAY = 86_400


def made(rows, n_users=4, n_items=5, *, timed=False, threshold=None):
    """rows: (user, item, rating or day) triples."""
    users, items, third = np.array(rows).T
    return Interactions(
        users=users.astype(np.int32),
        items=items.astype(np.int32),
        n_users=n_users,
        n_items=n_items,
        ratings=None if timed else third.astype(np.float32),
        timestamps=third.astype(np.int64) * DAY if timed else None,
        threshold=threshold,
    )


@pytest.fixture
def drawn():
    rng = np.random.default_rng(0)
    users, items = np.nonzero(rng.random((80, 30)) < 0.3)
    ratings = rng.integers(1, 6, len(users)).astype(np.float32)
    return Interactions(
        users.astype(np.int32), items.astype(np.int32), 80, 30, ratings=ratings, threshold=4.0
    )


def test_random_draws_every_item_about_equally_often(drawn):
    empty = drawn.take(np.array([], dtype=np.int64))
    everyone = replace(empty, n_users=3000)
    top = Random().fit(everyone).recommend(np.arange(3000), k=10)
    counts = np.bincount(top.items.ravel(), minlength=30)
    assert np.abs(counts - 1000).max() < 5 * np.sqrt(1000 * 2 / 3)


def test_random_of_another_seed_draws_other_lists(drawn):
    one, other = (Random(seed).fit(drawn).recommend(np.arange(80), 5) for seed in (0, 1))
    assert (one.items != other.items).any(axis=1).mean() > 0.9


def test_popularity_counts_users_not_rows_and_only_likings():
    train = made(
        [(0, 1, 5), (0, 1, 5), (1, 2, 5), (2, 2, 5), (3, 3, 1), (2, 3, 1), (1, 3, 1)], threshold=4
    )
    model = Popularity().fit(train)
    np.testing.assert_array_equal(model.counts_, [0, 1, 2, 0, 0])


def test_a_liking_counts_half_after_each_half_life():
    train = made([(0, 1, 0), (1, 2, 30), (2, 3, 60)], timed=True)
    model = DecayedPopularity(half_life=30).fit(train)
    np.testing.assert_allclose(model.weights_, [0, 0.25, 0.5, 1, 0])


def test_decayed_popularity_without_timestamps_says_what_to_map():
    with pytest.raises(ConfigError, match=r"needs a timestamp .* map a timestamp column"):
        DecayedPopularity().fit(made([(0, 1, 5)]))


def test_ease_equals_the_formula_of_the_paper(drawn):
    model = EASE(l2=7.0).fit(drawn)
    x = drawn.liked.toarray().astype(float)
    precision = np.linalg.inv(x.T @ x + 7 * np.eye(30))
    expected = np.eye(30) - precision / np.diag(precision)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(model.item_weights_, expected, rtol=1e-4, atol=1e-6)


def test_ease_of_a_catalogue_too_large_for_memory_says_so(drawn):
    with pytest.raises(ConfigError, match=r"needs 1[0-9]{4}\.. GiB for 1,000,000 items"):
        EASE().fit(replace(drawn, n_items=1_000_000))


def test_neighbours_are_cosines_with_shrinkage_the_nearest_only(drawn):
    matrix = drawn.liked.T.tocsr()
    dense = matrix.toarray().astype(float)
    overlap = dense @ dense.T
    norms = np.sqrt(np.diag(overlap))
    similarity = overlap / (np.outer(norms, norms) + 3.0)
    np.fill_diagonal(similarity, 0)
    all_of_them = neighbours(matrix, 30, 3.0).toarray()
    np.testing.assert_allclose(all_of_them, similarity, rtol=1e-12)
    nearest = neighbours(matrix, 4, 3.0)
    assert (np.diff(nearest.indptr) == 4).all()
    np.testing.assert_allclose(
        np.sort(nearest.data.reshape(30, 4), axis=1), np.sort(similarity, axis=1)[:, -4:]
    )


@pytest.mark.parametrize("model", [ItemKNN(), UserKNN()])
def test_an_item_that_no_neighbour_speaks_for_is_not_listed(model):
    train = made([(0, 0, 5), (0, 1, 5), (1, 0, 5), (2, 3, 5), (3, 3, 5)])
    top = model.fit(train).recommend(np.array([1]), k=4)
    np.testing.assert_array_equal(top.items, [[1, PAD, PAD, PAD]])


@pytest.mark.parametrize("model", [ALS(n_factors=4), BPR(n_factors=4, iterations=5)])
def test_an_item_that_nobody_liked_is_not_listed_by_factor_models(model):
    train = made([(0, 0, 5), (0, 1, 5), (1, 0, 5), (2, 3, 5), (3, 3, 5)])
    top = model.fit(train).recommend(np.arange(4), k=5)
    assert set(top.items.ravel()) <= {PAD, 0, 1, 3}


@pytest.mark.parametrize("model", [ALS(), BPR()])
def test_factor_models_without_a_liking_say_what_to_change(model):
    with pytest.raises(ConfigError, match="nothing to learn; lower the relevance threshold"):
        model.fit(made([(0, 1, 1)], threshold=4))


def test_biased_mf_finds_the_biases_that_made_the_ratings():
    rng = np.random.default_rng(0)
    users, items = np.nonzero(rng.random((200, 60)) < 0.5)
    user_bias, item_bias = rng.normal(0, 0.4, 200), rng.normal(0, 0.6, 60)
    truth = 3 + user_bias[users] + item_bias[items]
    ratings = np.clip(truth + rng.normal(0, 0.1, len(users)), 1, 5).astype(np.float32)
    data = Interactions(
        users.astype(np.int32), items.astype(np.int32), 200, 60, ratings=ratings, threshold=4.0
    )
    is_test = rng.random(len(users)) < 0.2
    model = BiasedMF(n_factors=4).fit(data.take(~is_test))
    error = model.predict(users[is_test], items[is_test]) - ratings[is_test]
    assert np.sqrt((error**2).mean()) < 0.25 < data.ratings.std()


def test_biased_mf_predicts_nothing_where_user_and_item_are_both_new():
    model = BiasedMF(n_factors=2).fit(made([(0, 0, 5), (0, 1, 1), (1, 1, 3)]))
    predicted = model.predict(np.array([3, 3, 0]), np.array([4, 0, 4]))
    np.testing.assert_array_equal(np.isnan(predicted), [True, False, False])


def test_biased_mf_without_ratings_names_models_that_need_none():
    with pytest.raises(ConfigError, match="learns from ratings, and train holds none"):
        BiasedMF().fit(made([(0, 1, 3)], timed=True))


def test_new_interactions_must_use_the_same_codes():
    with pytest.raises(ValueError, match="fewer than the 4 and 5 learned before"):
        together(made([(0, 1, 5)]), made([(0, 1, 5)], n_items=3))


def test_new_interactions_must_have_the_same_columns():
    with pytest.raises(ValueError, match="ratings are in one part"):
        together(made([(0, 1, 5)]), made([(0, 1, 5)], timed=True))


def test_popularity_takes_in_items_that_are_new():
    model = Popularity().fit(made([(0, 1, 5)]))
    model.partial_fit(made([(1, 6, 5), (2, 6, 5)], n_items=7))
    top = model.recommend(np.array([3]), k=2)
    np.testing.assert_array_equal(top.items, [[6, 1]])


# what asks a language model takes minutes with its real weights: the contract tests ask a tiny one
ALONE = [name for name, kind in RECOMMENDERS.items() if not hasattr(kind, "language_model")]


@pytest.mark.parametrize("name", ALONE)
def test_training_leaves_no_warning_and_no_setting_behind(name, drawn):
    from threadpoolctl import threadpool_info

    titles = pd.DataFrame({"title": [f"Tale {n}" for n in range(drawn.n_items)]})
    timed = replace(
        drawn, timestamps=np.arange(len(drawn), dtype=np.int64), side=Side(items=titles)
    )
    before = [pool["num_threads"] for pool in threadpool_info()]
    RECOMMENDERS[name]().fit(timed)
    after = [pool["num_threads"] for pool in threadpool_info()]
    assert after[: len(before)] == before
