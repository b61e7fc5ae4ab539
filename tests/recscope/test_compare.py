"""Paired comparisons: against scipy, against simulation, against bad input."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.errors import ConfigError, DatasetError, UnknownNameError
from recscope.compare import COLUMNS, adjust, benjamini_hochberg, compare, holm


def tables(n_users=60, n_columns=1, shift=0.0, seed=0):
    """Two models whose users' scores are exchangeable but for a shift."""
    rng = np.random.default_rng(seed)
    names = [f"m{column}@10" for column in range(n_columns)]
    base = pd.DataFrame(rng.random((n_users, n_columns)), columns=names)
    model = pd.DataFrame(rng.random((n_users, n_columns)) + shift, columns=names)
    return {"base": base, "model": model}


def test_columns_are_the_promised_ones():
    frame = compare(tables(), "base")
    assert frame.columns.tolist() == list(COLUMNS)
    row = frame.iloc[0]
    assert (row["model"], row["baseline"], row["metric"], row["k"]) == ("model", "base", "m0", 10)


def test_p_of_few_users_is_scipys_exact_one():
    pair = tables(n_users=9, n_columns=5, shift=0.2)
    ours = compare(pair, "base")
    for column, row in zip(pair["base"], ours.itertuples(), strict=True):
        theirs = stats.permutation_test(
            (pair["model"][column], pair["base"][column]),
            lambda a, b: np.mean(a - b),
            permutation_type="samples",
            n_resamples=np.inf,
        )
        assert row.p == pytest.approx(theirs.pvalue, abs=1e-12)
        assert row.method == "sign flip, all"


def test_p_of_drawn_flips_is_near_the_exact_one():
    differences = tables(n_users=16, shift=0.15, seed=3)
    d = (differences["model"] - differences["base"]).to_numpy().ravel()
    signs = 1 - 2.0 * (np.arange(2**16)[:, None] >> np.arange(16) & 1)
    exact = np.mean(np.abs(signs @ d) >= abs(d.sum()) - 1e-12)
    row = compare(differences, "base", flips=20_000).iloc[0]
    assert row["p"] == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 20_000))
    assert row["method"] == "sign flip, 20,000"


def test_p_of_many_users_is_the_normal_limit_of_the_test():
    pair = tables(n_users=10_000, shift=0.01)
    row = compare(pair, "base").iloc[0]
    d = (pair["model"] - pair["base"]).to_numpy().ravel()
    assert row["method"] == "sign flip, normal limit"
    assert row["p"] == pytest.approx(2 * stats.norm.sf(d.sum() / np.sqrt((d**2).sum())), rel=1e-9)


def test_the_test_keeps_its_level():
    p = compare(tables(n_users=60, n_columns=1500), "base", resamples=0, flips=1000)["p"]
    assert 0.035 <= (p <= 0.05).mean() <= 0.065


def test_the_test_finds_what_it_should_four_times_in_five():
    n_users, sigma = 80, np.sqrt(2 / 12)
    shift = 2.8015 * sigma / np.sqrt(n_users)  # the mde of 95 % and 0.8
    frame = compare(tables(n_users, 800, shift), "base", resamples=0, flips=1000)
    assert frame["mde"].mean() == pytest.approx(shift, rel=0.05)
    assert 0.75 <= (frame["p"] <= 0.05).mean() <= 0.85


@pytest.mark.parametrize("corrected", ["p_holm", "p_bh"])
def test_a_family_without_any_difference_rarely_raises_an_alarm(corrected):
    frame = compare(tables(n_users=40, n_columns=6000), "base", resamples=0, flips=1000)
    families = np.arange(6000) // 15
    alarms = [(adjust(family)[corrected] <= 0.05).any() for _, family in frame.groupby(families)]
    assert np.mean(alarms) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 400)


def test_the_interval_of_the_difference_holds_the_truth_as_often_as_it_says():
    frame = compare(tables(n_users=60, n_columns=1500, shift=0.1), "base", resamples=500, flips=1)
    held = (frame["low"] <= 0.1) & (frame["high"] >= 0.1)
    assert 0.93 <= held.mean() <= 0.97


def test_effect_size_is_the_mean_over_the_deviation_of_differences():
    pair = tables(shift=0.3)
    d = (pair["model"] - pair["base"]).to_numpy().ravel()
    row = compare(pair, "base").iloc[0]
    assert row["effect_size"] == pytest.approx(d.mean() / d.std(ddof=1), rel=1e-12)
    assert row["difference"] == pytest.approx(d.mean(), rel=1e-12)


def test_holm_and_benjamini_hochberg_agree_with_hand_and_scipy():
    p = np.array([0.01, 0.04, 0.03, 0.005, 0.9])
    np.testing.assert_allclose(holm(p), [0.04, 0.09, 0.09, 0.025, 0.9])
    np.testing.assert_allclose(benjamini_hochberg(p), stats.false_discovery_control(p))
    many = np.random.default_rng(0).random(200) ** 3
    np.testing.assert_allclose(benjamini_hochberg(many), stats.false_discovery_control(many))


def test_undefined_p_stays_undefined_and_does_not_count():
    p = np.array([0.01, np.nan, 0.04])
    np.testing.assert_allclose(holm(p), [0.02, np.nan, 0.04])
    np.testing.assert_allclose(benjamini_hochberg(p), [0.02, np.nan, 0.04])


def test_a_comparison_is_over_users_defined_for_both():
    pair = tables(n_users=30)
    pair["model"].iloc[:4] = np.nan
    pair["base"].iloc[3:6] = np.nan
    row = compare(pair, "base").iloc[0]
    assert row["n"] == 24


def test_users_are_matched_by_name_not_by_place():
    pair = tables(n_users=30)
    mixed = {"base": pair["base"], "model": pair["model"].sample(frac=1, random_state=1)}
    ours, same = (compare(tables, "base").iloc[0] for tables in (mixed, pair))
    assert ours["difference"] == pytest.approx(same["difference"], rel=1e-12)
    assert ours["n"] == 30


def test_equal_models_do_not_differ():
    base = tables()["base"]
    row = compare({"base": base, "model": base.copy()}, "base").iloc[0]
    assert (row["difference"], row["p"]) == (0, 1)
    assert (row["low"], row["high"]) == (0, 0)
    assert np.isnan(row["effect_size"])


def test_nobody_defined_for_both_is_undefined():
    pair = tables()
    pair["model"][:] = np.nan
    row = compare(pair, "base").iloc[0]
    assert row["method"] == "undefined"
    assert np.isnan(row["p"])
    assert np.isnan(row["p_holm"])


def test_the_seed_alone_moves_p_and_interval():
    first, again, other = (compare(tables(), "base", seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert first["p"].iloc[0] != other["p"].iloc[0]


def test_no_resamples_no_interval():
    assert compare(tables(), "base", resamples=0)[["low", "high"]].isna().all(axis=None)


def test_metrics_are_chosen_by_label():
    frame = compare(tables(n_columns=3), "base", ["m2@10", "m0@10"])
    assert frame["metric"].tolist() == ["m2", "m0"]
    with pytest.raises(UnknownNameError, match=r"no metric of both models is called 'm2'.*m2@10"):
        compare(tables(n_columns=3), "base", ["m2"])


def test_an_unknown_baseline_is_refused_with_the_nearest_name():
    with pytest.raises(UnknownNameError, match="no model is called 'bas'; did you mean 'base'"):
        compare(tables(), "bas")


def test_one_model_alone_is_refused():
    with pytest.raises(ConfigError, match="'base' is the only model"):
        compare({"base": tables()["base"]}, "base")


def test_models_judged_on_other_users_are_refused():
    pair = tables()
    pair["model"].index += 1000
    with pytest.raises(DatasetError, match=r"no user in common.*same test set"):
        compare(pair, "base")


@pytest.mark.parametrize("wrong", [{"flips": 0}, {"resamples": -1}, {"confidence": 0.0}])
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(ConfigError, match="needs flips of 1 or more, resamples of 0 or more"):
        compare(tables(), "base", **wrong)
