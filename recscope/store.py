"""Runs on disk: list them, open one, read its tables, delete it.

The columns of every table stand in docs/architecture.md. Nothing is cached here and nothing is
ever unpickled; a Run is a path with questions.
"""

import datetime as dt
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import StorageError, UnknownNameError
from core.paths import runs_dir
from recscope.audits import AUDITS
from recscope.audits.report import AUDIT, Report, read_report
from recscope.files import columns_of, read_json, read_table
from recscope.machine import is_alive

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
RUNNING = "running.json"


@dataclass(frozen=True)
class Run:
    """One run.  path: its folder, named by its id."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def manifest(self) -> dict[str, Any]:
        """manifest.json as it stands now; a run that still works rewrites it after each stage."""
        manifest: dict[str, Any] = read_json(self.path / "manifest.json")
        return manifest

    @property
    def status(self) -> str:
        """running, done, failed, cancelled; interrupted: killed while it worked, can be resumed."""
        status = str(self.manifest.get("status", "running"))
        return "interrupted" if status == "running" and not self.is_at_work() else status

    def is_at_work(self) -> bool:
        """Is a live process computing this run now?"""
        mark = self.path / RUNNING
        if not mark.is_file():
            return False
        try:
            owner = read_json(mark)
        except StorageError:
            return False  # cut off while it was written: nobody holds it
        return is_alive(int(owner["pid"]), float(owner["started"]))

    def models(self, *, with_failed: bool = False) -> list[str]:
        """Names of the models that were judged, in the order of the configuration."""
        entries = self.manifest.get("models", {})
        return [name for name, entry in entries.items() if with_failed or entry["status"] == "done"]

    def estimates(self) -> pd.DataFrame:
        """model, metric, k, group_by, group, mean, low, high, n, n_undefined, n_imputed, method."""
        return read_table(self.path / "estimates.parquet")

    def comparisons(self) -> pd.DataFrame:
        """Paired differences to the baseline; no rows where there was one model."""
        return read_table(self.path / "comparisons.parquet")

    def per_user(self, model: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One row a user (index: code), one float32 column per metric; only `columns` are read."""
        path = self._of(model) / "per_user.parquet"
        if columns is None:
            return read_table(path).set_index("user")
        self._require(path, columns)
        return read_table(path, ["user", *columns]).set_index("user")

    def metric_columns(self, model: str) -> list[str]:
        """Names of the columns of per_user, such as ndcg@10, without reading any."""
        path = self._of(model) / "per_user.parquet"
        return [name for name in columns_of(path) if name != "user"]

    def per_item(self, model: str) -> pd.DataFrame:
        """Index item; n_recommended, n_hits, exposure at the largest cutoff."""
        return read_table(self._of(model) / "per_item.parquet").set_index("item")

    def lists(self, model: str, user: int | None = None) -> pd.DataFrame:
        """user, rank, item, score, is_hit, is_fallback: everybody's lists, or one user's."""
        return read_table(self._of(model) / "topk.parquet", filters=_only(user))

    def users(self) -> pd.DataFrame:
        """Index: code; user_id, attributes, n_train, n_test, derived groups."""
        return read_table(self.path / "users.parquet").set_index("user", drop=False)

    def items(self) -> pd.DataFrame:
        """Index: code; item_id, title, genres, attributes, n_train."""
        return read_table(self.path / "items.parquet").set_index("item", drop=False)

    def history(self, user: int) -> pd.DataFrame:
        """item, rating, timestamp, part of one user, oldest first."""
        return read_table(self.path / "interactions.parquet", filters=_only(user))

    def interactions(self) -> pd.DataFrame:
        """user, item, rating, timestamp, part of everybody."""
        return read_table(self.path / "interactions.parquet")

    def audits(self) -> list[str]:
        """Families that this run was audited for, in the order of the registry."""
        return [name for name in AUDITS if (self.path / "audits" / name / AUDIT).is_file()]

    def audit(self, family: str) -> Report:
        """What the audit of a family found.

        Raises UnknownNameError for a family that there is not, StorageError where this run was not
        audited for it.
        """
        if family not in AUDITS:
            raise UnknownNameError("audit", family, AUDITS)
        folder = self.path / "audits" / family
        if not (folder / AUDIT).is_file():
            raise StorageError(
                f"run {self.id} was not audited for {family}; do it now with: python -m recscope "
                f"audit {self.id} --family {family}"
            )
        return read_report(folder)

    def config_text(self) -> str:
        """The configuration with every default filled in, as TOML."""
        return (self.path / "config.toml").read_text(encoding="utf-8")

    def delete(self) -> None:
        """Remove the folder.

        Raises StorageError where it is not a run inside a folder of runs, or is being computed.
        """
        if self.path.is_symlink() or not (self.path / "manifest.json").is_file():
            raise StorageError(f"{self.path} is not the folder of a run; nothing was deleted")
        if self.is_at_work():
            raise StorageError(f"run {self.id} is being computed; cancel it first")
        # renamed first: a deletion that is interrupted leaves no half run in the list
        doomed = self.path.with_name(f".deleted-{self.id}-{secrets.token_hex(4)}")
        try:
            self.path.rename(doomed)
            shutil.rmtree(doomed)
        except OSError as error:
            raise StorageError(f"run {self.id} could not be deleted: {error}") from error

    def _of(self, model: str) -> Path:
        if model not in self.models():
            failed = self.manifest.get("models", {}).get(model, {})
            if failed.get("error"):
                raise StorageError(f"model {model!r} of run {self.id} failed: {failed['error']}")
            raise UnknownNameError("model of this run", model, self.models())
        return self.path / "models" / model

    def _require(self, path: Path, columns: Sequence[str]) -> None:
        known = columns_of(path)
        for column in columns:
            if column not in known:
                raise UnknownNameError("per-user column", column, known)


def new_id(name: str, now: dt.datetime | None = None) -> str:
    """A name that sorts by time and can be read, such as 20261122-231500-movielens-100k-ab12."""
    moment = now or dt.datetime.now(dt.UTC)
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-") or "run"
    return f"{moment:%Y%m%d-%H%M%S}-{slug}-{secrets.token_hex(2)}"


def list_runs(folder: Path | None = None) -> list[Run]:
    """Every run in the folder (default: the folder of runs), newest first."""
    inside = folder or runs_dir()
    if not inside.is_dir():
        return []
    found = [
        Run(path)
        for path in inside.iterdir()
        if RUN_ID.fullmatch(path.name) and (path / "manifest.json").is_file()
    ]
    return sorted(found, key=lambda run: run.id, reverse=True)


def open_run(run_id: str, folder: Path | None = None) -> Run:
    """The run of this id; 'latest' is the newest.

    Raises UnknownNameError for an id that is not there, a path among them: an id never leaves the
    folder of runs.
    """
    inside = folder or runs_dir()
    known = list_runs(inside)
    if run_id == "latest" and known:
        return known[0]
    path = inside / run_id
    if not RUN_ID.fullmatch(run_id) or path.is_symlink() or not (path / "manifest.json").is_file():
        raise UnknownNameError("run", run_id, [run.id for run in known])
    return Run(path)


def _only(user: int | None) -> list[tuple[str, str, Any]] | None:
    return None if user is None else [("user", "==", int(user))]
