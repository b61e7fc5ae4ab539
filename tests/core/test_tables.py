"""Tables of interactions: who touched what, and how often it counts."""

import numpy as np
import pytest

from core.tables import Interactions


@pytest.mark.parametrize("is_sorted", [True, False])
def test_popularity_counts_users_and_a_repeated_pair_once(is_sorted):
    rng = np.random.default_rng(0)
    users = rng.integers(0, 40, 900).astype(np.int32)
    users = np.sort(users) if is_sorted else users
    items = rng.integers(1, 30, 900).astype(np.int32)  # nobody touched item 0, nor the last
    rows = Interactions(users, items, 41, 31)
    assert len({*zip(users.tolist(), items.tolist(), strict=True)}) < len(users)
    np.testing.assert_array_equal(rows.popularity, rows.seen.sum(axis=0))
    assert (rows.seen.toarray()[users, items] == 1).all()
    assert rows.popularity[0] == rows.popularity[30] == 0


def test_nobody_touched_anything():
    rows = Interactions(np.zeros(0, np.int32), np.zeros(0, np.int32), 3, 2)
    assert rows.popularity.tolist() == [0, 0]
    assert rows.seen.shape == (3, 2)


def test_active_users_are_counted_once_in_whatever_order():
    users = np.array([3, 0, 3, 3, 1, 0], np.int32)
    for some in (users, np.sort(users), users[:1], users[:0]):
        rows = Interactions(some, np.zeros(len(some), np.int32), 5, 1)
        assert rows.n_active == len({*some.tolist()})
