"""Write convention_lenskit.json: what LensKit says of the cases.

lenskit/bin/python tests/golden/make_convention_lenskit.py   (benchmarks/requirements-peers.txt)
"""

import logging
import warnings
from importlib.metadata import version

from convention_io import Case, attempt, cases, write
from lenskit.data import ItemList, ItemListCollection
from lenskit.metrics import NDCG, Hit, ListGini, Precision, Recall, RecipRank, RunAnalysis
from lenskit.metrics.ranking import AveragePrecision

METRICS = {
    "precision": Precision,
    "recall": Recall,
    "hit_rate": Hit,
    "map": AveragePrecision,
    "mrr": RecipRank,
    "ndcg": NDCG,
}


def collections(case: Case) -> tuple[ItemListCollection, ItemListCollection]:
    runs, test = ItemListCollection(["user_id"]), ItemListCollection(["user_id"])
    for user, rows in case.lists.items():
        items = [item for item, _ in rows]
        runs.add(ItemList(item_ids=items, ordered=True), user_id=user)
    for user, items in case.relevant.items():
        test.add(ItemList(item_ids=items), user_id=user)
    return runs, test


def summary(case: Case, metric: object) -> float:
    runs, test = collections(case)
    analysis = RunAnalysis()
    analysis.add_metric(metric)
    return analysis.measure(runs, test).list_summary().loc[metric.label, "mean"]


def gini(case: Case, k: int) -> float:
    runs, test = collections(case)
    analysis = RunAnalysis()
    analysis.add_metric(ListGini(k, items=case.n_items))
    values = analysis.measure(runs, test).global_metrics()
    return values.iloc[0]


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    values: dict[str, dict[str, object]] = {}
    for case in cases():
        found = values.setdefault(case.name, {})
        for k in case.ks:
            for name, metric in METRICS.items():
                found[f"{name}@{k}"] = attempt(summary, case, metric(k))
            found[f"gini@{k}"] = attempt(gini, case, k)
    write("lenskit", version("lenskit"), values)


if __name__ == "__main__":
    main()
