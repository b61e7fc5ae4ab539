"""Write replay.json: what RePlay (replay-rec) says of the cases.

peers/bin/python tests/golden/make_replay.py     (benchmarks/requirements-peers.txt)
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from replay.metrics import MAP, MRR, NDCG, HitRate, PerUser, Precision, Recall, RocAuc

HERE = Path(__file__).parent
CUTOFFS = [1, 5, 10]


def main() -> None:
    cases = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    people = cases["users"]
    lists = {
        user: list(zip(one["items"], one["scores"], strict=True)) for user, one in people.items()
    }
    liked = {
        user: [item for item, rating in one["truth"].items() if rating >= cases["threshold"]]
        for user, one in people.items()
    }
    values: dict[str, dict[str, float]] = {}
    for metric in (Precision, Recall, HitRate, MAP, MRR, NDCG, RocAuc):
        answer = metric(CUTOFFS, mode=PerUser())(lists, liked)
        values |= {name.replace("-PerUser", ""): by_user for name, by_user in answer.items()}
    made = {
        "tool": "RePlay",
        "version": version("replay-rec"),
        "python": sys.version.split()[0],
        "made_by": Path(__file__).name,
        "values": values,
    }
    (HERE / "replay.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
