"""A GGUF model in this process, by llama.cpp."""

import time
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from core.errors import LanguageError
from core.language_gguf import QUICK, is_slow, quick
from core.language_turns import Answer, Request

CONTEXT = 4096  # tokens of prompt and answer together
MOST_THREADS = 8  # more of them wait for each other longer than a small model takes


class Llama:
    """Loaded at the first question; one question at a time, so that the same one gets the same."""

    def __init__(self, name: str, weights: Path, n_threads: int | None = None) -> None:
        # a name says which weights speak: answers are kept by it
        self.name = f"{name} llama.cpp{' ' + QUICK if is_slow(weights) else ''}"
        self.weights = weights
        self.n_threads = n_threads
        self._lock = Lock()

    @cached_property
    def server(self) -> Any:
        """The model, which also speaks OpenAI's protocol on a free port of 127.0.0.1."""
        import os

        try:
            import xllamacpp
        except ImportError as error:
            raise LanguageError(
                "a .gguf model needs the package xllamacpp: pip install xllamacpp"
            ) from error
        asked = xllamacpp.CommonParams()
        asked.model.path = str(quick(self.weights))
        asked.n_ctx, asked.n_parallel, asked.verbosity = CONTEXT, 1, -1
        # one core stays free: threads wait for each other at every layer, and where one of them
        # has to share its core with other work, all the others wait with it (ten times slower)
        n_threads = self.n_threads or min(MOST_THREADS, max(1, (os.cpu_count() or 2) - 1))
        for threads in (asked.cpuparams, asked.cpuparams_batch):
            # threads that spin while they wait starve each other on a busy machine
            threads.n_threads, threads.poll = n_threads, 0
        return xllamacpp.Server(asked)

    def answer(self, request: Request) -> Answer:
        asked = chat_request(request)
        with self._lock:
            started = time.perf_counter()
            said = self.server.handle_chat_completions(asked)
        return read_answer(said, request, time.perf_counter() - started, self.name)


def chat_request(request: Request) -> dict[str, Any]:
    """A request in OpenAI's protocol; words to go on from are the assistant's last message."""
    messages = [dict(message) for message in request.messages]
    if request.prefill:
        messages.append({"role": "assistant", "content": request.prefill})
    asked: dict[str, Any] = {
        "messages": messages,
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "seed": request.seed,
    }
    if request.stop:
        asked["stop"] = list(request.stop)
    if request.schema is not None:
        form = {"name": "answer", "schema": dict(request.schema), "strict": True}
        asked["response_format"] = {"type": "json_schema", "json_schema": form}
    return asked


def read_answer(said: Any, request: Request, seconds: float, name: str) -> Answer:
    """The answer in what a server said.  LanguageError where it refused or said nothing."""
    if not isinstance(said, dict):
        raise LanguageError(f"{name} answered without a message: {str(said)[:300]}")
    if error := said.get("error"):
        reason = error.get("message", error) if isinstance(error, dict) else error
        raise LanguageError(f"{name} did not answer: {reason}")
    try:
        choice = said["choices"][0]
        message = choice["message"]
        text = message["content"] or ""
        ended = choice.get("finish_reason")
        refusal = message.get("refusal")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise LanguageError(f"{name} answered without a message: {str(said)[:300]}") from error
    if not isinstance(text, str):
        raise LanguageError(f"{name} answered without a message: {str(said)[:300]}")
    if refusal or ended == "content_filter":
        raise LanguageError(f"{name} refused to answer: {str(refusal or ended)[:200]}")
    used = said.get("usage")
    used = used if isinstance(used, dict) else {}
    is_begun = True
    if request.prefill:
        is_begun = text.startswith(request.prefill)
        text = text.removeprefix(request.prefill)
    return Answer(
        text=text,
        n_prompt=_count(used.get("prompt_tokens")),
        n_answer=_count(used.get("completion_tokens")),
        seconds=seconds,
        is_whole=ended != "length",
        is_begun=is_begun,
    )


def _count(said: Any) -> int:
    """Tokens as a server counted them, 0 where it did not."""
    return said if isinstance(said, int) and said >= 0 else 0
