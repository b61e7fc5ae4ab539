"""Histories are read by time, cut without loss, and never look ahead."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from core.errors import ConfigError
from core.tables import Interactions
from recommenders.sequence.histories import (
    ends_without,
    held_back,
    histories_of,
    in_order,
    windows_of,
)


def rows(users, items, times=None, ratings=None):
    return Interactions(
        np.int32(users),
        np.int32(items),
        n_users=4,
        n_items=9,
        timestamps=None if times is None else np.int64(times),
        ratings=None if ratings is None else np.float32(ratings),
        threshold=None if ratings is None else 4.0,
    )


def test_likings_come_by_time_and_dislikes_do_not():
    train = rows([1, 0, 1, 1], [5, 2, 3, 4], times=[30, 5, 10, 20], ratings=[5, 4, 5, 1])
    histories = histories_of(train)
    assert [histories.of(user)[0].tolist() for user in range(4)] == [[2], [3, 5], [], []]
    assert histories.of(1)[1].tolist() == [10, 30]


def test_without_times_rows_stay_as_they_came():
    histories = histories_of(rows([1, 1, 0, 1], [7, 2, 3, 4]))
    assert histories.of(1)[0].tolist() == [7, 2, 4]


def test_nothing_liked_says_what_to_do():
    with pytest.raises(ConfigError, match="nothing to learn; lower the relevance threshold"):
        histories_of(rows([0], [1], ratings=[1]))


@pytest.mark.parametrize("length", [1, 2, 3, 10])
def test_every_liking_but_the_first_is_predicted_once(length):
    users = np.repeat([0, 1, 2], [8, 1, 5])
    histories = histories_of(rows(users, [*range(8), 0, *range(5)]))
    windows = windows_of(histories, length, histories.starts[1:])
    predicted = []
    for place in range(len(windows)):
        items, _ = windows.padded(np.array([place]), pad=9)
        assert items.shape[1] <= length + 1
        predicted += [(windows.first[place] + n + 1) for n in range(items.shape[1] - 1)]
    assert sorted(predicted) == [*range(1, 8), *range(10, 14)]


def test_short_windows_are_filled_up_on_the_right():
    histories = histories_of(rows([0, 0, 0, 1, 1], [1, 2, 3, 4, 5], times=[1, 2, 3, 4, 5]))
    items, times = windows_of(histories, 5, histories.starts[1:]).padded(np.array([0, 1]), pad=9)
    assert items.tolist() == [[1, 2, 3], [4, 5, 9]]
    assert times.tolist() == [[1, 2, 3], [4, 5, 0]]


def test_held_back_likings_are_in_no_window():
    histories = histories_of(rows([0, 0, 0, 1, 1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]))
    users = held_back(histories, seed=0)
    assert users.tolist() == [0, 2]  # user 1 has too few
    windows = windows_of(histories, 5, ends_without(histories, users))
    items, _ = windows.padded(np.arange(len(windows)), pad=9)
    assert set(np.unique(items)) == {1, 2, 4, 5, 6, 7}


def test_of_many_users_some_are_drawn_by_the_seed():
    many = Interactions(np.repeat(np.arange(50, dtype=np.int32), 3), np.zeros(150, np.int32), 50, 1)
    histories = histories_of(many)
    first, again, other = (held_back(histories, seed, n=10) for seed in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()
    assert len(set(first)) == 10


def test_a_set_of_likings_comes_in_the_users_order():
    history = csr_array(np.float32([[1, 0, 1, 0, 1, 0, 1, 0, 0]]))  # items 0, 2, 4, 6
    own = np.array([6, 5, 2, 4]), np.array([10, 20, 30, 40])
    items, times = in_order(history, 0, own)
    assert items.tolist() == [0, 6, 2, 4]  # 0 was never had: it comes before
    assert times.tolist() == [10, 10, 30, 40]
    items, times = in_order(history, 0, None)
    assert items.tolist() == [0, 2, 4, 6]
    assert times.tolist() == [0, 0, 0, 0]
