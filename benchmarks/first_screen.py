"""How long until the first screen stands: server start, a first visit, later visits.

Needs Chromium and the development packages. Visits a server of its own over a folder of runs that
RECSCOPE_HOME names; makes the default audit there first if it holds none.

The page itself notes when each mark appears, and is asked once all stand: a browser that a test
tool watches (Chromium with its Runtime domain enabled) takes in a large script two to three times
more slowly than that of a visitor.
"""

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import write_section
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parent.parent
FLAGS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-background-networking", "--window-size=1440,900"),
]
OVERVIEW = {  # what a visitor waits for, in order of appearance
    "title": "h1",
    "headline": "h3",
    "first chart (goal: 3 s)": ".st-key-overview-forest .point",
    "leads, warnings, table: all of it": "[data-testid=stPageLink]",
}
ACCURACY = {"Accuracy: first interactive chart": ".js-plotly-plot .point"}
WATCH = """window.marks = {};
const wanted = %s, look = () => { for (const [name, mark] of Object.entries(wanted))
    if (!(name in marks) && document.querySelector(mark)) marks[name] = performance.now(); };
new MutationObserver(look).observe(document, {childList: true, subtree: true});"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, limit: float = 60) -> None:
    end = time.perf_counter() + limit
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - ours
        except OSError:
            if time.perf_counter() > end:
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def running(*command: str) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def call(page: ClientConnection, method: str, **given: Any) -> dict[str, Any]:
    """One command of Chromium's protocol; none that makes it collect what a debugger wants."""
    page.send(json.dumps({"id": 1, "method": method, "params": given}))
    while True:
        answer = json.loads(page.recv(timeout=60))
        if answer.get("id") == 1:
            return dict(answer["result"])


def visit(debugger: str, url: str, marks: dict[str, str], limit: float = 60) -> list[float]:
    """Seconds from asking for the page until each mark stands."""
    asked = urllib.request.Request(f"{debugger}/json/new?about:blank", method="PUT")  # noqa: S310 - ours
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 - ours
        tab = json.load(answer)
    with connect(tab["webSocketDebuggerUrl"], max_size=None) as page:
        call(page, "Page.enable")
        script = WATCH % json.dumps(marks)
        call(page, "Page.addScriptToEvaluateOnNewDocument", source=script)
        call(page, "Page.navigate", url=url)
        end = time.perf_counter() + limit
        while time.perf_counter() < end:
            time.sleep(4)  # asked seldom, so that asking does not slow it down
            told = call(page, "Runtime.evaluate", expression="JSON.stringify(window.marks)")
            seen = json.loads(told["result"]["value"])
            if len(seen) == len(marks):
                call(page, "Page.close")
                return [seen[name] / 1000 for name in marks]
    raise TimeoutError(f"{url} never showed {sorted(set(marks) - set(seen))}")


def main() -> None:
    from recscope.store import list_runs

    if not list_runs():
        subprocess.run([sys.executable, "-m", "recscope", "run"], cwd=ROOT, check=True)
    port, debugging = free_port(), free_port()
    site, debugger = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{debugging}"
    chromium = shutil.which("chromium") or os.environ["CHROMIUM"]
    with tempfile.TemporaryDirectory() as profile:
        own = [f"--remote-debugging-port={debugging}", f"--user-data-dir={profile}"]
        with running(chromium, *FLAGS, *own, "about:blank"):
            wait_for(f"{debugger}/json/version")
            time.sleep(2)  # a visitor's browser is already there
            began = time.perf_counter()
            with running(sys.executable, "-m", "recscope", "app", "--port", str(port)):
                wait_for(f"{site}/_stcore/health")
                start = time.perf_counter() - began
                visits = [visit(debugger, f"{site}/", OVERVIEW) for _ in range(6)]
                others = [visit(debugger, f"{site}/accuracy", ACCURACY) for _ in range(4)]
    rows = [["server answers", f"{start:.2f} s", "", ""]]
    for marks, times in ((OVERVIEW, visits), (ACCURACY, others)):
        for place, mark in enumerate(marks):
            first, *later = [visited[place] for visited in times]
            told = (f"{seconds:.2f} s" for seconds in (first, statistics.median(later), min(later)))
            rows.append([mark, *told])
    load = f"{os.getloadavg()[0]:.1f}"
    rows.append(["load of the machine at the end (2 cores)", load, "", ""])
    columns = ["what", "first visit to a new server", "later visits, median", "best"]
    write_section("first-screen", columns, rows)


if __name__ == "__main__":
    main()
