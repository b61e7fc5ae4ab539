"""Judge lists with one tool, in that tool's own environment; print what it took as JSON.

python benchmarks/judging_worker.py TOOL FOLDER [N_USERS]     called by benchmarks/judging.py

FOLDER holds lists.parquet (user_id, item_id, rank, score) and truth.parquet (user_id, item_id).
What is timed begins with pandas frames in memory and ends with six metrics at 10 for each user;
imports are done, compiled code comes from the tool's cache where it keeps one.
"""

import json
import sys
import threading
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import pandas as pd

Judge = Callable[[pd.DataFrame, pd.DataFrame], dict[str, float]]  # to the mean of each metric
PAGE_BYTES = 4096


def recscope() -> tuple[Judge, list[str]]:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    import recscope
    import recscope.scoring  # the others' modules are imported by now, too

    def judge(lists: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
        scores = recscope.score(lists, truth, k=10)
        return dict(zip(scores.estimates["metric"], scores.estimates["mean"], strict=True))

    return judge, ["user_id", "item_id", "rank"]


def rectools() -> tuple[Judge, list[str]]:
    from rectools.metrics import MAP, MRR, NDCG, HitRate, Precision, Recall, calc_metrics

    wanted = {
        "precision": Precision(k=10),
        "recall": Recall(k=10),
        "ndcg": NDCG(k=10, divide_by_achievable=True),
        "map": MAP(k=10),
        "mrr": MRR(k=10),
        "hit_rate": HitRate(k=10),
    }

    def judge(lists: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
        return dict(calc_metrics(wanted, reco=lists, interactions=truth))

    return judge, ["user_id", "item_id", "rank"]


def rectools_per_user() -> tuple[Judge, list[str]]:
    from rectools.metrics import MAP, MRR, NDCG, HitRate, Precision, Recall

    wanted = {
        "precision": Precision(k=10),
        "recall": Recall(k=10),
        "ndcg": NDCG(k=10, divide_by_achievable=True),
        "map": MAP(k=10),
        "mrr": MRR(k=10),
        "hit_rate": HitRate(k=10),
    }

    def judge(lists: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
        return {
            name: float(metric.calc_per_user(reco=lists, interactions=truth).mean())
            for name, metric in wanted.items()
        }

    return judge, ["user_id", "item_id", "rank"]


def ranx() -> tuple[Judge, list[str]]:
    from ranx import Qrels, Run, evaluate

    wanted = ["precision@10", "recall@10", "ndcg@10", "map@10", "mrr@10", "hit_rate@10"]

    def judge(lists: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
        qrels = Qrels.from_df(truth, "user_id", "item_id", "relevance")
        run = Run.from_df(lists, "user_id", "item_id", "score")
        values = evaluate(qrels, run, wanted, return_mean=False)
        return {name.partition("@")[0]: float(value.mean()) for name, value in values.items()}

    return judge, ["user_id", "item_id", "score"]


def lenskit() -> tuple[Judge, list[str]]:
    from lenskit.data import ItemListCollection
    from lenskit.metrics import NDCG, Hit, Precision, Recall, RecipRank, RunAnalysis
    from lenskit.metrics.ranking import AveragePrecision

    wanted = {
        "precision": Precision(10),
        "recall": Recall(10),
        "ndcg": NDCG(10),
        "map": AveragePrecision(10),
        "mrr": RecipRank(10),
        "hit_rate": Hit(10),
    }

    def judge(lists: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
        analysis = RunAnalysis()
        for name, metric in wanted.items():
            analysis.add_metric(metric, label=name)
        judged = analysis.measure(
            ItemListCollection.from_df(lists, ["user_id"]),
            ItemListCollection.from_df(truth, ["user_id"]),
        )
        return dict(judged.list_metrics().mean())

    return judge, ["user_id", "item_id", "rank"]


TOOLS = {
    "recscope": recscope,
    "rectools": rectools,
    "rectools-per-user": rectools_per_user,
    "ranx": ranx,
    "lenskit": lenskit,
}


def in_memory() -> int:
    """Bytes of memory the process holds; 0 where the system does not tell."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * PAGE_BYTES if statm.exists() else 0


class Peak:
    """The most memory the process held, looked at every 2 ms from a thread of its own."""

    def __enter__(self) -> Self:
        self.before = self.most = in_memory()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._over.wait(0.002):
            self.most = max(self.most, in_memory())

    def __exit__(self, *_: object) -> None:
        self.most = max(self.most, in_memory())
        self._over.set()
        self._thread.join()


def main(tool: str, folder: Path, n_users: int | None) -> dict[str, Any]:
    """Seconds of the first and of a second call, peak memory of the first, and the means."""
    judge, columns = TOOLS[tool]()
    lists = pd.read_parquet(folder / "lists.parquet", columns=columns)
    truth = pd.read_parquet(folder / "truth.parquet")
    if n_users is not None:
        lists = lists[lists["user_id"] < n_users].reset_index(drop=True)
        truth = truth[truth["user_id"] < n_users].reset_index(drop=True)
    if tool == "ranx":  # it takes ids as text alone
        truth["relevance"] = 1
        for frame in (lists, truth):
            frame["user_id"] = frame["user_id"].astype(str)
            frame["item_id"] = frame["item_id"].astype(str)
    frame_bytes = int(sum(frame.memory_usage(deep=True).sum() for frame in (lists, truth)))
    seconds = []
    began = time.perf_counter()
    with Peak() as peak:
        means = judge(lists, truth)
    seconds.append(time.perf_counter() - began)
    if seconds[0] < 20:
        began = time.perf_counter()
        judge(lists, truth)
        seconds.append(time.perf_counter() - began)
    package = tool.partition("-")[0]
    return {
        "version": "this checkout" if package == "recscope" else version(package),
        "first": seconds[0],
        "again": seconds[-1],
        "frame_bytes": frame_bytes,
        "extra_bytes": peak.most - peak.before,
        "means": means,
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # other tools' warnings are theirs
    users = int(sys.argv[3]) if len(sys.argv) > 3 else None
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), users)))
