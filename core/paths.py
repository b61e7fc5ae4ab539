"""Where things lie: runs, caches, the job table, local data files."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CARDS = ROOT / "datasets"


def home() -> Path:
    """Folder of caches and the job table: $RECSCOPE_HOME, else .recscope in the working folder."""
    return Path(os.environ.get("RECSCOPE_HOME", ".recscope")).resolve()


def runs_dir() -> Path:
    """Folder of runs: $RECSCOPE_HOME/runs, else runs/ in the working folder."""
    moved = os.environ.get("RECSCOPE_HOME")
    return (Path(moved) / "runs" if moved else Path("runs")).resolve()


def cache_dir() -> Path:
    return home() / "cache"


def data_dir() -> Path | None:
    """Folder of data files already on this machine: $RECSCOPE_DATA_DIR, else ../shared/data."""
    named = os.environ.get("RECSCOPE_DATA_DIR")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder.resolve() if folder.is_dir() else None
