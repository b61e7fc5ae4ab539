"""Background jobs: started from anywhere, seen from everywhere, outliving who started them.

recscope.job_table holds them; each job is a process of its own, `python -m recscope run-job
ID`, in a session of its own. recscope.worker is what runs in there.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

from core.errors import StorageError
from core.paths import ROOT, home
from recscope.config import RunConfig
from recscope.job_table import LIVE, STATES, Job, job, list_jobs, slots, table
from recscope.machine import is_alive

__all__ = [
    "LIVE",
    "STATES",
    "Job",
    "cancel",
    "job",
    "list_jobs",
    "log_path",
    "run_job",
    "slots",
    "submit",
    "table",
    "terminate",
]


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
