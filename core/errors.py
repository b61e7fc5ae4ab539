"""Mistakes a user can mend. The command line prints the message, a page shows it; no traceback.

RecScopeError
├── DatasetError        files or frames do not say what the loader needs
│   └── EmptyError      nothing is left to work on (empty file, empty split)
├── FetchError          a file could not be had (no network, no source left)
│   └── ChecksumError   a file came, and is not the one the card names
├── ConfigError         a run's configuration asks for what cannot be
├── UnknownNameError    a name that nothing answers to
├── NotFittedError      recommend() was called before fit()
├── PluginError         a plugged-in model, metric or endpoint broke its contract
├── LanguageError       a language model could not answer
└── StorageError        a run or cache cannot be written or read back
"""

from collections.abc import Iterable
from difflib import get_close_matches


class RecScopeError(Exception):
    """Base of every error whose message tells the user what to do."""


class DatasetError(RecScopeError):
    """The files or frames do not say what the loader needs."""


class EmptyError(DatasetError):
    """Nothing is left to work on."""


class FetchError(RecScopeError):
    """A file could not be had from any of its sources."""


class ChecksumError(FetchError):
    """A file came, but it is not the one that was asked for."""


class ConfigError(RecScopeError):
    """A configuration asks for something that cannot be."""


class NotFittedError(RecScopeError):
    """recommend() was called before fit()."""


class PluginError(RecScopeError):
    """Something plugged in broke its contract."""


class LanguageError(RecScopeError):
    """A language model could not answer."""


class StorageError(RecScopeError):
    """A run or a cache cannot be written or read back."""


class UnknownNameError(RecScopeError):
    """A name that nothing answers to.

    >>> raise UnknownNameError("metric", "ndgc", {"ndcg"})
    Traceback (most recent call last):
    core.errors.UnknownNameError: no metric is called 'ndgc'; did you mean 'ndcg'? Known: ndcg
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], shown: int = 40) -> None:
        names = sorted(known)
        close = get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        more = f" … and {len(names) - shown} more" if len(names) > shown else ""
        listing = ", ".join(names[:shown]) + more
        super().__init__(f"no {kind} is called {name!r}; {hint}Known: {listing}")


class Cancelled(BaseException):
    """The user asked to stop. Not an Exception: no model's `except Exception` may swallow it."""
