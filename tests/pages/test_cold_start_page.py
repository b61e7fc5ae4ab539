"""Cold start and cost: every view over a run that the engine made, and without its audits."""

import json

import pytest

from tests.pages.conftest import open_link, texts

VIEWS = {
    "New users": ("warm-up", "slices", "gap"),
    "New items": ("shares", "recall", "reach"),
    "Cost": ("pareto", "latency"),
}


def figure(at, name):
    for chart in at.get("plotly_chart"):
        if chart.proto.id.endswith(f"cold_start.{name}"):
            return json.loads(chart.proto.spec)
    raise AssertionError(f"no chart {name}")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_draws_its_charts_with_source_and_population(view, audited_run):
    at = open_link("cold_start", view=view)
    assert not at.exception
    for name in VIEWS[view]:
        assert figure(at, name)["data"], name
    captions = [caption.value for caption in at.caption]
    assert sum("doi" in caption for caption in captions) >= len(VIEWS[view]) - 1
    assert any("n \\= " in caption or "n = " in caption for caption in captions)


def test_the_model_looked_at_is_chosen_in_the_address(audited_run):
    at = open_link("cold_start", view="New users", focus="popularity", quality="recall@10")
    assert at.selectbox(key="cold_start.focus").value == "popularity"
    assert figure(at, "warm-up")["layout"]["yaxis"]["title"]["text"] == "recall@10"
    assert "For every doubling of the history popularity gains" in texts(at)


def test_only_the_chosen_models_are_shown(audited_run):
    at = open_link("cold_start", view="Cost", models=["ease", "popularity"])
    names = [trace["name"] for trace in figure(at, "pareto")["data"] if trace.get("name")]
    assert names == ["popularity", "ease"]
    (costs,) = [frame.value for frame in at.dataframe if "to learn, s" in frame.value]
    assert costs["model"].tolist() == ["popularity", "ease"]


def test_another_cut_forgets_the_slice_of_the_last(audited_run):
    at = open_link("cold_start", view="New items")
    at.selectbox(key="cold_start.cut").set_value("item age").run()
    assert not at.exception
    assert at.selectbox(key="cold_start.group").value == "new"


def test_a_run_without_language_models_says_how_to_judge_answers(audited_run):
    at = open_link("cold_start", view="Language models")
    assert not at.exception
    assert "python -m recscope answers FILE" in texts(at)


@pytest.mark.parametrize("view", [*VIEWS, "Language models"])
def test_a_run_without_the_audit_says_how_to_make_it(view, shown_run):
    at = open_link("cold_start", view=view)
    assert not at.exception
    assert f"python -m recscope audit {shown_run}" in texts(at)


def test_without_any_run_the_page_says_how_to_get_one(fresh_home, open_app):
    at = open_app("cold_start")
    assert not at.exception
    assert "No finished run yet" in texts(at)
