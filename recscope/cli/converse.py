"""python -m recscope converse."""

import argparse
import json
import math
import sys
from typing import TYPE_CHECKING

from recscope.cli import show

if TYPE_CHECKING:
    from recscope.conversing import Conversed, Tell


def converse(given: argparse.Namespace) -> int:
    """Let simulated users talk to a ranker; a table of whom conversing served, and when."""
    from core.load import load
    from core.split import split
    from recommenders.converse.recommender import Conversational
    from recscope.conversing import SPEAKERS
    from recscope.conversing import converse as talk
    from recscope.estimate import Sureness

    dataset = load(given.data)
    parts = split(dataset.interactions, given.split)
    model = Conversational(ranker=given.ranker, language_model=given.language_model)
    model.bind(dataset.user_ids, dataset.item_ids).fit(parts.train)
    speakers = [name for name in SPEAKERS if name != "model" or given.reader == "model"]
    made = talk(
        model,
        parts,
        n_users=given.users,
        turns=given.turns,
        k=given.k,
        speakers=speakers,
        sure=Sureness(seed=given.seed),
        tell=_teller(),
    )
    if given.json:
        rows = json.loads(made.estimates.to_json(orient="records", double_precision=15))
        misread = {name: share for name, share in made.misread.items() if not math.isnan(share)}
        show.as_json({"estimates": rows, "misread": misread, "tokens": dict(made.tokens)})
    else:
        _tell(made)
    return 0


def _teller() -> "Tell":
    """A line for every fiftieth conversation, on stderr."""

    def tell(speaker: str, done: int, total: int) -> None:
        if done % 50 == 0:
            sys.stderr.write(f"{speaker}: {done} of {total} conversations\n")

    return tell


def _tell(made: "Conversed") -> None:
    import pandas as pd

    from recscope.conversing import SPEAKERS

    rows = []
    table = made.estimates
    for row in table[table["turn"].isna() | table["turn"].isin([1, table["turn"].max()])].to_dict(
        "records"
    ):
        turn = row["turn"]
        number = row["metric"] if pd.isna(turn) else f"{row['metric']}, turn {turn}"
        interval = f"{row['low']:.3f} to {row['high']:.3f}"
        rows.append([row["speaker"], number, f"{row['mean']:.3f}", interval, row["n"]])
    show.table(["speaker", "number", "mean", "95 % interval", "users"], rows, numbers=3)
    show.say()
    show.facts({speaker: SPEAKERS[speaker] for speaker in made.served})
    for speaker, share in made.misread.items():
        if not math.isnan(share):
            show.say(f"{speaker}: {share:.1%} of what was said was read otherwise than meant")
