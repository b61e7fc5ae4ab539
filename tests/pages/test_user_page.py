"""One user: search, lists side by side, hits not by colour alone, fallback said."""

import pytest

from tests.app.made_run import HOSTILE_TITLE, MODELS
from tests.pages.conftest import open_link, texts


@pytest.fixture
def at(shown_run, open_app):
    return open_app("user")


def test_every_models_list_is_there(at):
    said = [markdown.value for markdown in at.markdown]
    for model in MODELS:
        assert f"**{model}**" in said


def test_a_hit_carries_a_tick(at):
    lists = [markdown.value for markdown in at.markdown if markdown.value.startswith("1. ")]
    assert any("✓ **" in text for text in lists)


def test_a_user_of_the_address_is_shown(shown_run):
    assert open_link("user", id="u3").selectbox(key="user.id").value == "u3"


def test_a_user_beyond_the_offered_can_be_asked_for(shown_run):
    at = open_link("user", id="u79")
    assert not at.exception
    assert "no hit is possible" in texts(at)


def test_an_unknown_user_is_answered_with_the_nearest(shown_run):
    at = open_link("user", id="u777")
    assert not at.exception
    assert "no user is called 'u777'" in at.error[0].value.replace("\\", "")


def test_a_fallback_is_said(at):
    at.selectbox(key="user.id").set_value("u2").run()
    assert "fallback, not the model" in texts(at)
    assert "never seen in training" in texts(at)


def test_a_model_that_owes_the_user_a_list_is_said(shown_run):
    at = open_link("user", id="u78")
    assert "no list: every metric counts as 0" in texts(at)


def test_history_is_newest_first(at):
    shown = at.dataframe[0].value["timestamp"]
    assert list(shown) == sorted(shown, reverse=True)


def test_titles_are_text_and_never_markup(shown_run, open_app):
    at = open_app("user")
    at.segmented_control(key="user.k").set_value("20").run()
    found = []
    for user in range(5, 25):
        at.selectbox(key="user.id").set_value(f"u{user}").run()
        found += [m for m in at.markdown if "HYPERLINK" in m.value]
    assert found
    for markdown in found:
        assert not markdown.allow_html
        assert "[bold](" not in markdown.value
        assert ":red[" not in markdown.value
        assert HOSTILE_TITLE not in markdown.value
