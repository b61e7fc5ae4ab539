"""Write items_fair.json: exposure of groups as FairRankTune and FairDiverse have it.

fair/bin/python tests/golden/make_items_fair.py

In an environment of its own: fairranktune and fairdiverse (without its dependencies), pandas,
scikit-learn.
"""

import json
import runpy
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import FairRankTune
import pandas as pd

HERE = Path(__file__).parent
# read from its file, because importing the package asks for a deep-learning framework
METRIC_FILE = distribution("fairdiverse").locate_file("fairdiverse/recommendation/metric.py")
HALF = 0.5  # attention that falls geometrically from here


def main() -> None:
    cases = json.loads((HERE / "item_cases.json").read_text(encoding="utf-8"))
    lists = {user: one["items"] for user, one in cases["users"].items()}
    ranking = pd.DataFrame({user: pd.Series(items) for user, items in lists.items()})
    ratio, exposure = FairRankTune.Metrics.EXP(ranking, cases["groups"], "MinMaxRatio")
    attention = FairRankTune.Metrics.AWRF(ranking, cases["groups"], HALF, "MinMaxRatio")
    n_items = pd.Series(cases["groups"]).value_counts()
    total = [float(exposure[group] * n_items[group]) for group in sorted(exposure)]
    fairdiverse = runpy.run_path(str(METRIC_FILE))
    made = {
        "tool": "FairRankTune and FairDiverse",
        "version": {name: version(name) for name in ("fairranktune", "fairdiverse")},
        "python": sys.version.split()[0],
        "made_by": Path(__file__).name,
        "EXP": {"MinMaxRatio": float(ratio), "groups": {g: float(v) for g, v in exposure.items()}},
        "AWRF": {"MinMaxRatio": float(attention[0]), "p": HALF},
        "exposure": total,
        "MMF": float(fairdiverse["MMF"](total)),
        "MinMaxRatio": float(fairdiverse["MinMaxRatio"](total)),
        "Gini": float(fairdiverse["Gini"](total)),
        "Entropy": float(fairdiverse["Entropy"](total)),
    }
    (HERE / "items_fair.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
