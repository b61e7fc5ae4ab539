"""Turn plain values of a TOML table into a configuration's fields, and say what does not fit."""

import types
from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from core.errors import ConfigError

T = TypeVar("T")
WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def need(is_met: bool, what: str, wanted: str) -> None:  # noqa: FBT001 - the fact that is asked
    if not is_met:
        raise ConfigError(f"{what} must be {wanted}")


def reject_unknown(
    given: Mapping[str, Any], known: Collection[str], where: str, what: str = "key"
) -> None:
    """ConfigError that names every key nothing reads, each with the nearest one that is."""
    unknown = [key for key in given if key not in known]
    if not unknown:
        return
    told = []
    for key in unknown:
        close = get_close_matches(key, known, n=1)
        told.append(f"{key!r}" + (f" (did you mean {close[0]!r}?)" if close else ""))
    raise ConfigError(f"{where}: unknown {what} {', '.join(told)}; known: {', '.join(known)}")


def build(kind: type[T], given: object, where: str) -> T:
    """An object of a dataclass out of a table; ConfigError where a key or a type is wrong."""
    if not isinstance(given, Mapping):
        raise ConfigError(f"{where} must be a table of keys, got {given!r}")
    entries = fields(kind)  # type: ignore[arg-type]  # callers pass dataclasses
    reject_unknown(given, [entry.name for entry in entries], where)
    for entry in entries:
        is_required = entry.default is MISSING and entry.default_factory is MISSING
        if is_required and entry.name not in given:
            raise ConfigError(f"{where} lacks {entry.name}")
    hints = get_type_hints(kind)
    return kind(
        **{key: _value(value, hints[key], f"{where} {key}") for key, value in given.items()}
    )


def _value(value: object, hint: Any, where: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
        return None if value is None else _value(value, hint, where)
    if origin is tuple:
        entries = value if isinstance(value, list | tuple) else [value]
        return tuple(_value(entry, get_args(hint)[0], where) for entry in entries)
    if origin is Mapping or hint is Mapping or str(origin).endswith("Mapping"):
        if not isinstance(value, Mapping):
            raise ConfigError(f"{where} must be a table of keys, got {value!r}")
        inner = get_args(hint)[1]
        return {
            str(key): entry if inner is Any else _value(entry, inner, f"{where}.{key}")
            for key, entry in value.items()
        }
    return _scalar(value, hint, where)


def _scalar(value: object, hint: type, where: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ConfigError(f"{where} must be {WORDS[hint]}, got {value!r}")
    return value
