"""How long until the first screen stands: server start, a first visit, later visits.

Needs Chromium and the development packages. Visits a server of its own over a folder of runs that
RECSCOPE_HOME names; makes the default audit there first if it holds none.
"""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import write_section
from playwright.sync_api import BrowserContext, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
MARKS = {  # what a visitor waits for, in order of appearance
    "title": "h1",
    "headline (goal: 3 s)": "h3",
    "first chart": ".js-plotly-plot .point",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(port: int) -> tuple["subprocess.Popen[bytes]", float]:
    """The server and the seconds until it answers."""
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "recscope", "app", "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
            return server, time.perf_counter() - began
        except OSError:
            time.sleep(0.05)


def visit(context: BrowserContext, url: str) -> list[float]:
    """Seconds from asking for the page until each mark stands."""
    page = context.new_page()
    began = time.perf_counter()
    page.goto(url)
    seconds = []
    for selector in MARKS.values():
        page.locator(selector).first.wait_for(timeout=60_000)
        seconds.append(time.perf_counter() - began)
    page.close()
    return seconds


def main() -> None:
    from recscope.store import list_runs

    if not list_runs():
        subprocess.run([sys.executable, "-m", "recscope", "run"], cwd=ROOT, check=True)
    port = free_port()
    server, start = start_server(port)
    try:
        with sync_playwright() as playwright:
            chromium = shutil.which("chromium") or os.environ["CHROMIUM"]
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            visits = [visit(context, f"http://127.0.0.1:{port}/") for _ in range(6)]
            browser.close()
    finally:
        server.terminate()
        server.wait(10)
    later = [statistics.median(times) for times in zip(*visits[1:], strict=True)]
    rows = [("server answers", f"{start:.2f} s", "")]
    rows += [
        (mark, f"{first:.2f} s", f"{again:.2f} s")
        for mark, first, again in zip(MARKS, visits[0], later, strict=True)
    ]
    rows.append(("load of the machine at the end (2 cores)", f"{os.getloadavg()[0]:.1f}", ""))
    write_section(
        "first-screen", ["what", "first visit to a new server", "later visits, median of 5"], rows
    )


if __name__ == "__main__":
    main()
