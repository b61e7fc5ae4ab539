"""Write rectools.json: what RecTools says of the cases.

peers/bin/python tests/golden/make_rectools.py     (benchmarks/requirements-peers.txt)
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from rectools import Columns
from rectools.metrics import MAP, MRR, NDCG, F1Beta, HitRate, PartialAUC, Precision, Recall

HERE = Path(__file__).parent
CUTOFFS = (1, 5, 10)
N_TOP_IRRELEVANT = 3


def metrics(k: int) -> dict[str, object]:
    return {
        f"Precision@{k}": Precision(k=k),
        f"Precision(r_precision=True)@{k}": Precision(k=k, r_precision=True),
        f"Recall@{k}": Recall(k=k),
        f"HitRate@{k}": HitRate(k=k),
        f"F1Beta@{k}": F1Beta(k=k),
        f"MAP@{k}": MAP(k=k),
        f"MAP(divide_by_k=True)@{k}": MAP(k=k, divide_by_k=True),
        f"MRR@{k}": MRR(k=k),
        f"NDCG@{k}": NDCG(k=k),
        f"NDCG(divide_by_achievable=True)@{k}": NDCG(k=k, divide_by_achievable=True),
    }


def main() -> None:
    cases = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    people = cases["users"]
    listed = pd.DataFrame(
        [
            (user, item, rank)
            for user, one in people.items()
            for rank, item in enumerate(one["items"], start=1)
        ],
        columns=[Columns.User, Columns.Item, Columns.Rank],
    )
    liked = pd.DataFrame(
        [
            (user, item)
            for user, one in people.items()
            for item, rating in one["truth"].items()
            if rating >= cases["threshold"]
        ],
        columns=[Columns.User, Columns.Item],
    )
    asked = {name: metric for k in CUTOFFS for name, metric in metrics(k).items()}
    asked[f"PartialAUC@{N_TOP_IRRELEVANT}"] = PartialAUC(k=N_TOP_IRRELEVANT)
    values = {}
    for name, metric in asked.items():
        per_user = metric.calc_per_user(listed, liked)
        values[name] = {str(user): float(value) for user, value in per_user.items()}
    made = {
        "tool": "RecTools",
        "version": version("rectools"),
        "python": sys.version.split()[0],
        "made_by": Path(__file__).name,
        "values": values,
    }
    (HERE / "rectools.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
