"""Write diversity.json: what other tools say of diversity_cases.json.

PEER/bin/python tests/golden/make_diversity.py TOOL     once for each tool, where it is installed

TOOL: rectools, recpack, recommenders, evidently, lenskit, replay (benchmarks/requirements-peers.txt
and the tools of the same names), vendi-score, pyndeval, rbo.
"""

import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
TARGET = HERE / "diversity.json"
CASES = json.loads((HERE / "diversity_cases.json").read_text(encoding="utf-8"))
ITEMS, USERS = CASES["items"], CASES["users"]
NAMES = sorted({name for names in CASES["groups"].values() for name in names})
GROUPS = np.array(
    [[name in CASES["groups"][item] for name in NAMES] for item in ITEMS], dtype=float
)
CUTOFFS = (5, 10)


def listed(k: int, user: str = "user_id", item: str = "item_id") -> pd.DataFrame:
    rows = [
        (name, found, rank)
        for name, one in USERS.items()
        for rank, found in enumerate(one["items"][:k], start=1)
    ]
    return pd.DataFrame(rows, columns=[user, item, "rank"])


def pairs(of: str, user: str = "user_id", item: str = "item_id") -> pd.DataFrame:
    rows = [(name, found) for name, one in USERS.items() for found in one[of]]
    return pd.DataFrame(rows, columns=[user, item])


def codes() -> np.ndarray:
    return np.array([[ITEMS.index(item) for item in one["items"]] for one in USERS.values()])


def of_users(values: "pd.Series[float]") -> dict[str, float]:
    return {str(user): float(value) for user, value in values.items()}


def rectools() -> dict[str, Any]:
    from rectools.metrics import CatalogCoverage, MeanInvUserFreq, Serendipity

    found: dict[str, Any] = {}
    for k in CUTOFFS:
        lists, had, liked = listed(k), pairs("had"), pairs("liked")
        found[f"MeanInvUserFreq@{k}"] = of_users(MeanInvUserFreq(k=k).calc_per_user(lists, had))
        serendipity = Serendipity(k=k).calc_per_user(lists, liked, had, ITEMS)
        found[f"Serendipity@{k}"] = of_users(serendipity)
        found[f"CatalogCoverage(normalize=True)@{k}"] = CatalogCoverage(k=k, normalize=True).calc(
            lists, ITEMS
        )
    return found


def recpack() -> dict[str, Any]:
    from recpack.metrics.coverage import CoverageK
    from recpack.metrics.diversity import IntraListDiversityK
    from scipy.sparse import csr_matrix

    found: dict[str, Any] = {}
    for k in CUTOFFS:
        rows = np.repeat(np.arange(len(USERS)), k)
        ranked = (np.tile(np.arange(k, 0, -1.0), len(USERS)), (rows, codes()[:, :k].ravel()))
        lists = csr_matrix(ranked, shape=(len(USERS), len(ITEMS)))
        diversity = IntraListDiversityK(k)
        diversity.fit(csr_matrix(GROUPS))
        diversity._calculate(lists, lists)
        values = np.asarray(diversity.scores_.todense()).ravel()
        found[f"IntraListDiversityK@{k}"] = dict(zip(USERS, values.tolist(), strict=True))
        coverage = CoverageK(k)
        coverage.num_items_ = len(ITEMS)
        coverage._calculate(lists, lists)
        found[f"CoverageK@{k}"] = coverage.value_
    return found


def recommenders() -> dict[str, Any]:
    from recommenders.evaluation import python_evaluation as tool

    names = {"col_user": "UserId", "col_item": "ItemId"}
    features = pd.DataFrame({"ItemId": ITEMS, "features": list(GROUPS)})
    measure = {"item_feature_df": features, "item_sim_measure": "item_feature_vector"}
    found: dict[str, Any] = {}
    for k in CUTOFFS:
        lists = listed(k, "UserId", "ItemId").drop(columns="rank")
        had = pairs("had", "UserId", "ItemId")
        liked = pairs("liked", "UserId", "ItemId").assign(relevance=1)
        relevant = lists.merge(liked, how="left").fillna({"relevance": 0})
        diversity = tool.user_diversity(had, lists, **measure, **names)
        by_user = diversity.set_index("UserId")["user_diversity"]
        found[f"user_diversity@{k}"] = of_users(by_user)
        for name, frame in (("user_serendipity", relevant), ("unexpected", lists)):
            more = {"col_relevance": "relevance"} if name == "user_serendipity" else {}
            values = tool.user_serendipity(had, frame, **measure, **names, **more)
            found[f"{name}@{k}"] = of_users(values.set_index("UserId")["user_serendipity"])
        found[f"distributional_coverage@{k}"] = float(
            tool.distributional_coverage(had, lists, **names)
        )
    return found


def evidently() -> dict[str, Any]:
    from evidently.legacy.metrics.recsys.personalisation import PersonalizationMetric
    from evidently.legacy.pipeline.column_mapping import RecomType

    found: dict[str, Any] = {}
    for k in CUTOFFS:
        value, _ = PersonalizationMetric(k=k).get_diversity(
            listed(k), "user_id", "item_id", "rank", k, RecomType.RANK
        )
        found[f"PersonalizationMetric@{k}"] = float(value)
    return found


def lenskit() -> dict[str, Any]:
    from lenskit.data import ItemList
    from lenskit.metrics import GeometricRankWeight
    from lenskit.metrics.reranking import rank_biased_overlap
    from lenskit.stats import gini

    found: dict[str, Any] = {}
    for k in CUTOFFS:
        counts = np.bincount(codes()[:, :k].ravel(), minlength=len(ITEMS))
        found[f"gini@{k}"] = float(gini(counts))
        found[f"rank_biased_overlap@{k}"] = {
            user: float(
                rank_biased_overlap(
                    ItemList(one["items"], ordered=True),
                    ItemList(one["other"], ordered=True),
                    weight=GeometricRankWeight(0.9),
                    n=k,
                )
            )
            for user, one in USERS.items()
        }
    return found


def replay() -> dict[str, Any]:
    from replay.metrics import Coverage, PerUser, Surprisal

    names = {"query_column": "user_id", "item_column": "item_id", "rating_column": "rating"}
    found: dict[str, Any] = {}
    for k in CUTOFFS:
        lists = listed(k).assign(rating=lambda rows: -rows["rank"])
        had = pairs("had")
        surprisal = Surprisal(k, mode=PerUser(), **names)(lists, had)
        found[f"Surprisal@{k}"] = {
            user: float(value) for user, value in surprisal[f"Surprisal-PerUser@{k}"].items()
        }
        found[f"Coverage@{k}"] = float(Coverage(k, **names)(lists, had)[f"Coverage@{k}"])
    return found


def vendi_score() -> dict[str, Any]:
    from vendi_score import vendi

    found: dict[str, Any] = {}
    lengths = np.sqrt(GROUPS.sum(axis=1, keepdims=True))
    for k in CUTOFFS:
        rows = (GROUPS / lengths)[codes()[:, :k]]
        found[f"score_K@{k}"] = {
            user: float(vendi.score_K(row @ row.T)) for user, row in zip(USERS, rows, strict=True)
        }
    return found


def pyndeval() -> dict[str, Any]:
    from pyndeval import ScoredDoc, SubtopicQrel, ndeval

    judged = [
        SubtopicQrel(user, str(NAMES.index(name)), item, 1)
        for user, one in USERS.items()
        for item in one["liked"]
        for name in CASES["groups"][item]
    ]
    lists = [
        ScoredDoc(user, item, float(-rank))
        for user, one in USERS.items()
        for rank, item in enumerate(one["items"])
    ]
    asked = [f"{name}@{k}" for name in ("alpha-nDCG", "ERR-IA") for k in CUTOFFS]
    values = ndeval(judged, lists, measures=asked)
    return {name: {user: values[user][name] for user in USERS} for name in asked}


def rbo() -> dict[str, Any]:
    from rbo import RankingSimilarity

    return {
        f"rbo_ext(p=0.9)@{k}": {
            user: float(RankingSimilarity(one["items"][:k], one["other"][:k]).rbo_ext(p=0.9))
            for user, one in USERS.items()
        }
        for k in CUTOFFS
    }


TOOLS: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "rectools": ("rectools", rectools),
    "recpack": ("recpack", recpack),
    "recommenders": ("recommenders", recommenders),
    "evidently": ("evidently", evidently),
    "lenskit": ("lenskit", lenskit),
    "replay": ("replay-rec", replay),
    "vendi-score": ("vendi-score", vendi_score),
    "pyndeval": ("pyndeval", pyndeval),
    "rbo": ("rbo", rbo),
}


def main(tool: str) -> None:
    package, ask = TOOLS[tool]
    kept = json.loads(TARGET.read_text(encoding="utf-8")) if TARGET.exists() else {}
    kept[tool] = {
        "version": version(package),
        "python": sys.version.split()[0],
        "made_by": Path(__file__).name,
        "values": ask(),
    }
    text = json.dumps(dict(sorted(kept.items())), indent=1) + "\n"
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
