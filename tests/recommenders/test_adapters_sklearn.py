import numpy as np
import pytest
from sklearn.decomposition import NMF, TruncatedSVD
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import LinearSVC

from core.errors import ConfigError, NotFittedError
from core.ledger import Ledger
from core.tables import Interactions
from recommenders.contract import check_topk
from recommenders.from_sklearn import ScikitMatrix, ScikitPairs

USERS = np.arange(40)


@pytest.fixture(scope="module")
def train():
    """Two clubs: even users like even items, odd users odd ones."""
    rng = np.random.default_rng(0)
    users, items = np.nonzero(rng.random((40, 24)) < 0.6)
    is_same = (users + items) % 2 == 0
    return Interactions(
        users.astype(np.int32),
        items.astype(np.int32),
        40,
        24,
        ratings=np.where(is_same, 5, 1).astype(np.float32),
        threshold=4.0,
    )


def parity(users, items):
    """What tells the clubs apart: whether user and item are of the same kind."""
    same = (np.asarray(users) + np.asarray(items)) % 2 == 0
    return np.column_stack([same, ~same]).astype(float)


MODELS = {
    "svd": ScikitMatrix(TruncatedSVD(2, random_state=0)),
    "nmf": ScikitMatrix(NMF(2, random_state=0, init="nndsvda", max_iter=500)),
    "probability": ScikitPairs(LogisticRegression(), parity),
    "decision": ScikitPairs(LinearSVC(), parity),
    "rating": ScikitPairs(Ridge(), parity),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_lists_hold_the_contract_and_the_own_club_comes_first(model, train):
    top = model.fit(train).recommend(USERS, 3)
    ledger = Ledger()
    check_topk(top, USERS, 3, train, "mine", ledger)
    assert not list(ledger)
    assert ((top.items[:, 0] + USERS) % 2 == 0).all()
    one = np.vstack([model.recommend(np.array([user]), 3).items for user in USERS[:6]])
    np.testing.assert_array_equal(one, top.items[:6])


def test_the_estimator_given_stays_unfitted(train):
    given = TruncatedSVD(2, random_state=0)
    ScikitMatrix(given).fit(train)
    assert not hasattr(given, "components_")


def test_a_fitted_estimator_is_used_as_it_is(train):
    fitted = TruncatedSVD(2, random_state=0).fit(train.liked)
    model = ScikitMatrix(fitted, refit=False).fit(train)
    assert model.estimator_ is fitted
    again = ScikitMatrix(TruncatedSVD(2, random_state=0)).fit(train)
    np.testing.assert_array_equal(model.recommend(USERS, 3).items, again.recommend(USERS, 3).items)


def test_pairs_without_features_are_one_hot_and_predict_biases(train):
    model = ScikitPairs(Ridge(alpha=1e-6)).fit(train)
    predicted = model.predict(train.users, train.items)
    assert predicted.shape == train.users.shape
    by_user = np.bincount(train.users, predicted - train.ratings)
    np.testing.assert_allclose(by_user, 0, atol=1e-2)  # least squares leaves no user bias behind


def test_a_classifier_predicts_no_rating(train):
    model = ScikitPairs(LogisticRegression(), parity).fit(train)
    assert np.isnan(model.predict(train.users[:3], train.items[:3])).all()


def test_a_classifier_without_dislikes_says_what_to_set(train):
    with pytest.raises(ConfigError, match="needs liked and other rows, and train has only one"):
        ScikitPairs(LogisticRegression()).fit(train.take(train.is_liked))


def test_a_regressor_without_ratings_says_what_to_map(train):
    bare = Interactions(train.users, train.items, 40, 24)
    with pytest.raises(ConfigError, match="a regressor learns ratings, and train holds none"):
        ScikitPairs(Ridge()).fit(bare)


@pytest.mark.parametrize("model", [ScikitMatrix(TruncatedSVD(2)), ScikitPairs(Ridge())])
def test_asking_before_fit_says_what_to_do(model):
    with pytest.raises(NotFittedError, match=r"call Scikit\w+\.fit\(train\) first"):
        model.recommend(USERS, 3)
