"""Write items_rectools.json: the popularity of lists as RecTools has it.

rectools/bin/python tests/golden/make_items_rectools.py     (benchmarks/requirements-peers.txt)
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from rectools import Columns
from rectools.metrics import AvgRecPopularity

HERE = Path(__file__).parent


def frame(cases: dict, part: str) -> pd.DataFrame:
    rows = [
        (user, item, rank)
        for user, one in cases["users"].items()
        for rank, item in enumerate(one[part], start=1)
    ]
    return pd.DataFrame(rows, columns=[Columns.User, Columns.Item, Columns.Rank])


def main() -> None:
    cases = json.loads((HERE / "item_cases.json").read_text(encoding="utf-8"))
    listed, train = frame(cases, "items"), frame(cases, "train")
    values = {}
    for k in (5, 10):
        per_user = AvgRecPopularity(k=k).calc_per_user(listed, train)
        values[f"AvgRecPopularity@{k}"] = {str(u): float(v) for u, v in per_user.items()}
    made = {
        "tool": "RecTools",
        "version": version("rectools"),
        "python": sys.version.split()[0],
        "made_by": Path(__file__).name,
        "values": values,
    }
    (HERE / "items_rectools.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
