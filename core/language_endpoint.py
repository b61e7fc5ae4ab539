"""A language model behind any server that speaks OpenAI's protocol."""

import os
import time
from typing import Any
from urllib.parse import urlparse

from core.errors import ConfigError, LanguageError
from core.language_llama import chat_request, read_answer
from core.language_turns import Answer, Request

KEYS = ("RECSCOPE_API_KEY", "OPENAI_API_KEY")  # read from the environment, never written down
TRIES = 3
PATIENCE = 120.0  # seconds for one answer
BUSY = {408, 425, 429, 500, 502, 503, 504}


class Endpoint:
    """model: as the server calls it; url: of the server, with /v1 where it has one."""

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

    def _post(self, asked: dict[str, Any]) -> Any:
        """The server's JSON; a busy server is asked again, after a while."""
        import httpx

        key = next((os.environ[name] for name in KEYS if os.environ.get(name)), None)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        reason = ""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(2.0**attempt)
            try:
                reply = httpx.post(
                    f"{self.url}/chat/completions",
                    json=asked,
                    headers=headers,
                    timeout=self.timeout,
                )
            except httpx.HTTPError as error:
                reason = f"{type(error).__name__}: {error}"
                continue
            if reply.status_code not in BUSY:
                return self._read(reply)
            reason = f"status {reply.status_code}"
        raise LanguageError(
            f"{self.name} could not be reached in {TRIES} tries ({reason}); check that the server "
            "runs and that the address is right"
        )

    def _read(self, reply: Any) -> Any:
        if reply.status_code in {401, 403}:
            raise LanguageError(
                f"{self.name} refused the key; set {' or '.join(KEYS)} in the environment"
            )
        try:
            said = reply.json()
        except ValueError as error:
            raise LanguageError(
                f"{self.name} answered with no JSON (status {reply.status_code}): "
                f"{reply.text[:200]!r}; the address may lack /v1"
            ) from error
        if reply.status_code >= 400 and not (isinstance(said, dict) and "error" in said):
            raise LanguageError(f"{self.name} answered with status {reply.status_code}: {said!r}")
        return said
