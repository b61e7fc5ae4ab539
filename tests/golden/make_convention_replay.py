"""Write convention_replay.json: what RePlay says of the cases.

replay/bin/python tests/golden/make_convention_replay.py   (requirements-peers.txt)
"""

import warnings
from importlib.metadata import version
from typing import Any

import pandas as pd
from convention_io import attempt, cases, write
from replay.metrics import MAP, MRR, NDCG, Coverage, HitRate, Novelty, Precision, Recall, RocAuc

METRICS = {
    "precision": Precision,
    "recall": Recall,
    "hit_rate": HitRate,
    "map": MAP,
    "mrr": MRR,
    "ndcg": NDCG,
    "auc": RocAuc,
}
BEYOND = {"novelty": Novelty, "coverage": Coverage}


def frame(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["query_id", "item_id", "rating"])


def only(metric: Any, *frames: pd.DataFrame) -> float:
    return next(iter(metric(*frames).values()))


def main() -> None:
    warnings.simplefilter("ignore")
    values: dict[str, dict[str, object]] = {}
    for case in cases():
        found = values.setdefault(case.name, {})
        reco = frame([(u, i, float(s)) for u, rows in case.lists.items() for i, s in rows])
        truth = frame([(u, i, 1.0) for u, items in case.relevant.items() for i in items])
        train = frame([(u, i, 1.0) for u, items in case.train.items() for i in items])
        for k in case.ks:
            for name, metric in METRICS.items():
                found[f"{name}@{k}"] = attempt(only, metric(k), reco, truth)
            for name, metric in BEYOND.items() if case.train else ():
                found[f"{name}@{k}"] = attempt(only, metric(k), reco, train)
    write("replay", version("replay-rec"), values)


if __name__ == "__main__":
    main()
