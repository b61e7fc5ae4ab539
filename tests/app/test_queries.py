"""Cached reads answer for the run as it is now."""

import json
import time

import pandas as pd
import pytest

from app import queries, shell, slices
from app.start import first_audit
from recscope import jobs
from recscope.estimate import SMALLEST_CELL
from tests.app.made_run import MODELS, make_run


@pytest.fixture
def run(fresh_home):
    return make_run(fresh_home / "runs")


def test_a_rewritten_run_is_read_again(run):
    before = queries.everybody(run.name)
    table = pd.read_parquet(run / "estimates.parquet")
    table["mean"] = 0.5
    table.to_parquet(run / "estimates.parquet", index=False)
    manifest = run / "manifest.json"
    time.sleep(0.01)
    manifest.write_text(manifest.read_text())
    assert (queries.everybody(run.name)["mean"] == 0.5).all()
    assert not (before["mean"] == 0.5).all()


def test_groups_too_small_are_neither_shown_nor_cut(run):
    users = pd.read_parquet(run / "users.parquet")
    users["club"] = ["tiny"] * (SMALLEST_CELL - 1) + ["large"] * (len(users) - SMALLEST_CELL + 1)
    users.to_parquet(run / "users.parquet", index=False)
    assert slices.groups(run.name, "club") == ["large"]
    assert slices.n_small_groups(run.name, "club") == 1
    assert set(slices.group_estimates(run.name, "ndcg", "club")["group"]) == {"large"}


def test_an_unfinished_run_is_not_offered(run):
    (run / "estimates.parquet").unlink()
    assert queries.finished_runs() == []


def test_failed_models_are_not_offered(run):
    assert queries.models(run.name) == list(MODELS)


def test_the_asked_baseline_comes_before_popularity(run):
    assert slices.baseline(run.name) == "popularity"
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["config"]["evaluate"]["baseline"] = "als"
    time.sleep(0.01)
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert slices.baseline(run.name) == "als"


def test_a_comparison_within_a_cell_is_over_its_users(run):
    whole = slices.compared(run.name, "ndcg@10", "popularity", tuple(MODELS))
    women = slices.compared(run.name, "ndcg@10", "popularity", tuple(MODELS), ("gender", "F"))
    assert len(whole) == len(women) == 3
    assert women["n"].max() == 19
    assert whole["n"].max() == 76


def test_training_after_the_test_began_is_counted(run):
    assert queries.leakage(run.name)["n_late"] == 0
    table = pd.read_parquet(run / "interactions.parquet")
    table.loc[table["part"] == "train", "timestamp"] += 10**9
    table.to_parquet(run / "interactions.parquet", index=False)
    time.sleep(0.01)
    (run / "manifest.json").touch()
    counts = queries.leakage(run.name)
    assert counts["n_late"] == counts["n_train"]


def test_csv_out_of_the_app_holds_no_formula():
    text = shell.csv_of(pd.DataFrame({"title": ["=HYPERLINK(1)", "fine"]}))
    assert "\n=" not in text
    assert "'=HYPERLINK" in text


def test_a_method_is_said_in_words():
    assert "Efron 1987" in shell.interval_method(["bca"])
    assert shell.interval_method([]) == "none"


def test_first_audit_is_none_where_a_job_is(fresh_home, monkeypatch):
    monkeypatch.setattr(jobs, "list_jobs", lambda limit=100: ["a job"])
    assert first_audit() is None
