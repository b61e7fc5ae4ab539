"""A run is audited family by family; what cannot be judged is told, and nothing else is lost."""

import sys
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import recscope
from core.errors import ConfigError, DatasetError, StorageError, UnknownNameError
from recscope import engine
from recscope.auditing import audit
from recscope.audits import AUDITS
from recscope.audits.numbers import from_sums, rows
from recscope.audits.report import (
    Note,
    Report,
    curves_frame,
    effects_frame,
    estimates_frame,
    joined,
)
from recscope.bootstrap import resampled_means, resampled_sums
from recscope.cli.main import main
from recscope.config import RunConfig
from recscope.config_sections import AuditConfig
from recscope.estimate import COLUMNS, Sureness
from recscope.groups import Cell
from tests.recscope.small_run import small_config

NONE = AuditConfig(())


@dataclass(frozen=True)
class Settings:
    """share: told back as the number."""

    share: float = 0.5


def counting(case, settings) -> Report:
    """How many users each model gave a list, and the share that was asked for."""
    found = [
        {"model": model, "metric": "told", "k": case.k, "mean": settings.share, "n": len(judged)}
        for model in case.models
        for judged in [case.judged(model)]
    ]
    return Report(estimates_frame(found), notes=[Note("shares", "only told")])


def failing(case, settings) -> Report:
    raise DatasetError("there are no providers, so nothing can be shared among them")


@pytest.fixture
def families(monkeypatch):
    """Two families of the test's own: one answers, one cannot."""
    for name, answer in (("counting", counting), ("failing", failing)):
        module = ModuleType(f"audit_{name}")
        module.QUESTION, module.audit = f"{name}?", answer
        if name == "counting":
            module.Settings = Settings
        monkeypatch.setitem(sys.modules, module.__name__, module)
    mine = {"counting": "audit_counting", "failing": "audit_failing"}
    for family in list(AUDITS):
        monkeypatch.delitem(AUDITS, family)
    for family, name in mine.items():
        monkeypatch.setitem(AUDITS, family, name)


@pytest.fixture
def plain_run(fresh_home):
    return engine.run(replace(small_config(), audit=NONE))


def test_a_run_keeps_what_each_family_found(fresh_home, families):
    sections = {"counting": {"share": 0.25}}
    made = engine.run(replace(small_config(), audit=AuditConfig(("all",), sections)))
    assert made.audits() == ["counting", "failing"]
    report = made.audit("counting")
    assert report.estimates["mean"].tolist() == [0.25]
    whole = made.estimates().iloc[0]
    assert report.estimates["n"].tolist() == [whole["n"] + whole["n_undefined"]]
    assert report.settings == {"share": 0.25}
    assert report.notes == [Note("shares", "only told")]
    assert made.manifest["stages"]["audit: counting"]["seconds"] >= 0


def test_a_family_that_cannot_answer_says_why_and_the_others_go_on(fresh_home, families):
    made = engine.run(replace(small_config(), audit=AuditConfig(("failing", "counting"))))
    report = made.audit("failing")
    assert report.estimates.empty
    assert [note.reason for note in report.notes] == [
        "there are no providers, so nothing can be shared among them"
    ]
    assert len(made.audit("counting").estimates) == 1
    assert made.status == "done"


def test_a_finished_run_can_be_audited_later(families, plain_run):
    assert plain_run.audits() == []
    audit(plain_run, ["counting"])
    assert plain_run.audits() == ["counting"]
    assert plain_run.status == "done"
    audit(plain_run, config=AuditConfig(sections={"counting": {"share": 0.75}}))
    assert plain_run.audit("counting").settings == {"share": 0.5}  # it was there already
    audit(plain_run, config=AuditConfig(sections={"counting": {"share": 0.75}}), again=True)
    assert plain_run.audit("counting").settings == {"share": 0.75}


def test_an_audit_that_was_not_made_says_how_to_make_it(families, plain_run):
    with pytest.raises(StorageError, match=r"was not audited for counting.*--family counting"):
        plain_run.audit("counting")


@pytest.mark.parametrize(
    "ask", [lambda run: run.audit("countng"), lambda run: audit(run, ["countng"])]
)
def test_an_unknown_family_is_named_with_the_nearest(families, plain_run, ask):
    with pytest.raises(UnknownNameError, match="did you mean 'counting'"):
        ask(plain_run)


def test_an_unfinished_run_is_not_audited(families, plain_run):
    (plain_run.path / "estimates.parquet").unlink()
    with pytest.raises(StorageError, match="is not finished; go on with"):
        audit(plain_run)


@pytest.mark.parametrize(
    "text, message",
    [
        ('[audit]\nfamilies = ["fairnes"]', "no audit is called 'fairnes'"),
        ("[audit.drfit]\nwindow = 1", r"section of \[audit\].*'drfit'"),
        ("[audit]\ncounting = 1", r"a family's settings are a table, \[audit.counting\]"),
        ("[audit.counting]\nshar = 1", r"\[audit.counting\].*did you mean 'share'"),
        ("[audit.failing]\nx = 1", r"\[audit.failing\]: unknown key 'x'"),
    ],
)
def test_settings_that_nothing_reads_are_refused_before_a_folder_is_made(
    fresh_home, families, text, message
):
    head = '[data]\nname = "sandbox"\n[models.popularity]\nuse = "popularity"\n'
    with pytest.raises((ConfigError, UnknownNameError), match=message):
        engine.run(RunConfig.from_toml(head + text))
    assert not (fresh_home / "runs").exists()


def test_audit_settings_survive_writing_the_configuration():
    config = replace(
        small_config(), audit=AuditConfig(("drift",), {"drift": {"n_windows": 4, "by": ["genre"]}})
    )
    assert RunConfig.from_toml(config.to_toml()) == config


def test_the_command_tells_numbers_and_what_cannot_be_judged(families, plain_run, capsys):
    assert main(["audit", plain_run.id]) == 0
    told = capsys.readouterr().out
    assert "counting" in told
    assert "failing: the audit failed: there are no providers" in told


def test_a_row_of_an_unknown_column_is_refused():
    with pytest.raises(ValueError, match="no column is called meen"):
        estimates_frame([{"meen": 1.0}])


def test_frames_hold_their_columns_and_types_even_without_rows():
    assert list(estimates_frame().columns) == list(COLUMNS)
    assert str(effects_frame()["is_alarm"].dtype) == "bool"
    assert str(curves_frame([{"curve": "a", "x": 1}])["x"].dtype) == "float64"


def test_parts_of_an_audit_are_joined_and_notes_told_once():
    note = Note("brand", "no provider is known")
    one = Report(estimates_frame([{"metric": "a", "mean": 1.0}]), notes=[note])
    other = Report(estimates_frame([{"metric": "b", "mean": 2.0}]), notes=[note])
    both = joined([one, other])
    assert both.estimates["metric"].tolist() == ["a", "b"]
    assert both.notes == [note]


def test_resampled_sums_divided_by_the_users_are_the_resampled_means():
    values = np.random.default_rng(1).normal(size=(40, 3))
    sums, means = resampled_sums(values, 30, (5,)), resampled_means(values, 30, (5,))
    assert sums / 40 == pytest.approx(means, abs=1e-12)


def test_sparse_parts_are_drawn_like_dense_ones():
    counts = np.random.default_rng(2).poisson(0.3, size=(50, 8)).astype(float)
    dense = resampled_sums(counts, 20, (1, 2))
    assert resampled_sums(sparse.csr_array(counts), 20, (1, 2)) == pytest.approx(dense, abs=1e-6)


def test_a_ratio_of_sums_has_the_interval_of_its_resamples():
    parts = np.column_stack([np.arange(30.0), np.ones(30)])
    value, low, high = from_sums(parts, lambda s: s[..., :1] / s[..., 1:], Sureness(500))
    assert value == pytest.approx([14.5], abs=1e-12)
    assert 10 < low[0] < 14.5 < high[0] < 19


def test_no_interval_is_made_where_none_is_asked_for():
    value, low, high = from_sums(np.ones((4, 1)), lambda sums: sums, Sureness(0))
    assert value.tolist() == [4.0]
    assert np.isnan([low, high]).all()


def test_numbers_of_very_few_users_are_withheld():
    numbers = (np.array([0.5]), np.array([0.4]), np.array([0.6]))
    (row,) = rows(["ece"], numbers, Sureness(), 3, group_by="gender", group="x")
    assert np.isnan(row["mean"])
    assert row["method"] == "suppressed (n < 5)"
    frame = estimates_frame(rows(["ece"], numbers, Sureness(), 3, model="als"))
    assert frame["mean"].tolist() == [0.5]
    assert pd.isna(frame["group"]).all()
    assert Cell("a", "b", np.zeros(1)).group == "b"


def test_audits_are_listed_and_described_with_their_settings(families, capsys):
    assert main(["audits", "--json"]) == 0
    assert '"summary": "counting?"' in capsys.readouterr().out
    assert main(["audits", "counting"]) == 0
    assert "share = 0.5" in capsys.readouterr().out
    assert main(["audits", "countng"]) == 2
    assert "did you mean 'counting'" in capsys.readouterr().err


def test_a_program_gets_the_reports_by_name(families, plain_run):
    reports = recscope.audit(plain_run, "counting")
    assert list(reports) == ["counting"]
    assert reports["counting"].estimates["mean"].tolist() == [0.5]
    assert list(recscope.audit(plain_run.id)) == ["counting", "failing"]
