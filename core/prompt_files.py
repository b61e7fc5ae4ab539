"""Prompts as TOML files, each with a version: change what one says and raise it."""

import hashlib
import string
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import ConfigError, UnknownNameError
from core.language_turns import Message

PLAIN = {"version", "doc", "source", "examples", "max_tokens", "stop", "options"}


@dataclass(frozen=True)
class Words:
    """A conversation with gaps, such as {title}.

    name, version  say which words were used; doc: what it is for, source: whose idea it is
    texts          the words by key: user, and system, opening or others where there are
    examples       worked ones, each a question and its answer
    options        the answers that may be given; empty: any
    """

    name: str
    version: int
    doc: str
    texts: Mapping[str, str]
    source: str = ""
    examples: tuple[tuple[str, str], ...] = ()
    options: tuple[str, ...] = ()
    max_tokens: int = 48
    stop: tuple[str, ...] = field(default=())

    @property
    def id(self) -> str:
        """Name, version, and the beginning of the sha256 of its words: "pointwise 1 (3f9a01c2)"."""
        words = repr((sorted(self.texts.items()), self.examples, self.options))
        return f"{self.name} {self.version} ({hashlib.sha256(words.encode()).hexdigest()[:8]})"

    def text(self, key: str, gaps: Mapping[str, str]) -> str:
        """One of the texts, its gaps filled once: braces in a title stay as they are."""
        lines = self.texts.get(key, "").format_map(gaps).splitlines()
        # a gap that is filled with nothing leaves no empty line
        return "\n".join(line for line in lines if line.strip())

    def messages(self, gaps: Mapping[str, str], user: str = "user") -> list[Message]:
        """The conversation.  user: the key of the last message's text."""
        said: list[Message] = []
        if "system" in self.texts:
            said.append({"role": "system", "content": self.text("system", gaps)})
        for question, answer in self.examples:
            said.append({"role": "user", "content": question.format_map(gaps).strip()})
            said.append({"role": "assistant", "content": answer.format_map(gaps).strip()})
        return [*said, {"role": "user", "content": self.text(user, gaps)}]


def words_named(
    name: str, folder: Path, gaps: Collection[str], texts: Collection[str] = ("user",)
) -> Words:
    """The prompt of this name in the folder, or in the .toml file of this path.

    gaps   that may be left open; texts: keys that may hold words, the first one must

    Raises UnknownNameError where there is none, ConfigError where the file is no prompt.
    """
    path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
    if not path.is_file() or (not name.endswith(".toml") and path.parent != folder):
        known = sorted(one.stem for one in folder.glob("*.toml"))
        raise UnknownNameError("prompt", name, [*known, "FILE.toml"])
    text = path.read_text(encoding="utf-8")
    return _parsed(path.stem, text, str(path), tuple(gaps), tuple(texts))


@cache
def _parsed(
    name: str, text: str, where: str, gaps: tuple[str, ...], texts: tuple[str, ...]
) -> Words:
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is no TOML: {error}") from error
    if unknown := sorted(said.keys() - PLAIN - set(texts)):
        raise ConfigError(
            f"{where} has unknown keys {unknown}; a prompt has {sorted({*PLAIN, *texts})}"
        )
    if lacking := [key for key in ("doc", texts[0]) if not isinstance(said.get(key), str)]:
        raise ConfigError(f"{where} lacks {', '.join(lacking)}: text is needed")
    examples = tuple((one.get("user"), one.get("assistant")) for one in said.get("examples", []))
    words = {key: said[key] for key in texts if key in said}
    for one in (*words.values(), *sum(examples, ())):
        check_gaps(one, gaps, where)
    return Words(
        name,
        _whole(said.get("version", 1), "version", where),
        said["doc"],
        words,
        str(said.get("source", "")),
        examples,
        _listed(said.get("options", ()), "options", where),
        _whole(said.get("max_tokens", 48), "max_tokens", where),
        _listed(said.get("stop", ()), "stop", where),
    )


def check_gaps(text: Any, gaps: Collection[str], where: str) -> None:
    """Every gap of a text must be one that can be filled; ConfigError says which is not."""
    if not isinstance(text, str):
        raise ConfigError(f"{where} holds {text!r} where text is needed")
    try:
        left = {gap for _, gap, _, _ in string.Formatter().parse(text) if gap is not None}
    except ValueError as error:
        raise ConfigError(f"{where} has a brace that opens no gap ({error}): write {{{{") from error
    if unknown := sorted(left - set(gaps)):
        raise ConfigError(f"{where} leaves {unknown} open; a prompt may leave {list(gaps)} open")


def _whole(value: Any, key: str, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigError(f"{where}: {key} must be a whole number from 1; got {value!r}")
    return value


def _listed(value: Any, key: str, where: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise ConfigError(f"{where}: {key} must be a list of texts; got {value!r}")
    return tuple(value)
