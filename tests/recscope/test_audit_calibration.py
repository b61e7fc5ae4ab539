"""The audit of calibration: what is planted is found, and what cannot be judged is told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import ConfigError
from core.sandbox_checks import sandbox_scores
from core.tables import TopK
from evaluators import METRICS
from recscope import engine
from recscope.audits import calibration
from recscope.audits.calibration_judged import WAYS, _reaching_zero
from recscope.audits.calibration_learned import Settings
from recscope.audits.calibration_numbers import DEBIASED, NAMES, Judgement, found_in
from recscope.audits.calibration_pairs import Pairs, Shown
from recscope.audits.calibration_strength import audit_strength
from recscope.audits.calibration_tests import ENOUGH_FOR_LIMIT, gap_by_chance, miscalibrated
from recscope.config import (
    AuditConfig,
    DataConfig,
    EvaluateConfig,
    ExplainConfig,
    ModelConfig,
    RunConfig,
)
from recscope.estimate import Sureness
from recscope.groups import Cell
from tests.recscope.small_run import Plugged

FEW = Sureness(resamples=200)


def judged(n=12_000, n_users=400, **planted):
    """Scores with a known map between them and the truth, as the audit sees them."""
    frame = sandbox_scores(n, n_users=n_users, **planted)
    pairs = Pairs(
        frame["user"].to_numpy().astype(np.int64),
        frame["score"].to_numpy(),
        frame["outcome"].to_numpy(),
        n_users,
    )
    return Judgement("model", "as stated", pairs, pairs.scores, 10, speaks=True), frame


def everybody(n_users=400):
    return Cell(None, None, np.arange(n_users))


def test_numbers_of_sums_are_those_of_the_metrics():
    one, _ = judged(slope=1.5)
    found = one.numbers(one.parts.sum(axis=0))
    pairs, extra = one.pairs, {"ece_debiased", "ece_squared"}
    for name, value in zip(NAMES, found, strict=True):
        metric = METRICS[name]
        given = {"probabilities": pairs.scores, "outcomes": pairs.outcomes}
        if name in extra:
            given["user"] = pairs.user
        if name == "brier_uncertainty":
            del given["probabilities"]
        assert value == pytest.approx(float(metric(**given)), abs=1e-12), name


def test_a_planted_map_raises_the_alarm_and_the_interval_holds_the_planted_error():
    one, frame = judged(slope=1.8, shift=0.2)
    _, p = miscalibrated(one, 0, 299)
    (found,) = found_in([one], everybody(), FEW)
    planted = frame["error"].abs().mean()
    assert p < 0.01
    assert found.low[DEBIASED] <= planted <= found.high[DEBIASED]


def test_kept_promises_raise_no_alarm_more_often_than_the_level():
    alarms = []
    for seed in range(60):
        one, _ = judged(3000, 150, seed=seed)
        alarms.append(miscalibrated(one, seed, 199)[1] <= 0.05)
    assert np.mean(alarms) <= 0.12


def test_the_interval_of_a_kept_promise_reaches_zero():
    one, _ = judged(slope=1.0)
    (found,) = found_in([one], everybody(), FEW)
    assert found.low[DEBIASED] > 0  # drawn again, users never agree better
    assert _reaching_zero(found, 0.4).low[DEBIASED] == 0
    assert _reaching_zero(found, 0.01).low[DEBIASED] == found.low[DEBIASED]


def test_intervals_hold_a_planted_error_about_as_often_as_they_say():
    holds = []
    truth = sandbox_scores(100_000, slope=1.5, shift=0.2, seed=1000)["error"].abs().mean()
    for seed in range(40):
        one, _ = judged(4000, 200, slope=1.5, shift=0.2, seed=seed)
        (found,) = found_in([one], everybody(200), FEW)
        holds.append(found.low[DEBIASED] <= truth <= found.high[DEBIASED])
    assert np.mean(holds) >= 0.85


@pytest.mark.parametrize("planted", [{"a": 1.0, "b": 2.2}, {"a": 1.4, "b": 1.4}])
def test_a_planted_gap_between_groups_is_found_and_none_where_none_is(planted):
    one, frame = judged(20_000, 400, slope=planted)
    group = frame.groupby("user")["group"].first().reindex(range(400)).fillna("a")
    codes = (group == "b").to_numpy().astype(np.int64)
    errors, dealt = gap_by_chance(one, codes, 2, 0, permutations=199)
    p = (1 + np.count_nonzero(dealt >= np.ptp(errors))) / 200
    assert (p < 0.02) == (planted["a"] != planted["b"])


def test_the_limit_of_many_users_agrees_with_dealing_them_out(monkeypatch):
    one, _ = judged(20_000, 400, slope=1.3)
    codes = np.arange(400) % 3
    _, dealt = gap_by_chance(one, codes, 3, 0, permutations=400)
    monkeypatch.setattr("recscope.audits.calibration_tests.ENOUGH_FOR_LIMIT", 10)
    _, limit = gap_by_chance(one, codes, 3, 0, permutations=400)
    assert ENOUGH_FOR_LIMIT > 400
    assert limit.mean() == pytest.approx(dealt.mean(), rel=0.15)
    assert np.quantile(limit, 0.95) == pytest.approx(np.quantile(dealt, 0.95), rel=0.2)


def test_strength_of_lists_without_spread_or_without_two_classes_cannot_be_judged():
    listed = np.ones((30, 5), dtype=bool)
    level = Shown(np.ones((30, 5)), listed, np.zeros((30, 5), dtype=bool))
    (note,) = audit_strength("flat", level, 5, 10, FEW).notes
    assert "no list holds two items of different score" in note.reason
    slope = np.tile(np.arange(5.0), (30, 1))
    (note,) = audit_strength("none", Shown(slope, listed, ~listed), 5, 10, FEW).notes
    assert "never chosen" in note.reason
    (note,) = audit_strength("all", Shown(slope, listed, listed), 5, 10, FEW).notes
    assert "all chosen" in note.reason


class Probable(Plugged):
    """Scores that could be probabilities: from 0.9 downwards."""

    def recommend(self, users, k):
        lists = super().recommend(users, k)
        scores = np.tile(np.linspace(0.9, 0.1, k), (len(users), 1))
        return TopK(lists.users, lists.items, scores)


class Level(Plugged):
    """The same score for everything."""

    def recommend(self, users, k):
        lists = super().recommend(users, k)
        return TopK(lists.users, lists.items, np.zeros(lists.items.shape))


MODELS = {
    "popularity": "popularity",
    "biased-mf": "biased-mf",
    "probable": f"{__name__}:Probable",
    "level": f"{__name__}:Level",
}


def config_of(models=MODELS, split=None, **settings):
    made = RunConfig(
        DataConfig(name="sandbox", options={"n_users": 250, "n_items": 80}),
        models={name: ModelConfig(use) for name, use in models.items()},
        evaluate=EvaluateConfig(k=(5, 10), metrics=("ndcg",), resamples=60, depth=20),
        audit=AuditConfig(("calibration",), {"calibration": settings}),
        explain=ExplainConfig(explainers=()),
    )
    return made if split is None else replace(made, split=split)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """One run with every kind of model; `probable` is said to speak in probabilities."""
    config = config_of(probabilities=("probable", "popularity"))
    return engine.run(config, out=tmp_path_factory.mktemp("runs")).audit("calibration")


def of(report, model, metric="ece_debiased", **columns):
    table = report.estimates
    rows = table[(table["model"] == model) & (table["metric"] == metric)]
    for name, value in columns.items():
        rows = rows[rows[name].isna() if value is None else rows[name] == value]
    return rows


def reasons(report, about):
    return " | ".join(note.reason for note in report.notes if note.about == about)


def test_every_estimate_names_a_declared_metric_of_the_audit(report):
    assert set(report.estimates["metric"]) <= set(METRICS)
    assert {METRICS[name].family for name in report.estimates["metric"]} == {"calibration"}


def test_before_and_after_stand_side_by_side(report):
    assert set(of(report, "biased-mf", group_by=WAYS)["group"]) == {"min-max", "platt"}
    assert set(of(report, "probable", group_by=WAYS)["group"]) == {"as stated", "platt"}


def test_the_map_speaks_for_scores_that_are_no_probabilities_and_only_for_them(report):
    alone = of(report, "biased-mf", group_by=None)["mean"].item()
    assert alone == of(report, "biased-mf", group_by=WAYS, group="platt")["mean"].item()
    alone = of(report, "probable", group_by=None)["mean"].item()
    assert alone == of(report, "probable", group_by=WAYS, group="as stated")["mean"].item()


def test_a_map_mends_what_is_promised(report):
    by_way = of(report, "probable", group_by=WAYS).set_index("group")
    assert by_way.loc["platt", "mean"] < 0.3 * by_way.loc["as stated", "mean"]
    tests = report.tests
    mine = tests[(tests["test"] == "miscalibration") & (tests["model"] == "probable")]
    assert mine["is_alarm"].item()


def test_scores_outside_0_and_1_that_are_called_probabilities_are_refused(report):
    said = reasons(report, "popularity")
    assert "cannot be judged as such, because" in said
    assert "lie outside [0, 1]" in said
    assert set(of(report, "popularity", group_by=WAYS)["group"]) == {"min-max", "platt"}


def test_equal_scores_are_said_to_tell_nothing(report):
    said = reasons(report, "level")
    assert "are equal (0); whatever a map makes of them is the mean hit rate" in said
    assert "no list holds two items of different score" in said
    assert of(report, "level", "between_user_deviation").empty


def test_errors_are_cut_by_group_and_the_gap_has_an_interval_and_a_test(report):
    rows = of(report, "probable", group_by="gender")
    gap = of(report, "probable", "ece_gap", group_by="gender")
    assert set(rows["group"]) == {"F", "M"}
    assert gap["group"].isna().all()
    assert gap["low"].item() <= gap["high"].item()
    tests = report.tests
    mine = tests[(tests["test"] == "calibration gap") & (tests["group_by"] == "gender")]
    assert set(mine["model"]) == set(MODELS)
    assert (mine["p_adjusted"] >= mine["p"]).all()


def test_normalisations_are_judged_beside_the_scores_as_given(report):
    rows = of(report, "biased-mf", "between_user_deviation", group_by="normalisation")
    assert list(rows["group"]) == ["as given", "z-score", "min-max", "rank", "softmax"]
    assert len(set(rows["n"])) == 1


def test_the_population_is_counted(report):
    told = report.curves[report.curves["curve"] == "population"]
    mine = told[told["model"] == "probable"].set_index("label")["y"]
    assert mine["entries judged"] == 10 * mine["lists judged"]
    assert mine["entries the map was fitted on"] == 10 * mine["lists the map was fitted on"]
    assert of(report, "probable", group_by=None)["k"].item() == 10


def test_bands_and_points_of_a_diagram_share_their_bins(report):
    curves = report.curves
    mine = curves[(curves["model"] == "biased-mf") & (curves["series"] == "platt")]
    points, bands = (mine[mine["curve"] == name] for name in ("reliability", "consistency"))
    assert list(points["x"]) == pytest.approx(list(bands["x"]))
    assert list(points["n"]) == list(bands["n"])
    assert (bands["low"] <= bands["high"]).all()


def test_predicted_ratings_are_judged_where_there_are_any(report):
    rows = report.estimates[report.estimates["metric"] == "rating_calibration_error"]
    assert list(rows["model"]) == ["biased-mf"]
    points = report.curves[report.curves["curve"] == "ratings"]
    assert points["y"].between(1, 5).all()


def test_a_second_audit_gives_the_same_numbers(report, tmp_path):
    config = config_of(probabilities=("probable", "popularity"))
    again = engine.run(config, out=tmp_path).audit("calibration")
    pd.testing.assert_frame_equal(again.estimates, report.estimates)
    pd.testing.assert_frame_equal(again.tests, report.tests)


def small(tmp_path, models=("popularity",), split=None, **settings):
    named = {name: MODELS.get(name, name) for name in models}
    return engine.run(config_of(named, split, **settings), out=tmp_path).audit("calibration")


def test_without_a_validation_part_only_before_is_judged(tmp_path):
    from recscope.config import SplitConfig

    found = small(tmp_path, split=SplitConfig(validation=0.0))
    assert "has no validation part to fit a map on" in reasons(found, "popularity")
    assert set(of(found, "popularity", group_by=WAYS)["group"]) == {"min-max"}
    assert of(found, "popularity", group_by=None).empty


def test_a_map_and_a_squash_need_not_be_asked_for(tmp_path):
    found = small(tmp_path, map="none", squash="none")
    assert "no map was asked for" in reasons(found, "popularity")
    assert "before cannot be judged" in reasons(found, "popularity")
    assert not of(found, "popularity", "between_user_deviation").empty
    assert of(found, "popularity").empty


def test_a_map_of_probabilities_needs_some(tmp_path):
    found = small(tmp_path, map="beta", squash="none")
    assert "the map 'beta' bends probabilities" in reasons(found, "popularity")


def test_other_maps_work_on_squashed_scores(tmp_path):
    found = small(tmp_path, map="temperature", squash="sigmoid")
    groups = set(of(found, "popularity", group_by=WAYS)["group"])
    assert groups == {"sigmoid", "temperature"}


def lists_of(path, rows):
    pd.DataFrame(rows).to_csv(path, index=False)
    return {"ready": f"lists:{path}"}


def test_ready_lists_without_scores_cannot_be_judged(tmp_path):
    rows = [{"user_id": f"u{u}", "item_id": f"i{i}", "rank": i + 1} for u in range(250)
            for i in range(10)]  # fmt: skip
    models = lists_of(tmp_path / "lists.csv", rows)
    found = engine.run(config_of(models), out=tmp_path / "runs").audit("calibration")
    assert "these are ready lists without scores" in reasons(found, "ready")
    assert found.estimates.empty


def test_ready_lists_with_probabilities_are_judged_as_stated(tmp_path):
    rows = [{"user_id": f"u{u}", "item_id": f"i{i}", "score": 0.5 - i / 40} for u in range(250)
            for i in range(10)]  # fmt: skip
    models = lists_of(tmp_path / "lists.csv", rows)
    config = config_of(models, probabilities=("ready",))
    found = engine.run(config, out=tmp_path / "runs").audit("calibration")
    assert set(of(found, "ready", group_by=WAYS)["group"]) == {"as stated"}
    assert "a system outside cannot be made to forget" in reasons(found, "ready")


def test_lists_in_which_nothing_was_chosen_cannot_be_judged(tmp_path):
    rows = [{"user_id": f"u{u}", "item_id": f"nothing{i}", "score": 0.5 - i / 40}
            for u in range(250) for i in range(9)]  # fmt: skip
    rows += [{"user_id": "u0", "item_id": "i0", "score": 0.01}]
    models = lists_of(tmp_path / "lists.csv", rows)
    config = config_of({**models, "popularity": "popularity"})
    found = engine.run(config, out=tmp_path / "runs").audit("calibration")
    assert "cannot be judged" in reasons(found, "ready")
    assert not of(found, "popularity").empty


@pytest.mark.parametrize(
    "settings,said",
    [
        ({"map": "plat"}, "map must be one of platt, isotonic"),
        ({"squash": "log"}, "squash must be one of min-max, sigmoid, none"),
        ({"k": -1}, "k must be 0"),
        ({"n_bins": 1}, "n_bins must be 2 to 1000"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, said):
    with pytest.raises(ConfigError, match=said):
        Settings(**settings)


def test_a_model_that_is_not_in_the_run_cannot_speak_in_probabilities(tmp_path):
    found = small(tmp_path, probabilities=("popularty",))
    (note,) = found.notes
    assert "popularty" in note.reason
    assert "popularity" in note.reason


def test_the_question_is_told():
    assert calibration.QUESTION.endswith("?")
