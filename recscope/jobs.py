"""Background jobs: started from anywhere, seen from everywhere, outliving who started them.

One SQLite table (WAL) holds them; each job is a process of its own, `python -m recscope run-job
ID`, in a session of its own. recscope.worker is what runs in there.
"""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import StorageError, UnknownNameError
from core.paths import ROOT, home
from recscope.config import RunConfig
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


def submit(config: RunConfig, label: str, *, resume: str | None = None) -> str:
    """Queue a run and start its process; its job id. `resume` goes on with that run."""
    job_id, moment = uuid.uuid4().hex[:12], time.time()
    with table() as connection:
        connection.execute(
            "INSERT INTO job(id, label, config, resume, run_id, state, created, heartbeat) "
            "VALUES(?,?,?,?,?,'queued',?,?)",
            (job_id, label, config.to_toml(), resume, resume, moment, moment),
        )
    _launch(job_id)
    return job_id


def cancel(job_id: str) -> bool:
    """Stop a job that is queued or running; False where it was over already.

    What it wrote stays, and the run can be resumed.
    """
    with table() as connection:
        row = connection.execute(
            "UPDATE job SET state='cancelled', finished=?, eta_s=NULL "
            "WHERE id=? AND state IN ('queued','running') RETURNING pid, pid_started",
            (time.time(), job_id),
        ).fetchone()
    if row is None:
        job(job_id)
        return False
    if row["pid"] and is_alive(row["pid"], row["pid_started"]):
        terminate(row["pid"])
    return True


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


def log_path(job_id: str) -> Path:
    """What the job's process printed."""
    return home() / "jobs" / f"{job_id}.log"


def run_job(job_id: str) -> int:
    """Compute a queued job in this process; its exit code. What `run-job` calls."""
    from recscope.worker import work

    return work(job_id)


def terminate(pid: int) -> None:
    """Ask a job's process, and whatever it started, to stop."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg") and os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGTERM)
        else:
            os.kill(pid, signal.SIGTERM)


def _launch(job_id: str) -> None:
    log = log_path(job_id)
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "recscope", "run-job", job_id],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # outlives the tab and the server
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            )
    except OSError as error:
        with table() as connection:
            connection.execute(
                "UPDATE job SET state='failed', finished=?, message=? WHERE id=?",
                (time.time(), f"its process could not be started: {error}", job_id),
            )
        raise StorageError(f"job {job_id} could not be started: {error}") from error
    # reaped by a thread: a finished job must not stay a zombie of a long-lived server
    threading.Thread(target=process.wait, daemon=True).start()


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
