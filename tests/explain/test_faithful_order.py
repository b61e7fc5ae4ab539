"""On MovieLens 100K: what explains more of a model is scored higher, by every score."""

import numpy as np
import pytest

from core.errors import FetchError
from core.load import load
from core.split import split
from explain.attribution import attribute
from explain.explainers import EXPLAINERS
from explain.faithfulness import SCORERS, faithfulness
from explain.make import found_reasons
from explain.masking import masked_history
from explain.reasons import Question
from explain.worlds import world_from
from recommenders import RECOMMENDERS

# from what the model adds up, to what it adds up turned around
ORDER = ("template", "similarity", "popularity", "random", "reversed")
N_USERS = 60
K = 10


@pytest.fixture(scope="module")
def world():
    try:
        data = load("movielens-100k")
    except FetchError as error:
        pytest.skip(f"MovieLens 100K cannot be had here: {error}")
    return world_from(split(data.interactions, "leave-last").train, data.item_ids)


@pytest.fixture(scope="module")
def ease(world):
    return RECOMMENDERS["ease"]().fit(world.train)


@pytest.fixture(scope="module")
def users(world):
    able = np.flatnonzero(np.diff(world.train.liked.indptr) >= 10)
    return np.sort(np.random.default_rng(0).choice(able, N_USERS, replace=False))


@pytest.fixture(scope="module")
def scored(world, ease, users):
    """explainer → score → mean over users and the ten positions of their lists."""
    lists = ease.recommend(users, K).items.astype(np.int64)
    found = {name: {one.name: [] for one in SCORERS} for name in ORDER}
    for user, items in zip(users, lists, strict=True):
        history = masked_history(ease, world.train, int(user))
        question = Question(world, int(user), items, ease)
        for name in ORDER:
            reasons = found_reasons(question, EXPLAINERS[name])
            values = np.array(
                [[one.attribution[code] for one in reasons] for code in history.history.tolist()]
            )
            for score, numbers in faithfulness(history, items, values, K).items():
                found[name][score].append(np.nanmean(numbers))
    return {
        name: {score: float(np.mean(means)) for score, means in of_name.items()}
        for name, of_name in found.items()
    }


@pytest.mark.parametrize("one", SCORERS, ids=lambda one: one.name)
def test_exact_is_no_worse_than_cosine_then_popularity_random_and_reversed(one, scored):
    told = [scored[name][one.name] for name in ORDER]
    good = told if one.better == "higher" else [-value for value in told]
    assert good[0] >= good[1], told
    assert good[1] > good[2] > good[3] > good[4], told


def test_the_scores_tell_exact_from_random_by_far(scored):
    assert scored["template"]["pos"] < scored["random"]["pos"] / 2
    assert scored["template"]["necessity"] > scored["random"]["necessity"] + 0.2


@pytest.mark.slow
def test_permutations_by_shap_are_the_weights_of_ease(world, ease, users):
    for user in users[:5]:
        history = masked_history(ease, world.train, int(user))
        items = ease.recommend(np.array([user]), K).items[0].astype(np.int64)
        exact = attribute("closed-form", history, items).values
        drawn = attribute("shap", history, items, n_permutations=2, seed=int(user))
        assert np.abs(drawn.values - exact).max() < 1e-6
        assert drawn.spread.max() < 1e-6
