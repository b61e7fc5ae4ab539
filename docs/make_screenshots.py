"""Screenshots of the README, from the real app over a real run: python docs/make_screenshots.py.

Computes the default audit in a home of its own, which the first start of the app does as a job,
waits for its result in Chromium, and writes docs/images/*.png. Nothing is drawn by hand.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
SETTLED = """() => !document.querySelector(
    '[data-testid="stStatusWidget"],[data-testid="stSkeleton"],[data-stale="true"]')"""
# name, address, colour scheme, width, height
SHOTS = [
    ("overview-light", "", "light", 1280, 860),
    ("overview-dark", "", "dark", 1280, 860),
    ("data-light", "data", "light", 1280, 860),
    ("accuracy-light", "accuracy", "light", 1280, 1180),
    ("accuracy-dark", "accuracy?accuracy.by=occupation", "dark", 1280, 1180),
    ("calibration-light", "calibration", "light", 1280, 1180),
    ("fairness-light", "fairness", "light", 1280, 1180),
    ("fairness-dark", "fairness", "dark", 1280, 1180),
    ("diversity-light", "diversity", "light", 1280, 1180),
    ("drift-light", "drift", "light", 1280, 1180),
    ("cold-start-light", "cold_start", "light", 1280, 1180),
    ("conventions-light", "conventions", "light", 1280, 1180),
    ("explanations-light", "explanations", "light", 1280, 1180),
    ("explanation-quality-light", "explanation_quality", "light", 1280, 1180),
    ("map-light", "map", "light", 1280, 1180),
    ("user-light", "user", "light", 1280, 860),
    ("runs-light", "runs", "light", 1280, 560),
    ("overview-phone", "", "light", 390, 844),
]
PATIENCE = 300.0  # seconds


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.stderr.write("Screenshots need Chromium on the PATH: apt-get install chromium\n")
        return 2
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        server, address = serve(Path(home))
        try:
            wait_for(address)
            shoot(chromium, address, Path(home))
        finally:
            server.terminate()
            server.wait(20)
    return 0


def serve(home: Path) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py")]
    command += ["--server.port", str(port), "--server.fileWatcherType", "none"]
    environment = {**os.environ, "RECSCOPE_HOME": str(home)}
    return subprocess.Popen(command, cwd=ROOT, env=environment), f"http://127.0.0.1:{port}"


def wait_for(address: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):  # noqa: S310
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.25)


def shoot(chromium: str, address: str, home: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        first = browser.new_page(viewport={"width": 1280, "height": 860})
        first.goto(address)
        progress = first.get_by_text("The first audit is being computed")
        progress.wait_for(timeout=60_000)
        first.get_by_text(re.compile("(Fitting|Judging|Making lists)")).wait_for(timeout=120_000)
        first.screenshot(path=IMAGES / "first-start.png")
        first.get_by_text("ranks best, with").wait_for(timeout=1000 * PATIENCE)
        first.close()
        wait_for_audits(home)
        for name, path, scheme, width, height in SHOTS:
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page.goto(f"{address}/{path}")
            settle(page)
            page.screenshot(path=IMAGES / f"{name}.png")
            print(f"docs/images/{name}.png")
            page.close()
        browser.close()


def wait_for_audits(home: Path) -> None:
    """The first numbers are on screen before the audits are computed."""
    end = time.monotonic() + PATIENCE
    while True:
        (run,) = (home / "runs").iterdir()
        if json.loads((run / "manifest.json").read_text(encoding="utf-8"))["status"] == "done":
            return
        if time.monotonic() > end:
            raise TimeoutError(f"{run.name} was not audited within {PATIENCE:.0f} s")
        time.sleep(1)


def settle(page: Any) -> None:
    page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    for _ in range(3):
        page.wait_for_function(SETTLED, timeout=60_000)
        page.wait_for_timeout(1000)


if __name__ == "__main__":
    sys.exit(main())
