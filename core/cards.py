"""Data cards: what each data set is, where its files come from, what its columns mean."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from core.errors import ConfigError, UnknownNameError
from core.paths import CARDS

Kind = Literal["package", "folder", "url", "generated"]
KINDS: tuple[Kind, ...] = ("package", "folder", "url", "generated")
REPEATS = ("last", "first", "keep")


@dataclass(frozen=True)
class Source:
    """One place the files can be had from; a card lists them in the order they are tried.

    kind    package (a wheel of the package registry), folder (of local data files), url, generated
    where   requirement `name==version`, folder name, address, or the generator's name
    sha256, md5  of the wheel or of the downloaded file; empty where the publisher names none
    files   members of the wheel, or names in the folder, each with its sha256 or ""
    reader, options  replace the card's where this source has another format
    """

    kind: Kind
    where: str
    sha256: str = ""
    md5: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    reader: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_verified(self) -> bool:
        """Does the card name a checksum for everything this source delivers?"""
        whole = bool(self.sha256 or self.md5) or self.kind == "generated"
        return whole or (bool(self.files) and all(self.files.values()))

    def __str__(self) -> str:
        return f"{self.kind} {self.where}"


@dataclass(frozen=True)
class Card:
    """One data set.

    roles       what the columns mean: user, item, rating, timestamp → name in the files
    sensitive   user attributes to treat with care; groups: user attributes to slice by
    item_groups item attributes to slice by; provider: item column naming who offers it
    texts       item columns that hold text
    threshold   rating from which on a user is taken to like the item; None: every row is a liking
    graded      are ratings a scale (stars) and not just yes and no?
    repeats     which row of a repeated (user, item) pair stays: last or first by time, or keep all
    split       the split rule that suits the data
    noun        what an item is, for sentences: "film", "product" …
    """

    name: str
    title: str
    description: str
    licence: str
    citation: str
    sources: tuple[Source, ...]
    reader: str = ""
    homepage: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    item_groups: tuple[str, ...] = ()
    provider: str | None = None
    texts: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    threshold: float | None = None
    graded: bool = False
    repeats: str = "last"
    split: str = "global-time"
    noun: str = "item"
    notes: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    folder: Path = CARDS

    @property
    def facts(self) -> dict[str, Any]:
        """All of the card but its sources, as plain values for a manifest."""
        left_out = {"sources", "folder", "options", "reader"}
        named = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in named.items()}
        return {**plain, "roles": dict(self.roles)}


def _source(entry: Mapping[str, Any], where: Path) -> Source:
    given = [kind for kind in KINDS if kind in entry]
    known = {"sha256", "md5", "files", "reader", "options", *KINDS}
    if len(given) != 1 or not entry.keys() <= known:
        raise ConfigError(
            f"{where}: each [[sources]] names exactly one of {', '.join(KINDS)}, and besides only "
            f"sha256, md5, files, reader, options; got {', '.join(sorted(entry)) or 'nothing'}"
        )
    files = entry.get("files", {})
    rest = {key: entry[key] for key in entry.keys() & {"sha256", "md5", "reader", "options"}}
    return Source(
        kind=given[0],
        where=entry[given[0]],
        files=dict(files) if isinstance(files, Mapping) else dict.fromkeys(files, ""),
        **rest,
    )


def read_card(path: Path) -> Card:
    """The card in a TOML file; ConfigError says which entry is missing, unknown or wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"no data card at {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not a TOML card: {error}") from error
    content.setdefault("name", path.stem)
    known = {f.name for f in fields(Card)} - {"folder"}
    if unknown := sorted(content.keys() - known):
        raise UnknownNameError("entry of a data card", unknown[0], known)
    required = ("title", "description", "licence", "citation", "sources")
    if missing := [key for key in required if not content.get(key)]:
        raise ConfigError(f"{path}: a data card needs {', '.join(missing)}")
    if content.get("repeats", "last") not in REPEATS:
        raise ConfigError(
            f"{path}: repeats is one of {', '.join(REPEATS)}; got {content['repeats']!r}"
        )
    content["sources"] = tuple(_source(entry, path) for entry in content["sources"])
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in content.items()}
    return Card(**cast("dict[str, Any]", values), folder=path.parent)


@lru_cache
def _built_in(folder: Path) -> dict[str, Card]:
    found = (read_card(path) for path in sorted(folder.glob("*.toml")))
    return {entry.name: entry for entry in found}


def cards() -> dict[str, Card]:
    """Every built-in card by name."""
    return dict(_built_in(CARDS))


def card(name: str | Path) -> Card:
    """A built-in card by name, or one of your own by the path of its TOML file."""
    if str(name).endswith(".toml"):
        return read_card(Path(name))
    known = cards()
    if str(name) not in known:
        raise UnknownNameError("data set", str(name), known)
    return known[str(name)]
