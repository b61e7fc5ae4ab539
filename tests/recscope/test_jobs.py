"""Jobs run on their own, can be watched and stopped from anywhere, and never hang in the table."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from small_run import small_config

from core.errors import Cancelled, StorageError, UnknownNameError
from core.paths import ROOT, home
from recscope import engine, jobs, worker
from recscope.progress import Clock, Event
from recscope.store import open_run

pytestmark = pytest.mark.usefixtures("fresh_home")
PATIENCE = 120.0


@pytest.fixture(autouse=True)
def plug_ins_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


@pytest.fixture
def unstarted(monkeypatch: pytest.MonkeyPatch) -> None:
    """submit() only queues."""
    monkeypatch.setattr(jobs, "_launch", lambda job_id: None)


def wait_until(job_id: str, is_so: Callable[[jobs.Job], object]) -> jobs.Job:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = jobs.job(job_id)
        if is_so(found):
            return found
        time.sleep(0.1)
    log = jobs.log_path(job_id)
    pytest.fail(f"{found}\n{log.read_text() if log.exists() else 'no log'}")


def test_a_job_computes_the_run_in_a_process_of_its_own():
    job_id = jobs.submit(small_config("item-knn"), "small audit")
    assert jobs.job(job_id).state in jobs.LIVE
    done = wait_until(job_id, lambda job: not job.is_live)
    assert (done.state, done.message, done.label) == ("done", "", "small audit")
    assert done.fraction == 1
    assert done.eta_s is None
    assert done.pid != os.getpid()
    run = open_run(str(done.run_id))
    assert run.status == "done"
    assert run.models() == ["popularity", "item-knn"]


def test_a_running_job_says_where_it_is_and_can_be_cancelled_and_resumed():
    job_id = jobs.submit(small_config("small_run:Slow"), "slow")
    running = wait_until(job_id, lambda job: job.stage == "fit" and job.model == "slow")
    assert running.run_id
    assert 0 < running.fraction < 1
    assert running.total > 0
    process = psutil.Process(int(running.pid or 0))
    assert jobs.cancel(job_id)
    process.wait(PATIENCE)
    cancelled = jobs.job(job_id)
    assert cancelled.state == "cancelled"
    assert "resume" in cancelled.message
    run = open_run(running.run_id)
    assert run.status == "cancelled"
    assert not jobs.cancel(job_id)
    assert [path.name for path in (run.path / "models").glob("*/cost.json")] == ["cost.json"]


def test_a_job_outlives_the_process_that_submitted_it():
    code = (
        "from small_run import small_config; from recscope import jobs;"
        "print(jobs.submit(small_config(), 'orphan'), flush=True); import time; time.sleep(60)"
    )
    paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    server = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert server.stdout is not None
    job_id = server.stdout.readline().strip()
    server.kill()
    server.wait()
    server.stdout.close()
    assert wait_until(job_id, lambda job: not job.is_live).state == "done"


def test_a_killed_job_is_lost_and_its_run_can_go_on():
    job_id = jobs.submit(small_config("small_run:Slow"), "slow")
    running = wait_until(job_id, lambda job: job.stage == "fit" and job.model == "slow")
    os.kill(int(running.pid or 0), signal.SIGKILL)
    lost = wait_until(job_id, lambda job: not job.is_live)
    assert lost.state == "lost"
    assert "its process is gone" in lost.message
    assert open_run(str(lost.run_id)).status == "interrupted"
    again = jobs.submit(small_config("small_run:Slow"), "again", resume=lost.run_id)
    resumed = wait_until(again, lambda job: job.stage == "fit" and job.model == "slow")
    assert resumed.run_id == lost.run_id
    jobs.cancel(again)
    wait_until(again, lambda job: not psutil.pid_exists(int(resumed.pid or 0)))


def test_a_job_that_fails_says_why(unstarted):
    config = small_config()
    job_id = jobs.submit(config, "wrong data")
    with jobs.table() as connection:
        text = config.to_toml().replace('"sandbox"', '"sandbx"')
        connection.execute("UPDATE job SET config=? WHERE id=?", (text, job_id))
    assert jobs.run_job(job_id) == 2
    failed = jobs.job(job_id)
    assert failed.state == "failed"
    assert "did you mean 'sandbox'" in failed.message


def test_a_fault_of_the_program_is_told_and_raised(unstarted, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(engine, "run", broken)
    job_id = jobs.submit(small_config(), "bug")
    with pytest.raises(ZeroDivisionError):
        jobs.run_job(job_id)
    assert "ZeroDivisionError: oh" in jobs.job(job_id).message


def test_failed_models_are_told_in_the_message(unstarted):
    job_id = jobs.submit(small_config("small_run:Raises"), "one bad model")
    assert jobs.run_job(job_id) == 0
    done = jobs.job(job_id)
    assert (done.state, done.message) == ("done", "1 of the models failed: raises")


def test_a_queued_job_that_is_cancelled_never_starts(unstarted):
    job_id = jobs.submit(small_config(), "never")
    assert jobs.cancel(job_id)
    assert jobs.run_job(job_id) == 1
    assert jobs.job(job_id).state == "cancelled"
    assert jobs.job(job_id).run_id is None


def test_one_of_many_claims_wins(unstarted):
    job_id = jobs.submit(small_config(), "wanted")
    won: list[bool] = []

    def claim() -> None:
        with jobs.table() as connection:
            won.append(worker.claim(connection, job_id, 8))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]


def test_no_more_jobs_run_than_there_are_slots_and_the_first_goes_first(unstarted):
    first, second, third = (jobs.submit(small_config(), name) for name in "abc")
    with jobs.table() as connection:
        assert not worker.claim(connection, second, 1)
        assert worker.claim(connection, first, 1)
        assert not worker.claim(connection, second, 1)
        assert worker.claim(connection, second, 2)
        connection.execute("UPDATE job SET state='done' WHERE id=?", (first,))
        assert worker.claim(connection, third, 2)


def test_a_job_whose_queueing_process_died_holds_nobody_up(unstarted):
    first, second = (jobs.submit(small_config(), name) for name in "ab")
    with jobs.table() as connection:
        connection.execute("UPDATE job SET heartbeat=heartbeat-100 WHERE id=?", (first,))
        assert worker.claim(connection, second, 1)
    assert jobs.job(first).state == "lost"


def test_slots_can_be_set(monkeypatch):
    assert jobs.slots() == 1
    monkeypatch.setenv("RECSCOPE_JOBS", "3")
    assert jobs.slots() == 3
    monkeypatch.setenv("RECSCOPE_JOBS", "many")
    assert jobs.slots() == 1


def test_a_long_step_still_gives_a_sign_of_life(unstarted, monkeypatch):
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 0.05)
    job_id = jobs.submit(small_config(), "long")
    with jobs.table() as connection:
        worker.claim(connection, job_id, 1)
        connection.execute("UPDATE job SET heartbeat=0 WHERE id=?", (job_id,))
    with worker.Reporter(job_id).beating():
        wait_until(job_id, lambda job: job.heartbeat > time.time() - 5)


def test_a_cancelled_job_is_stopped_at_its_next_word(unstarted):
    job_id = jobs.submit(small_config(), "stop me")
    with jobs.table() as connection:
        worker.claim(connection, job_id, 1)
        connection.execute("UPDATE job SET state='cancelled' WHERE id=?", (job_id,))
    with pytest.raises(Cancelled):
        worker.Reporter(job_id).tell(Event("fit", "ease", 0, 10, 0.5))


def test_a_reused_process_number_is_not_killed(unstarted):
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        job_id = jobs.submit(small_config(), "old")
        with jobs.table() as connection:
            connection.execute(
                "UPDATE job SET state='running', pid=?, pid_started=1.0 WHERE id=?",
                (sleeper.pid, job_id),
            )
        jobs.cancel(job_id)
        time.sleep(0.3)
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_jobs_are_listed_newest_first(unstarted):
    first, second = (jobs.submit(small_config(), name) for name in "ab")
    assert [job.id for job in jobs.list_jobs()] == [second, first]
    assert [job.id for job in jobs.list_jobs(limit=1)] == [second]


def test_an_unknown_job_is_said(unstarted):
    with pytest.raises(UnknownNameError, match="no job is called 'nobody'"):
        jobs.job("nobody")
    with pytest.raises(UnknownNameError, match="no job is called 'nobody'"):
        jobs.cancel("nobody")


def test_a_job_table_that_cannot_be_used_is_said():
    home().mkdir(parents=True)
    (home() / "jobs.sqlite").write_bytes(b"not a data base at all, for sure" * 40)
    with pytest.raises(StorageError, match=r"job table .* cannot be used"):
        jobs.list_jobs()


def test_many_processes_may_write_at_once(unstarted):
    ids = [jobs.submit(small_config(), str(number)) for number in range(4)]

    def report(job_id: str) -> None:
        for done in range(25):
            with jobs.table() as connection:
                connection.execute("UPDATE job SET done=? WHERE id=?", (done, job_id))

    threads = [threading.Thread(target=report, args=(job_id,)) for job_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {job.done for job in jobs.list_jobs()} == {24}


def test_the_table_is_in_write_ahead_mode():
    with jobs.table():
        pass
    connection = sqlite3.connect(home() / "jobs.sqlite")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_time_left_is_guessed_from_the_share_that_is_done():
    clock = Clock(start=time.monotonic() - 10)
    assert clock.left(0.0) is None
    assert clock.left(0.5) == pytest.approx(10, abs=1)


def test_a_process_that_cannot_be_started_is_said_and_the_job_has_failed(monkeypatch):
    def refused(*_: object, **__: object) -> None:
        raise OSError("out of processes")

    monkeypatch.setattr(subprocess, "Popen", refused)
    with pytest.raises(StorageError, match=r"job .* could not be started: out of processes"):
        jobs.submit(small_config(), "never")
    (failed,) = jobs.list_jobs()
    assert failed.state == "failed"
    assert "could not be started" in failed.message


def test_a_stand_in_for_the_data_is_told_in_the_last_word(unstarted, monkeypatch):
    made = engine.run(small_config())
    told = {**made.manifest, "fallback": "x could not be fetched"}
    monkeypatch.setattr(type(made), "manifest", told)
    monkeypatch.setattr(engine, "run", lambda *_, **__: made)
    job_id = jobs.submit(small_config(), "stand-in")
    assert jobs.run_job(job_id) == 0
    assert jobs.job(job_id).message == "x could not be fetched"
