"""A model that scores histories says of a user's own history what it says of the user."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from small_models import small_parameters

from core.sandbox import sandbox
from core.split import split
from core.tables import PAD
from recommenders import RECOMMENDERS
from recommenders.base import IsLinear, ScoresHistories

ABLE = sorted(name for name, kind in RECOMMENDERS.items() if hasattr(kind, "score_histories"))
USERS = range(0, 60, 7)
# not trained to the end, so that a history fitted to the items comes near
TRAINED_BY_STEPS = {"als": 0.99, "bpr": 0.9, "biased-mf": 0.7}


@pytest.fixture(scope="module")
def train():
    data = sandbox(n_users=200, n_items=80, seed=3)
    return split(data.interactions, "leave-last").train


@pytest.fixture(scope="module", params=ABLE)
def fitted(request, train):
    given = {} if request.param in TRAINED_BY_STEPS else small_parameters(request.param, request)
    return RECOMMENDERS[request.param](**given).fit(train)


def alone(liked, user):
    return csr_array(liked[[user]])


def test_neighbourhood_models_ease_and_factor_models_can_be_explained():
    assert set(ABLE) >= {"ease", "item-knn", "user-knn", "als", "bpr", "biased-mf"}


def test_own_history_gives_own_scores(fitted, train, request):
    near, name = [], request.node.callspec.params["fitted"]
    for user in USERS:
        listed = fitted.recommend(np.array([user]), train.n_items)
        told = fitted.score_histories(alone(train.liked, user), user=user)[0]
        items = listed.items[0][listed.items[0] != PAD]
        own = listed.scores[0][: items.size]
        told[train.seen[[user]].indices] = -np.inf
        assert len(items) == min(np.isfinite(told).sum(), getattr(fitted, "beams", train.n_items))
        if name in TRAINED_BY_STEPS:
            near.append(np.corrcoef(own, told[items])[0, 1])
        else:
            assert told[items] == pytest.approx(own, abs=1e-6)
    if near:
        assert np.mean(near) > TRAINED_BY_STEPS[name]


def test_histories_do_not_affect_each_other(fitted, train):
    rows = [0, 21, 42]
    together = fitted.score_histories(csr_array(train.liked[rows]))
    for place, row in enumerate(rows):
        single = fitted.score_histories(alone(train.liked, row))[0]
        assert (np.isfinite(single) == np.isfinite(together[place])).all()
        known = np.isfinite(single)
        assert together[place][known] == pytest.approx(single[known], rel=1e-9, abs=1e-12)


def test_linear_models_add_up_their_weights(fitted, train):
    if not isinstance(fitted, IsLinear):
        pytest.skip("no linear model")
    history = alone(train.liked, 14)
    told = fitted.score_histories(history)[0]
    weights = csr_array(fitted.history_weights())
    summed = (history @ weights).toarray().ravel()
    known = np.isfinite(told)
    assert told[known] == pytest.approx(summed[known], abs=1e-5)


def test_they_say_so(fitted):
    assert isinstance(fitted, ScoresHistories)


def test_nobody_neighbours_himself(train):
    model = RECOMMENDERS["user-knn"](n_neighbours=1, shrink=0.0).fit(train)
    history = alone(train.liked, 7)
    hidden, open_ = model.score_histories(history, user=7), model.score_histories(history)
    own = np.isfinite(open_[0])
    assert set(np.flatnonzero(own)) == set(history.indices)  # oneself is most alike
    assert set(np.flatnonzero(np.isfinite(hidden[0]))) != set(history.indices)


def test_what_a_user_rated_low_stays_when_likings_are_taken_away(train):
    model = RECOMMENDERS["biased-mf"]().fit(train)
    nothing = csr_array((1, train.n_items), dtype=np.float32)
    left = model.score_histories(nothing, user=14)[0]
    nobody = model.score_histories(nothing)[0]
    assert not (train.is_liked[train.users == 14]).all()
    assert left[model.is_known_item_] != pytest.approx(nobody[model.is_known_item_], abs=1e-3)
    assert nobody[model.is_known_item_] == pytest.approx(
        (model.mean_ + model.item_bias_)[model.is_known_item_], abs=1e-9
    )
