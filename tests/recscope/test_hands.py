import os
import time
from dataclasses import dataclass, replace
from typing import Any

import psutil
import pytest
from small_run import content, small_config
from threadpoolctl import threadpool_info, threadpool_limits

from core.errors import Cancelled, ConfigError, StorageError
from recscope import engine
from recscope.config_sections import AuditConfig, ExplainConfig, WorkConfig
from recscope.desk import Desk, Outcome
from recscope.hands import THREADS, TOO_MUCH, WORTH_IT, Hands, n_processes


@dataclass(frozen=True, eq=False)
class Marked(Desk):
    """Says which process did a piece; one of its pieces kills any process but the first."""

    first: int = 0

    def do(self, kind: str, name: str, given: Any = None) -> Outcome:
        is_helper = os.getpid() != self.first
        if name == "deadly":
            if not is_helper:
                return Outcome({}, "never given to another process")
            os._exit(1)
        time.sleep(0.2 if is_helper else 0.6)
        return Outcome({"pid": os.getpid(), "given": given})


class Counting(Desk):
    """Says how many threads linear algebra has."""

    def do(self, kind: str, name: str, given: Any = None) -> Outcome:
        time.sleep(0.2)
        pools = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
        return Outcome({"pid": os.getpid(), "n_threads": max(pools)})


def marked() -> Marked:
    nothing: Any = None
    return Marked(nothing, nothing, nothing, first=os.getpid())


def ignore(name: str, done: int, total: int) -> None:
    assert name
    assert 0 <= done <= total


def test_every_piece_is_done_once_and_two_processes_do_them():
    names = [f"piece {place}" for place in range(8)]
    with Hands(marked(), 2) as hands:
        outcomes = hands.share("judge", names, ignore)
        again = hands.share("judge", names, ignore)
    assert list(outcomes) == names
    pids = {outcome.facts["pid"] for outcome in [*outcomes.values(), *again.values()]}
    assert len(pids) == 2
    assert os.getpid() in pids


@pytest.mark.parametrize("n, expected", [(2, {1}), (1, {2})])
def test_cores_are_dealt_out_between_processes(monkeypatch, n, expected):
    nothing: Any = None
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for name in THREADS:
        monkeypatch.delenv(name, raising=False)
    with threadpool_limits(2), Hands(Counting(nothing, nothing, nothing), n) as hands:
        outcomes = hands.share("judge", [f"piece {place}" for place in range(6)], ignore)
    assert {outcome.facts["n_threads"] for outcome in outcomes.values()} == expected
    assert len({outcome.facts["pid"] for outcome in outcomes.values()}) == n


def test_whoever_says_how_many_threads_there_are_is_heard(monkeypatch):
    monkeypatch.setenv(THREADS[0], "3")
    assert Hands(marked(), 2).n_threads is None


def test_a_piece_is_given_what_it_needs_wherever_it_is_done():
    given = {f"piece {place}": place for place in range(6)}
    with Hands(marked(), 2) as hands:
        outcomes = hands.share("judge", list(given), ignore, given)
    assert {name: outcome.facts["given"] for name, outcome in outcomes.items()} == given
    assert len({outcome.facts["pid"] for outcome in outcomes.values()}) == 2


def test_a_full_disk_ends_the_sharing():
    class Full(Desk):
        def do(self, kind: str, name: str, given: Any = None) -> Outcome:
            return Outcome({}, "no space left", is_storage=True)

    nothing: Any = None
    desk = Full(nothing, nothing, nothing)
    with pytest.raises(StorageError, match="no space left"), Hands(desk, 1) as hands:
        hands.share("judge", ["one"], ignore)


def test_one_piece_is_done_here_and_no_process_is_started():
    with Hands(marked(), 4) as hands:
        outcomes = hands.share("judge", ["alone"], ignore)
        assert hands.share("judge", [], ignore) == {}
    assert outcomes["alone"].facts["pid"] == os.getpid()


def test_a_process_that_dies_costs_its_piece_and_the_others_are_done():
    with Hands(marked(), 2) as hands:
        outcomes = hands.share("judge", ["deadly", "one", "two", "three"], ignore)
    assert "died" in str(outcomes["deadly"].error)
    done = [name for name, outcome in outcomes.items() if outcome.error is None]
    assert done == ["one", "two", "three"]
    assert {outcomes[name].facts["pid"] for name in done} == {os.getpid()}


def test_where_no_process_can_be_started_all_is_done_here(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr("loky.ProcessPoolExecutor.submit", refuse)
    with Hands(marked(), 2) as hands:
        outcomes = hands.share("judge", ["one", "two"], ignore)
    assert {outcome.facts["pid"] for outcome in outcomes.values()} == {os.getpid()}


def test_stopping_stops_the_other_processes_too():
    before = set(psutil.Process().children(recursive=True))
    workers: list[psutil.Process] = []

    def stop_once_another_works(name: str, done: int, total: int) -> None:
        started = set(psutil.Process().children(recursive=True)) - before
        workers[:] = [one for one in started if "LokyProcess" in " ".join(one.cmdline())]
        if workers:
            raise Cancelled

    with pytest.raises(Cancelled), Hands(marked(), 2) as hands:
        hands.share("judge", [f"piece {place}" for place in range(50)], stop_once_another_works)
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive


def test_what_comes_out_does_not_depend_on_how_many_processes_take_part(tmp_path):
    found = []
    for n in (1, 2):
        config = replace(
            small_config("item-knn", "ease"),
            run=WorkConfig(processes=n),
            audit=AuditConfig(("item_fairness", "diversity")),
            explain=ExplainConfig(
                explainers=("template", "profile-match", "random"), users=8, embedded=0, unsettled=2
            ),
        )
        made = content(engine.run(config, out=tmp_path / str(n)).path)
        made["manifest.json"].pop("config")
        made.pop("config.toml")
        found.append(made)
    assert found[0] == found[1]
    assert any("item_fairness" in name for name in found[0])
    assert "explanations/scores.parquet" in found[0]


def test_small_and_huge_data_are_worked_on_by_one_process_unless_asked(monkeypatch):
    class Told:
        def __init__(self, n: int) -> None:
            self.interactions = range(n)

    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for n, expected in ((WORTH_IT - 1, 1), (WORTH_IT, 2), (TOO_MUCH, 2), (TOO_MUCH + 1, 1)):
        dataset: Any = Told(n)
        assert n_processes(WorkConfig(), dataset) == expected
        assert n_processes(WorkConfig(processes=3), dataset) == 3
    with pytest.raises(ConfigError, match="processes"):
        WorkConfig(processes=-1)
