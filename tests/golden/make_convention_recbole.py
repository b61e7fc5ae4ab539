"""Write convention_recbole.json: what RecBole's evaluator says of the cases.

    recbole/bin/python tests/golden/make_convention_recbole.py   (requirements-peers.txt)

RecBole makes its flags from a matrix of scores; here they are made from the lists, a short one
filled with item 0, [PAD]; items of the cases therefore go from 1. Rounding is switched off.
"""

from importlib.metadata import version

import torch
from convention_io import Case, attempt, cases, write
from recbole.evaluator.collector import DataStruct
from recbole.evaluator.metrics import (
    MAP,
    MRR,
    NDCG,
    GiniIndex,
    Hit,
    ItemCoverage,
    Precision,
    Recall,
    ShannonEntropy,
)

METRICS = {
    "precision": Precision,
    "recall": Recall,
    "hit_rate": Hit,
    "map": MAP,
    "mrr": MRR,
    "ndcg": NDCG,
    "gini": GiniIndex,
    "entropy": ShannonEntropy,
    "coverage": ItemCoverage,
}


def struct(case: Case) -> DataStruct:
    width, lists, relevant = max(case.ks), case.once, case.relevant
    items, flags = [], []
    for user, wanted in relevant.items():
        row = [item + 1 for item, _ in lists.get(user, [])][:width]
        row += [0] * (width - len(row))
        items.append(row)
        flags.append([int(item - 1 in wanted) for item in row] + [len(wanted)])
    made = DataStruct()
    made.set("rec.items", torch.tensor(items))
    made.set("rec.topk", torch.tensor(flags))
    made.set("data.num_items", case.n_items + 1)
    return made


def at(answer: dict[str, float], k: int) -> float:
    return next(value for key, value in answer.items() if key.endswith(f"@{k}"))


def main() -> None:
    values: dict[str, dict[str, object]] = {}
    for case in cases():
        found = values.setdefault(case.name, {})
        config = {"topk": case.ks, "metric_decimal_place": 16}
        for name, metric in METRICS.items():
            answer = metric(config).calculate_metric(struct(case))
            for k in case.ks:
                found[f"{name}@{k}"] = attempt(at, answer, k)
    write("recbole", version("recbole"), values)


if __name__ == "__main__":
    main()
