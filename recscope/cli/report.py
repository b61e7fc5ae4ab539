"""python -m recscope report ID --out FILE.html."""

import argparse
import runpy
import sys
from pathlib import Path

from core.errors import ConfigError
from recscope.cli import show
from recscope.engine_data import require_finished
from recscope.store import open_run


def report(given: argparse.Namespace) -> int:
    """Write a finished run as one page that needs no server."""
    file = Path(given.out)
    if file.suffix.lower() not in {".html", ".htm"}:
        raise ConfigError(f"a report is one page: name --out FILE.html, not {file.name}")
    run = open_run(given.id)
    require_finished(run)
    # the page is the workbench's: it is started here as `app` starts the server
    sys.argv = ["report", run.id, str(file)]
    runpy.run_module("app.report_file", run_name="__main__", alter_sys=True)
    show.say(f"{file}: {file.stat().st_size / 2**20:.1f} MB, opens without a server")
    return 0
