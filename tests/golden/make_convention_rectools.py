"""Write convention_rectools.json: what RecTools says of the cases.

rectools/bin/python tests/golden/make_convention_rectools.py   (requirements-peers.txt)
"""

import warnings
from importlib.metadata import version

import pandas as pd
from convention_io import Case, attempt, cases, write
from rectools.metrics import (
    MAP,
    MRR,
    NDCG,
    CatalogCoverage,
    F1Beta,
    HitRate,
    IntraListDiversity,
    MeanInvUserFreq,
    PairwiseHammingDistanceCalculator,
    Precision,
    Recall,
    Serendipity,
)

METRICS = {
    "precision": Precision,
    "recall": Recall,
    "f1": F1Beta,
    "hit_rate": HitRate,
    "map": MAP,
    "mrr": MRR,
    "ndcg": NDCG,
}


def frame(rows: list[tuple], *columns: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["user_id", "item_id", *columns])


def beyond(case: Case, reco: pd.DataFrame, test: pd.DataFrame, k: int) -> dict[str, object]:
    train = frame([(u, i) for u, items in case.train.items() for i in items])
    catalog = list(range(case.n_items))
    features = pd.DataFrame(case.features, index=catalog)
    distance = PairwiseHammingDistanceCalculator(features)
    return {
        f"ild@{k}": attempt(IntraListDiversity(k, distance).calc, reco),
        f"novelty@{k}": attempt(MeanInvUserFreq(k).calc, reco, train),
        f"serendipity@{k}": attempt(Serendipity(k).calc, reco, test, train, catalog),
    }


def main() -> None:
    warnings.simplefilter("ignore")
    values: dict[str, dict[str, object]] = {}
    for case in cases():
        found = values.setdefault(case.name, {})
        reco = frame(
            [(u, i, r) for u, rows in case.lists.items() for r, (i, _) in enumerate(rows, 1)],
            "rank",
        )
        test = frame([(u, i) for u, items in case.relevant.items() for i in items])
        for k in case.ks:
            for name, metric in METRICS.items():
                found[f"{name}@{k}"] = attempt(metric(k).calc, reco, test)
            found[f"coverage@{k}"] = attempt(CatalogCoverage(k).calc, reco, range(case.n_items))
            if case.train:
                found |= beyond(case, reco, test, k)
    write("rectools", version("rectools"), values)


if __name__ == "__main__":
    main()
