"""What works on this machine, and why not. Nothing is fetched, no network is asked."""

import importlib
import os
import platform
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from core.errors import RecScopeError
from core.paths import home, runs_dir

NEEDED = ("numpy", "pandas", "scipy", "pyarrow", "numba", "implicit", "narwhals", "rich", "psutil")
SCREENS = ("streamlit", "plotly")
CHROMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SPARE_BYTES = 1 << 30
PORT = 8501


@dataclass(frozen=True)
class Finding:
    """One thing examined.  verdict: yes, no (something optional), NO (something needed)."""

    what: str
    verdict: str
    because: str


def examine() -> list[Finding]:
    """Everything worth knowing before a run, needed things first."""
    found = [_python(), *(_package(name, "NO") for name in NEEDED)]
    found += [_package(name, "NO") for name in SCREENS]
    found += [_folder("runs", runs_dir()), _folder("caches, jobs", home()), _job_table()]
    found += [_memory(), _default_data(), _kernels(), _port(), _browser()]
    return found


def _python() -> Finding:
    version = platform.python_version()
    fits = tuple(map(int, platform.python_version_tuple()[:2])) >= (3, 11)
    return Finding("Python 3.11 or newer", "yes" if fits else "NO", version)


def _package(name: str, otherwise: str) -> Finding:
    """Really imported: an installed package can still be broken."""
    try:
        importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - whatever a broken package raises is the finding
        return Finding(name, otherwise, f"{type(error).__name__}: {error}; run make install")
    return Finding(name, "yes", metadata.version(name))


def _folder(what: str, folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(what, "NO", f"{folder} cannot be written: {error}; set RECSCOPE_HOME")
    verdict = "yes" if free > SPARE_BYTES else "no"
    return Finding(what, verdict, f"{folder}, {free / 2**30:.1f} GiB free")


def _job_table() -> Finding:
    """SQLite's write-ahead log needs a local disk; on a network share it fails here."""
    try:
        with tempfile.TemporaryDirectory(dir=home()) as folder:
            connection = sqlite3.connect(Path(folder) / "probe.sqlite")
            (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
            connection.close()
    except (OSError, sqlite3.Error) as error:
        return Finding("background jobs", "NO", f"{error}; set RECSCOPE_HOME to a local disk")
    is_wal = mode == "wal"
    because = f"SQLite {sqlite3.sqlite_version}, journal mode {mode}"
    return Finding("background jobs", "yes" if is_wal else "no", because)


def _memory() -> Finding:
    import psutil

    memory = psutil.virtual_memory()
    because = f"{memory.available / 2**30:.1f} of {memory.total / 2**30:.1f} GiB free"
    verdict = "yes" if memory.available > SPARE_BYTES else "no"
    return Finding("memory", verdict, f"{because}, {os.cpu_count()} cores")


def _default_data() -> Finding:
    from core.load import available
    from recscope.config import default_config

    name = str(default_config().data.name)
    try:
        missing = available(name)
    except RecScopeError as error:
        missing = str(error)
    return Finding(name, "yes" if missing is None else "no", missing or "here, no network needed")


def _kernels() -> Finding:
    """Compiles the ranking kernels, so that the first run need not."""

    def check() -> str:
        import numpy as np
        from scipy.sparse import csr_array

        from recommenders.rank import rank

        rank(np.arange(2), np.ones((2, 3), np.float32), csr_array(np.zeros((2, 3), np.float32)), 2)
        return "compiled and kept"

    return _tried("compiled kernels", check)


def _port() -> Finding:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError as error:
            return Finding(f"port {PORT}", "no", f"{error.strerror}; use app --port {PORT + 1}")
    return Finding(f"port {PORT}", "yes", "free")


def _browser() -> Finding:
    found = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, CHROMES)), None)
    because = found or "no Chromium or Chrome; charts still download as HTML and from the browser"
    return Finding("PNG and SVG files", "yes" if found else "no", because)


def _tried(what: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(what, "yes", check())
    except Exception as error:  # noqa: BLE001 - whatever fails is the finding
        return Finding(what, "NO", f"{type(error).__name__}: {error}")
