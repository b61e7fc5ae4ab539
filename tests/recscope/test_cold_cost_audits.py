"""Audits of cold start and cost: planted truths are found, chance is not, gaps are told."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import ConfigError
from recommenders import RECOMMENDERS
from recscope import engine
from recscope.auditing import audit
from recscope.audits import cold_start, cost
from recscope.audits.cold_items import ages
from recscope.audits.cold_reach import lists_with
from recscope.audits.cold_tests import gap, permuted, slope
from recscope.audits.cold_users import lengths, slices
from recscope.config import RunConfig
from recscope.config_sections import (
    AuditConfig,
    DataConfig,
    EvaluateConfig,
    ExplainConfig,
    ModelConfig,
)
from recscope.deep_size import attribute_bytes
from recscope.estimate import Sureness
from recscope.files import read_json
from recscope.measuring import BATCH
from recscope.store import Run

SURE = Sureness(resamples=200)
OWN, STAND_IN = "over 5 rows, own list", "no history, popular items"


@dataclass
class Counting:
    """Item-knn that says it used a language model."""

    tokens_ = None

    def fit(self, train):
        self.inner_ = RECOMMENDERS["item-knn"]().fit(train)
        self.tokens_ = {"prompt": 0, "completion": 0}
        return self

    def recommend(self, users, k):
        self.tokens_["prompt"] += 100 * len(users)
        self.tokens_["completion"] += 20 * len(users)
        return self.inner_.recommend(users, k)


def config(**audits):
    models = {"popularity": "popularity", "item-knn": "item-knn", "ease": "ease"}
    models["llm"] = "tests.recscope.test_cold_cost_audits:Counting"
    return RunConfig(
        DataConfig(name="sandbox", options={"n_users": 600, "n_items": 200, "n_per_user": 25.0}),
        models={name: ModelConfig(use) for name, use in models.items()},
        evaluate=EvaluateConfig(k=(5, 10), metrics=("ndcg", "recall"), resamples=100, depth=40),
        audit=AuditConfig(("cold_start", "cost"), audits),
        explain=ExplainConfig(explainers=()),
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    prices = {"price_per_hour": 3600.0, "prompt_prices": {"llm": 10.0, "nobody": 1.0}}
    return engine.run(config(cost=prices), out=tmp_path_factory.mktemp("runs"))


def numbers(run: Run, family: str, **facts: object):
    rows = run.audit(family).estimates
    for name, value in facts.items():
        rows = rows[rows[name] == value]
    return rows


def test_users_without_history_stand_apart_with_their_stand_ins(run):
    rows = numbers(run, "cold_start", model="ease", metric="ndcg", group_by="cold start")
    found = rows.set_index("group")
    assert {OWN, STAND_IN} <= set(found.index)
    n_cold = int((run.users()["n_train"].reindex(run.per_user("ease").index) == 0).sum())
    assert found.loc[STAND_IN, ["n", "n_undefined"]].sum() == n_cold > 20
    reasons = [note.reason for note in run.audit("cold_start").notes if note.about == "ease"]
    assert any("popular items stand in for them" in reason for reason in reasons)


def test_short_histories_of_a_learning_model_raise_the_alarm_and_chance_does_not(run):
    tests = run.audit("cold_start").tests.set_index(["test", "model"])
    found = tests.loc[("short histories are served worse", "ease")]
    assert found["is_alarm"].all()
    assert (found["low"] > 0).all()


def test_planted_cold_items_are_the_new_ones_and_are_kept_back(run):
    rows = numbers(run, "cold_start", model="ease", group_by="item age", group="new", k=10)
    found = rows.set_index("metric")["mean"]
    assert found["slice_exposure_ratio"] < 0.5
    assert 0 < found["slice_choice_share"] < 0.2
    tests = run.audit("cold_start").tests
    kept = tests[(tests["test"] == "new or rare items are kept back") & (tests["model"] == "ease")]
    assert kept.loc[kept["group"] == "new", "is_alarm"].all()


def test_shares_of_a_cut_add_up_to_all(run):
    for metric in ("slice_choice_share", "slice_list_share", "slice_exposure_share"):
        rows = numbers(run, "cold_start", model="item-knn", metric=metric, k=5)
        both = rows[rows["group_by"] == "item history"]["mean"].sum()
        assert both == pytest.approx(1.0, rel=1e-9), metric


def test_the_parts_of_the_catalogue_add_up_to_all_of_it(run):
    curves = run.audit("cold_start").curves
    reach = curves[curves["curve"] == "reach"].groupby("model")
    np.testing.assert_allclose(reach["y"].sum(), 1.0, rtol=1e-12)
    assert (reach["n"].sum() == 200).all()


def test_the_warm_up_curve_counts_every_user_once(run):
    curves = run.audit("cold_start").curves
    rows = curves[(curves["curve"] == "warm-up") & (curves["model"] == "ease")]
    n_known = int(run.per_user("ease")["ndcg@10"].notna().sum())
    assert rows[rows["series"] == "ndcg@10"]["n"].sum() == n_known


def test_every_cost_is_there_with_its_calls(run):
    rows = numbers(run, "cost", model="ease").set_index("metric")
    assert rows.loc["latency_p50", "low"] <= rows.loc["latency_p50", "mean"]
    assert rows.loc["latency_p50", "n"] > 10
    assert rows.loc["model_size", "mean"] == pytest.approx(200 * 200 * 4 / 1e6, rel=0.01)
    assert {"fit_seconds", "throughput", "peak_memory", "batch_latency_p50"} <= set(rows.index)
    measured = read_json(run.path / "models" / "ease" / "cost.json")["measured"]
    assert measured["batch_users"] == BATCH
    assert measured["n_probed"] > 0
    assert measured["history_bytes"] > 0


def test_tokens_of_the_lists_alone_are_counted_and_priced(run):
    rows = numbers(run, "cost", model="llm").set_index("metric")
    assert rows.loc["tokens_per_list", "mean"] == pytest.approx(120.0)
    seconds = read_json(run.path / "models" / "llm" / "cost.json")["recommend_seconds"]
    n = len(run.per_user("llm"))
    price = 1000 / n * (seconds + n * 100 * 10.0 / 1e6)
    assert rows.loc["cost_per_1000_lists", "mean"] == pytest.approx(price, rel=1e-9)
    assert "tokens_per_list" not in set(numbers(run, "cost", model="ease")["metric"])
    about = {note.about: note.reason for note in run.audit("cost").notes}
    assert "no model of the run has this name" in about["nobody"]


def test_every_model_stands_on_the_front_or_is_beaten_by_one_that_is_better(run):
    points = run.audit("cost").curves
    points = points[points["series"] == "latency_p50"].set_index("model")
    for _, row in points.iterrows():
        if row["label"] != "on the front":
            other = points.loc[row["label"].removeprefix("beaten by ")]
            assert other["x"] <= row["x"]
            assert other["y"] >= row["y"]


def test_another_price_is_a_matter_of_asking_again(run, tmp_path):
    import shutil

    copy = Run(Path(shutil.copytree(run.path, tmp_path / run.id)))
    audit(copy, ["cost"], config=AuditConfig(("cost",), {}), again=True)
    found = copy.audit("cost")
    assert "cost_per_1000_lists" not in set(found.estimates["metric"])
    assert "no price is given" in [note.reason for note in found.notes][-1]


@pytest.mark.parametrize(
    "kind,wrong,told",
    [
        (cold_start.Settings, {"short_history": 0}, "short_history must be 1 or more"),
        (cold_start.Settings, {"rare_item": 1}, "rare_item must be 2 or more"),
        (cold_start.Settings, {"new_share": 1.0}, "new_share must be between 0 and 1"),
        (cold_start.Settings, {"lengths": ()}, "lengths must be numbers of 1 or more"),
        (cold_start.Settings, {"metrics": ()}, "metrics must be one name or more"),
        (cost.Settings, {"price_per_hour": -1.0}, "price_per_hour must be a price of 0"),
        (cost.Settings, {"prompt_prices": {"m": -1.0}}, "prompt_prices must be prices of 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(kind, wrong, told):
    with pytest.raises(ConfigError, match=told):
        kind(**wrong)


def test_the_test_of_short_histories_keeps_its_level_and_has_power():
    rng = np.random.default_rng(11)
    n_rows = rng.integers(0, 40, 150)
    none, planted = 0, 0
    for seed in range(100):
        chance = (rng.random(150) < 0.3).astype(float)
        worse = (rng.random(150) < np.where(n_rows <= 5, 0.05, 0.45)).astype(float)
        for values, counted in ((chance, "none"), (worse, "planted")):
            found = gap(values, n_rows, 5, replace(SURE, resamples=0))
            p = permuted(found.values, found.weights, seed)
            none += counted == "none" and p < 0.05
            planted += counted == "planted" and p < 0.05
    assert none <= 11  # of 100: level 5 %, with room for chance
    assert planted >= 80  # power 0.8 and more


def test_the_normal_limit_says_what_dealing_out_says():
    rng = np.random.default_rng(3)
    values, weights = (rng.random(3200) < 0.2).astype(float), rng.normal(size=3200)
    weights -= weights.mean()
    dealt = permuted(values[:2900], weights[:2900] - weights[:2900].mean(), 0)
    assert 0 < dealt <= 1
    exact = np.array([values @ rng.permutation(weights) for _ in range(2000)])
    expected = (np.abs(exact) >= abs(values @ weights)).mean()
    assert permuted(values, weights, 0) == pytest.approx(expected, abs=0.04)


def test_too_few_on_one_side_is_told_not_computed():
    told = gap(np.ones(50), np.full(50, 30), 5, SURE)
    assert told == (
        "short histories cannot be compared with longer ones, because 0 judged users have at most "
        "5 rows; set [audit.cold_start] short_history"
    )
    assert "do not differ in the length" in str(slope(np.ones(50), np.full(50, 30), SURE))


def test_thin_steps_of_the_curve_are_joined_and_nobody_is_lost():
    n_rows = np.array([0] * 3 + [1] * 4 + [4] * 30 + [300] * 12 + [2000])
    found = lengths(n_rows, (2, 5, 10, 500))
    assert list(found.categories) == ["0", "1 to 5", "6 to 2,000"]
    assert found.codes.min() == 0
    assert np.bincount(found.codes).tolist() == [3, 34, 13]
    assert list(lengths(np.zeros(4, int), (2, 5)).categories) == ["0", "1"]


def test_slices_tell_own_lists_from_stand_ins():
    found = slices(np.array([0, 0, 3, 9]), np.array([True, False, True, False]), 5)
    assert found.tolist() == [
        "no history, popular items", "no history, own list", "1 to 5 rows, popular items",
        "over 5 rows, own list",
    ]  # fmt: skip


def test_an_item_twice_in_one_list_counts_once():
    items = np.array([[1, 1, 2], [2, -1, -1]])
    assert lists_with(items, 4).tolist() == [0, 1, 2, 0]


def test_bytes_are_counted_once_and_training_data_apart():
    class Model:
        pass

    model, shared = Model(), np.zeros(1000)
    model.a_ = np.zeros((100, 100))
    model.view_ = model.a_[:10]
    model.parts_ = {"x": [np.zeros(10, np.float32)]}
    model.train_ = shared
    sizes, held, is_partial = attribute_bytes(model, shared)
    assert sizes["a_"] == 80_000
    assert sizes["view_"] < 200
    assert 40 < sizes["parts_"] < 600
    assert (sizes["train_"], held, is_partial) == (0, 8000, False)
    del model.train_
    assert attribute_bytes(model, shared)[1] == 0


def test_an_item_is_new_by_its_first_row():
    from core.tables import Interactions

    rows = Interactions(
        np.zeros(4, np.int32), np.array([0, 1, 1, 2], np.int32), 1, 4,
        timestamps=np.array([0, 50, 99, 100]),
    )  # fmt: skip
    assert ages(rows, rows.timestamps, 0.1).tolist() == [1, 1, 0, -1]
