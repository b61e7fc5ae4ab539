"""A language model behind any server that speaks OpenAI's protocol."""

import json
import os
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from time import sleep
from typing import Any
from urllib.parse import urlparse

from core.errors import ConfigError, LanguageError
from core.language_llama import chat_request, read_answer
from core.language_turns import Answer, Request

KEYS = ("RECSCOPE_API_KEY", "OPENAI_API_KEY")  # read from the environment, never written down
TRIES = 3
PATIENCE = 120.0  # seconds for one answer, all tries and waits between them together
LONGEST_WAIT = 30.0  # a server that asks for a longer break is not waited for
LARGEST = 4_000_000  # bytes of one answer
BUSY = {408, 425, 429, 500, 502, 503, 504, 529}


class _TryAgainError(Exception):
    """Something that may be over in a moment.  wait: seconds that the server asks for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Endpoint:
    """model: as the server calls it; url: of the server, with /v1 where it has one.

    timeout  seconds for one answer, however often the server is asked for it

    A server that is busy, rate-limited, slow to accept, cut off in the middle of its answer, or
    answers with broken JSON is asked again, up to three times, after 1 and 2 seconds or when it
    says (Retry-After). What is no passing trouble (a wrong key, a refusal) is told at once.
    """

    def __init__(self, model: str, url: str, timeout: float = PATIENCE) -> None:
        self.name = f"openai:{model}@{url}"
        self.model = model
        self.url = url.rstrip("/")
        self.timeout = timeout

    @classmethod
    def of(cls, text: str) -> "Endpoint":
        """MODEL@URL.  ConfigError where it is not that."""
        model, sign, url = text.rpartition("@")
        if not (model and sign and urlparse(url).scheme in {"http", "https"}):
            raise ConfigError(
                f"openai:{text} must name a model and its server, such as "
                "openai:llama3@http://127.0.0.1:11434/v1"
            )
        return cls(model, url)

    def answer(self, request: Request) -> Answer:
        started = time.perf_counter()
        said = self._post({"model": self.model, **chat_request(request)})
        return read_answer(said, request, time.perf_counter() - started, self.name)

    def _post(self, asked: Mapping[str, Any]) -> Any:
        """The server's JSON; what may pass is waited for, as long as there is time."""
        ends = time.monotonic() + self.timeout
        for attempt in count(1):
            try:
                return self._once(asked, ends)
            except _TryAgainError as error:
                wait = 2.0 ** (attempt - 1) if error.wait is None else error.wait
                left = ends - time.monotonic()
                if attempt == TRIES or wait > min(left, LONGEST_WAIT):
                    raise self._gave_up(str(error), attempt, wait, left) from error
                sleep(wait)
        return None  # never reached: the last try returns or raises

    def _gave_up(self, reason: str, tried: int, wait: float, left: float) -> LanguageError:
        tries = f"{tried} {'try' if tried == 1 else 'tries'}"
        if tried < TRIES and wait > LONGEST_WAIT:
            return LanguageError(
                f"{self.name} asks for a break of {wait:.0f} seconds ({reason}); try again later"
            )
        if tried < TRIES or left <= 0:
            return LanguageError(
                f"{self.name} gave no answer within {self.timeout:.0f} seconds, in {tries} "
                f"({reason}); the server may be too slow for what is asked"
            )
        return LanguageError(
            f"{self.name} could not be reached in {tries} ({reason}); check that the server runs "
            "and that the address is right"
        )

    def _once(self, asked: Mapping[str, Any], ends: float) -> Any:
        """One question over the wire.  A server that drips its answer is cut off at `ends`."""
        import httpx

        key = next((os.environ[name] for name in KEYS if os.environ.get(name)), None)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        timeout = httpx.Timeout(max(0.1, ends - time.monotonic()))
        url = f"{self.url}/chat/completions"
        body = bytearray()
        try:
            with httpx.stream(
                "POST",
                url,
                json=asked,
                headers=headers,
                timeout=timeout,
                verify=url.startswith("https"),  # certificates take long to load: not without need
            ) as reply:
                for piece in reply.iter_bytes():
                    body += piece
                    if len(body) > LARGEST:
                        raise LanguageError(
                            f"{self.name} answered with more than {LARGEST:,} bytes; it was cut off"
                        )
                    if time.monotonic() > ends:
                        raise _TryAgainError(f"{len(body)} bytes came, and no end")
        except httpx.HTTPError as error:
            raise _TryAgainError(f"{type(error).__name__}: {error}") from error
        except httpx.InvalidURL as error:
            raise LanguageError(f"{self.name}: {error}") from error
        if reply.status_code in BUSY:
            wait = _seconds(reply.headers.get("retry-after"))
            raise _TryAgainError(f"status {reply.status_code}", wait)
        return self._read(reply.status_code, bytes(body))

    def _read(self, status: int, body: bytes) -> Any:
        if status in {401, 403}:
            raise LanguageError(
                f"{self.name} refused the key; set {' or '.join(KEYS)} in the environment"
            )
        try:
            said = json.loads(body)
        except ValueError as error:
            text = body[:200].decode(errors="replace")
            if status < 300 and text.lstrip().startswith("{"):
                raise _TryAgainError(f"broken JSON: {text[:80]!r}") from error
            raise LanguageError(
                f"{self.name} answered with no JSON (status {status}): {text!r}; the address may "
                "lack /v1"
            ) from error
        if status >= 300 and not (isinstance(said, dict) and said.get("error")):
            raise LanguageError(f"{self.name} answered with status {status}: {str(said)[:300]}")
        return said


def _seconds(retry_after: str | None) -> float | None:
    """How long a server asks to wait: a number of seconds or a date; None where it does not say."""
    if not retry_after:
        return None
    if re.fullmatch(r"\s*\d+(?:\.\d+)?\s*", retry_after):
        return float(retry_after)
    try:
        when = parsedate_to_datetime(retry_after)
    except ValueError:
        return None  # neither form of RFC 9110: as if nothing had been said
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
