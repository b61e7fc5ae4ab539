"""A server on loopback that speaks OpenAI's protocol as badly as it is told to."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from core.language_endpoint import Endpoint

Speaks = Callable[[BaseHTTPRequestHandler], None]


def answer(text: Any = "Hello.", **choice: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, **choice.pop("message", {})}
    return {"choices": [{"message": message, "finish_reason": "stop", **choice}]}


def says(body: Any, status: int = 200, **headers: str) -> Speaks:
    """A turn of the server: this status and body."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    def speak(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(raw)

    return speak


class Server:
    """Speaks its turns one after the other, the last one for ever, and keeps what it was asked."""

    def __init__(self, *turns: Speaks) -> None:
        self.turns, self.asked = list(turns), list[dict[str, Any]]()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                server.asked.append(json.loads(self.rfile.read(length)))
                turn = server.turns.pop(0) if len(server.turns) > 1 else server.turns[0]
                turn(self)

            def log_message(self, *_: object) -> None:
                """Nothing on the screen of whoever runs the tests."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}/v1"

    def endpoint(self, **more: float) -> Endpoint:
        return Endpoint("some-model", self.url, **more)

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    """Promises more than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [{"mess')


def drips(handler: BaseHTTPRequestHandler) -> None:
    """Sends a byte now and then, and never comes to an end."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(1000):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            return
        threading.Event().wait(0.02)
