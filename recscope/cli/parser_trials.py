"""Flags of the commands that change data on purpose and look what moves."""

import argparse

from recscope.cli.flags import Commands, command, names, sureness, within


def shares(text: str) -> tuple[float, ...]:
    """Numbers above 0 and at most 1 between commas."""
    try:
        found = tuple(float(word) for word in names(text))
    except ValueError:
        found = ()
    if not found or not all(0 < share <= 1 for share in found):
        raise argparse.ArgumentTypeError(
            f"{text!r} must be shares above 0 and at most 1, such as 0.01,0.05"
        )
    return found


def stress(commands: Commands) -> None:
    """Poison a data set."""
    text = "inject fake profiles that promote rare items, and tell what moves for everybody else"
    it = _trial(commands, "stress", text)
    it.add_argument("--models", type=names, metavar="NAME,…", help="default: item-knn,ease,als")
    it.add_argument(
        "--attacks", type=names, metavar="NAME,…", help="random, average, bandwagon, text"
    )
    it.add_argument("--sizes", type=shares, metavar="0.01,0.03", help="fake users by honest ones")
    it.add_argument("--targets", type=within(1, 1000, int), metavar="5", help="items promoted")
    it.add_argument(
        "--fillers", type=within(0, 100_000, int), metavar="0", help="0: as many as users have"
    )
    _printed(it)


def unlearn(commands: Commands) -> None:
    """Forget users."""
    text = "forget some users, and tell whether it shows, what it costs and what quality is kept"
    it = _trial(commands, "unlearn", text)
    it.add_argument("--base", metavar="NAME", help="model trained on shards; default: ease")
    it.add_argument("--shards", type=within(2, 1000, int), metavar="5", help="default: 5")
    it.add_argument(
        "--share", type=within(0.001, 0.5), metavar="0.05", help="of users to be forgotten"
    )
    it.add_argument(
        "--adapter", metavar="ATTRIBUTE=GROUP",
        help="forget a group by dropping its adapter of llm-lora instead, such as gender=F",
    )  # fmt: skip
    it.add_argument(
        "--model-params", metavar="TEXT", help='settings of llm-lora, such as "n_examples = 60"'
    )
    _printed(it)


def _trial(commands: Commands, name: str, text: str) -> argparse.ArgumentParser:
    it = command(commands, name, f"trials:{name}", text)
    it.add_argument("--data", default="movielens-100k", metavar="NAME", help="a data set's name")
    it.add_argument("--users", type=within(2, 10**6, int), metavar="500", help="asked, at most")
    it.add_argument("--k", type=within(1, 10_000, int), metavar="10", help="length of lists")
    return it


def _printed(it: argparse.ArgumentParser) -> None:
    sureness(it)
    it.add_argument("--out", metavar="FILE", help="write FILE.json, FILE.parquet or FILE.csv")
    it.add_argument("--json", action="store_true", help="print JSON instead of a table")
