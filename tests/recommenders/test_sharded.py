"""Shards of users: who is in which, and what forgetting trains again."""

import pickle

import numpy as np
import pytest

from core.errors import ConfigError
from core.load import load
from core.tables import PAD
from recommenders.history import without_users
from recommenders.industry.sharded import Sharded, levelled, shard_of


@pytest.fixture(scope="module")
def rows():
    return load("sandbox", options={"n_users": 120, "n_items": 60}).interactions


@pytest.fixture
def model(rows):
    return Sharded(base="item-knn", shards=4).fit(rows)


def test_a_shard_depends_on_the_user_and_the_seed_alone():
    few, many = shard_of(10, 4, 0), shard_of(1_000, 4, 0)
    np.testing.assert_array_equal(many[:10], few)
    assert (shard_of(1_000, 4, 1) != many).any()
    assert np.bincount(many, minlength=4).min() > 200


def test_forgetting_one_user_trains_one_shard(model, rows):
    kept = list(model.models_)
    model.forget(np.array([5]))
    assert model.n_trained_ == 1
    same = [one is other for one, other in zip(kept, model.models_, strict=True)]
    assert same.count(False) == 1
    assert not same[model.shard_of_[5]]


def test_forgetting_comes_to_the_bits_of_never_having_known(model, rows):
    gone = np.array([3, 40, 41])
    never = Sharded(base="item-knn", shards=4).fit(without_users(rows, gone))
    users = np.arange(rows.n_users)
    forgot, without = (one.recommend(users, 10) for one in (model.forget(gone), never))
    np.testing.assert_array_equal(forgot.items, without.items)
    np.testing.assert_array_equal(forgot.scores, without.scores)
    assert (forgot.items[gone] == PAD).all()


def test_a_user_without_rows_is_forgotten_for_nothing(rows):
    model = Sharded(base="popularity-of-nobody", shards=3)
    with pytest.raises(Exception, match="no recommender is called"):
        model.fit(rows)
    model = Sharded(base="item-knn", shards=3).fit(without_users(rows, np.array([7])))
    assert model.forget(np.array([7])).n_trained_ == 0


def test_a_base_that_cannot_score_histories_is_refused(rows):
    with pytest.raises(ConfigError, match="popularity cannot score histories"):
        Sharded(base="popularity").fit(rows)


def test_a_shard_where_nobody_is_left_says_nothing(rows):
    model = Sharded(base="item-knn", shards=40).fit(rows)
    alone = int(np.flatnonzero(np.bincount(model.shard_of_, minlength=40) >= 1)[0])
    model.forget(np.flatnonzero(model.shard_of_ == alone))
    assert model.models_[alone] is None
    assert (model.recommend(np.flatnonzero(model.shard_of_ != alone), 5).items != PAD).any()


def test_levelled_rows_have_mean_0_and_what_is_not_listed_is_lowest():
    scores = np.array([[1.0, 3.0, -np.inf], [-np.inf] * 3, [2.0, 2.0, 2.0]])
    expected = [[-1.0, 1.0, -1.0], [0.0] * 3, [0.0] * 3]
    np.testing.assert_allclose(levelled(scores), expected)


def test_parameters_of_the_base_reach_every_shard(rows):
    model = Sharded(base="ease", base_params="l2 = 5", shards=2).fit(rows)
    assert [one.l2 for one in model.models_] == [5.0, 5.0]


def test_progress_is_told_by_shards_and_left_out_when_pickled(rows):
    told = []
    model = Sharded(base="item-knn", shards=3)
    model.bind_progress(lambda *what: told.append(what)).fit(rows)
    assert told == [("shards", 0, 3), ("shards", 1, 3), ("shards", 2, 3)]
    again = pickle.loads(pickle.dumps(model))  # noqa: S301 - what the line before wrote
    users = np.arange(20)
    np.testing.assert_array_equal(again.recommend(users, 5).items, model.recommend(users, 5).items)
