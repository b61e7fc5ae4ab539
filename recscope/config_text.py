"""Write dataclasses as TOML. The standard library reads TOML and does not write it."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from core.errors import ConfigError

INLINE = "sections"  # a field whose tables stand beside the other fields, not under its name
BARE = re.compile(r"[A-Za-z0-9_-]+")


def to_text(config: Any) -> str:
    """TOML of a dataclass of dataclasses; what is None is left out, as TOML knows no null."""
    lines: list[str] = []
    for entry in fields(config):
        _table([entry.name], _mapping(getattr(config, entry.name)), lines)
    return "\n".join(lines).strip() + "\n"


def _mapping(value: Any) -> Mapping[str, Any]:
    if is_dataclass(value):
        named = {entry.name: getattr(value, entry.name) for entry in fields(value)}
        inline = named.pop(INLINE, {})
        return {**named, **inline}
    found: Mapping[str, Any] = value
    return found


def _table(path: list[str], table: Mapping[str, Any], lines: list[str]) -> None:
    plain = {key: value for key, value in table.items() if not _is_table(value)}
    inner = {key: value for key, value in table.items() if _is_table(value)}
    if plain or not inner:
        lines.append(f"\n[{'.'.join(_key(part) for part in path)}]")
    lines.extend(
        f"{_key(key)} = {_value(value, [*path, key])}"
        for key, value in plain.items()
        if value is not None
    )
    for key, value in inner.items():
        if is_dataclass(value) or value:
            _table([*path, key], _mapping(value), lines)


def _is_table(value: Any) -> bool:
    return is_dataclass(value) or isinstance(value, Mapping)


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _quoted(key)


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL, which TOML wants escaped
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any, path: list[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(entry, path) for entry in value) + "]"
    raise ConfigError(
        f"{'.'.join(path)} holds {value!r}, which a configuration cannot write down; use text, "
        "numbers, true, false or lists of them"
    )
