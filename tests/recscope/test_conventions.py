"""score(convention=…), numbers side by side, and one user step by step."""

import json

import numpy as np
import pandas as pd
import pytest

import recscope
from core.errors import ConfigError, UnknownNameError
from evaluators.conventions import CONVENTIONS
from recscope.cli.main import main
from recscope.conventions.scene import EXAMPLE_LISTS, EXAMPLE_TRUTH, example
from recscope.conventions.side_by_side import OWN, closest, metrics_of, side_by_side
from recscope.conventions.steps import listed, steps, telling_user
from recscope.estimate import Sureness

LISTS = pd.DataFrame(
    [(u, i, r) for u, text in EXAMPLE_LISTS.items() for r, i in enumerate(text, 1)],
    columns=["user_id", "item_id", "rank"],
)
TRUTH = pd.DataFrame(
    [(u, i) for u, text in EXAMPLE_TRUTH.items() for i in text], columns=["user_id", "item_id"]
)
# precision, recall, map and ndcg at 5 of the worked example; None: no such metric, or it stops
ANSWERS = {
    "rectools": (0.300, 0.607, 0.426, 0.352),
    "replay": (0.300, 0.607, 0.463, 0.559),
    "recbole": (0.300, 0.607, 0.463, 0.559),
    "ranx": (0.300, 0.607, 0.426, 0.559),
    "recpack": (0.300, 0.607, None, 0.559),
    "lenskit": (0.375, 0.650, None, 0.624),
    "recommenders": (0.400, 0.810, 0.618, 0.559),
    "trec_eval": (0.400, 0.810, 0.568, 0.745),
    "evidently": (0.500, 1.000, 1.233, 0.833),
    "implicit": (0.667, None, 0.463, 0.559),
    "elliot": (0.400, 0.810, 0.541, 0.745),
}
FOUR = ("precision", "recall", "map", "ndcg")


def scored(**asked):
    return recscope.score(LISTS, TRUTH, **{"k": 5, "resamples": 0, **asked})


@pytest.mark.parametrize("name", CONVENTIONS)
def test_the_worked_example_has_the_answers_that_the_tools_gave(name):
    found = scored(convention=name).estimates.set_index("metric")["mean"]
    for metric, expected in zip(FOUR, ANSWERS[name], strict=True):
        if expected is None:
            assert metric not in found or np.isnan(found[metric])
        else:
            assert found[metric] == pytest.approx(expected, abs=5e-4), metric


def test_the_manifest_names_tool_version_and_clause():
    manifest = scored(convention="implicit").manifest
    assert manifest["convention"] == "implicit"
    assert manifest["tool"]["version"] == "0.7.3"
    assert "min(k, relevant items) of all users" in manifest["clauses"]["precision"]
    assert manifest["checked"]["precision"] == "run"
    assert "implicit has no metric" in manifest["left_out"]["recall"]


def test_where_the_tool_stops_there_is_no_number_and_the_reason_is_told():
    scores = scored(convention="lenskit", metrics="map")
    assert scores.estimates["mean"].isna().all()
    assert "ZeroDivisionError" in scores.manifest["stops"]["map@5"]
    assert json.loads(scores.to_json())["estimates"][0]["mean"] is None


def test_who_is_counted_is_told():
    row = scored(convention="elliot", metrics="precision").estimates.iloc[0]
    assert (row["n"], row["n_undefined"], row["n_imputed"]) == (3, 2, 0)
    row = scored(convention="rectools", metrics="precision").estimates.iloc[0]
    assert (row["n"], row["n_undefined"], row["n_imputed"]) == (4, 1, 1)


def test_a_user_whom_the_tool_leaves_out_has_no_value():
    values = scored(convention="elliot", metrics="precision").per_user["precision@5"]
    assert values.isna().to_dict() == {
        "u1": False,
        "u2": False,
        "u3": False,
        "u4": True,
        "u5": True,
    }


def test_one_fraction_for_everybody_has_an_interval_too():
    rng = np.random.default_rng(1)
    lists = pd.DataFrame(
        [(u, int(i), r) for u in range(60) for r, i in enumerate(rng.permutation(20)[:5], 1)],
        columns=["user_id", "item_id", "rank"],
    )
    truth = pd.DataFrame(
        [(u, int(i)) for u in range(60) for i in rng.permutation(20)[: 1 + u % 7]],
        columns=["user_id", "item_id"],
    )
    users = pd.DataFrame({"user_id": range(60), "group": ["a"] * 57 + ["b"] * 3})
    table = recscope.score(
        lists,
        truth,
        users=users,
        groups="group",
        k=5,
        metrics=["precision", "map"],
        convention="implicit",
        resamples=200,
    ).estimates.set_index(["metric", "group"])
    row = table.loc[("precision", np.nan)] if ("precision", np.nan) in table.index else None
    whole = table[table["group_by"].isna()].xs("precision", level="metric").iloc[0]
    assert row is None or row["mean"] == whole["mean"]
    assert whole["low"] < whole["mean"] < whole["high"]
    assert whole["method"] == "percentile"
    assert table.loc[("precision", "b"), "method"] == "suppressed (n < 5)"
    assert np.isnan(table.loc[("precision", "b"), "mean"])


@pytest.mark.parametrize("name", ["lenskit", "recbole", "elliot", "evidently"])
def test_numbers_of_item_counts_lie_within_their_intervals(name):
    row = scored(convention=name, metrics="gini", resamples=50).estimates.iloc[0]
    assert row["method"] == "jackknife"
    assert row["low"] <= row["mean"] <= row["high"]


def test_scores_that_single_precision_cannot_tell_apart_still_decide():
    lists = pd.DataFrame(
        {"user_id": ["u"] * 2, "item_id": ["b", "a"], "score": [1 + 2e-9, 1 + 1e-9]}
    )
    truth = pd.DataFrame({"user_id": ["u"], "item_id": ["b"]})
    asked = {"k": 1, "metrics": "precision", "resamples": 0}
    replay = recscope.score(lists, truth, convention="replay", **asked)
    trec = recscope.score(lists, truth, convention="trec_eval", **asked)
    assert replay.estimates["mean"].iloc[0] == 1
    assert trec.estimates["mean"].iloc[0] == 1  # equal in single precision: b comes after a


def test_tied_scores_go_by_id_where_the_tool_sorts_so():
    lists = pd.DataFrame({"user_id": [1, 1], "item_id": [2, 10], "score": [0.5, 0.5]})
    truth = pd.DataFrame({"user_id": [1], "item_id": [10]})
    asked = {"k": 1, "metrics": "precision", "resamples": 0}
    means = {
        name: recscope.score(lists, truth, convention=name, **asked).estimates["mean"].iloc[0]
        for name in ("recommenders", "replay", "trec_eval")
    }
    # as delivered 2, 10; highest number first 10; last in the alphabet first "2"
    assert means == {"recommenders": 0, "replay": 1, "trec_eval": 0}


@pytest.mark.parametrize(
    "asked,error,message",
    [
        ({"convention": "trec"}, UnknownNameError, "no convention is called 'trec'; did you mean"),
        (
            {"convention": "implicit", "metrics": "recall"},
            UnknownNameError,
            "no metric of implicit is called 'recall'.*Known: auc, map",
        ),
        (
            {"convention": "rectools", "metrics": "novelty"},
            ConfigError,
            "novelty as RecTools counts it cannot be computed: what users had before is not known",
        ),
    ],
)
def test_what_cannot_be_had_is_refused_with_the_reason(asked, error, message):
    with pytest.raises(error, match=message):
        scored(**asked)


def test_recscopes_own_name_is_the_same_as_none():
    assert scored(convention="recscope").manifest["convention"] == "recscope"


def test_the_two_parts_of_a_difference_add_up_to_it():
    for metric in ("precision", "recall", "map", "ndcg", "mrr"):
        table = side_by_side(example(), metric, 5).table
        parts = table.dropna(subset=["by_users"])
        assert len(parts) >= 7
        total = parts["by_users"] + parts["by_formula"]
        assert np.allclose(total, parts["difference"], atol=1e-12, rtol=0)


def test_a_tool_that_counts_other_users_by_the_same_formula_differs_by_users_alone():
    table = side_by_side(example(), "ndcg", 5).table.set_index("tool")
    assert table.loc["elliot", "by_formula"] == pytest.approx(0, abs=1e-12)
    assert table.loc["elliot", "by_users"] == pytest.approx(0.186, abs=1e-3)
    assert table.loc["rectools", "by_users"] == pytest.approx(0, abs=1e-12)


def test_recscope_stands_first_with_its_own_number():
    table = side_by_side(example(), "precision", 5, Sureness(100)).table
    assert table["tool"].iloc[0] == OWN
    assert table["value"].iloc[0] == pytest.approx(0.3, abs=1e-12)


def test_a_number_finds_the_tools_that_say_it():
    table = side_by_side(example(), "ndcg", 5).table
    assert closest(table, 0.352, 3) == ["rectools"]
    assert closest(table, 0.99, 2) == []


def test_the_example_lacks_what_needs_a_history():
    assert "novelty" not in metrics_of(example())


@pytest.mark.parametrize("metric", ["precision", "recall"])
def test_every_step_divides_a_whole_number_of_hits(metric):
    given = example().handed.given
    for row in range(5):
        for step in steps(given, row, metric, 5):
            if not step.why:
                above, _, _ = step.text.partition(" ")
                assert float(above) == round(float(above)), step


def test_a_user_without_a_list_is_told_why_nobody_counts_them():
    given = example().handed.given
    by_tool = {step.tool: step for step in steps(given, 3, "precision", 5)}
    assert by_tool["elliot"].why == "no list"
    assert not by_tool["rectools"].why
    assert {step.why for step in steps(given, 4, "recall", 5)} >= {"nothing in the test set"}


def test_the_first_user_shown_is_one_on_whom_the_tools_disagree():
    scene = example()
    found = side_by_side(scene, "map", 5)
    row = telling_user(found.per_user.to_numpy(), scene.handed.given.has_list)
    values = found.per_user.iloc[row].dropna()
    assert values.max() - values.min() > 0.2
    assert listed(scene.handed.given, 0, 2) == [(0, True), (10, False)]


def test_the_command_line_lists_conventions_and_describes_one(capsys):
    assert main(["conventions"]) == 0
    assert "recpack" in capsys.readouterr().out
    assert main(["conventions", "elliot", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {rule["checked"] for rule in told["metrics"]} == {"hand-worked"}
    assert main(["conventions", "ellit"]) == 2
    assert "did you mean 'elliot'" in capsys.readouterr().err


def test_the_command_line_says_by_which_clause(tmp_path, capsys):
    LISTS.to_csv(tmp_path / "r.csv", index=False)
    TRUTH.to_csv(tmp_path / "t.csv", index=False)
    files = ["--recommendations", str(tmp_path / "r.csv"), "--truth", str(tmp_path / "t.csv")]
    assert main(["score", *files, "--k", "5", "--convention", "lenskit", "--resamples", "0"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Counted as LensKit 2025.8.1 does" in told
    assert "divides by the length of the list" in told
