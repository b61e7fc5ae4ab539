"""Write drift_TOOL.json: what another tool says of the drift cases.

peers/bin/python tests/golden/make_drift.py scipy|evidently|nannyml|frouros|rbo
(each in an environment of its own: benchmarks/requirements-peers.txt)
"""

import json
import math
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from drift_samples import clouds, lists, samples

PERSISTENCE, BANDWIDTH = 0.9, 1.7


def of_scipy() -> dict[str, object]:
    from scipy.spatial.distance import jensenshannon
    from scipy.stats import chi2_contingency, ks_2samp, wasserstein_distance
    from scipy.stats.contingency import association

    found = {}
    for name, pair in samples().items():
        before, now = pair["reference"], pair["current"]
        values = sorted({*before, *now})
        table = np.array([[side.count(value) for value in values] for side in (before, now)])
        found[name] = {
            "kolmogorov_smirnov": float(ks_2samp(before, now).statistic),
            "wasserstein": float(wasserstein_distance(before, now)),
            "chi_square": float(chi2_contingency(table, correction=False).statistic),
            "cramers_v": float(association(table, method="cramer")),
            "jensen_shannon": float(jensenshannon(table[0], table[1], base=2)),
        }
    return found


def of_evidently() -> dict[str, object]:
    import pandas as pd
    from evidently.legacy.calculations.stattests import (
        jensenshannon_stat_test,
        psi_stat_test,
        wasserstein_stat_test,
    )
    from evidently.legacy.core import ColumnType

    found = {}
    for name, pair in samples().items():
        before, now = (pd.Series(pair[side]) for side in ("reference", "current"))
        kind = ColumnType.Categorical
        found[name] = {
            "psi": float(psi_stat_test(before, now, kind, 0.1).drift_score),
            "jensen_shannon": float(jensenshannon_stat_test(before, now, kind, 0.1).drift_score)
            / math.sqrt(math.log(2)),
            "wasserstein": float(
                wasserstein_stat_test(before, now, ColumnType.Numerical, 0.1).drift_score
            )
            * float(np.std(before)),
        }
    return found


def of_nannyml() -> dict[str, object]:
    import pandas as pd
    from nannyml.chunk import CountBasedChunker
    from nannyml.drift.univariate.methods import (
        CategoricalJensenShannonDistance,
        KolmogorovSmirnovStatistic,
        WassersteinDistance,
    )
    from nannyml.thresholds import ConstantThreshold

    found = {}
    for name, pair in samples().items():
        before, now = (
            pd.Series(pair[side], dtype=float, name="value") for side in ("reference", "current")
        )
        numbers = {}
        for metric, kind in (
            ("jensen_shannon", CategoricalJensenShannonDistance),
            ("kolmogorov_smirnov", KolmogorovSmirnovStatistic),
            ("wasserstein", WassersteinDistance),
        ):
            options = {"computation_params": {"calculation_method": "exact"}}
            method = kind(
                chunker=CountBasedChunker(10), threshold=ConstantThreshold(upper=0.1),
                **({} if metric == "jensen_shannon" else options),
            ).fit(before)  # fmt: skip
            numbers[metric] = float(method.calculate(now))
        found[name] = numbers
    return found


def of_frouros() -> dict[str, object]:
    from functools import partial

    from frouros.detectors.data_drift import MMD
    from frouros.utils.kernels import rbf_kernel

    points = {side: np.array(cloud) for side, cloud in clouds().items()}
    detector = MMD(kernel=partial(rbf_kernel, sigma=BANDWIDTH))
    detector.fit(X=points["reference"])
    return {"mmd": float(detector.compare(X=points["current"])[0].distance)}


def of_rbo() -> dict[str, object]:
    from rbo import RankingSimilarity

    return {
        "refit_overlap": [
            float(RankingSimilarity(pair["before"], pair["after"]).rbo_ext(p=PERSISTENCE))
            for pair in lists()
        ]
    }


TOOLS = {
    "scipy": of_scipy,
    "evidently": of_evidently,
    "nannyml": of_nannyml,
    "frouros": of_frouros,
    "rbo": of_rbo,
}

if __name__ == "__main__":
    tool = sys.argv[1]
    answer = {"tool": tool, "version": version(tool), "values": TOOLS[tool]()}
    path = Path(__file__).parent / f"drift_{tool}.json"
    path.write_text(json.dumps(answer, indent=1) + "\n")
