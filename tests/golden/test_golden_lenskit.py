"""LensKit agrees wherever the definitions do, and differs by the clause named."""

import math

import numpy as np
import pytest
from golden_lists import CUTOFFS, TOLERANCE, Ours, assert_same, read

from evaluators.rating import mae, rmse

GOLDEN = read("lenskit")
LENSKIT = GOLDEN["values"]
OURS = Ours(read("cases")["users"])
BOTH = OURS.has_relevant() & OURS.has_list()

every_cutoff = pytest.mark.parametrize("k", CUTOFFS)


def scaled(metric: str, k: int, factor: np.ndarray) -> dict[str, float]:
    values = np.array(list(OURS.values(metric, k).values()))
    return OURS.named(values * factor)


def best(n_hits: np.ndarray) -> np.ndarray:
    return np.array([sum(1 / math.log2(i + 1) for i in range(1, n + 1)) for n in n_hits])


@every_cutoff
@pytest.mark.parametrize(
    "ours,theirs",
    [
        ("hit_rate", "Hit"),
        ("mrr", "RecipRank"),
        ("ndcg", "NDCG(offset=1)"),
        ("rbp", "RBP(patience=0.8)"),
    ],
)
def test_users_with_a_list_and_something_to_find_agree_with_lenskit(ours, theirs, k):
    assert_same(OURS.values(ours, k), LENSKIT[f"{theirs}@{k}"], BOTH)


@every_cutoff
def test_lenskit_divides_precision_by_the_length_of_the_list(k):
    n_listed = np.maximum(OURS.at(k)["n_listed"], 1)
    assert_same(scaled("precision", k, k / n_listed), LENSKIT[f"Precision@{k}"], BOTH)


@every_cutoff
def test_lenskit_divides_recall_by_what_k_places_could_hold(k):
    n_relevant = np.maximum(OURS.at(k)["n_relevant"], 1)
    factor = n_relevant / np.minimum(n_relevant, k)
    assert_same(scaled("recall", k, factor), LENSKIT[f"Recall@{k}"], BOTH)


@every_cutoff
def test_lenskit_divides_average_precision_by_what_this_list_could_hold(k):
    at = OURS.at(k)
    n_relevant = np.maximum(at["n_relevant"], 1)
    shorter = np.maximum(np.minimum(n_relevant, at["n_listed"]), 1)
    factor = np.minimum(n_relevant, k) / shorter
    assert_same(scaled("map", k, factor), LENSKIT[f"AveragePrecision@{k}"], BOTH)


@every_cutoff
def test_lenskit_discounts_rank_two_like_rank_one(k):
    at = OURS.at(k)
    n_reachable = np.minimum(at["n_relevant"], k)
    first = at["hits"][:, 0].astype(float)
    later = np.zeros(len(first))
    if k > 1:  # from rank 2 on, LensKit's discount is ours of one rank higher
        shifted = OURS.values("ndcg", hits=at["hits"][:, 1:])
        later = np.array(list(shifted.values())) * best(np.minimum(at["n_relevant"], k - 1))
    ideal = np.minimum(n_reachable, 1) + best(np.maximum(n_reachable - 1, 0))
    ours = OURS.named((first + later) / np.maximum(ideal, 1))
    assert_same(ours, LENSKIT[f"NDCG@{k}"], BOTH)


@every_cutoff
def test_lenskit_takes_the_bare_rating_as_gain(k):
    at = OURS.at(k)
    ours = OURS.values(
        "ndcg_graded",
        k,
        gains=np.log2(at["gains"] + 1),
        ideal_gains=np.log2(at["ideal_gains"] + 1),
    )
    assert_same(ours, LENSKIT[f"NDCG(offset=1,gain=rating)@{k}"], BOTH)


def rating_errors() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per user: how many were predicted, sum of squared errors, sum of absolute errors."""
    rows = []
    for user, predicted in GOLDEN["ratings"]["predicted"].items():
        truth = OURS.people[user]["truth"]
        errors = [rating - truth[item] for item, rating in predicted.items()]
        rows.append((len(errors), sum(e * e for e in errors), sum(abs(e) for e in errors)))
    n_predicted, squared, absolute = zip(*rows, strict=True)
    return np.array(n_predicted), np.array(squared), np.array(absolute)


def test_rating_errors_over_the_run_agree_with_lenskit():
    n_predicted, squared, absolute = rating_errors()
    pooled = GOLDEN["ratings"]["global_aggregate"]
    assert abs(rmse(n_predicted, squared) - pooled["RMSE"]) <= TOLERANCE
    assert abs(mae(n_predicted, absolute) - pooled["MAE"]) <= TOLERANCE


def test_lenskits_run_analysis_reports_the_mean_of_per_user_values():
    n_predicted, squared, absolute = rating_errors()
    users = range(len(n_predicted))
    one_by_one = [rmse(n_predicted[[user]], squared[[user]]) for user in users]
    reported = GOLDEN["ratings"]["run_analysis"]
    assert abs(np.mean(one_by_one) - reported["RMSE"]) <= TOLERANCE
    assert abs(np.mean(absolute / n_predicted) - reported["MAE"]) <= TOLERANCE
