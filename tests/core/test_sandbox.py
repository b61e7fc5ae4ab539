"""What is planted can be found again."""

import numpy as np
import pytest

from core.errors import UnknownNameError
from core.sandbox import sandbox
from core.sandbox_checks import sandbox_lists, sandbox_scores
from core.sandbox_draw import popularity


@pytest.fixture(scope="module")
def data():
    return sandbox()


def truth(data, name):
    return data.side.tables[f"truth_{name}"]


def is_favourite(data):
    rows, users = data.interactions, truth(data, "users")
    after = rows.timestamps >= data.facts["truths"]["drift_time"]
    liked = np.where(after, users["topic_after"].to_numpy()[rows.users],
                     users["topic_before"].to_numpy()[rows.users])  # fmt: skip
    return liked == truth(data, "items")["topic"].to_numpy()[rows.items]


def test_the_same_seed_gives_the_same_bits_and_another_does_not(data):
    assert sandbox().sha256 == data.sha256
    assert sandbox(seed=1).sha256 != data.sha256


def test_sizes_are_free():
    small = sandbox(30, 20, n_per_user=5, n_topics=2)
    assert (small.interactions.n_users, small.interactions.n_items) == (30, 20)
    assert len(small.interactions) == pytest.approx(150, rel=0.3)


def test_rows_are_in_order_of_time_and_no_pair_comes_twice(data):
    rows = data.interactions
    assert (np.diff(rows.timestamps) >= 0).all()
    pairs = rows.users.astype(np.int64) * rows.n_items + rows.items
    assert len(np.unique(pairs)) == len(pairs)
    drawn = int(truth(data, "items")["n_drawn"].sum())
    assert len(rows) + data.ledger.count("repeated (user, item) pair, last one kept") == drawn


def test_popularity_falls_with_the_planted_exponent(data):
    items = truth(data, "items")
    counts = np.bincount(data.interactions.items, minlength=len(items))
    order = np.argsort(-items["weight"].to_numpy())
    ranks = np.arange(1, len(items) + 1) + data.facts["truths"]["popularity_offset"]
    tail = (np.arange(len(items)) > 50) & ~items["is_cold"].to_numpy()[order]
    slope = np.polyfit(np.log(ranks[tail]), np.log(counts[order][tail]), 1)[0]
    assert slope == pytest.approx(-data.facts["truths"]["popularity_exponent"], abs=0.1)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.5])
def test_the_most_popular_item_never_needs_more_users_than_there_are(exponent):
    chances, offset = popularity(5000, exponent, n_per_user=100)
    assert chances.sum() == pytest.approx(1)
    assert chances[0] * 100 <= 0.3 + 1e-9
    assert offset >= 0


def test_one_group_is_harder_to_serve_by_the_planted_amount(data):
    truths = data.facts["truths"]
    group = truth(data, "users")["group"].to_numpy()[data.interactions.users]
    hit = is_favourite(data)
    share = {name: hit[group == name].mean() for name in "ab"}
    assert share["a"] == pytest.approx(truths["topic_match_a"], abs=0.02)
    assert share["b"] == pytest.approx(truths["topic_match_b"], abs=0.02)
    assert share["a"] - share["b"] == pytest.approx(truths["topic_match_gap"], abs=0.02)


def test_a_coin_tells_nothing_about_tastes(data):
    gender = data.side.users["gender"].to_numpy()[data.interactions.users]
    hit = is_favourite(data)
    assert abs(hit[gender == "F"].mean() - hit[gender == "M"].mean()) < 0.02


def test_tastes_move_on_the_planted_day_and_not_before(data):
    rows, users = data.interactions, truth(data, "users")
    old = users["topic_before"].to_numpy()[rows.users]
    moved = users["switches"].to_numpy()[rows.users]
    hit = old == truth(data, "items")["topic"].to_numpy()[rows.items]
    late = rows.timestamps >= data.facts["truths"]["drift_time"]
    assert users["switches"].mean() == pytest.approx(0.5, abs=0.05)
    assert hit[moved & ~late].mean() - hit[moved & late].mean() > 0.5
    assert abs(hit[~moved & ~late].mean() - hit[~moved & late].mean()) < 0.05


def test_cold_items_and_new_users_come_on_their_day(data):
    rows, truths = data.interactions, data.facts["truths"]
    days = (rows.timestamps - truths["start"]) / 86_400
    cold = truth(data, "items")["is_cold"].to_numpy()
    assert cold.sum() == 50
    assert days[cold[rows.items]].min() >= truths["cold_day"]
    joined = truth(data, "users")["joins"].to_numpy()[rows.users]
    assert (days >= joined).all()
    assert (truth(data, "users")["joins"] > 0).mean() == pytest.approx(0.1, abs=0.02)


def test_an_unknown_truth_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="called 'drift_days'; did you mean 'drift_day'"):
        sandbox(drift_days=3)


def test_known_lists_hit_as_often_as_they_say():
    known = sandbox_lists(4000, 10, precision={"a": 0.5, "b": 0.2}, n_relevant=20)
    relevant = known.truth.assign(hit=True)
    lists = known.recommendations.merge(relevant, how="left", on=["user_id", "item_id"])
    lists["hit"] = lists["hit"].notna()
    per_user = lists.groupby("user_id")["hit"].mean().rename("precision").reset_index()
    means = per_user.merge(known.users).groupby("group")["precision"].mean()
    assert means.to_dict() == pytest.approx(dict(known.expected["precision"]), abs=0.01)
    first = lists[lists["hit"]].groupby("user_id")["rank"].min().rdiv(1).rename("mrr")
    mrr = known.users.merge(first.reset_index(), how="left").fillna({"mrr": 0})
    assert mrr.groupby("group")["mrr"].mean().to_dict() == pytest.approx(
        dict(known.expected["mrr"]), abs=0.02
    )
    assert not lists.duplicated(["user_id", "item_id"]).any()


def test_known_lists_need_enough_relevant_items():
    with pytest.raises(ValueError, match="n_relevant must be at least k; got 5 and 10"):
        sandbox_lists(k=10, n_relevant=5)


def test_scores_are_wrong_by_the_planted_map():
    right = sandbox_scores(50_000)
    np.testing.assert_allclose(right["score"], right["probability"])
    assert right["outcome"].mean() == pytest.approx(right["probability"].mean(), abs=0.01)
    wrong = sandbox_scores(50_000, slope={"a": 1.0, "b": 2.0}, shift=0.5)
    logit = np.log(wrong["score"] / (1 - wrong["score"]))
    base = np.log(wrong["probability"] / (1 - wrong["probability"]))
    steep = np.where(wrong["group"] == "b", 2.0, 1.0)
    np.testing.assert_allclose(logit, steep * base + 0.5, atol=1e-6)
    np.testing.assert_allclose(wrong["error"], wrong["score"] - wrong["probability"])
