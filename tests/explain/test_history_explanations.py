"""What an attribution names is what the model used; what it does not name is not."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.sparse import csr_array

from core.errors import ConfigError, UnknownNameError
from core.sandbox import sandbox
from core.split import split
from core.tables import Interactions
from explain.attribution import attribute
from explain.counterfactual import smallest_history
from explain.faithfulness import SCORES, faithfulness
from explain.masking import masked_history
from recommenders import RECOMMENDERS


@dataclass
class Product:
    """No sum: an item scores the product of what the history says, so that items interact."""

    def score_histories(self, histories, user=None):
        n = np.diff(histories.indptr).astype(float)
        return np.outer(n**2, np.arange(1, histories.shape[1] + 1))


@pytest.fixture(scope="module")
def train() -> Interactions:
    data = sandbox(n_users=300, n_items=120, seed=5)
    return split(data.interactions, "leave-last").train


@pytest.fixture(scope="module")
def ease(train):
    return RECOMMENDERS["ease"](l2=20.0).fit(train)


@pytest.fixture(scope="module")
def users(train):
    return np.flatnonzero(np.diff(train.liked.indptr) >= 8)[:25]


def top(model, user, k=5):
    return model.recommend(np.array([user]), k).items[0].astype(np.int64)


@pytest.fixture(scope="module")
def scored(ease, train, users):
    """attribution → score → mean over users and positions of their lists."""
    found = {}
    for name in ("closed-form", "random", "reversed"):
        rows = []
        for user in users:
            history, items = masked_history(ease, train, int(user)), top(ease, user)
            values = attribute(name, history, items).values
            rows.append(faithfulness(history, items, values, k=5))
        found[name] = {s: float(np.mean([row[s].mean() for row in rows])) for s in SCORES}
    return found


@pytest.mark.slow
def test_shapley_values_of_a_sum_are_its_weights(ease, train, users):
    history, items = masked_history(ease, train, int(users[0])), top(ease, users[0])
    exact = attribute("closed-form", history, items).values
    drawn = attribute("shap", history, items, n_permutations=2)
    assert drawn.values == pytest.approx(exact, abs=1e-5)
    assert drawn.spread.max() < 1e-5
    assert attribute("leave-one-out", history, items).values == pytest.approx(exact, abs=1e-5)


def test_attributions_add_up_to_the_score(ease, train, users):
    for user in users[:5]:
        history, items = masked_history(ease, train, int(user)), top(ease, user)
        whole = history.scores(np.ones((1, len(history)), bool))[0, items]
        assert attribute("usual", history, items).values.sum(axis=0) == pytest.approx(
            whole, abs=1e-4
        )


@pytest.mark.slow
def test_items_that_interact_share_what_they_do_together():
    train = Interactions(
        users=np.zeros(4, np.int32), items=np.arange(4, dtype=np.int32), n_users=1, n_items=6
    )
    history = masked_history(Product(), train, 0)
    found = attribute("usual", history, [5], n_permutations=4)
    assert found.method == "shap permutation"
    assert found.values[:, 0] == pytest.approx(np.full(4, 6 * 16 / 4), abs=1e-9)


def test_the_exact_attribution_is_more_faithful_than_chance_and_chance_than_its_reverse(scored):
    for score, better in SCORES.items():
        values = [scored[name][score] for name in ("closed-form", "random", "reversed")]
        ordered = values if better == "higher" else values[::-1]
        assert ordered[0] >= ordered[1] >= ordered[2], (score, values)
    assert scored["closed-form"]["pos"] < scored["random"]["pos"] - 0.1


def test_removing_the_weakest_first_is_the_reversed_attribution(scored):
    assert scored["closed-form"]["neg"] == pytest.approx(scored["reversed"]["pos"], abs=1e-12)


def test_what_is_deleted_and_what_is_left_make_the_whole_of_a_sum(scored):
    for name in scored:
        assert scored[name]["deletion"] + scored[name]["insertion"] == pytest.approx(1, abs=1e-4)


def test_a_counterfactual_removes_the_item_and_nothing_in_it_can_be_spared(ease, train, users):
    n_found = 0
    for user in users[:10]:
        history, items = masked_history(ease, train, int(user)), top(ease, user)
        values = attribute("usual", history, items).values
        found = smallest_history(history, int(items[-1]), values[:, -1], k=5)
        if not found.is_found:
            continue
        n_found += 1
        assert found.rank > 5
        for spared in found.removed:
            kept = ~np.isin(history.history, found.removed) | (history.history == spared)
            rank = history.ranks(history.scores(kept[None]), items[-1:])[0]
            assert rank <= 5
    assert n_found >= 8


def test_items_of_which_nothing_is_known_share_the_middle_rank(ease, train, users):
    history = masked_history(ease, train, int(users[0]))
    nothing = history.scores(np.zeros((1, len(history)), bool))
    n_free = history.n_items - len(history.seen)
    free = np.setdiff1d(np.arange(history.n_items), history.seen)[:1]
    assert history.ranks(nothing, free)[0] == (n_free + 1) / 2


def test_what_cannot_be_explained_says_why(train):
    popular = RECOMMENDERS["popularity"]().fit(train)
    with pytest.raises(ConfigError, match="Popularity cannot be explained by the user's history"):
        masked_history(popular, train, 0)
    nobody = Interactions(
        users=np.zeros(1, np.int32), items=np.zeros(1, np.int32), n_users=2, n_items=2
    )
    with pytest.raises(ConfigError, match="user code 1 liked nothing in train"):
        masked_history(Product(), nobody, 1)
    with pytest.raises(ConfigError, match="Product is no sum over the history"):
        attribute("closed-form", masked_history(Product(), nobody, 0), [1])
    with pytest.raises(UnknownNameError, match="did you mean 'shap'"):
        attribute("shapp", masked_history(Product(), nobody, 0), [1])


def test_masked_scores_are_those_of_the_smaller_history(ease, train, users):
    history = masked_history(ease, train, int(users[1]))
    mask = np.arange(len(history)) % 2 == 0
    small = csr_array(
        (np.ones(mask.sum(), np.float32), history.history[mask], [0, mask.sum()]),
        shape=(1, train.n_items),
    )
    assert history.scores(mask[None])[0] == pytest.approx(ease.score_histories(small)[0], abs=1e-9)
