"""Call what others wrote: a time limit, and every mistake turned into a PluginError."""

import contextlib
import ctypes
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.errors import PluginError, RecScopeError

T = TypeVar("T")
POLL_SECONDS = 0.2  # how soon a signal is seen while a model works


@dataclass
class Answer:
    """What a call came to."""

    is_there: threading.Event = field(default_factory=threading.Event)
    value: Any = None
    error: BaseException | None = None


class Hand:
    """One thread that does one model's calls in turn, so that its state never changes threads."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._calls: queue.SimpleQueue[tuple[Callable[[], Any], Answer] | None]
        self._calls = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=f"model {name}", daemon=True)
        self._thread.start()

    def ask(self, call: Callable[[], T], seconds: float, doing: str) -> T:
        """The call's value.

        Raises PluginError where it raised or took longer; a RecScopeError and what is no Exception
        (a cancelled job) come through as they are.
        """
        answer = Answer()
        self._calls.put((call, answer))
        left = seconds
        while not answer.is_there.wait(min(POLL_SECONDS, left)):
            left -= POLL_SECONDS
            if left <= 0:
                raise PluginError(
                    f"model {self.name!r} was still busy with {doing} after {seconds:g} s and was "
                    "given up; allow more with [run] model_timeout"
                )
        if answer.error is None:
            value: T = answer.value
            return value
        if isinstance(answer.error, Exception) and not isinstance(answer.error, RecScopeError):
            raise PluginError(
                f"model {self.name!r} failed in {doing}: "
                f"{type(answer.error).__name__}: {answer.error}"
            ) from answer.error
        raise answer.error

    def let_go(self) -> None:
        """End the thread; one that hangs in Python code is told to stop, and never waited for."""
        self._calls.put(None)
        self._thread.join(POLL_SECONDS)
        if self._thread.is_alive() and self._thread.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._thread.ident), ctypes.py_object(SystemExit)
            )

    def _work(self) -> None:
        while (asked := self._calls.get()) is not None:
            call, answer = asked
            try:
                answer.value = call()
            except BaseException as error:  # noqa: BLE001 - handed over to who asked
                answer.error = error
            answer.is_there.set()


@contextlib.contextmanager
def hand(name: str) -> Iterator[Hand]:
    """A thread for this model, gone at the end whatever happens."""
    helping = Hand(name)
    try:
        yield helping
    finally:
        helping.let_go()
