"""Drift: a map of alarms, models left alone and refitted, lists, seasons."""

import pytest

from app import drift
from tests.pages.conftest import click, open_link, texts


def charts(at):
    return {chart.proto.id.rpartition("drift.")[2] for chart in at.get("plotly_chart")}


@pytest.fixture
def at(audited_run, open_app):
    return open_app("drift", run=audited_run)


def test_the_data_view_has_its_charts_and_says_how_they_were_made(at):
    assert not at.exception
    assert {"map", "shares", "far", "moved"} <= charts(at)
    said = texts(at)
    for part in ("Rao", "Benjamini", "PELT", "95 % interval", "n = "):
        assert part in said


def test_a_click_on_the_map_looks_closely_at_that_aspect(at):
    click(at, drift.MAP, "ratings", "2020-01-06")
    assert at.selectbox(key=drift.ASPECT).value == "ratings"
    assert "Ratings over time" in texts(at)


def test_newcomers_are_held_against_a_steady_coming(audited_run):
    at = open_link("drift", aspect="new users")
    assert not at.exception
    assert "newcomers" in charts(at)


@pytest.mark.parametrize(
    "view, wanted",
    [
        (drift.QUALITY, {"quality", "worth", "whom"}),
        (drift.LISTS, {"refit_churn", "refit_overlap", "decay"}),
        (drift.SEASONS, {"season-hour", "season-weekday"}),
    ],
)
def test_every_view_stands_in_the_address(audited_run, view, wanted):
    at = open_link("drift", view=view)
    assert not at.exception
    assert wanted <= charts(at)
    assert "doi:" in texts(at)


def test_another_reference_gives_another_map(at):
    at.segmented_control(key=drift.AGAINST).set_value("the previous window").run()
    assert not at.exception
    assert "from the previous one" in texts(at)


def test_a_run_without_the_audit_says_how_to_get_it(shown_run, open_app):
    at = open_app("drift", run=shown_run)
    assert not at.exception
    assert "python -m recscope audit" in texts(at)
    assert "--family drift" in texts(at)
