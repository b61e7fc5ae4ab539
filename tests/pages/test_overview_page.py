"""Overview: the headline, its worries, and the very first start."""

import json

import pytest

from app import start
from recscope import jobs
from tests.app.made_run import make_run
from tests.pages.conftest import texts


def test_the_headline_names_the_best_model_with_its_interval(shown_run, open_app):
    said = texts(open_app())
    assert "ranks best, with ndcg@10" in said
    assert "95 % interval" in said


def test_it_says_whether_leads_could_be_chance(shown_run, open_app):
    labels = [metric.label for metric in open_app().metric]
    assert any("over the baseline, popularity" in label for label in labels)
    assert any("over the runner-up" in label for label in labels)


def test_a_failed_model_is_a_warning_with_its_reason(shown_run, open_app):
    said = texts(open_app())
    assert "bpr gave no result" in said
    assert "NaN for 3 users" in said


def test_users_without_a_list_are_said(shown_run, open_app):
    assert "ease (5 of" in texts(open_app())


def test_data_that_stand_in_for_others_are_said(run_path, open_app):
    manifest = json.loads((run_path / "manifest.json").read_text())
    manifest["fallback"] = "movielens-100k could not be fetched, so sandbox stands in"
    (run_path / "manifest.json").write_text(json.dumps(manifest))
    assert "sandbox stands in" in texts(open_app())


def test_the_ledger_is_on_show(shown_run, open_app):
    reasons = [
        list(frame.value["reason"]) for frame in open_app().dataframe if "reason" in frame.value
    ]
    assert ["rating is not a number"] in reasons


def test_an_empty_home_starts_the_default_audit_once(fresh_home, open_app, submitted):
    open_app()
    open_app()
    assert len(submitted) == 1
    config, label, resume = submitted[0]
    assert config.data.name == "movielens-100k"
    assert len(config.models) == 8
    assert label == start.LABEL
    assert resume is None


def test_a_home_with_runs_starts_nothing(shown_run, open_app, submitted):
    open_app()
    assert submitted == []


def test_deleting_every_run_starts_nothing_unasked(fresh_home, open_app, submitted):
    open_app()
    path = make_run(fresh_home / "runs")
    (path / "manifest.json").unlink()
    open_app()
    assert len(submitted) == 1


def test_an_audit_that_could_not_start_may_be_tried_again(fresh_home, open_app, monkeypatch):
    def broken(*args, **kwargs):
        raise jobs.StorageError("no process could be started")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "submit", broken)
        assert "no process could be started" in texts(open_app())
    assert not (fresh_home / start.MARK).exists()


def job(**given):
    facts = dict.fromkeys(jobs.Job.__dataclass_fields__)
    facts |= {"id": "abc", "label": "Audit", "config": "", "created": 1.8e9, "fraction": 0.0}
    return jobs.Job(**{**facts, "heartbeat": 0.0, "done": 0, "total": 0, "message": "", **given})


def test_the_first_screen_shows_where_the_audit_is(fresh_home, open_app, monkeypatch):
    at_work = job(
        state="running", stage="fit", model="ease", done=3, total=9, fraction=0.4, eta_s=12.0
    )
    monkeypatch.setattr(jobs, "list_jobs", lambda limit=100: [at_work])
    at = open_app()
    assert "The first audit is being computed" in texts(at)
    (bar,) = at.get("progress")
    assert bar.proto.value == 40
    assert bar.proto.text == "Fitting ease · 3 of 9 users · about 12 s left"


def test_cancel_stops_the_job(fresh_home, open_app, monkeypatch):
    stopped = []
    at_work = job(state="running", stage="fit", model="ease")
    monkeypatch.setattr(jobs, "list_jobs", lambda limit=100: [at_work])
    monkeypatch.setattr(jobs, "cancel", stopped.append)
    open_app().button(key="overview.cancel-abc").click().run()
    assert stopped == ["abc"]


@pytest.mark.parametrize("state", ["failed", "cancelled", "lost"])
def test_a_job_that_ended_early_can_go_on(state, fresh_home, open_app, monkeypatch, submitted):
    from recscope.config import default_config

    ended = job(state=state, config=default_config().to_toml(), run_id="r1", message="<b>why</b>")
    monkeypatch.setattr(jobs, "list_jobs", lambda limit=100: [ended])
    at = open_app()
    assert "\\<b\\>why" in texts(at)
    at.button(key="overview.resume-abc").click().run()
    assert submitted[-1][2] == "r1"
