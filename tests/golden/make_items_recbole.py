"""Write items_recbole.json: popularity and tail of lists as RecBole has them, unrounded.

recbole/bin/python tests/golden/make_items_recbole.py     (benchmarks/requirements-peers.txt)

RecBole knows full lists only, so users with a short one are left out.
"""

import json
import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import numpy as np
from recbole.evaluator.metrics import AveragePopularity, TailPercentage

HERE = Path(__file__).parent
TAIL = 0.1


def main() -> None:
    cases = json.loads((HERE / "item_cases.json").read_text(encoding="utf-8"))
    k = cases["k"]
    full = {user: one for user, one in cases["users"].items() if len(one["items"]) == k}
    items = np.array([[int(item[1:]) for item in one["items"]] for one in full.values()])
    had = Counter(int(item[1:]) for one in cases["users"].values() for item in one["train"])
    config = {"topk": [5, k], "metric_decimal_place": 12, "tail_ratio": TAIL}
    popularity, tail = AveragePopularity(config), TailPercentage(config)
    counts = popularity.get_pop(items, had)
    by_user = popularity.metric_info(counts)
    in_tail = tail.metric_info(tail.get_tail(items, had))
    values = {
        f"{name}@{cut}": dict(zip(full, of_users[:, cut - 1].tolist(), strict=True))
        for name, of_users in (("AveragePopularity", by_user), ("TailPercentage", in_tail))
        for cut in (5, k)
    }
    made = {
        "tool": "RecBole",
        "version": version("recbole"),
        "python": sys.version.split()[0],
        "made_by": Path(__file__).name,
        "tail_ratio": TAIL,
        "values": values,
    }
    (HERE / "items_recbole.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
