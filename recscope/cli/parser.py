"""Every command and its flags. Imports nothing heavy: --help must answer at once."""

import argparse

from recscope.cli.flags import Commands, command, cutoffs, mapping, names, sureness, within
from recscope.cli.parser_trials import stress, unlearn

ABOUT = "Tells whether a recommender can be trusted."
FIRST_STEPS = """first steps:
  python -m recscope run            the default audit: eight models on MovieLens 100K
  python -m recscope app            everything in the browser, http://127.0.0.1:8501
  python -m recscope score --recommendations lists.csv --truth test.csv
"""


def parser() -> argparse.ArgumentParser:
    """The whole command line; `command` of the result says module:function to call."""
    top = argparse.ArgumentParser(
        prog="python -m recscope",
        description=ABOUT,
        epilog=FIRST_STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (
        _run,
        _score,
        _answers,
        _compare,
        _audit,
        _explain,
        _check,
        _report,
        _lists,
        _fetch,
        _tune,
        _converse,
        stress,
        unlearn,
        _doctor,
        _app,
        _runs,
        _run_job,
    ):
        add(commands)
    return top


def _run(commands: Commands) -> None:
    text = "compute a run: fit models, judge their lists, with an interval behind every number"
    it = command(commands, "run", "run:run", text)
    it.add_argument("config", nargs="?", metavar="CONFIG.toml", help="default: the default audit")
    it.add_argument("--out", metavar="FOLDER", help="folder of runs")
    it.add_argument("--resume", metavar="ID", help="go on with a run that stopped")
    it.add_argument("--data", metavar="NAME", help="another data set than the configuration's")
    it.add_argument("--interactions", metavar="FILE", help="your own data instead of a card's")
    it.add_argument("--users", metavar="FILE", help="attributes of your users")
    it.add_argument("--items", metavar="FILE", help="attributes of your items")
    it.add_argument(
        "--columns", type=mapping, metavar="ROLE=COLUMN,…", help="where the guess would be wrong"
    )
    it.add_argument("--threshold", type=float, metavar="4", help="a rating from it on is a liking")
    it.add_argument("--models", type=names, metavar="NAME,…", help="these models instead")
    it.add_argument("--json", action="store_true", help="print the estimates as JSON")


def _score(commands: Commands) -> None:
    text = "judge any system's lists against what users went on to choose; no model is run"
    it = command(commands, "score", "score:score", text)
    need = it.add_argument_group("files (CSV, TSV, ::, JSON lines, Parquet, RecBole, TREC)")
    need.add_argument(
        "--recommendations",
        required=True,
        metavar="R",
        help="user_id, item_id and rank or score (rank wins)",
    )
    need.add_argument(
        "--truth", required=True, metavar="T", help="user_id, item_id[, rating][, timestamp]"
    )
    need.add_argument("--train", metavar="H", help="what users had before: those items are misses")
    need.add_argument("--users", metavar="U", help="user_id and attributes, for --groups")
    need.add_argument("--items", metavar="I", help="item_id and attributes: the whole catalogue")
    need.add_argument(
        "--columns", type=mapping, metavar="ROLE=COLUMN,…", help="where columns have other names"
    )
    it.add_argument("--k", type=cutoffs, default=[10], metavar="5,10,20", help="default: 10")
    it.add_argument(
        "--metrics",
        type=names,
        metavar="NAME,…|all",
        help="names or families; default: the usual six",
    )
    it.add_argument(
        "--convention",
        metavar="NAME",
        help="count as another tool does; see: python -m recscope conventions",
    )
    it.add_argument("--groups", type=names, default=[], metavar="COL,…", help="columns of users")
    sureness(it)
    it.add_argument("--out", metavar="FILE", help="write FILE.json, FILE.parquet or FILE.csv")
    it.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _answers(commands: Commands) -> None:
    text = "judge a language model's answers: can they be used as lists, are they always the same?"
    it = command(commands, "answers", "answers:answers", text)
    it.add_argument("file", metavar="FILE", help="JSON lines with user and answer, and more")
    it.add_argument("--items", required=True, metavar="I", help="the catalogue: item_id, title")
    it.add_argument("--history", metavar="H", help="what users had before: user_id, item_id")
    it.add_argument("--truth", metavar="T", help="what users went on to choose, for quality")
    it.add_argument(
        "--columns", type=mapping, metavar="ROLE=COLUMN,…", help="where columns have other names"
    )
    it.add_argument(
        "--k", type=within(1, 10_000, int), default=10, help="depth of lists; default: 10"
    )
    sureness(it)
    it.add_argument("--out", metavar="FILE", help="write FILE.json, FILE.parquet or FILE.csv")
    it.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _compare(commands: Commands) -> None:
    text = "paired differences between models, with corrected p; of one run or several"
    it = command(commands, "compare", "compare:compare", text)
    it.add_argument("ids", nargs="+", metavar="ID", help="run ids, or 'latest'")
    it.add_argument("--baseline", metavar="M", help="the model the others are compared with")
    it.add_argument("--metrics", type=names, metavar="NAME,…", help="only these; default: ndcg")
    it.add_argument("--k", type=cutoffs, metavar="10", help="only these cutoffs; default: 10")
    it.add_argument("--out", metavar="FOLDER", help="folder of runs")
    it.add_argument("--json", action="store_true", help="print every row as JSON")


def _audit(commands: Commands) -> None:
    text = "audit a run: calibration, fairness, diversity, drift, cold start, cost"
    it = command(commands, "audit", "audit:audit", text)
    it.add_argument("id", metavar="ID", help="run id, or 'latest'")
    it.add_argument("--family", type=names, metavar="NAME,…", help="only these; default: all")
    it.add_argument("--again", action="store_true", help="also what was computed before")
    it.add_argument("--out", metavar="FOLDER", help="folder of runs")
    it.add_argument("--json", action="store_true", help="print every number as JSON")


def _explain(commands: Commands) -> None:
    text = "say why items are recommended, and whether that can be believed"
    it = command(commands, "explain", "explain:explain", text)
    it.add_argument("--run", required=True, metavar="ID", help="run id, or 'latest'")
    it.add_argument("--model", metavar="M", help="of this model; needed with --user")
    it.add_argument("--user", metavar="U", help="one user; without, the whole run is explained")
    it.add_argument("--item", metavar="I", help="one item; without, the first five of the list")
    it.add_argument(
        "--explainer",
        type=names,
        metavar="NAME,…",
        help="with --user: template; without: what the run asks for",
    )
    it.add_argument("--language-model", metavar="NAME", help="who words it: openai:MODEL@URL …")
    it.add_argument("--again", action="store_true", help="also what was made before")
    it.add_argument("--runs", metavar="FOLDER", help="folder of runs")
    it.add_argument("--out", metavar="FILE", help="write FILE.json, FILE.parquet or FILE.csv")
    it.add_argument("--json", action="store_true", help="print JSON instead of text")


def _lists(commands: Commands) -> None:
    for name, text in (
        ("datasets", "list data sets, or describe one"),
        ("recommenders", "list recommenders, or describe one with its parameters"),
        ("metrics", "list metrics, or describe one with its definition and source"),
        ("conventions", "list tools that count otherwise, or say how one of them counts"),
        ("audits", "list audits, or describe one with its settings and metrics"),
        ("explainers", "list explainers, or describe one with its source and needs"),
    ):
        it = command(commands, name, f"lists:{name}", text)
        it.add_argument("name", nargs="?", metavar="NAME")
        it.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _check(commands: Commands) -> None:
    text = "hold a run against gates: exit code 0 where all hold, 1 where one does not"
    it = command(commands, "check", "check:check", text)
    it.add_argument("id", metavar="ID", help="run id, or 'latest'")
    it.add_argument("--gates", metavar="GATES.toml", help="[[gate]] tables: number, bound, group …")
    it.add_argument(
        "--preset", type=names, default=[], metavar="NAME,…", help="such as four-fifths"
    )
    it.add_argument("--out", metavar="FOLDER", help="folder of runs")
    it.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _report(commands: Commands) -> None:
    text = "write a finished run as one HTML page that needs no server"
    it = command(commands, "report", "report:report", text)
    it.add_argument("id", metavar="ID", help="run id, or 'latest'")
    it.add_argument("--out", metavar="FILE.html", required=True, help="the page")


def _fetch(commands: Commands) -> None:
    it = command(commands, "fetch", "fetch:fetch", "fetch data files and verify them")
    it.add_argument(
        "names", nargs="*", metavar="NAME", help="default: what the default audit needs"
    )


def _tune(commands: Commands) -> None:
    text = "teach a language model to explain, on the sentences of a data set's reviews"
    it = command(commands, "tune-explainer", "tune:tune", text)
    it.add_argument(
        "--data", metavar="NAME", help="a card with reviews; default: amazon-musical-instruments"
    )
    it.add_argument("--model", metavar="NAME", help="whose weights to tune; default: smollm2-135m")
    it.add_argument("--steps", type=within(1, 100_000, int), metavar="80", help="of 8 sentences")
    it.add_argument("--seed", type=within(0, 2**32 - 1, int), metavar="0")


def _converse(commands: Commands) -> None:
    text = "how much does a ranker gain by being talked to? simulated users, with intervals"
    it = command(commands, "converse", "converse:converse", text)
    it.add_argument("--data", default="movielens-100k", metavar="NAME", help="a card")
    it.add_argument("--ranker", default="ease", metavar="NAME", help="any recommender; ease")
    it.add_argument("--split", default="leave-last", metavar="RULE", help="default: leave-last")
    it.add_argument("--users", type=within(1, 1e6, int), default=200, help="default: 200")
    it.add_argument("--turns", type=within(1, 50, int), default=5, help="default: 5")
    it.add_argument("--k", type=within(1, 1000, int), default=10, help="items a turn; default: 10")
    it.add_argument(
        "--reader", choices=["rules", "model"], default="rules", help="model: a language model too"
    )
    it.add_argument("--language-model", default="smollm2-135m", metavar="NAME")
    it.add_argument("--seed", type=within(0, 2**31, int), default=0, help="default: 0")
    it.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _doctor(commands: Commands) -> None:
    it = command(commands, "doctor", "doctor:doctor", "what works on this machine, and why not")
    it.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _app(commands: Commands) -> None:
    it = command(commands, "app", "app:app", "open the workbench in the browser")
    it.add_argument("--port", type=within(1, 65535, int), default=8501, help="default: 8501")
    it.add_argument("--browser", action="store_true", help="also open a browser window")


def _runs(commands: Commands) -> None:
    it = command(commands, "runs", "runs:list_", "list runs, or delete some")
    it.add_argument("--out", metavar="FOLDER", help="folder of runs")
    it.add_argument("--json", action="store_true", help="print JSON instead of a table")
    actions = it.add_subparsers(title="actions", metavar="list|delete")
    listing = actions.add_parser("list", help="list runs, newest first (the default)")
    listing.set_defaults(command="runs:list_")
    delete = actions.add_parser("delete", help="delete runs")
    delete.add_argument("ids", nargs="+", metavar="ID")
    delete.set_defaults(command="runs:delete")


def _run_job(commands: Commands) -> None:
    # started by recscope.jobs, not by people: no help, so that it is not listed
    it = commands.add_parser("run-job")
    it.add_argument("id")
    it.set_defaults(command="runs:run_job")
