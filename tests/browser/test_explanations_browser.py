"""Explanations in a real browser: the way there, editing a history, and hostile words."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest

from tests.app.made_explained import explain_made_run
from tests.app.made_run import make_run
from tests.browser.conftest import served, settle

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def explained_url(tmp_path_factory):
    """The app over a run whose explanations were made by hand, hostile ones among them."""
    home: Path = tmp_path_factory.mktemp("explained-browser-home")
    explain_made_run(make_run(home / "runs"))
    with served(home, tmp_path_factory.mktemp("log") / "streamlit.log") as address:
        yield address


def test_one_user_leads_to_their_explanations_and_the_address_says_which(audited_url, new_page):
    page = new_page(f"{audited_url}/user")
    page.get_by_role("link", name="Why these?").last.click()
    page.get_by_role("heading", name="In words").wait_for()
    settle(page)
    query = parse_qs(urlparse(page.url).query)
    assert query["explanations.item"]
    assert "run" in query
    other = new_page(page.url)
    other.get_by_role("heading", name="In words").wait_for()
    assert parse_qs(urlparse(other.url).query)["explanations.item"] == query["explanations.item"]


def test_a_liked_item_taken_away_changes_the_list_at_once(audited_url, new_page):
    page = new_page(f"{audited_url}/explanations?explanations.model=ease")
    box = page.locator(".st-key-explanations-liked").get_by_role("checkbox").first
    box.wait_for(state="attached")
    page.locator(".st-key-explanations-liked label").first.click()
    page.get_by_text(re.compile(r"^1 of \d+$")).wait_for()
    page.get_by_role("button", name="Put everything back").click()
    page.get_by_text(re.compile(r"^0 of \d+$")).wait_for()


def test_hostile_words_are_shown_as_text_and_a_rating_is_kept(explained_url, new_page):
    page = new_page(f"{explained_url}/explanations")
    page.get_by_text("Refused, in the writer").wait_for()
    assert page.get_by_text("<b>Film 7</b>").count() == 1
    assert page.get_by_role("link", name="Spielberg").count() == 0
    for question in ("I understand it", "I believe it", "It would help me choose"):
        page.get_by_role("radiogroup", name=question).get_by_text("4", exact=True).click()
    page.get_by_role("button", name="Rate", exact=True).click()
    page.get_by_text("Kept. Thank you.").wait_for()
    quality = new_page(f"{explained_url}/explanation_quality")
    quality.get_by_role("heading", name="What do people say?").wait_for()
    quality.get_by_text(re.compile(r"n = 1 rating by 1 rater")).wait_for()
