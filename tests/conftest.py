"""Every test run writes to a folder of its own and reports to nobody."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:
    # every worker has a core: threads that wait for another one's would spin; before NumPy loads
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from core import paths, privacy

privacy.switch_off_telemetry()

CHROMIUM = next(
    (
        p
        for p in ("/usr/bin/chromium", shutil.which("chromium"), shutil.which("google-chrome"))
        if p and Path(p).exists()
    ),
    None,
)


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """RECSCOPE_HOME of the whole test run: files fetched once are shared by all tests."""
    home = tmp_path_factory.mktemp("recscope-home")
    if "PYTEST_XDIST_WORKER" in os.environ:  # weights are unpacked once, whoever needs them first
        unpacked = tmp_path_factory.getbasetemp().parent / "models"
        unpacked.mkdir(exist_ok=True)
        (home / "cache").mkdir()
        (home / "cache" / "models").symlink_to(unpacked, target_is_directory=True)
    before = os.environ.get("RECSCOPE_HOME")
    os.environ["RECSCOPE_HOME"] = str(home)
    yield home
    if before is None:
        del os.environ["RECSCOPE_HOME"]
    else:
        os.environ["RECSCOPE_HOME"] = before


@pytest.fixture
def fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty RECSCOPE_HOME for one test."""
    home = tmp_path / "home"
    monkeypatch.setenv("RECSCOPE_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of real data sets; a test that needs it is skipped where there is none."""
    folder = paths.data_dir()
    if folder is None:
        pytest.skip("no real data here: set RECSCOPE_DATA_DIR to the folder that holds it")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's Chromium; skipped without one, unless the run requires it."""
    if CHROMIUM is None:
        if os.environ.get("RECSCOPE_REQUIRE_BROWSER"):
            pytest.fail("RECSCOPE_REQUIRE_BROWSER is set and no Chromium was found")
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    return CHROMIUM


@pytest.fixture(scope="module")
def tiny_language(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Name of a language model drawn by chance, small enough to be asked thousands of times.

    Meanwhile torch works in one thread: several ones wait for each other longer than it takes.
    """
    import torch
    from tiny_language import tiny_language_model  # it needs the package's prompts: not every test

    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield tiny_language_model(tmp_path_factory.mktemp("tiny-language"))
    torch.set_num_threads(n_threads)
