"""Maps from scores to probabilities: what was planted comes back, and edges do not break them."""

import numpy as np
import pytest

from core.sandbox_checks import sandbox_scores
from evaluators.calibration import ece_debiased
from evaluators.calibration_maps import (
    MAPS,
    fit_beta,
    fit_histogram,
    fit_isotonic,
    fit_platt,
    fit_platt_odds,
    fit_temperature,
    logit,
    sigmoid,
)

EVERY = {**MAPS, "platt of odds": fit_platt_odds}
every_map = pytest.mark.parametrize("fit", EVERY.values(), ids=EVERY)


def planted(**truth):
    """Scores and outcomes to fit on, and others to try the map on."""
    learn, judge = (sandbox_scores(40_000, seed=seed, **truth) for seed in (1, 2))
    return [
        (frame["score"].to_numpy(), frame["outcome"].to_numpy(), frame["probability"].to_numpy())
        for frame in (learn, judge)
    ]


def test_platts_curve_of_the_odds_undoes_the_planted_map():
    (scores, outcomes, _), _ = planted(slope=2.0, shift=0.3)
    found = fit_platt_odds(scores, outcomes)
    assert found.slope == pytest.approx(1 / 2.0, abs=0.02)
    assert found.intercept == pytest.approx(-0.3 / 2.0, abs=0.03)


def test_temperature_undoes_a_planted_slope():
    (scores, outcomes, _), _ = planted(slope=1.8)
    assert fit_temperature(scores, outcomes).slope == pytest.approx(1 / 1.8, abs=0.02)


def test_beta_with_equal_sides_is_platts_curve_of_the_odds():
    (scores, outcomes, _), _ = planted(slope=0.6, shift=-0.4)
    found = fit_beta(scores, outcomes)
    assert found.a == pytest.approx(1 / 0.6, abs=0.08)
    assert found.b == pytest.approx(1 / 0.6, abs=0.08)
    assert found.c == pytest.approx(0.4 / 0.6, abs=0.1)


@pytest.mark.parametrize("name", ["isotonic", "beta", "histogram", "platt of odds"])
def test_a_fitted_map_mends_other_data_of_the_same_kind(name):
    (scores, outcomes, _), (fresh, came, _) = planted(slope=2.0, shift=0.3)
    before = float(ece_debiased(fresh, came))
    mended = EVERY[name](scores, outcomes)(fresh)
    assert before > 0.08
    assert abs(float(ece_debiased(mended, came))) < 0.008


def test_calibrated_scores_are_left_alone():
    (scores, outcomes, _), (fresh, _, truth) = planted()
    for name in ("isotonic", "beta", "platt of odds", "temperature"):
        assert np.abs(EVERY[name](scores, outcomes)(fresh) - truth).mean() < 0.012


@every_map
def test_every_map_gives_probabilities_and_keeps_the_order(fit):
    (scores, outcomes, _), _ = planted(slope=1.5)
    found = fit(scores[:2000], outcomes[:2000])
    probes = np.linspace(0, 1, 101)
    answer = found(probes)
    assert answer.shape == probes.shape
    assert (answer >= 0).all()
    assert (answer <= 1).all()
    if fit is not fit_histogram:
        assert (np.diff(answer) >= -1e-12).all()


@every_map
def test_equal_scores_become_the_mean_rate(fit):
    outcomes = np.arange(200) < 50
    found = fit(np.full(200, 0.4), outcomes)(np.array([0.4]))
    assert found == pytest.approx([0.25], abs=0.006)


@every_map
@pytest.mark.parametrize("hits", [0, 30])
def test_one_class_alone_does_not_break_a_map(fit, hits):
    scores = np.linspace(0.1, 0.9, 30)
    found = fit(scores, np.arange(30) < hits)(scores)
    assert np.isfinite(found).all()
    if fit is not fit_temperature:  # of it one half stays one half
        assert np.abs(found - hits / 30).max() < 0.1


@every_map
def test_scores_that_tell_outcomes_apart_without_fault_do_not_break_a_map(fit):
    scores = np.linspace(0.05, 0.95, 40)
    found = fit(scores, scores > 0.5)(scores)
    assert np.isfinite(found).all()
    assert found[0] < 0.1
    assert found[-1] > 0.9


@pytest.mark.parametrize("fit", [fit_platt, fit_isotonic, fit_histogram])
def test_scores_of_any_size_are_taken(fit):
    rng = np.random.default_rng(4)
    scores = rng.integers(0, 5000, size=4000).astype(float)
    outcomes = rng.random(4000) < sigmoid((scores - 4000) / 900)
    found = fit(scores, outcomes)
    assert abs(float(ece_debiased(found(scores), outcomes))) < 0.02
    assert (np.isfinite(found(np.array([-1e9, 1e9])))).all()


def test_a_side_of_beta_that_would_turn_the_order_is_left_out():
    rng = np.random.default_rng(1)
    scores = rng.uniform(0.01, 0.99, size=3000)
    outcomes = rng.random(3000) < sigmoid(1.2 * np.log(scores) + 0.5)
    falling = rng.random(3000) < sigmoid(1.2 * np.log1p(-scores) + 0.5)
    assert min(fit_beta(scores, outcomes).b, fit_beta(scores, falling).a) >= 0
    assert fit_beta(scores, falling).a == 0


def test_isotonic_needs_few_points_and_is_level_beyond_them():
    (scores, outcomes, _), _ = planted()
    found = fit_isotonic(scores, outcomes)
    assert len(found.x) < 1000
    assert found(np.array([-5.0, 5.0])).tolist() == [found.y[0], found.y[-1]]


@pytest.mark.parametrize("fit", [fit_temperature, fit_beta])
def test_maps_of_probabilities_refuse_other_scores(fit):
    with pytest.raises(ValueError, match=r"takes scores in \[0, 1\]; got -2 to 3"):
        fit(np.array([-2.0, 3.0]), np.array([True, False]))


@every_map
def test_nothing_to_fit_on_is_refused(fit):
    with pytest.raises(ValueError, match="at least one of each; got 0 and 0"):
        fit(np.zeros(0), np.zeros(0, dtype=bool))


def test_every_map_tells_what_was_fitted():
    scores, outcomes = np.linspace(0.1, 0.9, 50), np.arange(50) % 3 == 0
    for fit in EVERY.values():
        assert dict(fit(scores, outcomes).parameters)


def test_log_odds_and_their_inverse():
    probabilities = np.array([0.0, 1e-9, 0.2, 0.5, 1.0])
    np.testing.assert_allclose(sigmoid(logit(probabilities)), probabilities, atol=1e-11)
    assert sigmoid(np.array([-1e4, 1e4])).tolist() == [0.0, 1.0]
