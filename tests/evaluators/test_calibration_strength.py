"""Whether a score means the same for every user."""

import numpy as np
import pytest

from evaluators.calibration_normalise import NORMALISATIONS
from evaluators.calibration_strength import (
    between_user_correlation,
    between_user_deviation,
    strength_sums,
    strength_test,
)


def lists(deviation, n_users=400, k=20, seed=0):
    """Users whose true rates lie so far around what their scores say."""
    rng = np.random.default_rng(seed)
    scores = rng.random((n_users, k))
    own = rng.normal(0, deviation, size=(n_users, 1))
    chosen = rng.random((n_users, k)) < np.clip(0.2 + 0.3 * scores + own, 0, 1)
    return np.repeat(np.arange(n_users), k), scores.ravel(), chosen.ravel()


@pytest.mark.parametrize("deviation", [0.06, 0.12])
def test_a_planted_deviation_between_users_is_found(deviation):
    found = float(between_user_deviation(*lists(deviation)))
    assert found == pytest.approx(deviation, abs=0.015)


def test_users_alike_leave_nothing():
    assert float(between_user_deviation(*lists(0.0))) < 0.03
    assert abs(float(between_user_correlation(*lists(0.0)))) < 0.004


def test_the_variance_between_users_alike_is_not_biased():
    found = []
    for seed in range(200):
        total = strength_sums(*lists(0.0, 60, 10, seed), 60).table().sum(axis=0)
        found.append(total[0] / total[1])
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(len(found))


def test_a_user_who_decides_alone_is_a_correlation_near_one():
    user = np.repeat(np.arange(100), 10)
    chosen = np.repeat(np.arange(100) < 40, 10)
    scores = np.random.default_rng(0).random(1000)
    assert float(between_user_correlation(user, scores, chosen)) == pytest.approx(1, abs=0.05)


def test_one_item_a_user_tells_nothing():
    user = np.arange(50)
    chosen = np.arange(50) < 10
    assert np.isnan(float(between_user_deviation(user, np.linspace(0, 1, 50), chosen)))
    assert np.isnan(float(between_user_correlation(user, np.linspace(0, 1, 50), chosen)))
    _, p, how = strength_test(user, np.linspace(0, 1, 50), chosen, np.random.default_rng(0))
    assert np.isnan(p)
    assert how == "undefined"


def test_no_entry_at_all_tells_nothing():
    nothing = np.zeros(0, dtype=np.int64)
    assert np.isnan(float(between_user_deviation(nothing, np.zeros(0), np.zeros(0, dtype=bool))))
    found = strength_test(nothing, np.zeros(0), np.zeros(0, dtype=bool), np.random.default_rng(0))
    assert np.isnan(found[1])


def test_the_test_sees_a_planted_difference():
    ratio, p, _ = strength_test(*lists(0.08), np.random.default_rng(0))
    assert ratio > 1.3
    assert p < 0.01


@pytest.mark.parametrize("personal", [False, True])
def test_the_test_keeps_its_level_even_where_scores_depend_on_the_user(personal):
    rng = np.random.default_rng(11)
    alarms = 0
    for _ in range(150):
        base = rng.random((80, 1)) if personal else 0.5
        scores = np.clip(base + 0.2 * rng.random((80, 10)), 0, 1)
        chosen = rng.random((80, 10)) < 0.5 * scores
        user = np.repeat(np.arange(80), 10)
        _, p, _ = strength_test(user, scores.ravel(), chosen.ravel(), rng, permutations=99)
        alarms += p <= 0.05
    assert alarms / 150 < 0.11


def test_equal_scores_are_shuffled_among_all_users():
    rng = np.random.default_rng(0)
    user = np.repeat(np.arange(100), 20)
    chosen = rng.random(2000) < np.repeat(rng.choice([0.1, 0.5], 100), 20)
    _, p, _ = strength_test(user, np.ones(2000), chosen, rng)
    assert p < 0.01


def test_the_normal_limit_agrees_with_shuffling(monkeypatch):
    from evaluators import calibration_strength

    given = lists(0.03, n_users=300, seed=3)
    shuffled = strength_test(*given, np.random.default_rng(0))
    monkeypatch.setattr(calibration_strength, "MOST_SHUFFLED", 0)
    limit = strength_test(*given, np.random.default_rng(0))
    assert limit[2] == "normal limit"
    assert limit[0] == pytest.approx(shuffled[0], rel=0.05)
    assert limit[1] == pytest.approx(shuffled[1], abs=0.05)


SCORES = np.array([[3.0, 1.0, -np.inf], [5.0, 5.0, 5.0], [-np.inf] * 3, [2.0, -np.inf, -np.inf]])
LISTED = np.isfinite(SCORES)


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_what_is_not_listed_has_no_scale(name):
    scaled = NORMALISATIONS[name](SCORES, LISTED)
    assert np.isnan(scaled[~LISTED]).all()
    assert scaled.shape == SCORES.shape
    assert SCORES[0, 0] == 3.0


def test_scales_of_a_hand_worked_list():
    scaled = {name: scale(SCORES, LISTED) for name, scale in NORMALISATIONS.items()}
    assert scaled["as given"][0, :2].tolist() == [3.0, 1.0]
    assert scaled["z-score"][0, :2].tolist() == [1.0, -1.0]
    assert scaled["min-max"][0, :2].tolist() == [1.0, 0.0]
    assert scaled["rank"][0, :2].tolist() == [-1.0, -2.0]
    assert scaled["softmax"][0, :2] == pytest.approx([0.880797, 0.119203], abs=1e-6)


def test_a_list_of_equal_scores_or_of_one_item_has_no_spread():
    for name in ("z-score", "min-max"):
        assert np.isnan(NORMALISATIONS[name](SCORES, LISTED)[1:]).all()
    assert NORMALISATIONS["softmax"](SCORES, LISTED)[3, 0] == 1.0


def test_a_scale_per_user_undoes_a_planted_one():
    rng = np.random.default_rng(2)
    true = rng.random((300, 20))
    chosen = rng.random((300, 20)) < 0.6 * true
    shown = true * rng.uniform(1, 50, size=(300, 1)) + rng.uniform(-9, 9, size=(300, 1))
    user, listed = np.repeat(np.arange(300), 20), np.ones((300, 20), dtype=bool)
    apart = {
        name: float(between_user_deviation(user, scale(shown, listed).ravel(), chosen.ravel()))
        for name, scale in NORMALISATIONS.items()
    }
    assert apart["min-max"] < 0.05
