"""What runs inside a job's process: wait for a slot, compute, report, leave the last word."""

import contextlib
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType

from core.errors import Cancelled, RecScopeError, StorageError
from recscope.config import RunConfig
from recscope.job_table import LOST_AFTER_SECONDS, job, slots, table
from recscope.machine import process_started
from recscope.progress import Clock, Event

HEARTBEAT_SECONDS = 2.0
WRITE_SECONDS = 0.25
CLAIM_SECONDS = 0.5

CLAIM = """UPDATE job SET state='running', pid=:pid, pid_started=:born, started=:now,
heartbeat=:now WHERE id=:id AND state='queued' RETURNING id"""
EARLIER = """SELECT count(*) FROM job WHERE state='queued' AND id<>:id AND heartbeat>:fresh AND
created<(SELECT created FROM job WHERE id=:id)"""


def work(job_id: str) -> int:
    """Compute a job to its end; exit code 0 done, 1 cancelled or taken elsewhere, 2 failed."""
    with _stopping_on_signals():
        try:
            if not _wait_for_slot(job_id):
                return 1
            return _compute(job_id)
        except Cancelled:
            _finish(job_id, "cancelled", "stopped; resume the run to go on")
            return 1


def claim(connection: sqlite3.Connection, job_id: str, n_slots: int) -> bool:
    """Take a queued job where a slot is free and nobody queues longer; one process can win."""
    now = time.time()
    facts = {
        "id": job_id,
        "pid": os.getpid(),
        "born": process_started(os.getpid()),
        "now": now,
        "fresh": now - LOST_AFTER_SECONDS,
    }
    connection.execute("BEGIN IMMEDIATE")
    try:
        (n_running,) = connection.execute(
            "SELECT count(*) FROM job WHERE state='running'"
        ).fetchone()
        (n_earlier,) = connection.execute(EARLIER, facts).fetchone()
        row = None
        if n_running + n_earlier < n_slots:
            row = connection.execute(CLAIM, facts).fetchone()
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return row is not None


def _wait_for_slot(job_id: str) -> bool:
    while job(job_id).state == "queued":  # reading it also marks lost jobs, which frees their slot
        with table() as connection:
            if claim(connection, job_id, slots()):
                return True
            connection.execute(
                "UPDATE job SET heartbeat=?, message='waits for a free slot' "
                "WHERE id=? AND state='queued'",
                (time.time(), job_id),
            )
        time.sleep(CLAIM_SECONDS)
    return False


def _compute(job_id: str) -> int:
    from recscope.engine import run

    asked = job(job_id)
    reporter = Reporter(job_id)
    with reporter.beating():
        try:
            config = RunConfig.from_toml(asked.config, f"job {job_id}")
            # a job that died and is run again goes on where its run stopped
            made = run(config, resume=asked.run_id, progress=reporter.tell, named=reporter.name)
        except RecScopeError as error:
            _finish(job_id, "failed", str(error))
            return 2
        except Exception as error:
            _finish(job_id, "failed", f"{type(error).__name__}: {error} (a fault of RecScope)")
            raise
    failed = [name for name, entry in made.manifest["models"].items() if entry["status"] != "done"]
    said = [f"{len(failed)} of the models failed: {', '.join(failed)}"] if failed else []
    said += [made.manifest["fallback"]] if made.manifest["fallback"] else []
    _finish(job_id, "done", "; ".join(said))
    return 0


@dataclass
class Reporter:
    """Writes progress into the job's row, and notices when somebody cancelled it."""

    job_id: str
    clock: Clock = field(default_factory=Clock)
    written: float = 0.0
    shown: tuple[str, str] = ("", "")

    def name(self, run_id: str) -> None:
        """The run has a folder now."""
        with table() as connection:
            connection.execute("UPDATE job SET run_id=? WHERE id=?", (run_id, self.job_id))

    def tell(self, event: Event) -> None:
        now, shown = time.monotonic(), (event.stage, event.model)
        is_last = event.done == event.total
        if shown == self.shown and not is_last and now - self.written < WRITE_SECONDS:
            return
        self.written, self.shown = now, shown
        self._write(event)

    def _write(self, event: Event) -> None:
        with table() as connection:
            alive = connection.execute(
                "UPDATE job SET stage=?, model=?, done=?, total=?, fraction=?, eta_s=?, message=?, "
                "heartbeat=? WHERE id=? AND state='running' RETURNING id",
                (
                    event.stage,
                    event.model,
                    event.done,
                    event.total,
                    event.fraction,
                    self.clock.left(event.fraction),
                    event.message,
                    time.time(),
                    self.job_id,
                ),
            ).fetchone()
        if alive is None:
            raise Cancelled

    @contextlib.contextmanager
    def beating(self) -> Iterator[None]:
        over = threading.Event()
        beat = threading.Thread(target=_beat, args=(self.job_id, over), daemon=True)
        beat.start()
        try:
            yield
        finally:
            over.set()
            beat.join()


def _beat(job_id: str, over: threading.Event) -> None:
    """A step of minutes must not look lost."""
    while not over.wait(HEARTBEAT_SECONDS):
        with contextlib.suppress(StorageError), table() as connection:
            connection.execute(
                "UPDATE job SET heartbeat=? WHERE id=? AND state='running'", (time.time(), job_id)
            )


def _finish(job_id: str, state: str, message: str) -> None:
    with table() as connection:
        connection.execute(
            "UPDATE job SET state=?, finished=?, heartbeat=?, eta_s=NULL, message=?, "
            "fraction=CASE WHEN ?='done' THEN 1 ELSE fraction END "
            "WHERE id=? AND (state='running' OR (state='cancelled' AND ?='cancelled'))",
            (state, time.time(), time.time(), message, state, job_id, state),
        )


@contextlib.contextmanager
def _stopping_on_signals() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Cancelled

    before: dict[int, Callable[..., object] | int | None] = {}
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
