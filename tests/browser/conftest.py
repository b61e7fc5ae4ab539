"""The real app in a real Chromium. Nothing may be asked of any other machine."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.app.audited_run import make_audited_run
from tests.app.made_run import make_run

ROOT = Path(__file__).parent.parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
SETTLED = """() => !document.querySelector(
    '[data-testid="stStatusWidget"],[data-testid="stSkeleton"],[data-stale="true"]')"""
LONG = 60_000  # ms: the machine may be busy


@contextmanager
def served(home: Path, log: Path) -> Iterator[str]:
    """Address of the workbench over this home."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += ["--server.port", str(port), "--server.fileWatcherType", "none"]
    environment = {**os.environ, "RECSCOPE_HOME": str(home)}
    with log.open("wb") as sink:
        server = subprocess.Popen(command, cwd=ROOT, stdout=sink, stderr=sink, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(server, address, log)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(server: subprocess.Popen, address: str, log: Path) -> None:
    end = monotonic() + 60
    while monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(log.read_text())
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):  # noqa: S310 - ours
                return
        except OSError:
            sleep(0.25)
    raise RuntimeError(f"the app did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app over one finished run and one more to compare with."""
    home = tmp_path_factory.mktemp("browser-home")
    make_run(home / "runs")
    with served(home, tmp_path_factory.mktemp("log") / "streamlit.log") as address:
        yield address


@pytest.fixture(scope="session")
def audited_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app over a run that the engine made and audited."""
    home = tmp_path_factory.mktemp("audited-browser-home")
    make_audited_run(home / "runs")
    with served(home, tmp_path_factory.mktemp("log") / "streamlit.log") as address:
        yield address


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator:
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def new_page(browser) -> Iterator[Callable]:
    """Open a page at an address; at the end, no request may have left this machine."""
    contexts, strayed = [], []

    def note(request):
        if not request.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            strayed.append(request.url)

    def opened(address: str, width: int = 1280, height: int = 900, scheme: str = "light"):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", note)
        page.set_default_timeout(LONG)
        page.goto(address)
        page.get_by_role("heading", level=1).wait_for()
        settle(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert strayed == []


def settle(page) -> None:
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(300)
    page.wait_for_function(SETTLED)


def click_mark(page, key: str, nth: int, until: Callable[[], bool]) -> None:
    """Click the nth point of a chart; Plotly takes a click only after it has seen a hover."""
    for _ in range(8):
        settle(page)
        mark = page.locator(f".st-key-{key} .point path, .st-key-{key} path.point").nth(nth)
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x - 15, y - 5)
        page.mouse.move(x, y, steps=6)
        page.wait_for_timeout(250)
        page.mouse.down()
        page.mouse.up()
        page.wait_for_timeout(1500)
        settle(page)
        if until():
            return
        page.mouse.move(5, 5)
    raise AssertionError(f"no reaction of {key} to a click on its point {nth}")
