"""What writers ask a language model: prompts as files, each with its version.

A prompt is a TOML file in explain/prompts/, or any other file by its path. Change what it says and
raise its version: explanations keep both, so that two of them can be told apart.
"""

import hashlib
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import ConfigError, UnknownNameError
from core.language_turns import Message
from core.naming import listed
from explain.brief import Brief
from explain.phrases import names_in, to_you

FOLDER = Path(__file__).parent / "prompts"
N_NAMED = 2  # liked items in an opening
# what a prompt may leave open; the last two only in prompts of a second round
GAPS = ("title", "because", "facts", "noun", "draft", "faults")
TEXTS = ("doc", "user")
OPTIONAL = ("source", "system", "opening", "opening_alone")
KEYS = {"version", *TEXTS, *OPTIONAL, "max_tokens", "stop", "examples"}


@dataclass(frozen=True)
class Prompt:
    """A conversation with gaps, such as {title}.

    name, version  say which words were used; doc: what it is for, source: whose idea it is
    system, user   the words; examples: worked ones, each a question and its answer
    opening        how the answer begins; opening_alone: where no liked item can be named
    max_tokens, stop  end the answer
    """

    name: str
    version: int
    doc: str
    user: str
    source: str = ""
    system: str = ""
    examples: tuple[tuple[str, str], ...] = ()
    opening: str = ""
    opening_alone: str = ""
    max_tokens: int = 48
    stop: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Name, version, and the beginning of the sha256 of its words: "opened 1 (3f9a01c2)"."""
        words = repr((self.system, self.user, self.examples, self.opening, self.opening_alone))
        return f"{self.name} {self.version} ({hashlib.sha256(words.encode()).hexdigest()[:8]})"

    def begun(self, brief: Brief) -> str:
        """The words that the answer to this brief begins with; empty where it begins freely."""
        opening = self.opening if brief.because else self.opening_alone or self.opening
        return _filled(opening, _gaps(brief)) if opening else ""

    def messages(self, brief: Brief, **more: str) -> list[Message]:
        """The conversation about one brief.  more: what fills further gaps (draft, faults).

        All before the last message is the same for all briefs of one noun; the last holds nothing
        of any other brief.
        """
        said: list[Message] = []
        noun = {"noun": brief.noun}
        if self.system:
            said.append({"role": "system", "content": _filled(self.system, noun)})
        for question, answer in self.examples:
            said.append({"role": "user", "content": _filled(question, noun).strip()})
            said.append({"role": "assistant", "content": _filled(answer, noun).strip()})
        content = _filled(self.user, {**_gaps(brief), **more}).strip()
        return [*said, {"role": "user", "content": content}]


def _filled(text: str, gaps: Mapping[str, str]) -> str:
    """The text with its gaps filled once: braces in a title stay as they are."""
    return text.format_map(gaps)


def _gaps(brief: Brief) -> dict[str, str]:
    return {
        "title": brief.title,
        "because": listed(brief.because[:N_NAMED]),
        "facts": fact_lines(brief),
        "noun": brief.noun,
    }


def fact_lines(brief: Brief) -> str:
    """What may be said, one fact a line; a fact holds no line break, so none can pose as two."""
    facts = [f"You liked {listed(brief.because)}."] if brief.because else []
    return "\n".join(f"- {to_you(fact, names_in(brief))}" for fact in [*facts, *brief.facts])


def prompts() -> dict[str, Prompt]:
    """All prompts that come with RecScope, by name."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.toml"))}


def prompt(name: str) -> Prompt:
    """The prompt of this name, or in this .toml file.

    Raises UnknownNameError where there is none, ConfigError where the file is no prompt.
    """
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    if not path.is_file() or (not name.endswith(".toml") and path.parent != FOLDER):
        raise UnknownNameError("prompt", name, [*prompts(), "FILE.toml"])
    return _read(path)


def _read(path: Path) -> Prompt:
    return _parsed(path.stem, path.read_text(encoding="utf-8"), str(path))


@cache
def _parsed(name: str, text: str, where: str) -> Prompt:
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is no TOML: {error}") from error
    if unknown := sorted(said.keys() - KEYS):
        raise ConfigError(f"{where} has unknown keys {unknown}; a prompt has {sorted(KEYS)}")
    if lacking := [key for key in TEXTS if not isinstance(said.get(key), str)]:
        raise ConfigError(f"{where} lacks {', '.join(lacking)}: text is needed")
    examples = tuple((one.get("user"), one.get("assistant")) for one in said.get("examples", []))
    texts = [said["user"], *(said.get(key, "") for key in OPTIONAL), *sum(examples, ())]
    for one in texts:
        _check(one, where)
    return Prompt(
        name,
        _whole(said.get("version", 1), "version", where),
        said["doc"],
        said["user"],
        **{key: said[key] for key in OPTIONAL if key in said},
        examples=examples,
        max_tokens=_whole(said.get("max_tokens", 48), "max_tokens", where),
        stop=tuple(said.get("stop", ())),
    )


def _check(text: Any, where: str) -> None:
    """Every gap of a text must be one that can be filled."""
    if not isinstance(text, str):
        raise ConfigError(f"{where} holds {text!r} where text is needed")
    try:
        gaps = {gap for _, gap, _, _ in string.Formatter().parse(text) if gap is not None}
    except ValueError as error:
        raise ConfigError(f"{where} has a brace that opens no gap ({error}): write {{{{") from error
    if unknown := sorted(gaps - set(GAPS)):
        raise ConfigError(f"{where} leaves {unknown} open; a prompt may leave {list(GAPS)} open")


def _whole(value: Any, key: str, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigError(f"{where}: {key} must be a whole number from 1; got {value!r}")
    return value
