"""What a run says of itself while it works: manifest.json and log.jsonl."""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import Cancelled, RecScopeError, StorageError
from core.ledger import Entry
from recscope.config import RunConfig
from recscope.files import read_json, sweep, write_json, write_text
from recscope.machine import Meter, git_commit, is_alive, machine, now, process_started, versions
from recscope.store import RUNNING, new_id, open_run


@dataclass
class Journal:
    """The manifest in memory; every change is on disk, whole, before the next stage begins."""

    path: Path
    manifest: dict[str, Any]

    def save(self) -> None:
        write_json(self.path / "manifest.json", self.manifest)

    def log(self, event: str, **facts: object) -> None:
        line = json.dumps({"time": now(), "event": event, **facts}, ensure_ascii=False, default=str)
        try:
            with (self.path / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(line + "\n")
        except OSError as error:
            raise StorageError(f"{self.path / 'log.jsonl'} cannot be written: {error}") from error

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage and note it; what ran in an earlier sitting keeps its note."""
        self.log("start", stage=name)
        with Meter() as meter:
            yield
        self.manifest["stages"][name] = {
            "seconds": round(meter.seconds, 4),
            "peak_memory_bytes": meter.peak_bytes,
        }
        self.log("end", stage=name, seconds=round(meter.seconds, 4))

    def population(self, entries: list[Entry], model: str | None = None) -> None:
        """Replace the ledger's entries of a model, or of the data where model is None."""
        kept = [row for row in self.manifest["population"] if row["model"] != model]
        fresh = [{"model": model, **asdict(entry)} for entry in entries]
        self.manifest["population"] = kept + fresh if model else fresh + kept


def begin(config: RunConfig, folder: Path) -> Journal:
    """A new run's folder."""
    path = folder / new_id(config.data.label)
    try:
        path.mkdir(parents=True)
    except OSError as error:
        raise StorageError(
            f"the run's folder {path} cannot be made: {error.strerror or error}; "
            "name another place with --out"
        ) from error
    write_text(path / "config.toml", config.to_toml())
    journal = Journal(path, {"id": path.name, "name": config.data.label, "status": "running"})
    journal.manifest |= {
        "created": now(),
        "config": asdict(config),
        "seeds": {"split": config.split.seed, "evaluate": config.evaluate.seed},
        "versions": versions(),
        "git_commit": git_commit(),
        "machine": machine(),
        "data": None,
        "fallback": None,
        "stages": {},
        "models": {},
        "population": [],
    }
    journal.save()
    return journal


def reopen(run_id: str, config: RunConfig | None, folder: Path) -> tuple[Journal, RunConfig]:
    """A run that stopped early, and what it was asked to do.

    Raises UnknownNameError for an unknown id, StorageError where it is being computed or was asked
    for something else.
    """
    run = open_run(run_id, folder)
    asked = RunConfig.from_toml(run.config_text(), str(run.path / "config.toml"))
    if config is not None and config != asked:
        raise StorageError(
            f"run {run.id} was started with another configuration; leave the configuration out to "
            "go on with its own, or start a new run"
        )
    sweep(run.path)
    return Journal(run.path, run.manifest), asked


@contextlib.contextmanager
def at_work(journal: Journal) -> Iterator[None]:
    """Hold the run, and say in the manifest how the sitting ended."""
    with held(journal):
        yield from _sitting(journal)


@contextlib.contextmanager
def held(journal: Journal) -> Iterator[None]:
    """Hold the run: one process at a time writes into its folder."""
    mark = journal.path / RUNNING
    _take(mark, journal.path.name)
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)


def _sitting(journal: Journal) -> Iterator[None]:
    manifest = journal.manifest
    try:
        manifest["status"] = "running"
        manifest.pop("error", None)
        journal.save()
        yield
        manifest |= {"status": "done", "finished": now()}
        journal.save()
    except BaseException as error:
        is_stopped = isinstance(error, Cancelled | KeyboardInterrupt)
        manifest["status"] = "cancelled" if is_stopped else "failed"
        manifest["error"] = "stopped" if is_stopped else str(error) or type(error).__name__
        # where the disk is full even this cannot be told, and the run reads as interrupted
        with contextlib.suppress(StorageError):
            journal.save()
            journal.log(manifest["status"], message=manifest["error"])
        raise


def _take(mark: Path, run_id: str) -> None:
    owner = {"pid": os.getpid(), "started": process_started(os.getpid())}
    try:
        with mark.open("x", encoding="utf-8") as stream:
            json.dump(owner, stream)
    except FileExistsError:
        _refuse_if_held(mark, run_id)
        write_json(mark, owner)
    except OSError as error:
        raise StorageError(f"{mark} cannot be written: {error.strerror or error}") from error


def _refuse_if_held(mark: Path, run_id: str) -> None:
    try:
        other = read_json(mark)
    except StorageError:
        return  # cut off while it was written: nobody holds the run
    if is_alive(int(other["pid"]), float(other["started"])):
        raise BusyError(run_id, int(other["pid"]))


class BusyError(RecScopeError):
    """Another process computes this run."""

    def __init__(self, run_id: str, pid: int) -> None:
        super().__init__(
            f"run {run_id} is being computed by process {pid}; wait for it, or cancel it"
        )
