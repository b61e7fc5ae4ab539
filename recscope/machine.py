"""What this machine is, which versions run on it, and what a stretch of work cost."""

import datetime as dt
import os
import platform
import subprocess
import threading
import time
from importlib import metadata
from types import TracebackType
from typing import Any, Self

from core.paths import ROOT

PACKAGES = ("duckdb", "implicit", "numba", "numpy", "pandas", "pyarrow", "scipy", "streamlit")
SAMPLE_SECONDS = 0.02


def process_started(pid: int) -> float | None:
    """When a process started, seconds since 1970; None where there is none of this number."""
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def is_alive(pid: int, started: float) -> bool:
    """Does this very process live? The start time tells it from a later one of the same number."""
    import psutil

    now = process_started(pid)
    if now is None or abs(now - started) > 1.0:
        return False
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def machine() -> dict[str, Any]:
    """System, processor, cores, memory."""
    import psutil

    return {
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
    }


def versions() -> dict[str, str]:
    """Versions of Python, RecScope and the packages that a number can depend on."""
    found = {"python": platform.python_version()}
    for name in ("recscope", *PACKAGES):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # not installed here: it cannot have had a say
    return found


def git_commit() -> str | None:
    """Commit of the source tree, with + where files differ from it; None outside a checkout."""
    if not (ROOT / ".git").exists():
        return None
    command = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=40", "--dirty=+"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None


def now() -> str:
    """The present moment, ISO 8601 in UTC."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


class Meter:
    """How long a block of work took and how much memory the process held at most.

    with Meter() as meter: ...; then meter.seconds, meter.peak_bytes. Memory is sampled, so a peak
    shorter than SAMPLE_SECONDS can be missed.
    """

    seconds: float
    peak_bytes: int

    def __enter__(self) -> Self:
        import psutil

        self._process = psutil.Process()
        self.seconds, self.peak_bytes = 0.0, int(self._process.memory_info().rss)
        self._over = threading.Event()
        self._sampler = threading.Thread(target=self._watch, daemon=True)
        self._start = time.perf_counter()
        self._sampler.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.seconds = time.perf_counter() - self._start
        self._over.set()
        self._sampler.join()
        self._look()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self._look()

    def _look(self) -> None:
        self.peak_bytes = max(self.peak_bytes, int(self._process.memory_info().rss))
