"""What the benchmarks share: print a table, and write it into its place in docs/benchmarks.md."""

import platform
import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
HEADING = """# Benchmarks

Each table is written by a script in `benchmarks/`; run it again to replace its numbers.
"""


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The rows as a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def write_section(
    name: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    note: str = "",
    page_path: Path = PAGE,
) -> None:
    """Print a table and put it between <!-- name:start --> and <!-- name:end --> of a page.

    note       a paragraph below the table
    page_path  of the page, docs/benchmarks.md unless told otherwise
    """
    body = table(columns, rows) + (f"\n\n{note}" if note else "")
    body += f"\n\nPython {platform.python_version()}, {platform.machine()}"
    print(body)
    section = f"<!-- {name}:start -->\n{body}\n<!-- {name}:end -->"
    page = page_path.read_text(encoding="utf-8") if page_path.exists() else HEADING
    place = re.compile(
        rf"<!-- {re.escape(name)}:start -->.*?<!-- {re.escape(name)}:end -->", re.DOTALL
    )
    if place.search(page):
        page = place.sub(lambda _: section, page)
    else:
        page = f"{page.rstrip()}\n\n## {name.replace('-', ' ').capitalize()}\n\n{section}\n"
    page_path.write_text(page, encoding="utf-8")
