"""Write convention_recommenders.json: what Microsoft's Recommenders says of the cases.

recommenders/bin/python tests/golden/make_convention_recommenders.py   (requirements-peers.txt)
"""

import warnings
from functools import partial
from importlib.metadata import version

import pandas as pd
from convention_io import Case, attempt, cases, write
from recommenders.evaluation import python_evaluation as theirs

COLUMNS = {"col_user": "user", "col_item": "item"}
METRICS = {
    "precision": theirs.precision_at_k,
    "recall": theirs.recall_at_k,
    "map": theirs.map_at_k,
}
BEYOND = {
    "ild": theirs.diversity,
    "novelty": theirs.novelty,
    "coverage": theirs.catalog_coverage,
    "entropy": theirs.distributional_coverage,
    "serendipity": theirs.serendipity,
}


def accuracy(case: Case, k: int) -> dict[str, object]:
    truth = pd.DataFrame(
        [(u, i, case.truth[u][i]) for u, items in case.relevant.items() for i in items],
        columns=["user", "item", "rating"],
    ).astype({"rating": float})
    reco = pd.DataFrame(
        [(u, i, float(s)) for u, rows in case.lists.items() for i, s in rows],
        columns=["user", "item", "prediction"],
    )
    made = {
        f"{name}@{k}": attempt(partial(metric, truth, reco, k=k, **COLUMNS))
        for name, metric in METRICS.items()
    }
    value = attempt(partial(theirs.ndcg_at_k, truth, reco, k=k, col_rating="rating", **COLUMNS))
    return made | {f"ndcg@{k}": value}


def beyond(case: Case, k: int) -> dict[str, object]:
    train = pd.DataFrame(
        [(u, i) for u, items in case.train.items() for i in items], columns=["user", "item"]
    )
    reco = pd.DataFrame(
        [(u, i) for u, rows in case.lists.items() for i, _ in rows[:k]], columns=["user", "item"]
    )
    return {
        f"{name}@{k}": attempt(partial(metric, train, reco, **COLUMNS))
        for name, metric in BEYOND.items()
    }


def main() -> None:
    warnings.simplefilter("ignore")
    values: dict[str, dict[str, object]] = {}
    for case in cases():
        found = values.setdefault(case.name, {})
        for k in case.ks:
            found |= accuracy(case, k)
            if case.train:
                found |= beyond(case, k)
    write("recommenders", version("recommenders"), values)


if __name__ == "__main__":
    main()
