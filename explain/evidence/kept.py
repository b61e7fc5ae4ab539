"""What is made of a world once, and forgotten with it."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from explain.world import World

T = TypeVar("T")


def kept(make: Callable[[World], T]) -> Callable[[World], T]:
    """The same function, computed once for each world.

    Worlds are told apart by identity, not by what they hold. The answer must not point back at its
    world: neither would ever be freed.
    """
    made: WeakKeyDictionary[World, T] = WeakKeyDictionary()

    @wraps(make)
    def of(world: World) -> T:
        if world not in made:
            made[world] = make(world)
        return made[world]

    return of
