"""A server that is slow, busy, cut off or wrong costs a try or a message, never a run."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler

import pytest
from loopback import Server, Speaks, answer, drips, hangs_up, says

from core import language_endpoint
from core.errors import LanguageError
from core.language_endpoint import _seconds
from core.language_turns import Request

ASKED = Request(({"role": "user", "content": "Say hello."},))


@pytest.fixture
def serve(monkeypatch) -> Iterator[Callable[..., Server]]:
    """Starts servers on loopback; waits between tries are noted in `serve.waits`, not waited."""
    started: list[Server] = []
    waits: list[float] = []
    monkeypatch.setattr(language_endpoint, "sleep", waits.append)

    def start(*turns: Speaks) -> Server:
        started.append(Server(*turns))
        return started[-1]

    start.waits = waits  # type: ignore[attr-defined]
    yield start
    for server in started:
        server.close()


def test_a_good_answer_is_read_at_the_first_try(serve):
    server = serve(says({**answer(), "usage": {"prompt_tokens": 7, "completion_tokens": 2}}))
    said = server.endpoint().answer(ASKED)
    assert (said.text, said.n_prompt, said.n_answer, said.is_whole) == ("Hello.", 7, 2, True)
    assert server.asked[0]["model"] == "some-model"
    assert serve.waits == []


@pytest.mark.parametrize(
    "trouble",
    [says({}, 429), says(b"", 503), says({"error": "x"}, 500), hangs_up, says(b'{"choices": [')],
    ids=["rate-limited", "busy", "broken", "cut off", "half a JSON"],
)
def test_what_may_pass_is_asked_again_with_growing_waits(serve, trouble):
    server = serve(trouble, trouble, says(answer()))
    assert server.endpoint().answer(ASKED).text == "Hello."
    assert serve.waits == [1.0, 2.0]
    assert server.asked[0] == server.asked[2]


@pytest.mark.parametrize(
    "trouble, reason",
    [(says({}, 429), "status 429"), (hangs_up, "RemoteProtocolError"), (says(b"{"), "broken JSON")],
)
def test_what_does_not_pass_is_told_after_three_tries(serve, trouble, reason):
    server = serve(trouble)
    with pytest.raises(LanguageError, match=rf"could not be reached in 3 tries \({reason}"):
        server.endpoint().answer(ASKED)
    assert len(server.asked) == 3


def test_a_server_says_itself_how_long_to_wait(serve):
    server = serve(says({}, 429, Retry_After="7"), says(answer()))
    server.endpoint().answer(ASKED)
    assert serve.waits == [7.0]


def test_a_long_break_is_told_and_not_waited_for(serve):
    server = serve(says({}, 429, Retry_After="3600"))
    with pytest.raises(LanguageError, match=r"asks for a break of 3600 seconds \(status 429\)"):
        server.endpoint().answer(ASKED)
    assert serve.waits == []


def test_a_wait_may_be_a_date():
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    assert 17 < (_seconds(soon) or 0) <= 20
    assert _seconds("Mon, 01 Jan 2001 00:00:00 GMT") == 0
    assert _seconds("when the cows come home") is None


def test_a_server_that_drips_is_left_in_time(serve):
    server = serve(drips)
    started = time.monotonic()
    with pytest.raises(LanguageError, match="gave no answer within 0 seconds, in 1 try"):
        server.endpoint(timeout=0.2).answer(ASKED)
    assert time.monotonic() - started < 10


def test_an_answer_without_end_is_cut_off(serve, monkeypatch):
    monkeypatch.setattr(language_endpoint, "LARGEST", 1000)
    with pytest.raises(LanguageError, match="more than 1,000 bytes"):
        serve(says(b" " * 2000)).endpoint().answer(ASKED)


@pytest.mark.parametrize(
    "turn, message",
    [
        (says({}, 401), "refused the key"),
        (says(b"<html>", 404), r"no JSON \(status 404\).*may lack /v1"),
        (says({"detail": "no"}, 404), "answered with status 404: .*no"),
        (says({"error": {"message": "no such model"}}, 404), "did not answer: no such model"),
        (says([1, 2]), "answered without a message"),
        (says({"choices": [{"message": None}]}), "answered without a message"),
        (says(answer(["a", "list"])), "answered without a message"),
        (says(answer(None, message={"refusal": "I will not."})), "refused to answer: I will not"),
        (says(answer("", finish_reason="content_filter")), "refused to answer: content_filter"),
    ],
)
def test_what_will_not_pass_is_told_at_once(serve, turn, message):
    server = serve(turn)
    with pytest.raises(LanguageError, match=message):
        server.endpoint().answer(ASKED)
    assert len(server.asked) == 1


def test_an_answer_that_ran_out_of_tokens_is_not_whole(serve):
    said = serve(says({**answer("Hel", finish_reason="length"), "usage": None})).endpoint()
    found = said.answer(ASKED)
    assert (found.text, found.is_whole, found.n_answer) == ("Hel", False, 0)


def test_a_server_that_begins_anew_is_told_apart(serve):
    asked = Request(ASKED.messages, prefill="Since you liked Alien,")
    server = serve(says(answer("Since you liked Alien, watch Aliens.")), says(answer("Hello.")))
    first, second = (server.endpoint().answer(asked) for _ in range(2))
    assert (first.text, first.is_begun) == (" watch Aliens.", True)
    assert (second.text, second.is_begun) == ("Hello.", False)
    assert server.asked[0]["messages"][-1]["role"] == "assistant"


def test_the_key_comes_from_the_environment_and_is_in_no_message(serve, monkeypatch):
    monkeypatch.setenv("RECSCOPE_API_KEY", "sk-secret")
    seen: list[str] = []

    def note(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["Authorization"])
        says({"detail": "no"}, 404)(handler)

    with pytest.raises(LanguageError) as error:
        serve(note).endpoint().answer(ASKED)
    assert seen == ["Bearer sk-secret"]
    assert "secret" not in str(error.value)
