"""Runs: start from a form, open, compare, delete with confirmation."""

from importlib.metadata import EntryPoint

import pytest

from core.errors import UnknownNameError
from recommenders import doors
from recscope import store
from tests.app.made_run import make_run
from tests.pages.conftest import texts


def chosen(at, *rows):
    """Rows of the table stay chosen for one run of the script only, unlike in a browser."""
    at.session_state["runs.table"] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return at


def test_runs_are_listed_with_their_failed_models(shown_run, open_app):
    table = open_app("runs").dataframe[0].value
    assert table["run"].tolist() == [shown_run]
    assert table["failed"].tolist() == ["bpr"]


def test_a_run_is_deleted_only_after_confirmation(run_path, open_app):
    at = chosen(open_app("runs"), 0).run()
    chosen(at, 0).button(key="runs.delete").click().run()
    assert run_path.exists()
    chosen(at, 0).button(key="runs.delete").click()
    at.button(key="runs.confirm").click().run()
    assert not run_path.exists()
    assert not at.exception


def test_two_runs_are_compared_model_by_model(run_path, open_app):
    make_run(run_path.parent, "20260203-030405-made-0002", lift=0.1)
    at = open_app("runs")
    assert not at.exception
    assert at.selectbox(key="runs.a").value == run_path.name
    compared = next(f.value for f in at.dataframe if "B − A" in f.value)
    assert set(compared["model"]) == {"random", "popularity", "ease", "als"}
    assert all(change.startswith("+") for change in compared["B − A"])


def test_runs_on_different_data_are_not_to_be_compared(run_path, open_app):
    other = make_run(run_path.parent, "20260203-030405-made-0002")
    manifest = other / "manifest.json"
    manifest.write_text(manifest.read_text().replace("ab" * 32, "cd" * 32))
    assert "different data" in texts(open_app("runs"))


def test_the_form_starts_what_it_shows(shown_run, open_app, submitted):
    at = open_app("runs")
    at.multiselect(key="runs.new-models").set_value(["popularity", "ease"]).run()
    at.number_input(key="runs.ease.l2").set_value(99.0)
    at.selectbox(key="runs.new-data").set_value("sandbox")
    at.selectbox(key="runs.new-rule").set_value("leave-last")
    at.multiselect(key="runs.new-k").set_value([3, 10])
    at.button(key="runs.go").click().run()
    ((config, _, _),) = submitted
    assert config.data.name == "sandbox"
    assert config.split.rule == "leave-last"
    assert config.evaluate.k == (3, 10)
    assert {name: dict(model.params) for name, model in config.models.items()} == {
        "popularity": {},
        "ease": {"l2": 99.0},
    }


def test_a_form_without_a_model_says_what_is_missing(shown_run, open_app, submitted):
    at = open_app("runs")
    at.multiselect(key="runs.new-models").set_value([]).run()
    at.button(key="runs.go").click().run()
    assert submitted == []
    assert "no model is named" in texts(at)


def test_recommenders_of_packages_are_offered_too(shown_run, open_app, monkeypatch):
    brought = {
        "brought": EntryPoint("brought", "recommenders.ease:EASE", doors.GROUP),
        "broken": EntryPoint("broken", "no_such_package:Model", doors.GROUP),
    }
    monkeypatch.setattr(doors, "plugged_in", lambda: brought)
    at = open_app("runs")
    chosen = at.multiselect(key="runs.new-models").set_value(["brought", "broken"]).run()
    assert {"brought", "broken"} <= set(chosen.multiselect(key="runs.new-models").options)
    assert at.number_input(key="runs.brought.l2").value == 250.0
    assert "cannot be loaded" in texts(at)


def test_deleted_runs_are_gone(run_path):
    store.open_run(run_path.name).delete()
    with pytest.raises(UnknownNameError, match="no run is called"):
        store.open_run(run_path.name)
