"""Write convention_recpack.json: what RecPack says of the cases.

    recpack/bin/python tests/golden/make_convention_recpack.py   (requirements-peers.txt)

Scores fall along each list, so that its partial sort meets no ties.
"""

import logging
import warnings
from importlib.metadata import version

import numpy as np
from convention_io import Case, attempt, cases, write
from recpack.metrics.coverage import CoverageK
from recpack.metrics.dcg import NDCGK
from recpack.metrics.diversity import IntraListDiversityK
from recpack.metrics.hit import HitK
from recpack.metrics.precision import PrecisionK
from recpack.metrics.recall import RecallK
from recpack.metrics.reciprocal_rank import ReciprocalRankK
from scipy.sparse import csr_matrix

METRICS = {
    "precision": PrecisionK,
    "recall": RecallK,
    "hit_rate": HitK,
    "mrr": ReciprocalRankK,
    "ndcg": NDCGK,
    "coverage": CoverageK,
}


def matrices(case: Case) -> tuple[csr_matrix, csr_matrix]:
    n_users = max([*case.lists, *case.truth, *case.train]) + 1
    shape = (n_users, case.n_items)
    liked = [(u, i) for u, items in case.relevant.items() for i in items]
    truth = csr_matrix((np.ones(len(liked)), tuple(np.array(liked).T)), shape=shape)
    listed = [
        (u, i, 100.0 - place) for u, rows in case.once.items() for place, (i, _) in enumerate(rows)
    ]
    users, items, scores = (np.array(part) for part in zip(*listed, strict=True))
    return truth, csr_matrix((scores, (users.astype(int), items.astype(int))), shape=shape)


def value(metric: object, case: Case) -> float:
    metric.calculate(*matrices(case))
    return metric.value


def ild(case: Case, k: int) -> float:
    metric = IntraListDiversityK(k)
    metric.fit(csr_matrix(np.array(case.features, dtype=float)))
    return value(metric, case)


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    values: dict[str, dict[str, object]] = {}
    for case in cases():
        found = values.setdefault(case.name, {})
        for k in case.ks:
            for name, metric in METRICS.items():
                found[f"{name}@{k}"] = attempt(value, metric(k), case)
            if case.features:
                found[f"ild@{k}"] = attempt(ild, case, k)
    write("recpack", version("recpack"), values)


if __name__ == "__main__":
    main()
