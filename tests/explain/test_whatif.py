"""What would be listed after another history, by the model itself."""

import numpy as np
import pytest

from core.sandbox import sandbox
from core.split import split
from explain.masking import masked_history
from explain.whatif import listing
from recommenders import RECOMMENDERS

USER = 3


@pytest.fixture(scope="module")
def train():
    return split(sandbox(n_users=200, n_items=80, seed=5).interactions, "leave-last").train


@pytest.fixture(scope="module", params=["ease", "item-knn"])
def model(request, train):
    return RECOMMENDERS[request.param]().fit(train)


@pytest.fixture(scope="module")
def history(model, train):
    return masked_history(model, train, USER)


def test_with_everything_kept_the_list_is_the_models_own(model, history):
    whole = np.ones(len(history), dtype=bool)
    own = model.recommend(np.array([USER]), 10).items[0]
    for rank, item in enumerate(own, start=1):
        found = listing(history, whole, int(item))
        assert found.items.tolist() == own.tolist()
        assert found.rank == rank
        assert found.score == pytest.approx(found.scores[rank - 1])


def test_what_the_user_had_is_never_listed(history):
    kept = np.zeros(len(history), dtype=bool)
    kept[:3] = True
    found = listing(history, kept, 0, k=history.n_items)
    assert not set(found.items.tolist()) & set(history.seen.tolist())
    assert len(found.items) == history.n_items - len(history.seen)


def test_scores_fall_from_rank_to_rank(history):
    kept = np.ones(len(history), dtype=bool)
    kept[0] = False
    found = listing(history, kept, 0)
    assert (np.diff(found.scores) <= 0).all()


def test_a_mask_of_another_length_is_refused(history):
    with pytest.raises(ValueError, match="one yes or no for each of"):
        listing(history, np.ones(len(history) + 1, dtype=bool), 0)
