"""Kill a run right before or after its n-th file comes into place, resume it, for every n.

Run as a script: `killed_run.py FOLDER REPORT`. It forks for each point, so that libraries are
imported once; the child kills itself with SIGKILL, and a second child resumes.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from small_run import content, small_config

import core.atomic
from recscope import engine
from recscope.store import list_runs

CONFIG = small_config("item-knn")


def killing_at(point: int, *, before: bool) -> Callable[[Path, Path], Path]:
    """Path.replace that ends this process at its n-th call."""
    real, calls = Path.replace, [0]

    def replace(source: Path, target: Path) -> Path:
        calls[0] += 1
        if before and calls[0] == point:
            os.kill(os.getpid(), signal.SIGKILL)
        moved = real(source, target)
        if not before and calls[0] == point:
            os.kill(os.getpid(), signal.SIGKILL)
        return moved

    return replace


def in_child(work: Callable[[], object]) -> int:
    """How a forked process ended: 0, or minus the signal's number, or an exit code."""
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException:  # noqa: BLE001 - told to the parent by the exit code
            traceback.print_exc()
            os._exit(3)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed(folder: Path, point: int, *, before: bool) -> None:
    core.atomic.Path.replace = killing_at(point, before=before)  # type: ignore[method-assign]
    engine.run(CONFIG, out=folder)


def main(folder: Path, report: Path) -> None:
    whole = content(engine.run(CONFIG, out=folder / "whole").path)
    told = []
    for before in (True, False):
        for point in range(1, 200):
            here = folder / f"{point}-{before}"
            ended = in_child(lambda here=here, at=point, b=before: killed(here, at, before=b))
            if ended == 0:
                break
            runs = list_runs(here)
            told.append({"point": point, "before": before, "ended": ended, "runs": len(runs)})
            if not runs:
                continue
            status = runs[0].status
            resumed = in_child(lambda here=here, id_=runs[0].id: engine.run(resume=id_, out=here))
            found = content(runs[0].path)
            differing = [name for name in {*found, *whole} if found.get(name) != whole.get(name)]
            told[-1] |= {"status": status, "resumed": resumed, "differing": differing}
    report.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
