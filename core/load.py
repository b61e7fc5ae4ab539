"""A data set by name: found or fetched, verified, parsed, cleaned, and kept for the next time."""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.assets import Progress, fetch_first, is_here
from core.cards import Card, Source, card
from core.clean import clean
from core.errors import DatasetError, FetchError, StorageError, UnknownNameError
from core.files import Files, digest
from core.parsed import keep_parsed, parsed_folder, read_parsed
from core.paths import data_dir
from core.readers import READERS
from core.sandbox import sandbox
from core.tables import Dataset

FALLBACK = "sandbox"
log = logging.getLogger(__name__)


def load(
    name_or_card: str | Path | Card,
    *,
    cache: bool = True,
    progress: Progress | None = None,
    options: Mapping[str, Any] | None = None,
) -> Dataset:
    """The data set of a card: its name, the path of a card's TOML file, or the card itself.

    cache     keep the parsed data, and use what was kept
    progress  called with bytes done and in all while a file is fetched
    options   of a generated data set: its size, seed and planted truths
    Raises UnknownNameError, FetchError, ChecksumError, DatasetError, EmptyError.
    """
    wanted = name_or_card if isinstance(name_or_card, Card) else card(name_or_card)
    if wanted.sources[0].kind == "generated":
        return sandbox(**{**wanted.options, **(options or {})})
    if options:
        raise DatasetError(
            f"{wanted.name} is not generated and takes no options; got {', '.join(sorted(options))}"
        )
    source, folder = fetch_first(wanted.sources, wanted.name, progress, wanted.folder)
    kept = parsed_folder(wanted.name, _fingerprint(wanted, source, folder))
    if cache and (found := read_parsed(kept)):
        return found
    dataset = _parse(wanted, source, folder)
    if cache:
        keep_parsed(dataset, kept)
    return dataset


def available(name: str | Path) -> str | None:
    """None where `load` needs no network; else what is missing and how to get it."""
    wanted = card(name)
    if any(is_here(source, wanted.folder) for source in wanted.sources):
        return None
    fetched = [str(source) for source in wanted.sources if source.kind != "folder"]
    if fetched:
        places = ", or ".join(fetched)
        return f"not fetched yet; `python -m recscope fetch {name}` gets it from {places}"
    folders = ", or ".join(source.where for source in wanted.sources)
    return f"needs {folders} in {data_dir() or 'the folder that RECSCOPE_DATA_DIR names'}"


def fetch_card(name: str | Path, progress: Progress | None = None) -> tuple[Path, bool]:
    """The folder with a card's files, fetched if need be, and whether a checksum vouches for them.

    FetchError names what was tried.
    """
    wanted = card(name)
    if wanted.sources[0].kind == "generated":
        return wanted.folder, True
    source, folder = fetch_first(wanted.sources, wanted.name, progress, wanted.folder)
    return folder, source.is_verified


def load_or_sandbox(name: str, *, progress: Progress | None = None) -> tuple[Dataset, str | None]:
    """The data set, and None; or, if its files cannot be had, the generated one and a note why."""
    try:
        return load(name, progress=progress), None
    except (FetchError, StorageError) as error:
        note = (
            f"{name} could not be fetched, so this shows the generated data set `{FALLBACK}` "
            f"instead. Reason: {error}"
        )
        log.warning(note)
        return load(FALLBACK), note


def _contents(source: Source, folder: Path) -> list[Path]:
    names = source.files if source.kind == "folder" else ()
    return [folder / name for name in names] or sorted(p for p in folder.iterdir() if p.is_file())


def _fingerprint(wanted: Card, source: Source, folder: Path) -> str:
    """Of the card and of the files as they lie there (size and time, so that it costs nothing)."""
    files = [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in _contents(source, folder)]
    side = [
        (str(value), digest(path))
        for value in wanted.options.values()
        if (path := wanted.folder / str(value)).is_file()
    ]
    facts = [wanted.facts, dict(wanted.options), str(source), dict(source.options), files, side]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def _parse(wanted: Card, source: Source, folder: Path) -> Dataset:
    name = source.reader or wanted.reader
    if name not in READERS:
        raise UnknownNameError("reader", name, READERS)
    chosen = replace(wanted, options={**wanted.options, **source.options})
    raw = READERS[name](Files(folder), chosen)
    together = hashlib.sha256()
    for path in _contents(source, folder):
        together.update(f"{path.name} {digest(path)}\n".encode())
    facts = {**wanted.facts, "source": str(source), "verified": source.is_verified}
    return clean(
        raw,
        name=wanted.name,
        sha256=together.hexdigest(),
        threshold=wanted.threshold,
        repeats=wanted.repeats,
        facts=facts,
    )
