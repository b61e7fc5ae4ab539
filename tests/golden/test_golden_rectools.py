"""RecTools agrees wherever the definitions do, and differs by the clause named."""

import numpy as np
import pytest
from golden_lists import CUTOFFS, Ours, assert_same, read

RECTOOLS = read("rectools")["values"]
OURS = Ours(read("cases")["users"])
RELEVANT = OURS.has_relevant()
N_TOP_IRRELEVANT = 3

every_cutoff = pytest.mark.parametrize("k", CUTOFFS)


def scaled(metric: str, k: int, factor: np.ndarray) -> dict[str, float]:
    values = np.array(list(OURS.values(metric, k).values()))
    return OURS.named(values * factor)


@every_cutoff
@pytest.mark.parametrize(
    "ours,theirs",
    [
        ("precision", "Precision"),
        ("recall", "Recall"),
        ("hit_rate", "HitRate"),
        ("f1", "F1Beta"),
        ("mrr", "MRR"),
        ("ndcg", "NDCG(divide_by_achievable=True)"),
    ],
)
def test_every_user_with_something_to_find_agrees_with_rectools(ours, theirs, k):
    assert_same(OURS.values(ours, k), RECTOOLS[f"{theirs}@{k}"], RELEVANT)


def test_rectools_knows_only_users_with_something_to_find():
    assert RECTOOLS["Recall@5"].keys() == RELEVANT


@every_cutoff
def test_rectools_divides_ndcg_by_k_hits_on_top(k):
    best = np.append(0, np.cumsum(1 / np.log2(np.arange(2, k + 2))))
    reachable = best[np.minimum(OURS.at(k)["n_relevant"], k)]
    assert_same(scaled("ndcg", k, reachable / best[k]), RECTOOLS[f"NDCG@{k}"], RELEVANT)


@every_cutoff
def test_rectools_divides_average_precision_by_all_relevant_items_or_by_k(k):
    n_relevant = np.maximum(OURS.at(k)["n_relevant"], 1)
    reachable = np.minimum(n_relevant, k)
    assert_same(scaled("map", k, reachable / n_relevant), RECTOOLS[f"MAP@{k}"], RELEVANT)
    theirs = RECTOOLS[f"MAP(divide_by_k=True)@{k}"]
    assert_same(scaled("map", k, reachable / k), theirs, RELEVANT)


@every_cutoff
def test_rectools_r_precision_is_precision_over_what_k_places_could_hold(k):
    n_relevant = np.maximum(OURS.at(k)["n_relevant"], 1)
    theirs = RECTOOLS[f"Precision(r_precision=True)@{k}"]
    assert_same(scaled("precision", k, k / np.minimum(n_relevant, k)), theirs, RELEVANT)


def test_partial_auc_over_the_top_irrelevant_items_agrees_where_the_list_holds_them_all():
    at = OURS.at()
    n_bad = at["n_candidates"] - at["n_relevant"]
    found = at["hits"].sum(axis=1)
    holds_them = at["n_listed"] - found >= N_TOP_IRRELEVANT
    sufficient = {user for user, holds in OURS.named(holds_them).items() if holds} & RELEVANT
    ours = OURS.values("partial_auc", share=N_TOP_IRRELEVANT / n_bad)
    theirs = RECTOOLS[f"PartialAUC@{N_TOP_IRRELEVANT}"]
    assert_same(ours, theirs, sufficient)


def test_rectools_counts_unlisted_relevant_items_as_lost_and_we_toss_a_coin():
    share = N_TOP_IRRELEVANT / (OURS.at()["n_candidates"] - OURS.at()["n_relevant"])
    assert RECTOOLS[f"PartialAUC@{N_TOP_IRRELEVANT}"]["one-item"] == 0
    assert OURS.values("partial_auc", share=share)["one-item"] > 0
