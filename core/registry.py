"""Things by name: those that RecScope ships, and those of installed packages."""

from collections import UserDict
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.metadata import entry_points
from typing import TypeVar

from core.errors import PluginError

T = TypeVar("T")


class Registry(UserDict[str, T]):
    """Built-in things and those of entry points, which are looked for at the first question.

    kind   the type that an entry point must name; group: of the entry points
    named  what a thing is called; without it, it goes by the name of its entry point

    The first question raises PluginError where an installed package's thing cannot be loaded, is
    something else, or has a name that is taken.
    """

    def __init__(
        self,
        built_in: Mapping[str, T],
        kind: type[T],
        group: str,
        named: Callable[[T], str] | None = None,
    ) -> None:
        self._built_in, self._kind, self._group, self._named = built_in, kind, group, named

    @cached_property
    def data(self) -> dict[str, T]:  # type: ignore[override] # found late, so that imports stay quick
        """All of them by name, the built-in ones first."""
        found = dict(self._built_in)
        for entry in entry_points(group=self._group):
            where = f"the entry point {entry.name!r} ({entry.value}) of {self._group}"
            try:
                thing = entry.load()
            except Exception as error:
                raise PluginError(
                    f"{where} cannot be loaded: {type(error).__name__}: {error}; mend or uninstall "
                    "its package"
                ) from error
            if not isinstance(thing, self._kind):
                raise PluginError(
                    f"{where} must name a {self._kind.__module__}.{self._kind.__name__}; it is a "
                    f"{type(thing).__name__}"
                )
            name = self._named(thing) if self._named else entry.name
            if name in found:
                raise PluginError(
                    f"{where} is called {name!r}, and so is another; rename it, or uninstall its "
                    "package"
                )
            found[name] = thing
        return found
