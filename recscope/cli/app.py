"""python -m recscope app."""

import argparse
import importlib
import importlib.util
import runpy
import socket
import sys

from core.errors import ConfigError
from core.paths import ROOT
from recscope import first_audit

ADDRESS = "127.0.0.1"
NEEDED_AT_ONCE = ("pandas", "pyarrow.parquet", "scipy.special", "plotly.graph_objects")


def app(given: argparse.Namespace) -> int:
    """Serve the workbench on the loopback address until it is stopped."""
    if importlib.util.find_spec("streamlit") is None:
        raise ConfigError(
            "the workbench needs Streamlit: python -m pip install -r requirements.txt"
        )
    _require_free(given.port)
    if first_audit.begin():
        sys.stderr.write("The default audit is computed in the background; watch it there.\n")
    for library in NEEDED_AT_ONCE:
        importlib.import_module(library)
    sys.stderr.write(f"RecScope listens on http://{ADDRESS}:{given.port} (Ctrl-C stops it)\n")
    sys.stderr.flush()
    sys.argv = [
        *("streamlit", "run", str(ROOT / "streamlit_app.py")),
        *("--server.port", str(given.port), "--server.address", ADDRESS),
        *("--server.headless", "false" if given.browser else "true"),
    ]
    # this process becomes the server, with the libraries of the first screen already loaded
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return 0


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
