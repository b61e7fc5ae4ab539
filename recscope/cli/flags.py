"""Kinds of values that flags take, shared by the commands."""

import argparse
from collections.abc import Callable
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - its only name


def names(text: str) -> list[str]:
    """Words between commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def cutoffs(text: str) -> list[int]:
    """Whole numbers from 1 between commas."""
    try:
        found = [int(word) for word in names(text)]
    except ValueError:
        found = []
    if not found or min(found) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be whole numbers from 1, such as 5,10,20")
    return found


def mapping(text: str) -> dict[str, str]:
    """ROLE=COLUMN pairs between commas."""
    pairs = [word.partition("=") for word in names(text)]
    if not all(role and sign and column for role, sign, column in pairs):
        raise argparse.ArgumentTypeError(
            f"{text!r} must be ROLE=COLUMN pairs, such as user_id=customer,item_id=sku"
        )
    return {role.strip(): column.strip() for role, _, column in pairs}


def within(low: float, high: float, kind: type = float) -> Callable[[str], float]:
    """A reader of numbers from low to high."""

    def number(text: str) -> float:
        try:
            value: float = kind(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} must lie between {low:g} and {high:g}")
        return value

    return number


def command(commands: Commands, name: str, to_call: str, text: str) -> argparse.ArgumentParser:
    """Add a command that calls `to_call`, a module:function of recscope.cli."""
    made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    made.set_defaults(command=to_call)
    return made


def sureness(it: argparse.ArgumentParser) -> None:
    """Flags of intervals."""
    it.add_argument(
        "--resamples", type=within(0, 1e6, int), default=1000, help="0: no interval; default: 1000"
    )
    it.add_argument("--confidence", type=within(0.01, 0.9999), default=0.95, help="default: 0.95")
    it.add_argument("--seed", type=within(0, 2**31, int), default=0, help="default: 0")
