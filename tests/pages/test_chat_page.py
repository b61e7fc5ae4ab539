"""The chat: turns are answered by a ranker of the run, and what was read stands beside them."""

import pytest

from core.errors import LanguageError
from recommenders.converse import recommender
from recommenders.converse.wishes import Wish
from tests.pages.conftest import open_link, texts


@pytest.fixture
def chat(audited_run):
    return open_link("chat", ranker="ease")


def say(at, words: str):
    return at.chat_input(key="chat.said").set_value(words).run()


def numbered(at) -> list[str]:
    """The open list's lines."""
    found = [e.value for e in at.markdown if e.value.startswith("1. ")]
    return found[-1].splitlines() if found else []


def test_a_conversation_begins_with_the_rankers_own_list(chat):
    assert not chat.exception
    assert not chat.error
    assert len(numbered(chat)) == 10
    assert "What the ranker lists by itself" in texts(chat)


def test_words_change_the_list_and_say_what_was_read(chat):
    before = numbered(chat)
    at = say(chat, "not number 1")
    assert not at.exception
    assert not set(numbered(at)) & set(before)
    assert "read by rules · critique: 1 item refused" in texts(at).replace("\\", "")


def test_an_answer_about_an_item_leaves_the_list(chat):
    before = numbered(chat)
    at = say(chat, "what is number 2?")
    assert numbered(at) == before
    assert "liked by" in texts(at)


def test_hostile_words_are_text_and_never_markup(chat):
    at = say(chat, "<b>x</b> [a](http://evil.example) $y$ :red[z]")
    assert not at.exception
    for element in at.markdown:
        assert not element.allow_html
        assert "](http" not in element.value
        assert "<b>" not in element.value.replace("\\<b\\>", "")


def test_a_suggestion_is_said_by_a_click_and_everything_can_begin_anew(chat):
    at = chat.button(key="chat.try.not number 3").click().run()
    assert "1 item refused" in texts(at)
    at = at.button(key="chat.anew").click().run()
    assert "1 item refused" not in texts(at)


def test_somebody_new_can_talk_too(audited_run):
    at = open_link("chat", user="somebody new", ranker="ease")
    assert not at.exception
    assert len(numbered(at)) == 10
    assert "No history" in texts(at)


def test_an_unknown_user_is_answered_with_the_nearest(audited_run):
    at = open_link("chat", user="nobody-9")
    assert not at.exception
    assert "no user is called" in at.error[0].value.replace("\\", "")


def test_a_language_model_that_cannot_be_had_is_told_kindly(chat, monkeypatch):
    class Away:
        def complete(self, *_, **__):
            raise LanguageError("the server is away")

    monkeypatch.setattr(recommender, "language_of", lambda name: Away())
    chat.segmented_control(key="chat.reader").set_value("model").run()
    at = say(chat, "newer ones")
    assert not at.exception
    assert "the server is away" in texts(at).replace("\\", "")
    assert len(numbered(at)) == 10


def test_a_run_that_cannot_be_computed_again_says_so(shown_run):
    at = open_link("chat")
    assert not at.exception
    assert not at.error
    assert "cannot be talked to" in at.info[0].value


def test_a_wish_is_told_in_a_few_words():
    from app.chat_panels import meaning

    wish = Wish("critique", ("Drama",), ("War",), None, 1980, -1, (1,), (2, 3))
    assert meaning(wish) == (
        "critique: with Drama, without War, years any to 1980, less known, 1 item liked, "
        "2 items refused"
    )
    assert meaning(Wish()) == "other"
