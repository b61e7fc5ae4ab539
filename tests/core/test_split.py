"""What a split promises, whatever the data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.errors import ConfigError, DatasetError, EmptyError, UnknownNameError
from core.split import RULES, leakage, rolling, split
from core.tables import Interactions, Split

PARTS = ("train", "validation", "test")


def interactions(n=400, n_users=20, n_items=30, seed=0, *, times=True):
    rng = np.random.default_rng(seed)
    pairs = rng.choice(n_users * n_items, n, replace=False)
    return Interactions(
        (pairs // n_items).astype(np.int32),
        (pairs % n_items).astype(np.int32),
        n_users,
        n_items,
        timestamps=rng.integers(0, 1000, n) if times else None,
    )


def pairs(part):
    return set(zip(part.users.tolist(), part.items.tolist(), strict=True))


every_rule = pytest.mark.parametrize("rule", RULES)


@every_rule
@given(seed=st.integers(0, 10**6))
def test_parts_are_disjoint_and_hold_rows_of_the_data(rule, seed):
    data = interactions(seed=seed)
    got = split(data, rule, seed=seed)
    train, validation, test = (pairs(getattr(got, part)) for part in PARTS)
    assert not train & validation | train & test | validation & test
    left_out = got.ledger.count("row outside the window's past")
    assert len(train | validation | test) + left_out == len(data)
    assert train | validation | test <= pairs(data)


@every_rule
def test_the_same_seed_gives_the_same_split(rule):
    data = interactions()
    a, b = (split(data, rule, seed=3) for _ in range(2))
    assert all(pairs(getattr(a, part)) == pairs(getattr(b, part)) for part in PARTS)


@every_rule
def test_a_split_can_be_made_again_from_what_it_records(rule):
    data = interactions()
    a = split(data, rule, seed=1)
    b = split(data, a.rule, seed=a.seed, **a.parameters)
    assert pairs(a.test) == pairs(b.test)


@every_rule
def test_parts_keep_the_whole_id_space(rule):
    got = split(interactions(), rule)
    assert all(getattr(got, part).n_users == 20 for part in PARTS)


@pytest.mark.parametrize("rule", ["global-time", "rolling"])
@given(
    times=hnp.arrays(np.int64, 60, elements=st.integers(0, 8)),
)
def test_the_past_never_holds_the_future(rule, times):
    data = interactions(60)
    data = Interactions(data.users, data.items, 20, 30, timestamps=times)
    try:
        got = split(data, rule)
    except EmptyError:
        return
    assert got.train.timestamps.max() < got.validation.timestamps.min()
    assert got.validation.timestamps.max() < got.test.timestamps.min()


def test_global_time_takes_the_wanted_shares():
    got = split(interactions(), test=0.25, validation=0.1)
    assert len(got.test) == pytest.approx(100, abs=3)
    assert len(got.validation) == pytest.approx(40, abs=3)
    assert got.rule == "global-time"


def test_rows_of_the_same_second_are_never_torn_apart():
    data = interactions()
    got = split(data)
    assert not set(got.train.timestamps) & set(got.test.timestamps)


def test_leave_last_tests_each_user_on_the_last_row():
    data = interactions()
    got = split(data, "leave-last")
    latest = {user: data.timestamps[data.users == user].max() for user in range(20)}
    assert len(got.test) == len(got.validation) == 20
    assert {
        int(u): int(t) for u, t in zip(got.test.users, got.test.timestamps, strict=True)
    } == latest


def test_leave_last_leaves_users_with_few_rows_something_to_learn_from():
    data = Interactions(
        np.array([0, 1, 1, 2, 2, 2], np.int32), np.arange(6, dtype=np.int32), 3, 6,
        timestamps=np.arange(6),
    )  # fmt: skip
    got = split(data, "leave-last")
    assert pairs(got.train) == {(0, 0), (1, 1), (2, 3)}
    assert pairs(got.validation) == {(2, 4)}
    assert pairs(got.test) == {(1, 2), (2, 5)}


def test_leave_last_without_validation_gives_it_no_row():
    assert len(split(interactions(), "leave-last", validation=0).validation) == 0


@pytest.mark.parametrize("order", ["random", "time"])
def test_ratio_takes_the_same_share_of_every_user(order):
    data = interactions()
    got = split(data, "ratio-per-user", order=order, test=0.2, validation=0.1)
    n = np.bincount(data.users, minlength=20)
    np.testing.assert_array_equal(np.bincount(got.test.users, minlength=20), np.rint(n * 0.2))
    np.testing.assert_array_equal(np.bincount(got.validation.users, minlength=20), np.rint(n * 0.1))


def test_ratio_by_time_tests_on_the_latest_rows():
    got = split(interactions(), "ratio-per-user", order="time")
    for user in range(20):
        past = got.train.timestamps[got.train.users == user]
        assert past.max() <= got.test.timestamps[got.test.users == user].min()


def test_ratio_needs_no_times():
    assert len(split(interactions(times=False), "ratio-per-user").test)


def test_rolling_windows_follow_one_another_and_cover_the_end():
    data = interactions()
    windows = rolling(data, n_windows=4, test=0.4)
    assert [window.window for window in windows] == [0, 1, 2, 3]
    tested = [row for window in windows for row in sorted(pairs(window.test))]
    assert len(tested) == len(set(tested)) == pytest.approx(0.4 * len(data), abs=4)
    starts = [window.test.timestamps.min() for window in windows]
    assert starts == sorted(starts)
    sizes = [len(window.train) for window in windows]
    assert sizes == sorted(sizes)


def test_a_sliding_window_forgets_the_distant_past():
    whole, sliding = (rolling(interactions(), n_windows=3, train=t)[-1] for t in (None, 0.2))
    assert len(sliding.train) < len(whole.train)
    assert sliding.train.timestamps.max() == whole.train.timestamps.max()
    assert sliding.ledger.count("row outside the window's past") > 0


def test_new_users_and_items_of_the_test_part_are_counted():
    data = Interactions(
        np.array([0, 0, 0, 1], np.int32), np.array([0, 1, 2, 3], np.int32), 2, 4,
        timestamps=np.arange(4),
    )  # fmt: skip
    got = split(data, test=0.25, validation=0.25)
    assert got.ledger.count("test users without a row in train") == 1
    assert got.ledger.count("test items without a row in train") == 1


@pytest.mark.parametrize("rule", ["global-time", "rolling"])
def test_a_split_by_time_does_not_leak(rule):
    assert not leakage(split(interactions(), rule))["is_leak"].any()


def test_a_planted_leak_is_found():
    data = interactions()
    good = split(data)
    n = len(good.train)
    leaking = Split(
        data.take(np.concatenate([np.flatnonzero(np.isin(data.timestamps, good.train.timestamps)),
                                  np.flatnonzero(data.timestamps == good.test.timestamps.max())])),
        good.validation, good.test, good.rule, 0,
    )  # fmt: skip
    found = leakage(leaking).set_index("check")
    assert len(leaking.train) > n
    assert found.loc["repeated pair", "count"] == len(leaking.train) - n
    assert found.loc["older than the training data", "is_leak"]
    assert found.loc["older than the user's own past", "count"] > 0


def test_leave_last_says_that_the_future_of_others_is_known_without_calling_it_a_leak():
    found = leakage(split(interactions(), "leave-last")).set_index("check")
    assert found.loc["older than the training data", "count"] > 0
    assert not found["is_leak"].any()


def test_an_unknown_rule_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="no split rule is called 'leave-one'; did you mean"):
        split(interactions(), "leave-one")


def test_an_unknown_parameter_is_answered_with_the_rules_own():
    message = "no parameter of split global-time is called 'tset'; did you mean 'test'"
    with pytest.raises(UnknownNameError, match=message):
        split(interactions(), tset=0.1)


@pytest.mark.parametrize(
    "rule, wrong, message",
    [
        ("global-time", {"test": 0}, "must be above 0"),
        (
            "global-time",
            {"test": 0.9, "validation": 0.1},
            "leave something to train on; got test=0.9",
        ),
        ("leave-last", {"n_last": 0}, "n_last must be 1 or more; got 0"),
        ("rolling", {"window": 7}, "window counts from 0 to 4; got 7"),
        ("ratio-per-user", {"order": "size"}, 'order is "random" or "time"; got \'size\''),
    ],
)
def test_a_parameter_that_cannot_be_is_said(rule, wrong, message):
    with pytest.raises(ConfigError, match=message):
        split(interactions(), rule, **wrong)


@pytest.mark.parametrize("rule", sorted(name for name, rule in RULES.items() if rule.needs_time))
def test_a_rule_that_needs_times_says_so_and_names_another(rule):
    with pytest.raises(DatasetError, match=f"split {rule} needs timestamps.*ratio-per-user"):
        split(interactions(times=False), rule)


def test_an_empty_part_is_said_with_what_to_do():
    same = interactions()
    same = Interactions(same.users, same.items, 20, 30, timestamps=np.zeros(400, np.int64))
    with pytest.raises(EmptyError, match=r"leaves no row for train out of 400.*use more data"):
        split(same)


def test_nothing_to_cut_is_said():
    empty = interactions().take(np.zeros(400, dtype=bool))
    with pytest.raises(EmptyError, match="has nothing to cut"):
        split(empty)
