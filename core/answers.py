"""What a language model answered when it was asked for a list: files of answers, and reading them.

A file of answers is JSON lines, one object an answer:

    user        outside id of whom the list is for                              needed
    answer      the text exactly as the model wrote it                          needed
    candidates  outside ids of the items it was to choose from, in the order shown
    asked       how many items it was asked for
    template    which wording of the prompt; order: which order of the candidates; seed: which run
    prompt      the prompt itself; prompt_tokens, completion_tokens: as the model's server counts

Nothing in an answer is ever run or followed: it is text to be read.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from core.errors import DatasetError, EmptyError

Kind = Literal["list", "refusal", "unreadable"]
NEEDED = ("user", "answer")
LONGEST_ANSWER = 200_000  # characters
LONGEST_LINE = 120
FACTORS = ("template", "order", "seed")

_FENCE = re.compile(r"```[a-zA-Z]*\n?(.*?)```", re.DOTALL)
_NUMBERED = re.compile(r"\s*(?:rank\s*)?[\[(#]?\d{1,3}\s*[.)\]:]\s*(\S.*)", re.IGNORECASE)
_DASHED = re.compile(r"\s*[-*•–]\s+(\S.*)")
_REFUSES = re.compile(
    r"\b(i'?m sorry|i am sorry|i apologi[sz]e|i can'?t|i can ?not|i(?:'m| am) (?:unable|not able)"
    r"|i won'?t|as an ai\b|unable to (?:help|provide|recommend|comply|fulfil)"
    r"|(?:don'?t|do not) have (?:enough|access|information))",
    re.IGNORECASE,
)
_NAMED = ("id", "item_id", "item", "title", "name")


@dataclass(frozen=True)
class Answer:
    """One answer; the fields are those of a file of answers, None or "" where it does not say."""

    user: str
    answer: str
    candidates: tuple[str, ...] | None = None
    asked: int | None = None
    template: str = ""
    order: str = ""
    seed: str = ""
    prompt: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True)
class Parsed:
    """What an answer lists, as it names it; none where it is a refusal or unreadable."""

    kind: Kind
    entries: tuple[str, ...] = ()


def read_answers(path: Path) -> list[Answer]:
    """Every answer of a file.  DatasetError names the line that cannot be; EmptyError: no line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text: {error}; save it as UTF-8") from error
    found = [
        answer_of(_object(line, f"{path.name}, line {place}"), f"{path.name}, line {place}")
        for place, line in enumerate(lines, 1)
        if line.strip()
    ]
    if not found:
        raise EmptyError(f"{path} holds no answer; one JSON object a line was wanted")
    return found


def _object(line: str, where: str) -> Mapping[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise DatasetError(f"{where} is no JSON: {error}; one object a line is wanted") from error
    if not isinstance(record, dict):
        raise DatasetError(f"{where} is no JSON object but {str(record)[:40]!r}")
    return record


def answer_of(record: Mapping[str, Any], where: str) -> Answer:
    """An answer out of plain values.  DatasetError for a field that is missing or of another type.

    where  named in messages. A field that is none of an answer's is left alone.
    """
    lacking = [name for name in NEEDED if record.get(name) is None]
    if lacking:
        raise DatasetError(
            f"{where} lacks {' and '.join(lacking)}; an answer needs user and answer, and may have "
            f"{', '.join(entry.name for entry in fields(Answer) if entry.name not in NEEDED)}"
        )
    given: dict[str, Any] = {"user": str(record["user"]), "answer": str(record["answer"])}
    for name in (*FACTORS, "prompt"):
        value = record.get(name)
        given[name] = "" if value is None else str(value)
    for name in ("asked", "prompt_tokens", "completion_tokens"):
        value = record.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise DatasetError(f"{where}: {name} must be a whole number, got {value!r}")
        given[name] = value
    candidates = record.get("candidates")
    if candidates is not None and not isinstance(candidates, list | tuple):
        raise DatasetError(f"{where}: candidates must be a list of item ids, got {candidates!r}")
    given["candidates"] = None if candidates is None else tuple(str(one) for one in candidates)
    return Answer(**given)


def parse(text: str) -> Parsed:
    """Which items does an answer list, and in which order?

    Tried in turn: a JSON list (of texts, numbers, or objects with id, item_id, item, title or
    name), also inside other text; numbered lines; dashed lines; then, unless it declines, several
    short plain lines, and one line parted by semicolons, bars or commas. What none of them reads
    is unreadable.
    """
    text = text[:LONGEST_ANSWER].replace("’", "'")
    entries = next((found for read in (_json, _lines) if (found := read(text))), ())
    if entries:
        return Parsed("list", entries)
    if _REFUSES.search(text):
        return Parsed("refusal")
    entries = next((found for read in (_plain, _parted) if (found := read(text))), ())
    return Parsed("list", entries) if entries else Parsed("unreadable")


def _json(text: str) -> tuple[str, ...]:
    """Entries of the first JSON value that lists something."""
    fenced = _FENCE.findall(text)
    for source in (*fenced, text):
        is_whole = bool(fenced) or source.lstrip()[:1] in {"[", "{"}
        for value in _values(source):
            entries = tuple(_named(entry) for entry in _listed(value))
            if len(entries) > 1 or (entries and is_whole):
                return entries
    return ()


def _values(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    place, tries = 0, 0
    while (found := re.compile(r"[\[{]").search(text, place)) and tries < 50:
        tries += 1
        try:
            value, place = decoder.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            place = found.start() + 1
            continue
        yield value


def _listed(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = next((part for part in value.values() if isinstance(part, list)), [])
    return value if isinstance(value, list) else []


def _named(entry: Any) -> str:
    if isinstance(entry, dict):
        found = next((entry[name] for name in _NAMED if entry.get(name) is not None), "")
        return str(found).strip()
    return str(entry).strip()


def _lines(text: str) -> tuple[str, ...]:
    """Numbered lines; dashed ones where there is no number."""
    for pattern in (_NUMBERED, _DASHED):
        found = [hit.group(1).strip() for line in text.splitlines() if (hit := pattern.match(line))]
        if found:
            return tuple(found)
    return ()


def _plain(text: str) -> tuple[str, ...]:
    """Several short lines; one that ends in a colon introduces them."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    named = [line for line in lines if not line.endswith(":")]
    fits = len(named) > 1 and all(
        len(line) <= LONGEST_LINE and not re.search(r"[.!?]\s*$", line) for line in named
    )
    return tuple(named) if fits else ()


def _parted(text: str) -> tuple[str, ...]:
    """One line of short parts."""
    line = text.strip().rstrip(".")
    if re.search(r"\n|[.!?]\s", line) or len(line) > 20 * LONGEST_LINE:
        return ()
    for sign in (";", "|", ","):
        parts = [part.strip() for part in line.split(sign)]
        if len(parts) > 1 and all(0 < len(part.split()) <= 12 for part in parts):
            return tuple(parts)
    return ()
