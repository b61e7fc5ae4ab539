"""Write convention_evidently.json: what Evidently says of the cases.

    evidently/bin/python tests/golden/make_convention_evidently.py   (requirements-peers.txt)

Its new interface computes with these same classes; there ndcg@k and mrr@k stand under rank k + 1.
"""

import warnings
from importlib.metadata import version
from typing import Any

import pandas as pd
from convention_io import Case, attempt, cases, write
from evidently.legacy.metrics import (
    DiversityMetric,
    FBetaTopKMetric,
    HitRateKMetric,
    MAPKMetric,
    MRRKMetric,
    NDCGKMetric,
    NoveltyMetric,
    PopularityBias,
    PrecisionTopKMetric,
    RecallTopKMetric,
    SerendipityMetric,
)
from evidently.legacy.pipeline.column_mapping import ColumnMapping
from evidently.legacy.report import Report

METRICS = {
    "precision": (PrecisionTopKMetric, 1),
    "recall": (RecallTopKMetric, 1),
    "f1": (FBetaTopKMetric, 1),
    "map": (MAPKMetric, 1),
    "hit_rate": (HitRateKMetric, 1),
    "ndcg": (NDCGKMetric, 0),
    "mrr": (MRRKMetric, 0),
}


def frame(case: Case) -> pd.DataFrame:
    rows = []
    for user, listed in case.lists.items():
        liked = case.relevant.get(user, [])
        for place, (item, score) in enumerate(listed, start=1):
            prediction = place if case.ranked_by == "rank" else float(score)
            rows.append((user, item, int(item in liked), prediction))
    made = pd.DataFrame(rows, columns=["user", "item", "target", "prediction"])
    return with_features(made, case)


def with_features(rows: pd.DataFrame, case: Case) -> pd.DataFrame:
    for place in range(len(case.features[0]) if case.features else 0):
        rows[f"f{place}"] = [case.features[item][place] for item in rows["item"]]
    return rows


def run(case: Case, metric: Any) -> Any:
    mapping = ColumnMapping(
        recommendations_type=case.ranked_by,
        target="target",
        prediction="prediction",
        user_id="user",
        item_id="item",
    )
    train = pd.DataFrame(
        [(u, i) for u, items in case.train.items() for i in items], columns=["user", "item"]
    )
    report = Report(metrics=[metric])
    report.run(
        reference_data=None,
        current_data=frame(case),
        column_mapping=mapping,
        additional_data={"current_train_data": with_features(train, case)} if len(train) else {},
    )
    return metric.get_result()


def at(case: Case, metric: Any, place: int) -> float:
    return run(case, metric).current[place]


def value(case: Case, metric: Any, name: str) -> float:
    return getattr(run(case, metric), name)


def main() -> None:
    warnings.simplefilter("ignore")
    values: dict[str, dict[str, object]] = {}
    for case in cases():
        found = values.setdefault(case.name, {})
        features = [f"f{place}" for place in range(len(case.features[0]) if case.features else 0)]
        for k in case.ks:
            for name, (metric, from_zero) in METRICS.items():
                found[f"{name}@{k}"] = attempt(at, case, metric(k=k), k - from_zero)
            if not case.train:
                continue
            found[f"novelty@{k}"] = attempt(value, case, NoveltyMetric(k=k), "current_value")
            bias = PopularityBias(k=k)
            found[f"gini@{k}"] = attempt(value, case, bias, "current_gini")
            found[f"coverage@{k}"] = attempt(value, case, bias, "current_coverage")
            for name, metric in (("ild", DiversityMetric), ("serendipity", SerendipityMetric)):
                made = metric(k=k, item_features=features)
                found[f"{name}@{k}"] = attempt(value, case, made, "current_value")
    write("evidently", version("evidently"), values)


if __name__ == "__main__":
    main()
