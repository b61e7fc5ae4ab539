"""One tool's turn: metrics beyond accuracy of 20,000 lists.  python beyond_worker.py TOOL FOLDER.

Prints JSON: metric → [seconds, value]. Imports nothing of RecScope unless it is RecScope's turn.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

K, N_ITEMS = 10, 5000
MOST, ENOUGH = 7, 2.0  # calls timed, and seconds after which two will do
Told = dict[str, list[float]]


def timed(call: Callable[[], Any]) -> list[float]:
    """Seconds of the quickest of some calls, and what it answered."""
    return quickest(lambda: None, lambda _: call())


def quickest(lay_out: Callable[[], Any], call: Callable[[Any], Any]) -> list[float]:
    """The same of calls that are each given what is laid out anew before, outside of their time."""
    taken: list[float] = []
    while len(taken) < 2 or (len(taken) < MOST and sum(taken) < ENOUGH):
        given = lay_out()
        began = time.perf_counter()
        value = call(given)
        taken.append(time.perf_counter() - began)
    return [min(taken), float(value)]


def rectools(lists: pd.DataFrame, had: pd.DataFrame, liked: pd.DataFrame, genres: Any) -> Told:
    from rectools.metrics import CatalogCoverage, IntraListDiversity, MeanInvUserFreq, Serendipity
    from rectools.metrics.distances import PairwiseHammingDistanceCalculator

    catalogue = range(N_ITEMS)
    distances = PairwiseHammingDistanceCalculator(
        pd.DataFrame(genres.astype(int), index=pd.Index(catalogue))
    )
    return {
        "novelty": timed(lambda: MeanInvUserFreq(k=K).calc(lists, had)),
        "serendipity_by_popularity": timed(
            lambda: Serendipity(k=K).calc(lists, liked, had, catalogue)
        ),
        "coverage": timed(lambda: CatalogCoverage(k=K, normalize=True).calc(lists, catalogue)),
        "ild": timed(lambda: IntraListDiversity(k=K, distance_calculator=distances).calc(lists)),
    }


def replay(lists: pd.DataFrame, had: pd.DataFrame, *_: Any) -> Told:
    import polars as pl
    from replay.metrics import Coverage, Surprisal

    names = {"query_column": "user_id", "item_column": "item_id", "rating_column": "rating"}
    rows = pl.from_pandas(lists.assign(rating=-lists["rank"].astype(float)).drop(columns="rank"))
    before = pl.from_pandas(had)

    def mean(answer: dict[str, float]) -> float:
        return next(iter(answer.values()))

    return {
        "novelty": timed(lambda: mean(Surprisal(K, **names)(rows, before))),
        "coverage": timed(lambda: mean(Coverage(K, **names)(rows, before))),
    }


def evidently(lists: pd.DataFrame, *_: Any) -> Told:
    from evidently.legacy.metrics.recsys.personalisation import PersonalizationMetric
    from evidently.legacy.pipeline.column_mapping import RecomType

    asked = (lists, "user_id", "item_id", "rank", K, RecomType.RANK)
    metric = PersonalizationMetric(k=K)

    def value() -> float:
        answer = metric.get_diversity(*asked)
        return float(answer[0] if isinstance(answer, tuple) else answer)

    return {"personalisation": timed(value)}


def fair(lists: pd.DataFrame, *_: Any) -> Told:
    from fairlearn.metrics import MetricFrame

    scores, groups = people(lists["user_id"].nunique())
    zeros = np.zeros(len(scores))

    def gap() -> float:
        frame = MetricFrame(
            metrics=lambda _, predicted: float(np.mean(predicted)),
            y_true=zeros,
            y_pred=scores,
            sensitive_features=groups,
            n_boot=100,
            ci_quantiles=[0.025, 0.975],
            random_state=0,
        )
        return float(frame.difference())

    seconds, value = timed(gap)
    return {"gap of 7 groups with an interval, 1,000 resamples": [10 * seconds, value]}


def recscope(lists: pd.DataFrame, had: pd.DataFrame, liked: pd.DataFrame, genres: Any) -> Told:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from core.tables import Interactions, TopK
    from evaluators import METRICS
    from recscope.catalogue import Catalogue
    from recscope.judge import judge, one_value, per_user

    n = lists["user_id"].nunique()
    items = lists["item_id"].to_numpy(dtype=np.int32).reshape(n, K)
    names = pd.DataFrame({"genres": [[str(g) for g in np.flatnonzero(row)] for row in genres]})

    def rows(table: pd.DataFrame) -> Interactions:
        users, codes = (table[c].to_numpy(dtype=np.int32) for c in ("user_id", "item_id"))
        return Interactions(users, codes, n, N_ITEMS)

    def judged() -> Any:
        catalogue = Catalogue(rows(had), names, np.ones(N_ITEMS, bool), ("genres",))
        return judge(TopK(np.arange(n), items, -np.ones(items.shape)), rows(liked), k=K,
                     catalogue=catalogue)  # fmt: skip

    def value_of(metric: Any, made: Any) -> float:
        """Of lists that are laid out, nothing made of them yet."""
        if metric.per == "run":
            return float(one_value(made, metric, K))
        return float(per_user(made, [metric], [K], np.float64).mean().iloc[0])

    told = {"laying the lists out, once for all metrics": timed(lambda: len(judged()))}
    for name in ("novelty", "serendipity_by_popularity", "coverage", "ild", "personalisation"):
        told[name] = quickest(judged, partial(value_of, METRICS[name]))
    from recscope.regroup import normal_reach, numbers, regroup

    scores, groups = people(n)

    def gap() -> float:
        found = regroup(scores, groups, 7)
        reach = normal_reach(found.n, 0.95)
        return float(numbers(found, reach, 0.95)["user_gap"][0])

    told["gap of 7 groups with an interval, 1,000 resamples"] = timed(gap)
    return told


def people(n: int) -> tuple[Any, Any]:
    """A score and one of seven groups for each of n users."""
    rng = np.random.default_rng(1)
    return rng.random(n), rng.integers(0, 7, n).astype(np.int32)


if __name__ == "__main__":
    tool, folder = sys.argv[1], Path(sys.argv[2])
    tables = [
        pd.DataFrame(dict(np.load(folder / f"{name}.npz"))) for name in ("lists", "had", "liked")
    ]
    print(json.dumps(globals()[tool](*tables, np.load(folder / "genres.npy"))))
