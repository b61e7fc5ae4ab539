"""trec_eval agrees wherever the definitions do, and differs by the clause named."""

import math

import numpy as np
import pytest
from golden_lists import CUTOFFS, Ours, assert_same, read

CASES = read("cases")
TREC = read("trec_eval")
LIKED = TREC["values"]["users"]["liked"]
OURS = Ours(CASES["users"])
BOTH = OURS.has_relevant() & OURS.has_list()

every_cutoff = pytest.mark.parametrize("k", CUTOFFS)


@every_cutoff
@pytest.mark.parametrize(
    "ours,theirs",
    [
        ("precision", "P"),
        ("recall", "recall"),
        ("hit_rate", "success"),
        ("ndcg", "ndcg_cut"),
    ],
)
def test_cut_off_measures_agree_with_trec_eval(ours, theirs, k):
    assert_same(OURS.values(ours, k), LIKED[f"{theirs}_{k}"], BOTH)


@pytest.mark.parametrize(
    "ours,theirs", [("mrr", "recip_rank"), ("r_precision", "Rprec"), ("bpref", "bpref")]
)
def test_measures_of_the_whole_list_agree_with_trec_eval(ours, theirs):
    assert_same(OURS.values(ours), LIKED[theirs], BOTH)


@every_cutoff
def test_trec_eval_divides_average_precision_by_all_relevant_items(k):
    n_relevant = OURS.at(k)["n_relevant"]
    reachable = np.minimum(n_relevant, k)
    ours = {
        user: value * best / total
        for (user, value), best, total in zip(
            OURS.values("map", k).items(), reachable, np.maximum(n_relevant, 1), strict=True
        )
    }
    assert_same(ours, LIKED[f"map_cut_{k}"], BOTH)
    assert not math.isclose(OURS.values("map", 5)["many"], LIKED["map_cut_5"]["many"])


@every_cutoff
def test_graded_ndcg_is_trec_evals_over_exponential_gains(k):
    theirs = TREC["values"]["users"]["exponential"][f"ndcg_cut_{k}"]
    assert_same(OURS.values("ndcg_graded", k), theirs, BOTH)


@every_cutoff
def test_trec_eval_takes_the_bare_rating_as_gain(k):
    at = OURS.at(k)
    ours = OURS.values(
        "ndcg_graded",
        k,
        gains=np.log2(at["gains"] + 1),
        ideal_gains=np.log2(at["ideal_gains"] + 1),
    )
    assert_same(ours, TREC["values"]["users"]["ratings"][f"ndcg_cut_{k}"], BOTH)


def test_trec_eval_scores_zero_where_nothing_is_relevant_and_we_say_undefined():
    nothing = LIKED["P_5"].keys() - OURS.has_relevant()
    assert "only-bad" in nothing
    ours = OURS.values("precision", 5)
    for user in nothing:
        assert LIKED["P_5"][user] == 0
        assert math.isnan(ours[user])


def test_trec_eval_leaves_out_users_without_a_list_and_we_score_them_zero():
    assert "no-list" not in LIKED["P_5"]
    assert OURS.values("ndcg", 5)["no-list"] == 0


@every_cutoff
@pytest.mark.parametrize(
    "ours,theirs", [("precision", "P"), ("recall", "recall"), ("ndcg", "ndcg_cut")]
)
def test_trec_eval_orders_ties_by_descending_id_and_we_keep_the_delivered_order(ours, theirs, k):
    resorted = {}
    for user, one in CASES["tied"].items():
        order = sorted(zip(one["scores"], one["items"], strict=True), reverse=True)
        resorted[user] = one | {"items": [item for _, item in order]}
    values = TREC["values"]["tied"]["liked"][f"{theirs}_{k}"]
    assert_same(Ours(resorted).values(ours, k), values, set(resorted))


def test_the_order_of_ties_changes_a_value():
    delivered = Ours(CASES["tied"]).values("ndcg", 5)
    assert delivered != pytest.approx(TREC["values"]["tied"]["liked"]["ndcg_cut_5"])
