"""More hands at one desk: pieces of work shared between this process and some beside it.

Only work that leaves files and takes no times is shared, so what comes out does not depend on how
many take part. What times models runs alone. Cores are dealt out between them: threads of linear
algebra that wait for a core which another process holds spin, and both take twice as long.
"""

import os
import pickle
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from threadpoolctl import threadpool_limits

from core.errors import StorageError
from core.tables import Dataset
from recscope.config_sections import WorkConfig
from recscope.desk import Desk, Outcome

MOST = 4
WORTH_IT = 50_000  # interactions below which a process takes longer to start than it saves
TOO_MUCH = 10_000_000  # above which nobody should hold them twice unasked
IDLE_SECONDS = 60
LOOK_SECONDS = 0.1
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
Told = Callable[[str, int, int], None]  # piece at work, pieces done, pieces in all


def n_processes(asked: WorkConfig, dataset: Dataset) -> int:
    """How many processes share the work: as asked, or what suits this machine and these data."""
    if asked.processes:
        return asked.processes
    is_worth_it = WORTH_IT <= len(dataset.interactions) <= TOO_MUCH
    return min(MOST, os.cpu_count() or 1) if is_worth_it else 1


class Hands:
    """Processes that share the work: the one that asks and some beside it, begun when first needed.

        with Hands(desk, 2) as hands:
            outcomes = hands.share("judge", ["ease", "als"], told)

    n  how many take part, this process among them
    """

    def __init__(self, desk: Desk, n: int) -> None:
        self.desk = desk
        self.n = n
        self._executor: Any = None

    @property
    def n_threads(self) -> int | None:
        """Threads that each process may compute with; None: as the libraries or the user will."""
        if self.n == 1 or any(name in os.environ for name in THREADS):
            return None
        return max(1, (os.cpu_count() or 1) // self.n)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Those still at work when something went wrong here are stopped."""
        if self._executor is not None:
            self._executor.shutdown(wait=kind is None, kill_workers=kind is not None)

    def share(
        self, kind: str, names: Sequence[str], told: Told, given: Mapping[str, Any] | None = None
    ) -> dict[str, Outcome]:
        """Every piece done; outcomes by name, in the order of the names.

        names  in the order they are taken: the longest first ends soonest
        told   called in this process only; what it raises stops all of them
        given  what a piece needs besides the desk, by its name

        Raises StorageError where the disk refused: then no other piece can be kept either.
        """
        todo, outcomes = deque(names), dict[str, Outcome]()
        feeders = self._feeders(kind, todo, outcomes, given or {}, min(self.n, len(names)) - 1)
        with threadpool_limits(self.n_threads):
            while len(outcomes) < len(names):
                left = [name for name in names if name not in outcomes]
                told(left[0], len(names) - len(left), len(names))
                if (name := _next(todo)) is not None:
                    outcomes[name] = self.desk.do(kind, name, (given or {}).get(name))
                else:  # all that is left is being done elsewhere, or comes back
                    next(filter(threading.Thread.is_alive, feeders), feeders[0]).join(LOOK_SECONDS)
        for outcome in outcomes.values():
            if outcome.is_storage:
                raise StorageError(str(outcome.error))
        return {name: outcomes[name] for name in names}

    def _feeders(
        self,
        kind: str,
        todo: deque[str],
        outcomes: dict[str, Outcome],
        given: Mapping[str, Any],
        n: int,
    ) -> list[threading.Thread]:
        """One thread for each process beside this one, handing it piece after piece."""
        if n < 1:
            return []
        import loky
        from loky.process_executor import BrokenProcessPool, ShutdownExecutorError

        def feed() -> None:
            while (name := _next(todo)) is not None:
                try:
                    piece = self._executor.submit(_do, kind, name, given.get(name))
                    outcomes[name] = piece.result()
                except (BrokenProcessPool, ShutdownExecutorError) as error:
                    outcomes[name] = Outcome({}, f"the process that worked on it died: {error}")
                    self.n = 1  # what is left is done here
                    return
                except Exception:  # noqa: BLE001 - done here, where it raises if it is the piece's
                    todo.append(name)
                    self.n = 1
                    return

        if self._executor is None:
            # as bytes: what is at hand here goes on changing while another process starts
            seat = pickle.dumps(replace(self.desk))
            self._executor = loky.ProcessPoolExecutor(
                self.n - 1,
                timeout=IDLE_SECONDS,
                initializer=_sit_down,
                initargs=(seat,),
                env=dict.fromkeys(THREADS, str(self.n_threads)) if self.n_threads else {},
            )
        feeders = [threading.Thread(target=feed, daemon=True) for _ in range(n)]
        for feeder in feeders:
            feeder.start()
        return feeders


def _next(todo: deque[str]) -> str | None:
    try:
        return todo.popleft()
    except IndexError:
        return None


_seat: dict[str, Desk] = {}  # of this process, where it helps another


def _sit_down(desk: bytes) -> None:
    from core.privacy import switch_off_telemetry

    switch_off_telemetry()
    _seat["desk"] = pickle.loads(desk)  # noqa: S301 - written by the process that started this one


def _do(kind: str, name: str, given: Any) -> Outcome:
    return _seat["desk"].do(kind, name, given)
