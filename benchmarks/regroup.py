"""How long does a reader wait for a million users to be regrouped?

python benchmarks/regroup.py [N_USERS]

Times what the Fairness page does between a click and its numbers, on columns that a reader of the
run has asked for before: means of groups with intervals, gap, ratio and worst group with theirs.
And, beside it, what pandas takes for the means alone. Writes its section of docs/benchmarks.md.
"""

import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.fairness_data import regrouped
from benchmarks.common import write_section
from evaluators import METRICS
from recscope.cuts import crossed, cut
from recscope.permuted import apart
from recscope.regroup import column

GOAL_MS = 200
REPEATS = 7
COUNTRIES = 60


def attributes(n_users: int) -> pd.DataFrame:
    """Words of few and of many values, a tenth of them missing, and a number."""
    rng = np.random.default_rng(0)
    gender = rng.choice(np.array(["F", "M", None], dtype=object), n_users, p=[0.45, 0.45, 0.1])
    return pd.DataFrame(
        {
            "gender": gender,
            "age": rng.integers(15, 80, n_users),
            "country": np.array([f"country {n}" for n in range(COUNTRIES)], dtype=object)[
                rng.integers(COUNTRIES, size=n_users)
            ],
        }
    )


def metric_column(n_users: int, seed: int) -> np.ndarray:
    """A list metric: most users get nothing, some have no value."""
    rng = np.random.default_rng(seed)
    values = rng.beta(2, 3, n_users) * (rng.random(n_users) < 0.4)
    values[rng.random(n_users) < 0.05] = np.nan
    return values.astype(np.float32)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds: the best, and the median."""
    spent = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        spent.append(1000 * (time.perf_counter() - began))
    return min(spent), median(spent)


def main() -> None:
    logging.disable(logging.WARNING)  # Streamlit misses its server
    n_users = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    users = attributes(n_users)
    raw = [metric_column(n_users, seed) for seed in range(4)]
    values = {f"model {n}": column(values) for n, values in enumerate(raw)}
    one = {"model 0": values["model 0"]}
    made = {name: cut(users[name], name) for name in users}
    pair, triple = [made["gender"], made["age"]], [made["gender"], made["age"], made["country"]]
    pairs, triples = crossed(pair), crossed(triple)
    metric = METRICS["ndcg"]
    table = users.assign(value=raw[0])
    works: list[tuple[str, Callable[[], object]]] = [
        ("gender, one model", lambda: regrouped(made["gender"], one, metric)),
        (f"{COUNTRIES} countries, one model", lambda: regrouped(made["country"], one, metric)),
        ("gender × age, four models", lambda: regrouped(pairs, values, metric)),
        (
            f"gender × age × country ({len(triples.groups)} groups), one model",
            lambda: regrouped(triples, one, metric),
        ),
        ("laying out a column (first look only)", lambda: column(raw[0])),
        ("crossing gender × age (first look only)", lambda: crossed(pair)),
        ("crossing three attributes (first look only)", lambda: crossed(triple)),
        ("an attribute of words to codes (first look only)", lambda: cut(users["country"], "c")),
        (
            "permutation test of one attribute (in the audit)",
            lambda: apart(
                np.nan_to_num(raw[0])[:, None],
                made["country"].codes,
                COUNTRIES,
            ),
        ),
        (
            "pandas groupby of words, means alone, for comparison",
            table.groupby("country", observed=True)["value"].mean,
        ),
    ]
    rows = []
    for name, work in works:
        work()
        best, middle = timed(work)
        is_live = "first" not in name and "audit" not in name and "pandas" not in name
        rows.append(
            [name, f"{best:.0f} ms", f"{middle:.0f} ms", f"{GOAL_MS} ms" if is_live else ""]
        )
    rows.append(["load of the machine at the end (2 cores)", f"{os.getloadavg()[0]:.1f}", "", ""])
    write_section(
        "regroup",
        ["what", f"best of {REPEATS}", "median", "goal"],
        rows,
        f"{n_users:,} users; groups' means, gap, ratio, worst group, deviation and Theil between "
        "groups, all with intervals. Codes and columns of a run stay in memory after the first "
        "look.",
    )


if __name__ == "__main__":
    main()
