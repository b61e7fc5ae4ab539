"""Values worked out by hand, and by scikit-learn."""

import math

import numpy as np
import pytest
from sklearn.metrics import ndcg_score, roc_auc_score

from evaluators import METRICS
from evaluators.graded import err, ndcg_graded

# one input that published comparisons of tools use: k = 5; test {a,b}, {c}, 7 items, {a}, none;
# lists a,x,b,y,z / x,c / d,e,x,y,f / no list / a,b,c,d,e
HITS = np.array(
    [[1, 0, 1, 0, 0], [0, 1, 0, 0, 0], [1, 1, 0, 0, 1], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
    dtype=bool,
)
N_RELEVANT = np.array([2, 1, 7, 1, 0])


@pytest.mark.parametrize(
    "name,mean", [("precision", 0.300), ("recall", 0.607), ("map", 0.463), ("ndcg", 0.559)]
)
def test_the_input_on_which_tools_disagree_gives_our_one_answer(name, mean):
    values = METRICS[name](HITS, N_RELEVANT)
    assert math.isnan(values[4])
    assert round(float(np.nanmean(values)), 3) == mean


@pytest.mark.parametrize(
    "name,expected",
    [
        ("precision", [0.4, 0.2, 0.6, 0, math.nan]),
        ("recall", [1, 1, 3 / 7, 0, math.nan]),
        ("hit_rate", [1, 1, 1, 0, math.nan]),
        ("f1", [4 / 7, 1 / 3, 0.5, 0, math.nan]),
        ("map", [(1 + 2 / 3) / 2, 0.5, (1 + 1 + 3 / 5) / 5, 0, math.nan]),
        ("mrr", [1, 0.5, 1, 0, math.nan]),
        ("rbp", [0.2 * (1 + 0.64), 0.2 * 0.8, 0.2 * (1.8 + 0.8**4), 0, math.nan]),
        ("r_precision", [0.5, 0, 3 / 7, 0, math.nan]),
    ],
)
def test_values_are_what_the_formula_gives_by_hand(name, expected):
    np.testing.assert_allclose(METRICS[name](HITS, N_RELEVANT), expected, rtol=1e-14)


def test_bpref_is_what_the_paper_shows_with_two_judged_bad_items():
    hits = np.array([[True, False, True, False, True]])
    bad = np.array([[False, True, False, True, False]])
    # three liked, two bad: the hits have 0, 1 and 2 bad items above them
    value = METRICS["bpref"](hits, bad, np.array([3]), np.array([2]))
    assert value[0] == pytest.approx((1 + 0.5 + 0) / 3)


def test_bpref_without_anything_bad_is_recall_of_the_whole_list():
    hits = np.array([[True, False, True]])
    value = METRICS["bpref"](hits, ~hits & False, np.array([4]), np.array([0]))
    assert value[0] == 0.5


def test_err_stops_at_the_first_item_that_satisfies():
    # top rating 2: a 2 satisfies with 3/4, a 1 with 1/4
    gains = np.array([[1.0, 2.0, 0.0]])
    expected = 1 / 4 + 3 / 4 * 3 / 4 / 2
    assert err(gains, np.array([1]), 2.0)[0] == pytest.approx(expected, abs=1e-15)


def test_err_refuses_a_rating_above_the_scale():
    with pytest.raises(ValueError, match="a rating of 10 is above the best of the scale, 5"):
        err(np.array([[10.0]]), np.array([1]))


def test_graded_ndcg_agrees_with_scikit_learn_over_exponential_gains():
    rng = np.random.default_rng(0)
    ratings = rng.integers(0, 6, size=(50, 12)).astype(float)
    ratings[:, 0] = 5
    ranks = np.tile(np.arange(12), (50, 1))
    ideal = -np.sort(-ratings, axis=1)
    n_relevant = (ratings >= 4).sum(axis=1)
    for k in (1, 5, 12):
        ours = ndcg_graded(ratings[:, :k], ideal[:, :k], n_relevant)
        theirs = [
            ndcg_score(2 ** ratings[[row]] - 1, -ranks[[row]], k=k, ignore_ties=True)
            for row in range(50)
        ]
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_graded_ndcg_of_huge_and_of_negative_ratings_stays_a_share():
    gains = np.array([[4000.0, 0.0], [-3.0, 4.0]])
    ideal = np.array([[5000.0, 4000.0], [4.0, -3.0]])
    values = ndcg_graded(gains, ideal, np.array([2, 1]))
    assert values[0] == pytest.approx(2.0**-1000, rel=1e-12)
    assert values[1] == pytest.approx(1 / math.log2(3))


def test_graded_metrics_of_float32_ratings_lose_no_digits():
    ratings = np.array([[4.5, 3.5, 1.0]])
    ideal = np.array([[5.0, 4.5, 3.5]])
    full = ndcg_graded(ratings, ideal, np.array([1])), err(ratings, np.array([1]))
    short = ratings.astype(np.float32)
    single = ndcg_graded(short, ideal.astype(np.float32), np.array([1])), err(short, np.array([1]))
    np.testing.assert_array_equal(full, single)


def random_lists(n_users):
    """Lists of part of the candidates, with a score for each candidate: 0 where not listed."""
    rng = np.random.default_rng(11)
    for _ in range(n_users):
        n_candidates = int(rng.integers(3, 60))
        n_listed = int(rng.integers(1, n_candidates + 1))
        relevant = rng.random(n_candidates) < 0.3
        relevant[0], relevant[-1] = relevant[-1], not relevant[-1]
        if 0 < relevant.sum() < n_candidates:
            scores = np.zeros(n_candidates)
            scores[:n_listed] = np.arange(n_listed, 0, -1)
            yield relevant, scores, n_listed


def pair_arrays(relevant, n_listed):
    return (
        relevant[None, :n_listed],
        np.array([n_listed]),
        np.array([relevant.sum()]),
        np.array([len(relevant)]),
    )


def test_auc_agrees_with_scikit_learn_where_unlisted_items_tie_below_the_list():
    checked = 0
    for relevant, scores, n_listed in random_lists(200):
        ours = METRICS["auc"](*pair_arrays(relevant, n_listed))[0]
        assert ours == pytest.approx(roc_auc_score(relevant, scores), abs=1e-12)
        checked += 1
    assert checked > 150


@pytest.mark.parametrize("share", [0.05, 0.1, 1 / 3, 0.9])
def test_partial_auc_agrees_with_scikit_learn_before_its_rescaling(share):
    for relevant, scores, n_listed in random_lists(120):
        ours = METRICS["partial_auc"].compute(*pair_arrays(relevant, n_listed), share)[0]
        chance = share * share / 2
        rescaled = (1 + (ours * share - chance) / (share - chance)) / 2
        theirs = roc_auc_score(relevant, scores, max_fpr=share)
        assert rescaled == pytest.approx(theirs, abs=1e-12)


def test_partial_auc_of_everything_is_auc():
    for relevant, _, n_listed in random_lists(60):
        arrays = pair_arrays(relevant, n_listed)
        whole = METRICS["partial_auc"].compute(*arrays, 1.0)[0]
        assert whole == pytest.approx(METRICS["auc"](*arrays)[0], abs=1e-12)


def test_pairs_are_undefined_where_every_candidate_is_relevant():
    arrays = np.array([[True, True]]), np.array([2]), np.array([2]), np.array([2])
    assert math.isnan(METRICS["auc"](*arrays)[0])
    assert math.isnan(METRICS["partial_auc"](*arrays)[0])


def test_pairs_stay_in_bounds_when_a_list_repeats_more_items_than_there_are_candidates():
    hits = np.array([[False] * 9 + [True]])
    arrays = hits, np.array([10]), np.array([2]), np.array([5])
    assert METRICS["auc"](*arrays)[0] == 0
    assert METRICS["partial_auc"](*arrays)[0] == 0


def test_rating_errors_weigh_ratings_not_users():
    n_predicted = np.array([1, 3, 0])
    assert METRICS["rmse"](n_predicted, np.array([4.0, 12.0, 0.0])) == 2
    assert METRICS["mae"](n_predicted, np.array([2.0, 4.0, 0.0])) == 1.5
    assert math.isnan(METRICS["rmse"](np.array([0]), np.array([0.0])))
