"""Lists held against the truth: who counts, what is a hit, what is counted as odd."""

from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from core.errors import ConfigError, EmptyError, PluginError
from core.tables import PAD, Interactions, TopK
from evaluators import METRICS
from recscope import judge as judging
from recscope.catalogue import Catalogue
from recscope.judge import judge, per_user

N_ITEMS = 12


def interactions(pairs, ratings=None, threshold=None, n_users=8):
    users, items = (np.array(column, dtype=np.int32) for column in zip(*pairs, strict=True))
    given_ratings = None if ratings is None else np.array(ratings, dtype=np.float32)
    return Interactions(users, items, n_users, N_ITEMS, ratings=given_ratings, threshold=threshold)


def lists(rows, k=None):
    """TopK of user → items; short ones are padded."""
    width = k or max(map(len, rows.values()))
    items = np.full((len(rows), width), PAD, dtype=np.int32)
    for row, listed in zip(items, rows.values(), strict=True):
        row[: len(listed)] = listed
    return TopK(np.array(list(rows), dtype=np.int64), items, np.zeros(items.shape, np.float32))


def test_everybody_of_the_truth_is_judged_and_who_has_no_list_scores_zero():
    judged = judge(lists({0: [1, 2]}), interactions([(0, 2), (3, 1)]))
    assert judged.truth.users.tolist() == [0, 3]
    assert judged.hits.tolist() == [[False, True], [False, False]]
    assert judged.is_imputed.tolist() == [False, True]
    assert judged.ledger.count(judging.NO_LIST) == 1
    scores = per_user(judged, [METRICS["recall"]], [2])
    assert scores["recall@2"].tolist() == [1.0, 0.0]


def test_a_user_with_nothing_relevant_is_undefined_and_counted():
    truth = interactions([(0, 2), (1, 3)], ratings=[5, 2], threshold=4)
    judged = judge(lists({0: [2], 1: [3]}), truth)
    assert judged.ledger.count(judging.UNDEFINED) == 1
    values = per_user(judged, [METRICS["ndcg"]], [1])["ndcg@1"]
    assert values.iloc[0] == 1.0
    assert np.isnan(values.iloc[1])


def test_lists_of_users_unknown_to_the_truth_are_dropped_and_counted():
    judged = judge(lists({0: [2], 5: [3], 6: [1]}), interactions([(0, 2)]))
    assert judged.truth.users.tolist() == [0]
    assert judged.ledger.count(judging.UNKNOWN_USER) == 2


def test_a_repeated_item_hits_once_and_is_counted():
    judged = judge(lists({0: [2, 2, 3, 2]}), interactions([(0, 2), (0, 3)]))
    assert judged.hits.tolist() == [[True, False, True, False]]
    assert judged.ledger.count(judging.REPEATED) == 2


def test_an_item_the_user_had_before_is_a_miss_and_counted():
    truth, train = interactions([(0, 2), (0, 3), (1, 2)]), interactions([(0, 2), (0, 2), (7, 3)])
    judged = judge(lists({0: [2, 3], 1: [2, 3]}), truth, seen=[train])
    assert judged.hits.tolist() == [[False, True], [True, False]]
    assert judged.ledger.count(judging.SEEN) == 1
    assert judged.n_seen.tolist() == [1, 0]
    assert judged.array("n_candidates").tolist() == [N_ITEMS - 1, N_ITEMS]


def test_of_a_repeated_pair_in_the_truth_the_last_row_counts():
    truth = interactions([(0, 2), (0, 3), (0, 2)], ratings=[1, 5, 4], threshold=4)
    judged = judge(lists({0: [2]}), truth)
    assert judged.array("n_relevant").tolist() == [2]
    assert judged.array("gains").tolist() == [[4.0]]
    assert len(judged.truth.items) == 2


def test_an_unknown_item_inside_a_list_keeps_its_rank_as_a_miss():
    judged = judge(lists({0: [PAD, 2, PAD, 3]}), interactions([(0, 3)]))
    assert judged.array("hits").tolist() == [[False, False, False, True]]
    assert judged.array("n_listed").tolist() == [4]
    assert judged.ledger.count(judging.HOLE) == 1


def test_short_lists_are_padded_to_the_largest_cutoff_and_long_ones_stay():
    truth = interactions([(0, 3)])
    assert judge(lists({0: [3]}), truth, k=5).width == 5
    assert judge(lists({0: [3, 4, 5]}), truth, k=2).width == 3
    shorter = per_user(judge(lists({0: [3]}), truth, k=5), [METRICS["precision"]], [5])
    assert shorter["precision@5"].tolist() == [np.float32(0.2)]


def test_arrays_of_graded_truth():
    truth = interactions([(0, 1), (0, 2), (0, 3), (1, 1)], ratings=[5, 2, 4, 1], threshold=4)
    judged = judge(lists({0: [2, 3, 9], 1: [1, 2, 3]}), truth)
    assert judged.array("gains").tolist() == [[2, 4, 0], [1, 0, 0]]
    assert judged.array("ideal_gains").tolist() == [[5, 4, 2], [1, 0, 0]]
    assert judged.array("judged_bad").tolist() == [[True, False, False], [True, False, False]]
    assert judged.array("n_judged_bad").tolist() == [1, 1]
    assert judged.array("hits", 1).tolist() == [[False], [False]]
    assert judged.array("n_listed", 2).tolist() == [2, 2]


def test_errors_of_predicted_ratings_add_up_per_user_and_skip_what_was_not_predicted():
    truth = interactions([(1, 1), (0, 2), (1, 3)], ratings=[5, 2, 4])
    judged = judge(lists({0: [1]}), truth, predicted=np.array([4.0, np.nan, 2.0]))
    assert judged.array("n_predicted").tolist() == [0, 2]
    assert judged.array("squared_error").tolist() == [0, 5]
    assert judged.array("absolute_error").tolist() == [0, 3]


def test_a_metric_without_its_arrays_is_refused_by_name():
    judged = judge(lists({0: [1]}), interactions([(0, 1)]))
    wanted = r"'ndcg_graded' cannot be computed, it asks for .*the truth has no ratings.*Leave it"
    with pytest.raises(ConfigError, match=wanted):
        per_user(judged, [METRICS["ndcg_graded"]], [1])
    assert judging.reason_missing(METRICS["rmse"], judged) == (
        "it asks for n_predicted, squared_error: no ratings were predicted"
    )
    with pytest.raises(KeyError, match="gains"):
        judged.array("gains")


def test_an_empty_truth_is_refused():
    nothing = Interactions(np.empty(0, np.int32), np.empty(0, np.int32), 3, N_ITEMS)
    with pytest.raises(EmptyError, match=r"no test interaction.*make the test part larger"):
        judge(lists({0: [1]}), nothing)


def test_two_lists_of_one_user_are_refused():
    twice = TopK(np.array([0, 0]), np.array([[1], [2]], np.int32), np.zeros((2, 1)))
    with pytest.raises(PluginError, match="a user has two lists"):
        judge(twice, interactions([(0, 1)]))


@pytest.mark.parametrize("code", [N_ITEMS, -2])
def test_codes_outside_the_id_space_are_refused(code):
    with pytest.raises(PluginError, match=f"there are {N_ITEMS} items: codes go from 0"):
        judge(lists({0: [code]}), interactions([(0, 1)]))


def test_columns_are_metrics_at_cutoffs_and_once_without():
    judged = judge(lists({0: [1, 2]}), interactions([(0, 1)]))
    metrics = [METRICS[name] for name in ("ndcg", "bpref", "rmse")]
    assert per_user(judged, metrics, [1, 2]).columns.tolist() == ["ndcg@1", "ndcg@2", "bpref"]
    assert set(per_user(judged, metrics, [1]).dtypes) == {np.dtype(np.float32)}
    assert set(per_user(judged, metrics, [1], np.float64).dtypes) == {np.dtype(np.float64)}


@st.composite
def worlds(draw):
    """Lists, truth rows and train rows of a few users, with repeats and holes."""
    item = st.integers(0, N_ITEMS - 1)
    pair = st.tuples(st.integers(0, 7), item)
    truth = draw(st.lists(pair, min_size=1, max_size=40))
    train = draw(st.lists(pair, max_size=20))
    some = st.lists(st.one_of(item, st.just(PAD)), min_size=6, max_size=6)
    listed = draw(st.dictionaries(st.integers(0, 7), some, min_size=1))
    order = draw(st.permutations(list(listed)))
    return {user: listed[user] for user in order}, truth, train


@given(worlds())
def test_hits_are_what_sets_say(world):
    listed, truth, train = world
    train_part = [interactions(train)] if train else []
    judged = judge(lists(listed), interactions(truth), seen=train_part)
    assert judged.truth.users.tolist() == sorted({user for user, _ in truth})
    for row, user in enumerate(judged.truth.users.tolist()):
        places = listed.get(user, [])
        expected, met = [], {PAD}
        for item in places:
            is_new = item not in met and (user, item) not in train
            expected.append(is_new and (user, item) in truth)
            met.add(item)
        assert judged.hits[row, : len(places)].tolist() == expected
        assert not judged.hits[row, len(places) :].any()
        assert judged.array("n_relevant")[row] == len({i for u, i in truth if u == user})
        assert judged.n_seen[row] == len({i for u, i in train if u == user})


def test_blocks_of_users_and_all_at_once_score_the_same_bits(monkeypatch):
    rng = np.random.default_rng(3)
    n = 50
    truth = interactions(
        list(zip(rng.integers(0, n, 400), rng.integers(0, N_ITEMS, 400), strict=True)),
        ratings=rng.integers(1, 6, 400),
        threshold=4,
        n_users=n,
    )
    topk = lists({user: rng.permutation(N_ITEMS)[:8].tolist() for user in rng.permutation(n)[:40]})
    had = interactions([(u, i) for u in range(n) for i in rng.permutation(N_ITEMS)[:3]], n_users=n)
    had = replace(had, timestamps=rng.integers(0, 10**6, len(had)))
    genres = [[f"g{i % 3}", f"h{i % 4}"][: i % 3] for i in range(N_ITEMS)]
    described = pd.DataFrame({"genres": genres, "embedding": list(rng.normal(size=(N_ITEMS, 5)))})
    known = Catalogue(had, described, np.ones(N_ITEMS, dtype=bool), ("genres",))
    metrics = [metric for metric in METRICS.values() if metric.per == "user"]

    def values():
        judged = judge(topk, truth, seen=[had], catalogue=known)
        return per_user(judged, metrics, [3, 8], np.float64)

    whole = values()
    monkeypatch.setattr(judging, "USERS_AT_A_TIME", 7)
    np.testing.assert_array_equal(values(), whole)


def test_inputs_are_left_as_they_were():
    topk, truth = lists({1: [2, 2], 0: [1, PAD]}), interactions([(1, 2), (0, 1), (1, 2)])
    before = topk.items.copy(), truth.items.copy()
    judge(topk, truth, seen=[truth])
    np.testing.assert_array_equal(topk.items, before[0])
    np.testing.assert_array_equal(truth.items, before[1])
