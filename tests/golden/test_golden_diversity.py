"""Tools of the field agree on diversity, novelty and spread, or differ by the clause named."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from golden_lists import read

from core.tables import Interactions, TopK
from evaluators import METRICS
from evaluators.arrays import compute
from evaluators.between_models import rbo
from recscope.catalogue import Catalogue
from recscope.judge import judge, one_value
from recscope.judged import Judged

CASES, TOOLS = read("diversity_cases"), read("diversity")
ITEMS, USERS = CASES["items"], CASES["users"]
CUTOFFS = (5, 10)
TOLERANCE = 1e-9

every_cutoff = pytest.mark.parametrize("k", CUTOFFS)


def coded(of: str) -> np.ndarray:
    return np.array([[ITEMS.index(item) for item in one[of]] for one in USERS.values()], np.int32)


def rows(of: str) -> Interactions:
    pairs = [
        (user, ITEMS.index(item)) for user, one in enumerate(USERS.values()) for item in one[of]
    ]
    users, items = np.array(pairs, dtype=np.int32).T
    return Interactions(users, items, len(USERS), len(ITEMS))


@cache
def judged() -> Judged:
    genres = pd.DataFrame({"genres": [CASES["groups"][item] for item in ITEMS]})
    had = rows("had")
    known = Catalogue(had, genres, np.ones(len(ITEMS), dtype=bool), ("genres",))
    lists = TopK(np.arange(len(USERS)), coded("items"), -np.tile(np.arange(10.0), (len(USERS), 1)))
    return judge(lists, rows("liked"), seen=[had], k=10, catalogue=known)


def values(metric: str, k: int) -> np.ndarray:
    declared = METRICS[metric]
    return compute(declared, judged().arrays((*declared.needs, *declared.settings), k))


def theirs(tool: str, name: str) -> np.ndarray:
    found: dict[str, Any] = TOOLS[tool]["values"][name]
    return np.array([found[user] for user in USERS])


@every_cutoff
@pytest.mark.parametrize(
    "ours,tool,name",
    [
        ("novelty", "rectools", "MeanInvUserFreq"),
        ("serendipity_by_popularity", "rectools", "Serendipity"),
        ("ild_jaccard", "recpack", "IntraListDiversityK"),
        ("ild", "recommenders", "user_diversity"),
        ("unexpectedness", "recommenders", "unexpected"),
        ("serendipity", "recommenders", "user_serendipity"),
        ("vendi", "vendi-score", "score_K"),
        ("alpha_ndcg", "pyndeval", "alpha-nDCG"),
    ],
)
def test_every_user_scores_what_the_other_tool_says(ours, tool, name, k):
    np.testing.assert_allclose(values(ours, k), theirs(tool, f"{name}@{k}"), atol=TOLERANCE, rtol=0)


@every_cutoff
@pytest.mark.parametrize(
    "ours,tool,name",
    [
        ("coverage", "rectools", "CatalogCoverage(normalize=True)"),
        ("coverage", "recpack", "CoverageK"),
        ("entropy", "recommenders", "distributional_coverage"),
        ("personalisation", "evidently", "PersonalizationMetric"),
        ("gini", "lenskit", "gini"),
    ],
)
def test_the_run_scores_what_the_other_tool_says(ours, tool, name, k):
    found = TOOLS[tool]["values"][f"{name}@{k}"]
    assert one_value(judged(), METRICS[ours], k) == pytest.approx(found, abs=TOLERANCE)


@every_cutoff
def test_rank_biased_overlap_is_the_extrapolated_one_of_the_rbo_package(k):
    ours = rbo(coded("items")[:, :k], coded("other")[:, :k], p=0.9)
    np.testing.assert_allclose(ours, theirs("rbo", f"rbo_ext(p=0.9)@{k}"), atol=TOLERANCE, rtol=0)


@every_cutoff
def test_lenskit_cuts_rank_biased_overlap_at_k_and_divides_by_the_weights_there(k):
    one, other = coded("items")[:, :k], coded("other")[:, :k]
    shared = np.array([len(np.intersect1d(a, b)) for a, b in zip(one, other, strict=True)])
    cut = (rbo(one, other, p=0.9) - shared / k * 0.9**k) / (1 - 0.9**k)
    found = theirs("lenskit", f"rank_biased_overlap@{k}")
    np.testing.assert_allclose(cut, found, atol=TOLERANCE, rtol=0)


@every_cutoff
def test_replay_divides_novelty_by_the_highest_there_could_be(k):
    highest = np.log2(len(USERS))
    found = theirs("replay", f"Surprisal@{k}")
    np.testing.assert_allclose(values("novelty", k) / highest, found, atol=TOLERANCE, rtol=0)


@every_cutoff
def test_replay_covers_the_items_of_the_training_data_alone(k):
    trained = np.bincount(rows("had").items, minlength=len(ITEMS)) > 0
    found = TOOLS["replay"]["values"][f"Coverage@{k}"]
    counts = np.bincount(coded("items")[:, :k].ravel(), minlength=len(ITEMS))[trained]
    ours = METRICS["coverage"](item_counts=counts, n_available=trained.sum())
    assert float(ours) == pytest.approx(found, abs=TOLERANCE)


@every_cutoff
def test_ndeval_gives_each_interest_the_same_share_and_divides_by_the_best_there_could_be(k):
    groups = judged().array("item_groups")
    liked = [[ITEMS.index(item) for item in one["liked"]] for one in USERS.values()]
    sought = np.array([groups[codes].any(axis=0) for codes in liked], dtype=float)
    arrays = judged().arrays(METRICS["err_ia"].needs, k)
    arrays["profile_groups"] = sought / sought.sum(axis=1, keepdims=True)
    perfect = sum(0.5**rank / rank for rank in range(1, k + 1))
    ours = compute(METRICS["err_ia"], arrays) / perfect
    np.testing.assert_allclose(ours, theirs("pyndeval", f"ERR-IA@{k}"), atol=TOLERANCE, rtol=0)
