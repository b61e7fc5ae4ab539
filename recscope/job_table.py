"""The table of background jobs: one SQLite file in write-ahead mode, for everybody."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import StorageError, UnknownNameError
from core.paths import home
from recscope.machine import is_alive

SLOTS = 1  # jobs computing at once; $RECSCOPE_JOBS moves it
LOST_AFTER_SECONDS = 30.0
STATES = ("queued", "running", "done", "failed", "cancelled", "lost")
LIVE = ("queued", "running")

SCHEMA = """CREATE TABLE IF NOT EXISTS job(
  id TEXT PRIMARY KEY, label TEXT NOT NULL, config TEXT NOT NULL, resume TEXT,
  state TEXT NOT NULL CHECK(state IN ('queued','running','done','failed','cancelled','lost')),
  created REAL NOT NULL, started REAL, heartbeat REAL NOT NULL, finished REAL,
  pid INT, pid_started REAL, stage TEXT NOT NULL DEFAULT '', model TEXT NOT NULL DEFAULT '',
  done INT NOT NULL DEFAULT 0, total INT NOT NULL DEFAULT 0, fraction REAL NOT NULL DEFAULT 0,
  eta_s REAL, message TEXT NOT NULL DEFAULT '', run_id TEXT)"""


@dataclass(frozen=True)
class Job:
    """One row of the table.

    state     queued, running, done, failed, cancelled, lost (its process is gone)
    done, total  users done in this stage of this model; fraction: share of the whole job
    eta_s     seconds left, None while it cannot be said
    message   what went wrong, or what there is to say
    run_id    the run it writes, None before that has a name
    """

    id: str
    label: str
    config: str
    resume: str | None
    state: str
    created: float
    started: float | None
    heartbeat: float
    finished: float | None
    pid: int | None
    pid_started: float | None
    stage: str
    model: str
    done: int
    total: int
    fraction: float
    eta_s: float | None
    message: str
    run_id: str | None

    @property
    def is_live(self) -> bool:
        return self.state in LIVE


def slots() -> int:
    """How many jobs may compute at once."""
    asked = os.environ.get("RECSCOPE_JOBS", "")
    return max(1, int(asked)) if asked.isdigit() else SLOTS


@contextlib.contextmanager
def table() -> Iterator[sqlite3.Connection]:
    """A connection in autocommit; StorageError where the file cannot be used."""
    folder = home()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(folder / "jobs.sqlite", timeout=10, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(SCHEMA)
            yield connection
        finally:
            connection.close()
    except (OSError, sqlite3.Error) as error:
        raise StorageError(
            f"the job table {folder / 'jobs.sqlite'} cannot be used ({error}); it needs a local "
            "disk with free space (RECSCOPE_HOME names another folder)"
        ) from error


def list_jobs(limit: int = 100) -> list[Job]:
    """Newest first. A job whose process is gone is marked lost on the way."""
    with table() as connection:
        _mark_lost(connection)
        rows = connection.execute(
            "SELECT * FROM job ORDER BY created DESC, id LIMIT ?", (limit,)
        ).fetchall()
    return [Job(**dict(row)) for row in rows]


def job(job_id: str) -> Job:
    """One job as it stands now; UnknownNameError where there is none."""
    with table() as connection:
        _mark_lost(connection)
        row = connection.execute("SELECT * FROM job WHERE id=?", (job_id,)).fetchone()
        if row is None:
            known = [found["id"] for found in connection.execute("SELECT id FROM job")]
            raise UnknownNameError("job", job_id, known, shown=8)
    return Job(**dict(row))


def _mark_lost(connection: sqlite3.Connection) -> None:
    moment = time.time()
    rows = connection.execute(
        "SELECT id, pid, pid_started, heartbeat FROM job WHERE state IN ('queued','running')"
    ).fetchall()
    for row in rows:
        if row["pid"]:
            lives = is_alive(row["pid"], row["pid_started"])
        else:
            lives = moment - row["heartbeat"] < LOST_AFTER_SECONDS
        if not lives:
            connection.execute(
                "UPDATE job SET state='lost', finished=?, eta_s=NULL, message=? "
                "WHERE id=? AND state IN ('queued','running')",
                (moment, "its process is gone; resume the run to go on", row["id"]),
            )
