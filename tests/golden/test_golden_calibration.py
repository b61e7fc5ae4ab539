"""netcal, scikit-learn, relplot, uncertainty-calibration and betacal agree, or differ as named."""

import numpy as np
import pytest
from golden_lists import read

from evaluators import calibration, calibration_maps, calibration_scores, calibration_smooth
from evaluators.calibration_bins import bin_sums, equal_width, over

GOLDEN = read("calibration")
CASES = GOLDEN["cases"]
PROBES = np.array(GOLDEN["probes"])
every_case = pytest.mark.parametrize("name", CASES)


def pairs(name):
    case = CASES[name]
    return np.array(case["probabilities"]), np.array(case["outcomes"], dtype=bool)


@every_case
@pytest.mark.parametrize(
    "ours,theirs",
    [
        (calibration.ece, "netcal ECE"),
        (calibration.ece_equal_mass, "netcal ECE equal mass"),
        (calibration.mce, "netcal MCE"),
        (calibration_smooth.smooth_ece, "relplot smECE"),
        (calibration_scores.brier, "sklearn brier"),
        (calibration_scores.log_loss, "sklearn log loss"),
    ],
)
def test_the_tools_agree(ours, theirs, name):
    assert float(ours(*pairs(name))) == pytest.approx(CASES[name]["values"][theirs], abs=1e-12)


@every_case
def test_netcal_agrees_with_another_number_of_bins(name):
    value = calibration.ece(*pairs(name), n_bins=15)
    assert float(value) == pytest.approx(CASES[name]["values"]["netcal ECE 15"], abs=1e-12)


@every_case
def test_netcals_ace_weighs_filled_bins_alike_however_many_pairs_they_hold(name):
    sums = bin_sums(*pairs(name), equal_width(10))
    gaps = np.abs(over(sums.promised - sums.found, sums.n))
    assert np.nanmean(gaps) == pytest.approx(CASES[name]["values"]["netcal ACE"], abs=1e-12)


@every_case
def test_the_squared_error_is_that_of_uncertainty_calibration(name):
    # its bins are cut halfway between neighbours, ours at quantiles: the same pairs fall into them
    value = calibration.ece_squared(*pairs(name))
    assert float(value) == pytest.approx(CASES[name]["values"]["unbiased squared"], abs=1e-12)


@every_case
def test_the_debiased_error_is_what_drawing_rates_goes_to(name):
    value = calibration.ece_debiased(*pairs(name))
    drawn = CASES[name]["values"]["normal debiased"]  # the mean of 20,000 draws
    noise = {"few": 3e-3, "some": 1e-3, "many": 4e-4}[name]
    assert float(value) == pytest.approx(drawn, abs=noise)


@every_case
@pytest.mark.parametrize(
    "fit,theirs",
    [
        (calibration_maps.fit_platt, "platt"),
        (calibration_maps.fit_platt_odds, "platt_odds"),
        (calibration_maps.fit_temperature, "temperature"),
        (calibration_maps.fit_beta, "beta"),
    ],
)
def test_curves_are_those_of_scikit_learns_logistic_regression(fit, theirs, name):
    fitted = fit(*pairs(name)).parameters
    ours = [fitted[key] for key in ("slope", "intercept", "a", "b", "c") if key in fitted]
    if theirs == "temperature":
        ours = ours[:1]
    assert ours == pytest.approx(CASES[name]["maps"][theirs], rel=1e-9, abs=1e-9)


@every_case
def test_the_isotonic_map_is_scikit_learns(name):
    ours = calibration_maps.fit_isotonic(*pairs(name))(PROBES)
    np.testing.assert_allclose(ours, CASES[name]["maps"]["isotonic"], atol=1e-12)


@every_case
def test_betacal_stops_earlier_on_the_way_to_the_same_curve(name):
    ours = calibration_maps.fit_beta(*pairs(name))(PROBES)
    np.testing.assert_allclose(ours, CASES[name]["maps"]["betacal"], atol=2e-3)
