"""The HTTP door, against a real server on loopback."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from core.errors import ConfigError, PluginError
from core.tables import PAD, Ids, Interactions
from recommenders import endpoint
from recommenders.doors import resolve

USERS = Ids("user", np.array(["u1", "u2", "u3"], dtype=object))
ITEMS = Ids("item", np.array(["1", "2", "3", "4"], dtype=object))
VARIABLE = "TOKEN_OF_THIS_TEST"
TRAIN = Interactions(np.array([0], np.int32), np.array([0], np.int32), n_users=3, n_items=4)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(endpoint, "FIRST_PAUSE", 0.01)


@pytest.fixture
def serve():
    """Start a server whose answer to each question is a function's; returns its address."""
    servers = []

    def start(answer):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, body = answer(asked, self)
                if body is None:
                    return
                text = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/top"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def model(url, **parameters):
    return resolve(url, parameters).bind(USERS, ITEMS).fit(TRAIN)


def same_for_all(asked, _):
    lists = [{"user": user, "items": ["3", "1"], "scores": [0.9, 0.2]} for user in asked["users"]]
    return 200, {"lists": lists}


def always(status, body):
    return lambda asked, handler: (status, body)


def test_lists_come_back_as_codes_in_the_order_asked(serve):
    questions = []

    def answer(asked, handler):
        questions.append(asked)
        status, body = same_for_all(asked, handler)
        return status, {"lists": body["lists"][::-1]}

    top = model(serve(answer), batch=2).recommend(np.array([2, 0, 1]), k=3)
    np.testing.assert_array_equal(top.items, [[2, 0, PAD]] * 3)
    np.testing.assert_array_equal(top.scores[0], [0.9, 0.2, -np.inf])
    assert questions == [{"users": ["u3", "u1"], "k": 3}, {"users": ["u2"], "k": 3}]


def test_scores_may_be_left_out_and_ids_may_be_numbers(serve):
    top = model(serve(always(200, {"lists": [{"user": "u1", "items": [2, 4]}]})))
    answered = top.recommend(np.array([0, 1]), k=2)
    np.testing.assert_array_equal(answered.items, [[1, 3], [PAD, PAD]])
    np.testing.assert_array_equal(answered.scores[0], [-1, -2])


def test_unknown_items_hold_their_rank_and_strangers_are_dropped(serve):
    lists = [{"user": "u1", "items": ["nope", "2", "1"]}, {"user": "u9", "items": ["1"]}]
    asked = model(serve(always(200, {"lists": lists})))
    top = asked.recommend(np.array([0]), k=2)
    np.testing.assert_array_equal(top.items, [[PAD, 1]])
    assert asked.ledger_.count("item the data set does not hold, kept as a miss") == 1
    assert asked.ledger_.count("list of a user who was not asked for") == 1
    assert asked.ledger_.count("list longer than k, cut") == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_asked_again(serve, status):
    tries = []

    def answer(asked, handler):
        tries.append(asked)
        return (status, {}) if len(tries) < 3 else same_for_all(asked, handler)

    top = model(serve(answer), retries=2).recommend(np.array([0]), k=1)
    np.testing.assert_array_equal(top.items, [[2]])
    assert len(tries) == 3


def test_a_service_that_stays_busy_is_given_up(serve):
    with pytest.raises(PluginError, match=r"status 503, after 2 of 2 tries\); is the service"):
        model(serve(always(503, {})), retries=1).recommend(np.array([0]), k=1)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_refusal_is_final(serve, status):
    with pytest.raises(PluginError, match=rf"status {status}, after 1 of 3 tries"):
        model(serve(always(status, {}))).recommend(np.array([0]), k=1)


def test_nobody_at_the_address_is_told():
    with pytest.raises(PluginError, match=r"ConnectError: .* is the service running"):
        model("http://127.0.0.1:9/top", retries=0).recommend(np.array([0]), k=1)


def test_a_service_that_hangs_is_given_up(serve):
    def hang(asked, handler):
        time.sleep(0.6)
        return 200, None

    with pytest.raises(PluginError, match=r"ReadTimeout.* after 1 of 1 tries"):
        model(serve(hang), timeout=0.1, retries=0).recommend(np.array([0]), k=1)


def test_an_answer_that_drips_is_given_up(serve):
    def drip(asked, handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(20):
            try:
                handler.wfile.write(b" " * 10)
                handler.wfile.flush()
            except OSError:
                break
            time.sleep(0.05)
        return 200, None

    with pytest.raises(PluginError, match=r"still answering after 0\.2 seconds"):
        model(serve(drip), timeout=0.2).recommend(np.array([0]), k=1)


def test_an_answer_too_large_is_not_read_to_its_end(serve):
    large = {"lists": [{"user": "u1", "items": ["1"] * 10_000}]}
    with pytest.raises(PluginError, match=r"more than 0\.01 MB; ask for fewer users at once"):
        model(serve(always(200, large)), max_megabytes=0.01).recommend(np.array([0]), k=1)


@pytest.mark.parametrize(
    "body,message",
    [
        (b"<html>", "something that is no JSON: b'<html>'"),
        (b"\xff\xfe", "something that is no JSON"),
        ([1, 2], r'must answer with {"lists": .*got \[1, 2\]'),
        ({"lists": 3}, "must answer with"),
        ({"lists": ["u1"]}, "sent a list that cannot be read .* it needs user, items"),
        ({"lists": [{"user": "u1"}]}, r"cannot be read \(KeyError: 'items'\)"),
        ({"lists": [{"user": "u1", "items": [None]}]}, "must be text or a whole number, not None"),
        (
            {"lists": [{"user": "u1", "items": ["1"], "scores": ["x"]}]},
            "cannot be read .ValueError",
        ),
        (
            {"lists": [{"user": "u1", "items": ["1"], "scores": []}]},
            "1 items and 0 scores for user",
        ),
    ],
)
def test_an_answer_of_another_shape_is_shown(serve, body, message):
    with pytest.raises(PluginError, match=message):
        model(serve(always(200, body))).recommend(np.array([0]), k=1)


def test_a_token_goes_into_the_header_and_into_no_message(serve, monkeypatch):
    monkeypatch.setenv(VARIABLE, "secret-7")
    headers = []

    def answer(asked, handler):
        headers.append(handler.headers["Authorization"])
        return 404, {}

    with pytest.raises(PluginError) as caught:
        model(serve(answer), token_variable=VARIABLE).recommend(np.array([0]), k=1)
    assert headers == ["Bearer secret-7"]
    assert "secret" not in str(caught.value)


def test_an_empty_token_variable_is_named(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(ConfigError, match="variable TOKEN_OF_THIS_TEST is empty"):
        model("http://127.0.0.1:9/", token_variable=VARIABLE).recommend([0], 1)


def test_an_address_that_is_none_is_refused():
    with pytest.raises(ConfigError, match="is no address"):
        model("http://127.0.0.1:port/").recommend(np.array([0]), k=1)


def test_the_endpoint_needs_the_names_first():
    with pytest.raises(ConfigError, match=r"needs names; call bind\(user_ids, item_ids\)"):
        resolve("http://127.0.0.1:9/").fit(TRAIN)
