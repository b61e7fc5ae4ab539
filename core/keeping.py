"""May what was kept from before be used again, how often was it, and what did that save?"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

_is_anew: ContextVar[bool] = ContextVar("_is_anew", default=False)


@dataclass
class Uses:
    """n times something was read instead of made; seconds that making it took then."""

    n: int = 0
    seconds: float = 0.0

    def since(self, before: "Uses") -> "Uses":
        return Uses(self.n - before.n, self.seconds - before.seconds)


_uses = Uses()


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


def note_use(seconds: float) -> None:
    """Something was read instead of made, which took so long then."""
    _uses.n += 1
    _uses.seconds += seconds


def uses() -> Uses:
    """What this process read, so far, instead of making it."""
    return replace(_uses)
