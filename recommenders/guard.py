"""A plug-in's call, kept from taking the run with it: it may raise, and it may hang."""

import ctypes
import threading
import traceback
from collections.abc import Callable
from typing import TypeVar

from core.errors import Cancelled, PluginError, RecScopeError

Answer = TypeVar("Answer")


class _Stopped(BaseException):
    """Thrown into a thread whose time is over; no `except Exception` on its way can eat it."""


def guarded(call: Callable[[], Answer], seconds: float | None, name: str) -> Answer:
    """What does the call answer, if it answers in time?

    name     what is called, for the message: "recommend of my-model"
    seconds  time limit; None waits for ever
    Anything that the call raises, except RecScopeError and Cancelled, becomes a PluginError that
    names the line.
    A call over its time is abandoned: Python code in it is stopped, and what cannot be stopped
    (compiled code, a sleeping wait) goes on in a daemon thread and ends with the process.
    """
    if seconds is None:
        return _answer(call, name)
    answers: list[Answer] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            answers.append(_answer(call, name))
        except _Stopped:
            return
        except BaseException as error:  # noqa: BLE001 - handed over to the caller's thread
            failures.append(error)

    thread = threading.Thread(target=work, name=f"guarded {name}", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        _stop(thread)
        raise PluginError(
            f"{name} has not answered within {seconds:g} seconds and was abandoned; "
            "raise its time limit, or give it less to do"
        )
    if failures:
        raise failures[0]
    return answers[0]


def _answer(call: Callable[[], Answer], name: str) -> Answer:
    try:
        return call()
    except (RecScopeError, KeyboardInterrupt, Cancelled, _Stopped):
        raise
    except MemoryError as error:
        raise PluginError(
            f"{name} ran out of memory{_where(error)}; use a smaller data set or a smaller model"
        ) from error
    except BaseException as error:  # a plug-in may also call sys.exit()
        raise PluginError(
            f"{name} raised {type(error).__name__}: {error}{_where(error)}; "
            "mend it there, or leave the model out"
        ) from error


def _where(error: BaseException) -> str:
    """The line of the plug-in that raised, as ` at FILE:LINE in FUNCTION`."""
    frames = traceback.extract_tb(error.__traceback__)
    if len(frames) < 2:  # the call itself could not be made: nothing below this file
        return ""
    last = frames[-1]
    return f" at {last.filename}:{last.lineno} in {last.name}"


def _stop(thread: threading.Thread) -> None:
    """Throw _Stopped into a thread; it arrives at its next line of Python."""
    if thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), ctypes.py_object(_Stopped)
        )
