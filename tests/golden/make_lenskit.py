"""Write lenskit.json: what LensKit says of the cases, and of some predicted ratings.

    peers/bin/python tests/golden/make_lenskit.py     (benchmarks/requirements-peers.txt)

NaN becomes null. LensKit never looks at a user who has no list.
"""

import json
import math
import random
import sys
from importlib.metadata import version
from pathlib import Path

from lenskit.data import ItemList, ItemListCollection
from lenskit.metrics import MAE, NDCG, RBP, RMSE, Hit, Precision, Recall, RecipRank, RunAnalysis
from lenskit.metrics.ranking import AveragePrecision, LogRankWeight

HERE = Path(__file__).parent
CUTOFFS = (1, 5, 10)
SEED = 7


def rankings(k: int) -> dict[str, object]:
    plus_one = LogRankWeight(offset=1)
    return {
        f"Precision@{k}": Precision(k),
        f"Recall@{k}": Recall(k),
        f"Hit@{k}": Hit(k),
        f"RecipRank@{k}": RecipRank(k),
        f"AveragePrecision@{k}": AveragePrecision(k),
        f"NDCG@{k}": NDCG(k),
        f"NDCG(offset=1)@{k}": NDCG(k, weight=plus_one),
        f"NDCG(offset=1,gain=rating)@{k}": NDCG(k, weight=plus_one, gain="rating"),
        f"RBP(patience=0.8)@{k}": RBP(k, patience=0.8),
    }


def item_list(truth: dict[str, int]) -> ItemList:
    return ItemList(item_ids=list(truth), rating=[float(rating) for rating in truth.values()])


def judge_lists(cases: dict[str, object]) -> dict[str, dict[str, float | None]]:
    metrics = {name: metric for k in CUTOFFS for name, metric in rankings(k).items()}
    values: dict[str, dict[str, float | None]] = {name: {} for name in metrics}
    for user, one in cases["users"].items():
        liked = {item: r for item, r in one["truth"].items() if r >= cases["threshold"]}
        if not one["items"] or not liked:
            continue
        listed = ItemList(item_ids=one["items"], scores=one["scores"], ordered=True)
        for name, metric in metrics.items():
            truth = item_list(one["truth"] if "gain" in name else liked)
            value = float(metric.measure_list(listed, truth))
            values[name][user] = None if math.isnan(value) else value
    return values


def judge_predictions(cases: dict[str, object]) -> dict[str, object]:
    rng = random.Random(SEED)
    predicted = {
        user: {item: round(rng.uniform(1, 5), 3) for item in one["truth"]}
        for user, one in cases["users"].items()
        if one["truth"]
    }
    keys = ["user_id"]
    guesses, given = ItemListCollection(keys), ItemListCollection(keys)
    for user, by_item in predicted.items():
        guesses.add(ItemList(item_ids=list(by_item), scores=list(by_item.values())), user_id=user)
        given.add(item_list(cases["users"][user]["truth"]), user_id=user)
    analysis = RunAnalysis()
    analysis.add_metric(RMSE())
    analysis.add_metric(MAE())
    reported = analysis.measure(guesses, given).global_metrics()
    pooled = {}
    for metric in (RMSE(), MAE()):
        sums = [
            metric.compute_list_data(guesses.lookup(user_id=user), given.lookup(user_id=user))
            for user in predicted
        ]
        pooled[metric.label] = float(metric.global_aggregate(sums))
    return {
        "predicted": predicted,
        "global_aggregate": pooled,
        "run_analysis": {name: float(reported[name]) for name in ("RMSE", "MAE")},
    }


def main() -> None:
    cases = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    made = {
        "tool": "LensKit",
        "version": version("lenskit"),
        "python": sys.version.split()[0],
        "made_by": Path(__file__).name,
        "values": judge_lists(cases),
        "ratings": judge_predictions(cases),
    }
    (HERE / "lenskit.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
