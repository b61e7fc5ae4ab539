"""May what was kept from before be used again, and how often was it?"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_is_anew: ContextVar[bool] = ContextVar("_is_anew", default=False)


@dataclass
class _Uses:
    n: int = 0


_uses = _Uses()


@contextmanager
def anew() -> Iterator[None]:
    """Inside, what is kept is neither read nor replaced: for who measures how long making takes."""
    before = _is_anew.set(True)
    try:
        yield
    finally:
        _is_anew.reset(before)


def is_anew() -> bool:
    """Must everything be made again here?"""
    return _is_anew.get()


def note_use() -> None:
    """Something was read instead of made."""
    _uses.n += 1


def n_uses() -> int:
    """How often this process read what it would else have made."""
    return _uses.n
