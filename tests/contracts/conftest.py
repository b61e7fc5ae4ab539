"""The example plug-in, installed for one test at a time."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = Path(__file__).resolve().parent.parent / "plugin"


@pytest.fixture(scope="session")
def plugin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pip has installed tests/plugin, as it would install any package; not on sys.path."""
    work = tmp_path_factory.mktemp("plugin")
    sources = shutil.copytree(PLUGIN, work / "sources")  # a build writes into its sources
    target = work / "installed"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    command += ["--no-build-isolation", "--disable-pip-version-check", "--target", str(target)]
    done = subprocess.run([*command, str(sources)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"the plug-in cannot be installed: {done.stderr}")
    return target


@pytest.fixture
def example_plugin(plugin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plug-in is installed during this test, and gone after it."""
    monkeypatch.syspath_prepend(str(plugin_folder))
