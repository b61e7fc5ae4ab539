"""Windows of the calendar: their names, their edges, and what is only half covered."""

import numpy as np
import pytest

from core.errors import ConfigError
from recscope.audits.drift_windows import DAY, kept, pairs_of, windows_of


def seconds(*moments):
    return np.array(moments, dtype="datetime64[s]").astype(np.int64)


@pytest.mark.parametrize(
    "end, unit, first",
    [
        ("2000-01-02", "hour", "2000-01-01 00:00"),
        ("2000-02-20", "day", "2000-01-01"),
        ("2000-10-01", "week", "1999-12-27"),
        ("2003-03-01", "month", "2000-01"),
        ("2009-03-01", "quarter", "2000-Q1"),
        ("2029-03-01", "year", "2000"),
    ],
)
def test_the_unit_is_the_finest_that_can_still_be_read(end, unit, first):
    windows = windows_of(seconds("2000-01-01", end))
    assert (windows.unit, windows.labels[0]) == (unit, first)
    assert len(windows) <= 60


def test_months_begin_on_the_first_and_a_leap_day_belongs_to_february():
    windows = windows_of(seconds("2000-01-01", "2000-03-31T23:59:59"), "month")
    assert windows.labels == ("2000-01", "2000-02", "2000-03")
    assert windows.is_full.all()
    place = windows.place(seconds("2000-02-29T23:59:59", "2000-03-01", "2000-04-01", "1999-12-31"))
    assert place.tolist() == [1, 2, -1, -1]


def test_a_week_begins_on_monday():
    windows = windows_of(seconds("2024-01-07T23:00", "2024-01-08T01:00"), "week")
    assert windows.labels == ("2024-01-01", "2024-01-08")


def test_a_window_that_the_data_cover_in_part_is_not_full():
    windows = windows_of(seconds("2000-01-10", "2000-04-02"), "month")
    assert windows.is_full.tolist() == [False, True, True, False]


def test_an_unknown_unit_is_refused_with_those_there_are():
    with pytest.raises(ConfigError, match=r"hour, day, week, month, quarter, year or auto; got 'f"):
        windows_of(seconds("2000-01-01", "2000-04-02"), "fortnight")


def test_every_user_is_in_a_window_once():
    users = np.array([3, 1, 3, 3, 1])
    place = np.array([0, 0, 0, 1, -1])
    pairs = pairs_of(users, place, 2, 5)
    assert pairs.users.tolist() == [1, 3, 3]
    assert pairs.counts.tolist() == [1, 2, 1]
    assert pairs.of_row.tolist() == [1, 0, 1, 2, -1]
    assert pairs.window.tolist() == [0, 0, 1]


def test_users_without_a_value_are_left_out_of_their_window_alone():
    pairs = pairs_of(np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]), 2, 2)
    profiles = kept(pairs, np.array([[1.0], [2.0], [3.0]]), np.array([True, False, True, True]))
    assert [profiles.n(window) for window in (0, 1)] == [1, 2]
    assert profiles.at(1)[1].ravel().tolist() == [2.0, 3.0]


def test_a_day_has_the_seconds_it_has():
    edges = windows_of(seconds("2000-01-01", "2000-01-20"), "day").edges
    assert set(np.diff(edges)) == {DAY}
