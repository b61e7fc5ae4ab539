"""What evidence changes in a run's lists: found where it is planted, nothing where it is not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_run import small_config

from core.sandbox import sandbox
from evaluators import METRICS
from explain import fusion
from recscope.compare import holm
from recscope.config import RunConfig
from recscope.config_sections import (
    DataConfig,
    EvaluateConfig,
    ModelConfig,
    SplitConfig,
    WorkConfig,
)
from recscope.engine import run
from recscope.engine_models import fitted_model
from recscope.estimate import Sureness
from recscope.explained import COLUMNS
from recscope.explaining_coverage import swapped_p
from recscope.explaining_fusion import fusion_table
from recscope.judge import judge, one_value, per_user
from recscope.stages import Material, material, split_data

KINDS = ("similar-items", "profile-match")


def config(**changes) -> RunConfig:
    parts = {
        "data": DataConfig(name="sandbox"),
        "split": SplitConfig(rule="leave-last"),
        "evaluate": EvaluateConfig(k=(5, 10), resamples=200),
        "run": WorkConfig(fallback=False),
        "models": {"ease": ModelConfig("ease"), "random": ModelConfig("random")},
    }
    return RunConfig(**{**parts, **changes})


@pytest.fixture(scope="module")
def given() -> Material:
    data = sandbox(n_users=300, n_items=120, seed=5)
    return material(data, split_data(data, config().split), learn_validation=True)


@pytest.fixture(scope="module")
def of_random(given):
    return fusion_table(given, config(), "random", KINDS)


def rows(table: pd.DataFrame, evidence: str) -> pd.DataFrame:
    return table[table["evidence"] == evidence].set_index("metric")


def test_evidence_lifts_a_model_that_knows_nothing(of_random):
    found = rows(of_random.table, "similar-items").loc["ndcg"]
    assert found["weight"] > 0
    assert found["difference"] == pytest.approx(found["fused"] - found["base"])
    assert 0 < found["low"] < found["difference"] < found["high"]
    assert found["p_adjusted"] < 0.01
    assert found["covered"] > 0.5


def test_the_table_has_every_kind_and_metric_in_the_columns_of_its_file(of_random):
    table = of_random.table
    assert list(table.columns) == list(COLUMNS["fusion"])
    assert set(table["evidence"]) == set(KINDS)
    assert set(table["metric"]) == {"ndcg", "hit_rate", "recall", "ild", "list_kl", "coverage"}
    assert (table["k"] == 10).all()
    assert (table["model"] == "random").all()
    assert table["covered"].between(0, 1).all()


def test_p_is_corrected_over_the_whole_table(of_random):
    p = of_random.table["p"].to_numpy(dtype=float)
    assert of_random.table["p_adjusted"].to_numpy(dtype=float) == pytest.approx(
        holm(p), nan_ok=True
    )


def test_nothing_gained_is_shown_as_nothing(given):
    found = fusion_table(given, config(), "ease", ("similar-items",), weights=(0.0,))
    table = found.table
    assert (table["weight"] == 0).all()
    assert (table["difference"] == 0).all()
    assert (table["base"] == table["fused"]).all()
    assert table["p"].isna().all()
    assert found.notes == []


def test_the_base_is_the_run_s_own_number(given):
    found = fusion_table(given, config(), "ease", ("similar-items",))
    model = fitted_model("ease", config(), given.dataset, given.history)
    judged = judge(
        model.recommend(given.users, 10),
        given.split.test,
        seen=(given.split.train, given.split.validation),
        k=10,
        catalogue=given.catalogue,
    )
    table = rows(found.table, "similar-items")
    own = per_user(judged, [METRICS["ndcg"], METRICS["ild"]], [10], np.float64).mean()
    assert table.loc["ndcg", "base"] == pytest.approx(own["ndcg@10"])
    assert table.loc["ild", "base"] == pytest.approx(own["ild@10"])
    assert table.loc["coverage", "base"] == one_value(judged, METRICS["coverage"], 10)


def test_a_fitted_model_may_be_handed_over_and_the_answer_is_the_same(given):
    model = fitted_model("random", config(), given.dataset, given.history)
    first = fusion_table(given, config(), "random", ("profile-match",), model=model)
    again = fusion_table(given, config(), "random", ("profile-match",))
    pd.testing.assert_frame_equal(first.table, again.table)


def test_a_kind_that_the_data_do_not_have_is_a_note(given):
    found = fusion_table(given, config(), "ease", ("paths", "review-aspects"))
    assert found.table.empty
    assert [note["about"] for note in found.notes] == [
        "fusion of ease with paths",
        "fusion of ease with review-aspects",
    ]
    assert found.notes[0]["reason"].startswith("not available: needs a knowledge graph")


def test_without_a_validation_part_no_weight_is_chosen(given):
    empty = given.split.validation.take(np.zeros(len(given.split.validation), dtype=bool))
    bare = replace(given, split=replace(given.split, validation=empty))
    found = fusion_table(bare, config(), "ease", ("similar-items",))
    assert (found.table["weight"] == 0).all()
    assert found.notes[0]["reason"].startswith("not available: needs a validation part")


def test_a_handful_of_validation_users_choose_no_weight(given):
    few = given.split.validation.take(np.arange(5))
    bare = replace(given, split=replace(given.split, validation=few))
    found = fusion_table(bare, config(), "random", ("similar-items",))
    assert (found.table["weight"] == 0).all()
    assert found.notes[0]["reason"].startswith("not available: needs 20 users with a history")


def test_of_too_many_users_some_are_drawn_and_said_to_be(given, monkeypatch):
    monkeypatch.setattr(fusion, "MOST_CELLS", 1000)
    found = fusion_table(given, config(), "ease", ("similar-items",))
    assert (found.table["n"] <= 200).all()
    (note,) = found.notes
    assert note["reason"].startswith(f"200 of {len(given.users)} users were drawn")


def test_who_asks_for_no_interval_gets_none(given):
    found = fusion_table(given, config(), "random", ("similar-items",), Sureness(resamples=0)).table
    assert found["low"].isna().all()
    assert found["p"].notna().all()


def test_a_run_takes_a_fusion_as_one_of_its_models(tmp_path):
    asked = ModelConfig(
        "explain.fusion:EvidenceFusion", {"base": "ease", "evidence": "similar-items"}
    )
    made = run(replace(small_config(), models={"fused": asked}), out=tmp_path)
    assert made.manifest["models"]["fused"]["status"] == "done"


def test_swapping_equal_lists_tells_nothing_and_swapping_opposite_ones_much():
    base = np.tile(np.arange(5, dtype=np.int32), (40, 1))
    assert swapped_p(base, base[:, ::-1], 300, seed=0) == 1.0
    spread = (np.arange(200, dtype=np.int32) + 5).reshape(40, 5)
    assert swapped_p(base, spread, 300, seed=0) < 0.01
    assert swapped_p(base, spread, 300, seed=0) == swapped_p(base, spread, 300, seed=0)
