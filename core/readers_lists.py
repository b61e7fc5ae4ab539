"""Readers of data that come with ready lists of other systems."""

import pandas as pd

from core.cards import Card
from core.errors import DatasetError
from core.files import Files
from core.ledger import Ledger
from core.raw import Raw

NO_LIST = "user without lists in the systems' files: left out"


def llmrank(files: Files, card: Card) -> Raw:
    """LLMRank: sequences of games, for the users whose lists the systems' files hold.

    The last item of a sequence is the target. There are no times: a row's `timestamp` is its place
    in the sequence, so that the last one can be held out. options: `sequences`, `titles`, `listed`
    name the files.
    """
    named = card.options
    listed = {line.partition("\t")[0] for line in files.text(named["listed"]).splitlines() if line}
    users: list[str] = []
    items: list[str] = []
    places: list[int] = []
    n_left_out = 0
    for number, line in enumerate(files.text(named["sequences"]).splitlines(), start=1):
        user, *cells = line.split("\t")
        if not line or user.startswith("user_id"):
            continue  # the header, which the file holds more than once
        if len(cells) != 2:
            raise DatasetError(
                f"{named['sequences']}, line {number}: a user, a sequence and a target parted by "
                f"tabs were wanted, got {line[:60]!r}"
            )
        if user not in listed:
            n_left_out += 1
            continue
        sequence = [*cells[0].split(), cells[1]]
        users += [user] * len(sequence)
        items += sequence
        places += range(len(sequence))
    rows = pd.DataFrame({"user": users, "item": items, "timestamp": places})
    ledger = Ledger()
    ledger.add("load", "dropped", NO_LIST, n_left_out, unit="users")
    titles = _titles(files, named["titles"])
    return Raw(rows, items=titles, ledger=ledger, whole_catalogue=True)


def _titles(files: Files, name: str) -> pd.DataFrame:
    pairs = [line.partition("\t") for line in files.text(name).splitlines()[1:] if line]
    return pd.DataFrame(
        {"item": [item for item, _, _ in pairs], "title": [title for _, _, title in pairs]}
    )
