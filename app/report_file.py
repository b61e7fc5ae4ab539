"""python -m app.report_file RUN FILE.html: the report of a run, outside of the server."""

import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str]) -> None:
    """What cannot be written raises, as app.report.write does."""
    from streamlit.logger import set_log_level

    set_log_level("ERROR")  # its caches tell that they miss a server
    from app.report import write

    run_id, file = arguments
    write(run_id, Path(file))


if __name__ == "__main__":
    main(sys.argv[1:])
