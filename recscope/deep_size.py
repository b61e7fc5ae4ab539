"""How many bytes does an object hold, everything it points to included, each thing once?"""

import sys
from collections.abc import Iterator, Mapping
from functools import singledispatch
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import pandas as pd

LEAVES = (str, bytes, bytearray, int, float, complex, bool, type(None), range)
NOT_DATA = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)
MOST_OBJECTS = 200_000


class Walk:
    """Counts objects once each; what was met before, in this walk, adds nothing.

    met         the things counted, by their number: held, so that no number is given out twice
    is_partial  True once MOST_OBJECTS were met: what was counted is then a lower bound
    """

    def __init__(self) -> None:
        self.met: dict[int, Any] = {}
        self.is_partial = False

    def bytes_of(self, thing: Any) -> int:
        """Bytes of the thing and of all it points to that was not met before.

        An array counts with its whole buffer even where it is a view of a part, for the view keeps
        all of it in memory. What a compiled library hides behind an object is not seen.
        """
        total, waiting = 0, [thing]
        while waiting:
            found = waiting.pop()
            if isinstance(found, NOT_DATA) or id(found) in self.met:
                continue
            if len(self.met) >= MOST_OBJECTS:
                self.is_partial = True
                break
            self.met[id(found)] = found
            size, inner = _opened(found)
            total += size
            waiting.extend(inner)
        return total


def attribute_bytes(thing: Any, shared: Any = None) -> tuple[dict[str, int], int, bool]:
    """Bytes by attribute, those of `shared` that the thing holds on to, and: a lower bound?

    shared  something it was handed, such as training data: not counted as its own
    """
    walk = Walk()
    in_shared = Walk()
    shared_bytes = in_shared.bytes_of(shared)
    walk.met.update(in_shared.met)
    sizes = {name: walk.bytes_of(part) for name, part in _attributes(thing)}
    holds = any(id(part) in in_shared.met for _, part in _attributes(thing) if not _is_leaf(part))
    return sizes, shared_bytes if holds else 0, walk.is_partial


def _is_leaf(thing: Any) -> bool:
    return isinstance(thing, LEAVES + NOT_DATA)


def _attributes(thing: Any) -> Iterator[tuple[str, Any]]:
    yield from getattr(thing, "__dict__", {}).items()
    for kind in type(thing).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(thing, name):
                yield name, getattr(thing, name)


@singledispatch
def _opened(thing: Any) -> tuple[int, list[Any]]:
    """Bytes of the thing alone, and what it points to."""
    if hasattr(thing, "untyped_storage"):  # a tensor: its buffer, which views share
        return int(thing.untyped_storage().nbytes()), []
    return sys.getsizeof(thing), [part for _, part in _attributes(thing)]


@_opened.register
def _(thing: np.ndarray) -> tuple[int, list[Any]]:
    if isinstance(thing.base, np.ndarray):
        return sys.getsizeof(thing), [thing.base]
    return int(thing.nbytes), thing.ravel().tolist() if thing.dtype == object else []


@_opened.register
def _(thing: pd.DataFrame) -> tuple[int, list[Any]]:
    return int(thing.memory_usage(deep=True).sum()), []


@_opened.register(pd.Series)
@_opened.register(pd.Index)
def _(thing: Any) -> tuple[int, list[Any]]:
    return int(thing.memory_usage(deep=True)), []


@_opened.register
def _(thing: Mapping) -> tuple[int, list[Any]]:  # type: ignore[type-arg]
    return sys.getsizeof(thing), [*thing.keys(), *thing.values()]


@_opened.register(list)
@_opened.register(tuple)
@_opened.register(set)
@_opened.register(frozenset)
def _(thing: Any) -> tuple[int, list[Any]]:
    return sys.getsizeof(thing), list(thing)
