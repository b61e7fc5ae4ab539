"""Write pyltr.json: expected reciprocal rank as pyltr computes it.

peers/bin/python tests/golden/make_pyltr.py     (benchmarks/requirements-peers.txt)
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from pyltr.metrics import ERR

HERE = Path(__file__).parent
CUTOFFS = (1, 5, 10)
TOP_RATING = 5


def main() -> None:
    cases = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    values: dict[str, dict[str, float]] = {}
    for k in CUTOFFS:
        metric = ERR(TOP_RATING, k=k)
        values[f"ERR@{k}"] = {
            user: float(
                metric.evaluate(
                    user, np.array([one["truth"].get(item, 0) for item in one["items"]])
                )
            )
            for user, one in cases["users"].items()
        }
    made = {
        "tool": "pyltr",
        "version": version("pyltr"),
        "python": sys.version.split()[0],
        "made_by": Path(__file__).name,
        "top_rating": TOP_RATING,
        "values": values,
    }
    (HERE / "pyltr.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
