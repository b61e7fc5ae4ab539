"""Models through rolling windows, lists from refit to refit, and the whole audit of a run."""

import dataclasses

import numpy as np
import pytest
from drift_cases import case, planted

from core.errors import ConfigError
from core.tables import PAD, Interactions, TopK
from recscope import engine
from recscope.audits import AUDITS, drift, drift_lists, drift_quality, drift_rolling
from recscope.audits.drift import Settings
from recscope.audits.drift_rolling import FROZEN, REFITTED, UPDATED
from recscope.config_sections import AuditConfig
from recscope.estimate import Sureness
from tests.recscope.small_run import small_config

SURE = Sureness(resamples=200)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The audit of a small run on generated data, whose tastes turn on day 120."""
    config = small_config("item-knn", "user-knn")
    config = dataclasses.replace(
        config,
        data=dataclasses.replace(config.data, options={"n_users": 500, "n_items": 150}),
        audit=AuditConfig(("drift",), {"drift": {"windows": 3, "half_lives": [5, 50]}}),
    )
    return engine.run(config, out=tmp_path_factory.mktemp("drift") / "runs").audit("drift")


def numbers(report, metric, model=None):
    rows = report.estimates[report.estimates["metric"] == metric]
    return rows if model is None else rows[rows["model"] == model]


def test_it_is_listed():
    assert AUDITS["drift"] == "recscope.audits.drift"
    assert drift.QUESTION.endswith("?")


def test_every_state_of_a_model_is_followed_with_a_band(report):
    rows = report.curves[report.curves["curve"] == "quality"]
    assert set(rows.loc[rows["model"] == "popularity", "series"]) == {FROZEN, REFITTED, UPDATED}
    assert set(rows.loc[rows["model"] == "item-knn", "series"]) == {FROZEN, REFITTED, UPDATED}
    assert (rows["low"] <= rows["y"]).all()
    assert (rows["y"] <= rows["high"]).all()
    assert rows.groupby(["model", "series"]).size().eq(3).all()


@pytest.mark.parametrize("model", ["popularity", "item-knn"])
def test_what_is_taught_what_came_since_is_as_good_as_what_is_fitted_anew(report, model):
    rows = report.curves[(report.curves["curve"] == "quality") & (report.curves["model"] == model)]
    wide = rows.pivot_table(index="x", columns="series", values="y")
    np.testing.assert_allclose(wide[UPDATED], wide[REFITTED], rtol=1e-12)


def test_a_model_that_learns_tastes_goes_stale_where_they_turn(report):
    (gain,) = numbers(report, "refresh_gain", "item-knn").query("group_by.isna()").itertuples()
    assert gain.low > 0
    tests = report.tests[report.tests["test"] == drift_quality.TEST].set_index("model")
    assert tests.loc["item-knn", "is_alarm"]
    (life,) = numbers(report, "quality_half_life", "item-knn").itertuples()
    assert 0 < life.low <= life.mean <= life.high


def test_what_is_slow_is_left_out_and_said_so(report):
    told = {note.about: note.reason for note in report.notes}
    assert "name them in [audit.drift] models" in told["user-knn"]
    assert "user-knn" not in set(report.estimates["model"])


def test_a_model_that_cannot_be_taught_is_refitted_only_and_said_so(tmp_path):
    config = small_config("bpr")
    asked = {"windows": 2, "models": ["bpr"], "half_lives": [5]}
    audit = AuditConfig(("drift",), {"drift": asked})
    found = engine.run(dataclasses.replace(config, audit=audit), out=tmp_path).audit("drift")
    told = {note.about: note.reason for note in found.notes}
    assert "no partial_fit" in told["bpr: updated"]
    rows = found.curves[found.curves["curve"] == "quality"]
    assert set(rows["series"]) == {FROZEN, REFITTED}


def test_lists_change_less_in_one_window_than_since_the_freezing(report):
    rows = report.curves[report.curves["curve"] == "refit_churn"]
    rows = rows[(rows["model"] == "item-knn") & (rows["x"] == rows["x"].max())].set_index("series")
    assert rows.loc[drift_lists.SINCE_LAST, "y"] < rows.loc[drift_lists.SINCE_FIRST, "y"]


def test_every_half_life_is_held_against_no_decay(report):
    assert set(numbers(report, "decay_gain")["group"]) == {"5 days", "50 days"}
    curve = report.curves[report.curves["curve"] == "decay"]
    assert list(curve["label"]) == ["no decay", "5 days", "50 days"]


def test_lists_leave_out_what_the_user_had_by_then():
    had = Interactions(np.array([0, 0, 1], np.int32), np.array([1, 2, 3], np.int32), 3, 5)
    lists = TopK(np.array([0, 2]), np.array([[1, 4, 2, 0], [3, 1, PAD, PAD]]), np.zeros((2, 4)))
    found = drift_rolling.without(lists, had, 3)
    assert found.tolist() == [[4, 0, PAD], [3, 1, PAD]]


def test_no_user_is_judged_on_rows_before_the_window():
    rows = planted(0).interactions
    for part in drift_rolling.stretches(rows, 3, 0.5, 50, 0):
        assert len(part.users) == 50
        assert set(part.test.users) == set(part.users)
        assert part.known.timestamps.max() < part.test.timestamps.min()


def test_a_half_life_is_recovered_from_sums_over_users():
    rng = np.random.default_rng(0)
    ages = np.array([0.0, 10.0, 20.0])
    fresh = rng.random((400, 3))
    parts = np.column_stack([fresh * 2 ** (-ages / 15), fresh, np.full(400, 2.0)])
    days, low, high = drift_quality.half_life(parts, ages, SURE)
    assert (days, low, high) == pytest.approx((15, 15, 15))


def test_a_model_that_loses_nothing_has_no_end():
    ages = np.array([0.0, 10.0, 20.0])
    fresh = np.random.default_rng(0).random((400, 3))
    parts = np.column_stack([fresh * [1, 1.1, 1.2], fresh, np.full(400, 2.0)])
    days, low, high = drift_quality.half_life(parts, ages, SURE)
    assert days == low == high == np.inf


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"window": "fortnight"}, r"\[audit.drift\] window must be auto or hour"),
        ({"level": 0.0}, r"level must be between 0 and 1"),
        ({"smallest_effect": 1.0}, r"smallest_effect must be from 0"),
        ({"smallest_excess": -0.1}, r"smallest_excess must be from 0"),
        ({"smallest_window": 2}, r"smallest_window must be 5 or more"),
        ({"top": 1}, r"top must be 2 or more"),
        ({"windows": 1}, r"windows must be 2 or more"),
        ({"share": 1.0}, r"share must be between 0 and 1"),
        ({"users": 3}, r"users must be 30 or more"),
        ({"half_lives": (0.0,)}, r"half_lives must be days above 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        Settings(**settings)


def test_a_metric_without_a_value_per_user_is_refused_with_those_that_have_one():
    with pytest.raises(ConfigError, match=r"'psi' has none. Take one of precision, recall"):
        drift.metric_of("psi")


def test_a_model_that_the_run_has_not_is_refused():
    with pytest.raises(ConfigError, match=r"models names nonsense, which this run has no lists of"):
        drift.chosen(case(planted(0)), Settings(models=("nonsense",)))


def test_too_few_rows_for_windows_are_a_note_and_no_crash():
    data = planted(0, n_users=40)
    rows = data.interactions.take(np.array([0, len(data.interactions) - 1]))
    few = case(dataclasses.replace(data, interactions=rows))
    (report,) = drift._models(few, Settings())
    assert "cannot be judged, because split rolling leaves no row" in report.notes[0].reason
