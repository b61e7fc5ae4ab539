"""python -m recscope app."""

import argparse
import importlib.util
import os
import socket
import subprocess
import sys

from core.errors import ConfigError
from core.paths import ROOT
from recscope import first_audit

ADDRESS = "127.0.0.1"


def app(given: argparse.Namespace) -> int:
    """Serve the workbench on the loopback address until it is stopped."""
    if importlib.util.find_spec("streamlit") is None:
        raise ConfigError(
            "the workbench needs Streamlit: python -m pip install -r requirements.txt"
        )
    _require_free(given.port)
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py")),
        *("--server.port", str(given.port), "--server.address", ADDRESS),
        *("--server.headless", "false" if given.browser else "true"),
    ]
    environment = {**os.environ, "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"}
    if first_audit.begin():
        sys.stderr.write("The default audit is computed in the background; watch it there.\n")
    sys.stderr.write(f"RecScope listens on http://{ADDRESS}:{given.port} (Ctrl-C stops it)\n")
    sys.stderr.flush()
    if os.name == "posix":
        # this process becomes the server, so that a signal reaches it and no child is left behind
        os.execve(sys.executable, command, environment)  # noqa: S606
    return subprocess.call(command, env=environment)


def _require_free(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # as the server itself does: a port that a stopped server just left is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise ConfigError(
                f"port {port} cannot be used ({error.strerror or error}); is the workbench open "
                f"already? Name another with --port {port + 1 if port < 65535 else 8501}"
            ) from error
