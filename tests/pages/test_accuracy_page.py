"""Accuracy: filters in the address, clicks that filter, captions that say what they must."""

import base64
import json

import numpy as np
import pytest

from app import accuracy
from tests.app.made_run import MODELS
from tests.pages.conftest import click, open_link, texts

CHARTS = ("forest", "differences", "curves", "distribution", "slices")


def figure(at, name):
    """The Plotly figure of a chart, by its key."""
    for chart in at.get("plotly_chart"):
        if chart.proto.id.endswith(f"accuracy.{name}"):
            return json.loads(chart.proto.spec)
    raise AssertionError(f"no chart {name}")


def numbers(values):
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"])
    return np.array(values)


@pytest.fixture
def at(shown_run, open_app):
    return open_app("accuracy")


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_there(name, at):
    assert figure(at, name)["data"]


def test_models_stand_from_worst_below_to_best_on_top(at):
    shown = numbers(figure(at, "forest")["data"][0]["x"])
    assert list(shown) == sorted(shown)


def test_every_caption_gives_definition_source_interval_and_population(at):
    captions = [caption.value for caption in at.caption]
    assert sum("doi" in caption for caption in captions) >= len(CHARTS)
    for said in ("bootstrap", "n = 76 users", "4 undefined", "up to 5 without a list"):
        assert any(said in caption for caption in captions), said


def test_the_cutoff_moves_every_chart(at):
    before = list(numbers(figure(at, "forest")["data"][0]["x"]))
    at.segmented_control(key="accuracy.k").set_value("20").run()
    assert not at.exception
    assert list(numbers(figure(at, "forest")["data"][0]["x"])) != before


def test_the_address_alone_restores_what_was_seen(shown_run):
    asked = {"metric": "recall", "k": "5", "baseline": "als", "by": "gender", "group": "F"}
    at = open_link("accuracy", models=["ease", "als"], **asked)
    assert at.selectbox(key="accuracy.group").value == "F"
    assert at.selectbox(key="accuracy.metric").value == "recall"
    assert at.multiselect(key="accuracy.models").value == ["ease", "als"]
    assert figure(at, "forest")["layout"]["xaxis"]["title"]["text"].startswith("recall@5")
    assert figure(at, "differences")["data"][0]["y"] == ["ease"]


def test_only_the_chosen_models_are_shown(at):
    at.multiselect(key="accuracy.models").set_value(["ease", "random"]).run()
    assert sorted(figure(at, "forest")["data"][0]["y"]) == ["ease", "random"]
    assert len(figure(at, "curves")["data"]) == 2


def test_the_baseline_is_left_out_of_its_own_comparison(at):
    at.selectbox(key="accuracy.baseline").set_value("ease").run()
    assert set(figure(at, "differences")["data"][0]["y"]) == set(MODELS) - {"ease"}


def test_one_model_alone_has_nothing_to_be_compared_with(at):
    at.multiselect(key="accuracy.models").set_value(["popularity"]).run()
    assert not at.exception
    assert "Choose another model" in texts(at)


def test_a_click_on_a_model_looks_closely_at_it(at):
    click(at, "accuracy.forest", "als", 0.1, 0.3, 76)
    assert at.selectbox(key="accuracy.focus").value == "als"
    assert [trace["name"] for trace in figure(at, "slices")["data"]] == ["popularity", "als"]


def test_a_click_on_a_group_filters_the_rest_and_a_second_takes_it_back(at):
    everybody = list(numbers(figure(at, "forest")["data"][0]["x"]))
    click(at, "accuracy.slices", "F", 0.1, 0.3, 20, "als")
    assert at.selectbox(key="accuracy.group").value == "F"
    assert list(numbers(figure(at, "forest")["data"][0]["x"])) != everybody
    assert "Only users with gender = F" in texts(at)
    click(at, "accuracy.slices")
    assert at.selectbox(key="accuracy.group").value == accuracy.EVERYBODY
    assert list(numbers(figure(at, "forest")["data"][0]["x"])) == everybody


def test_an_old_click_does_not_fight_the_filter(at):
    click(at, "accuracy.slices", "F", 0.1, 0.3, 20, "als")
    at.selectbox(key="accuracy.group").set_value("M")
    click(at, "accuracy.slices", "F", 0.1, 0.3, 20, "als")  # the browser still sends it
    assert at.selectbox(key="accuracy.group").value == "M"


def test_another_attribute_forgets_the_group_of_the_last(at):
    at.selectbox(key="accuracy.group").set_value("F").run()
    at.selectbox(key="accuracy.by").set_value("occupation").run()
    assert not at.exception
    assert at.selectbox(key="accuracy.group").value == accuracy.EVERYBODY


def test_an_attribute_that_the_run_did_not_judge_is_cut_now(at):
    at.selectbox(key="accuracy.by").set_value("age").run()
    assert not at.exception
    assert len(figure(at, "slices")["layout"]["yaxis"]["ticktext"]) == 4


def test_the_correction_changes_which_p_is_shown(at):
    at.segmented_control(key="accuracy.correction").set_value("BH").run()
    assert "corrected by BH" in texts(at)
