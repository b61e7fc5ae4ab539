"""Write user_fairness.json: what fairlearn, aif360 and scipy say of drawn per-user values.

Needs fairlearn, aif360, scipy and pandas: python tests/golden/make_user_fairness.py
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from aif360.sklearn.metrics import (
    between_group_generalized_entropy_error,
    generalized_entropy_index,
)
from fairlearn.metrics import MetricFrame
from scipy.stats import ks_2samp

HERE = Path(__file__).parent
N_USERS = 300
GROUPS = ("a", "b", "c", "d")


def cases() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Zero-inflated, positive, and hit-or-miss values, in groups of different sizes."""
    rng = np.random.default_rng(11)
    group = rng.choice(GROUPS, N_USERS, p=[0.5, 0.3, 0.15, 0.05])
    served = rng.beta(2, 3, N_USERS)
    return {
        "mostly nothing": (served * (rng.random(N_USERS) < 0.4), group),
        "everybody something": (served + (group == "b") * 0.2, group),
        "hit or miss": ((rng.random(N_USERS) < 0.3).astype(float), group),
    }


def mean_value(_: np.ndarray, values: np.ndarray) -> float:
    return float(np.mean(values))


def of_case(values: np.ndarray, group: np.ndarray) -> dict[str, object]:
    frame = MetricFrame(metrics=mean_value, y_true=values, y_pred=values, sensitive_features=group)
    by_group = [values[group == name] for name in GROUPS]
    pairs = [
        float(ks_2samp(first, second).statistic)
        for place, first in enumerate(by_group)
        for second in by_group[place + 1 :]
    ]
    # aif360's benefit is 1 + predicted - true: with all true, what was predicted, hits only
    is_hits = set(values) <= {0.0, 1.0}
    between = (
        float(
            between_group_generalized_entropy_error(
                pd.Series(np.ones(N_USERS)), values, prot_attr=group, alpha=1
            )
        )
        if is_hits
        else float(
            generalized_entropy_index(
                pd.Series(values).groupby(group).transform("mean").to_numpy(), alpha=1
            )
        )
    )
    return {
        "values": values.tolist(),
        "groups": [GROUPS.index(name) for name in group],
        "user_gap": float(frame.difference(method="between_groups")),
        "user_ratio": float(frame.ratio(method="between_groups")),
        "worst_group": float(frame.group_min()),
        "group_deviation": float(np.std(frame.by_group.to_numpy())),
        "ks_gap": max(pairs),
        "theil": float(generalized_entropy_index(values, alpha=1)),
        "generalised_entropy": float(generalized_entropy_index(values, alpha=2)),
        "theil_between": between,
    }


def main() -> None:
    made = {
        "tools": {name: version(name) for name in ("fairlearn", "aif360", "scipy", "numpy")},
        "python": sys.version.split()[0],
        "made_by": Path(__file__).name,
        "cases": {name: of_case(*case) for name, case in cases().items()},
    }
    (HERE / "user_fairness.json").write_text(json.dumps(made) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
