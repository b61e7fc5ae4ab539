"""python -m recscope fetch."""

import argparse
import sys
from collections.abc import Callable

from core.errors import RecScopeError
from recscope.cli import show


def fetch(given: argparse.Namespace) -> int:
    """Fetch and verify the files of data sets; what could not be had is told at the end."""
    from core.cards import card
    from core.load import fetch_card
    from recscope.config import default_config

    names = given.names or [str(default_config().data.name)]
    for name in names:
        card(name)  # an unknown name before anything is fetched
    failed = 0
    for name in names:
        try:
            folder, is_verified = fetch_card(name, _progress(name))
        except RecScopeError as error:
            failed += 1
            sys.stderr.write(f"recscope: {error}\n")
        else:
            word = (
                "verified" if is_verified else "here, but its card has no checksum to verify it by"
            )
            show.say(f"{name}: {word}, in {folder}")
    return 2 if failed else 0


def _progress(name: str) -> Callable[[int, int | None], None]:
    told = [0]

    def tell(done: int, total: int | None) -> None:
        """A line for every tenth, where somebody watches."""
        tenth = 10 * done // total if total else 0
        if tenth > told[0] and sys.stderr.isatty():
            told[0] = tenth
            sys.stderr.write(f"{name}: {tenth * 10} %\n")

    return tell
