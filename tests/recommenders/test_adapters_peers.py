"""LensKit pipelines and RecTools models, where those packages are installed."""

import numpy as np
import pytest

from core.errors import ConfigError
from core.ledger import Ledger
from core.tables import PAD, Ids, Interactions
from recommenders.contract import check_topk

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore:no query items"),  # LensKit, of a user without history
]

N_USERS, N_ITEMS = 40, 25
USERS = np.arange(N_USERS)
USER_IDS = Ids("user", np.array([str(1000 + code) for code in USERS], dtype=object))
ITEM_IDS = Ids("item", np.array([str(7 * code) for code in range(N_ITEMS)], dtype=object))


@pytest.fixture(scope="module")
def train():
    """Two clubs; the last user has nothing, ratings of 1 are no liking."""
    rng = np.random.default_rng(0)
    users, items = np.nonzero(rng.random((N_USERS - 1, N_ITEMS)) < 0.6)
    is_same = (users + items) % 2 == 0
    return Interactions(
        users.astype(np.int32),
        items.astype(np.int32),
        N_USERS,
        N_ITEMS,
        ratings=np.where(is_same, 5, 1).astype(np.float32),
        timestamps=np.arange(len(users), dtype=np.int64) * 60 + 10**9,
        threshold=4.0,
    )


def outside(train, *, number=False):
    """The likings with the ids of the outside, as another tool would have been given them."""
    import pandas as pd

    liked = train.take(train.is_liked)
    names = {"user_id": USER_IDS.names[liked.users], "item_id": ITEM_IDS.names[liked.items]}
    kind = np.int64 if number else object
    return pd.DataFrame({key: column.astype(kind) for key, column in names.items()})


def check(model, train, k=6):
    """The lists hold the contract, and mostly the club's own items."""
    top = model.recommend(USERS, k)
    ledger = Ledger()
    check_topk(top, USERS, k, train, "mine", ledger)
    assert not list(ledger)
    one = np.vstack([model.recommend(np.array([user]), k).items for user in USERS[:5]])
    np.testing.assert_array_equal(one, top.items[:5])
    is_real = top.items[:, :3] != PAD
    is_own = (top.items[:, :3] + USERS[:, None]) % 2 == 0
    assert is_own[:-1][is_real[:-1]].mean() > 0.9
    assert (top.items[:-1, 0] != PAD).all()
    return top


@pytest.fixture
def lenskit_pipeline():
    pytest.importorskip("lenskit")
    from lenskit.knn import ItemKNNScorer
    from lenskit.pipeline import topn_pipeline

    return topn_pipeline(ItemKNNScorer(k=10, min_nbrs=1, feedback="implicit"))


@pytest.mark.parametrize("number", [True, False])
def test_a_fitted_lenskit_pipeline_is_asked_by_its_own_ids(lenskit_pipeline, train, number):
    from lenskit.data import from_interactions_df

    from recommenders.from_lenskit import LensKitPipeline

    lenskit_pipeline.train(from_interactions_df(outside(train, number=number)))
    model = LensKitPipeline(lenskit_pipeline, to_id=int if number else str)
    check(model.bind(USER_IDS, ITEM_IDS).fit(train), train)


@pytest.mark.parametrize("everything", [True, False])
def test_a_lenskit_pipeline_is_trained_here_on_a_copy(lenskit_pipeline, train, everything):
    from recommenders.from_lenskit import LensKitPipeline

    model = LensKitPipeline(lenskit_pipeline, refit=True, everything=everything).fit(train)
    ledger = Ledger()
    check_topk(model.recommend(USERS, 6), USERS, 6, train, "mine", ledger)
    assert not list(ledger)
    assert model.pipeline_ is not lenskit_pipeline
    if not everything:
        check(model, train)


def test_a_fitted_lenskit_pipeline_needs_the_names_first(lenskit_pipeline, train):
    from recommenders.from_lenskit import LensKitPipeline

    with pytest.raises(ConfigError, match=r"call bind\(user_ids, item_ids\) first, or set refit"):
        LensKitPipeline(lenskit_pipeline).fit(train)


@pytest.fixture
def rectools_model():
    pytest.importorskip("rectools")
    from rectools.models import EASEModel

    return EASEModel(regularization=5)


@pytest.mark.parametrize("number", [True, False])
def test_a_fitted_rectools_model_is_asked_by_its_own_ids(rectools_model, train, number):
    from rectools.dataset import Dataset

    from recommenders.from_rectools import RecToolsModel

    frame = outside(train, number=number).assign(weight=1.0, datetime="2020-01-01")
    dataset = Dataset.construct(frame)
    model = RecToolsModel(rectools_model.fit(dataset), dataset, to_id=int if number else str)
    top = check(model.bind(USER_IDS, ITEM_IDS).fit(train), train)
    assert (top.items[-1] == PAD).all()


@pytest.mark.parametrize("everything", [True, False])
def test_a_rectools_model_is_trained_here_on_a_copy(rectools_model, train, everything):
    from recommenders.from_rectools import RecToolsModel

    model = RecToolsModel(rectools_model, refit=True, everything=everything).fit(train)
    ledger = Ledger()
    check_topk(model.recommend(USERS, 6), USERS, 6, train, "mine", ledger)
    assert not list(ledger)
    assert not rectools_model.is_fitted
    if not everything:
        check(model, train)


def test_a_rectools_list_is_that_of_rectools_itself(rectools_model, train):
    from rectools.dataset import Dataset

    from recommenders.from_rectools import RecToolsModel

    frame = outside(train).assign(weight=1.0, datetime="2020-01-01")
    dataset = Dataset.construct(frame)
    fitted = rectools_model.fit(dataset)
    likings = train.take(train.is_liked)
    model = RecToolsModel(fitted, dataset).bind(USER_IDS, ITEM_IDS).fit(likings)
    ours = model.recommend(np.array([3]), 5)
    theirs = fitted.recommend(["1003"], dataset, k=5, filter_viewed=True)
    assert list(ITEM_IDS.names[ours.items[0]]) == theirs["item_id"].tolist()
    np.testing.assert_allclose(ours.scores[0], theirs["score"])


def test_a_fitted_rectools_model_needs_its_dataset(rectools_model, train):
    from recommenders.from_rectools import RecToolsModel

    with pytest.raises(ConfigError, match="needs the Dataset it was fitted on"):
        RecToolsModel(rectools_model).fit(train)
