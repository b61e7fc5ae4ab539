"""The example plug-in, installed for one test at a time."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_language import tiny_language_model

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


@pytest.fixture(scope="module")
def tiny_language(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Name of a language model drawn by chance, small enough to be asked thousands of times.

    Meanwhile torch works in one thread: several ones wait for each other longer than it takes.
    """
    import torch

    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield tiny_language_model(tmp_path_factory.mktemp("tiny-language"))
    torch.set_num_threads(n_threads)
