"""Calibration: diagrams, errors, groups, strength, lists; and a run that was not audited."""

import json

import pytest

from tests.pages.conftest import open_link, texts

CHARTS = ("diagrams", "errors", "groups", "by_group", "strength", "scales", "lists", "ratings")
MODELS = 5


def figure(at, name):
    """The Plotly figure of a chart, by its key."""
    for chart in at.get("plotly_chart"):
        if chart.proto.id.endswith(f"calibration.{name}"):
            return json.loads(chart.proto.spec)
    raise AssertionError(f"no chart {name}")


@pytest.fixture
def at(audited_run):
    return open_link("calibration")


def test_every_chart_is_there_with_a_caption_that_tells_source_interval_and_population(at):
    assert not at.exception
    for name in CHARTS:
        assert figure(at, name)["data"], name
    captions = [caption.value for caption in at.caption]
    assert sum("doi" in caption for caption in captions) >= len(CHARTS)
    for said in ("bootstrap", "users", "Holm", "the map that was fitted on validation data"):
        assert any(said in caption for caption in captions), said


def test_a_row_of_diagrams_a_model_before_and_after(at):
    titles = [note["text"] for note in figure(at, "diagrams")["layout"]["annotations"]]
    assert "ease, min-max" in titles
    assert "ease, platt" in titles
    assert len(titles) == 2 * MODELS


def test_only_chosen_models_are_shown(at):
    at.multiselect(key="calibration.models").set_value(["ease"]).run()
    assert not at.exception
    titles = [note["text"] for note in figure(at, "diagrams")["layout"]["annotations"]]
    assert titles == ["ease, min-max", "ease, platt"]
    assert figure(at, "strength")["data"][0]["y"] == ["ease"]


@pytest.mark.parametrize("metric", ["calibration_bias", "smooth_ece", "log_loss"])
def test_another_error_moves_the_charts(at, metric):
    at.selectbox(key="calibration.metric").set_value(metric).run()
    assert not at.exception
    assert figure(at, "errors")["layout"]["xaxis"]["title"]["text"].startswith(metric)


def test_the_address_alone_restores_what_was_seen(audited_run):
    at = open_link("calibration", metric="brier", focus="ease", by="activity", models=["ease"])
    assert at.selectbox(key="calibration.metric").value == "brier"
    assert at.selectbox(key="calibration.by").value == "activity"
    assert "To whom does ease promise" in texts(at)


def test_the_table_holds_every_error_of_every_model(at):
    table = next(
        frame.value for frame in at.dataframe if "brier_reliability" in frame.value.columns
    )
    assert len(table) == 2 * MODELS
    assert table["ece_debiased"].str.contains(" to ").all()


def test_a_model_that_predicts_ratings_has_its_own_diagram(at):
    assert "Are predicted ratings right in the mean?" in texts(at)
    at.multiselect(key="calibration.models").set_value(["popularity"]).run()
    assert "Are predicted ratings right in the mean?" not in texts(at)


def test_lists_are_held_against_tastes(at):
    before = figure(at, "lists")["layout"]["xaxis"]["title"]["text"]
    choices = at.selectbox(key="calibration.list_metric").options
    at.selectbox(key="calibration.list_metric").set_value(choices[1]).run()
    assert figure(at, "lists")["layout"]["xaxis"]["title"]["text"] != before


def test_a_run_that_was_not_audited_says_how_to_do_it(shown_run):
    at = open_link("calibration")
    assert not at.exception
    assert "python -m recscope audit" in texts(at)
    assert "This run holds no metric that lays lists beside the tastes" in texts(at)


def test_without_a_run_the_page_says_how_to_get_one(fresh_home):
    at = open_link("calibration")
    assert "No finished run yet" in texts(at)
