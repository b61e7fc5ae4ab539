"""Seasons: whole cycles are counted, and one freak day makes none."""

import numpy as np
import pytest
from drift_cases import DAY

from core.sandbox import START
from core.tables import Interactions
from recscope.audits.drift_seasons import CYCLES, cycle_shares, seasons

MONDAY = START + 5 * DAY  # 2020-01-06


def rows_of(times, seed=0):
    rng = np.random.default_rng(seed)
    users = rng.integers(500, size=len(times)).astype(np.int32)
    return Interactions(users, users, 500, 500, None, np.sort(times.astype(np.int64)))


def even(n_weeks, seed=0):
    times = np.random.default_rng(seed).integers(n_weeks * 7 * DAY, size=n_weeks * 700)
    times[:2] = 0, n_weeks * 7 * DAY - 1  # every week is full
    return MONDAY + times


def found(rows):
    return {test["group_by"]: test for test in seasons(rows, 0.95)[1]}


def test_an_even_spread_has_no_season():
    p = [found(rows_of(even(20, seed)))["weekday"]["p"] for seed in range(20)]
    assert np.mean(np.array(p) < 0.05) <= 0.2


def test_a_quiet_sunday_is_found():
    times = even(20)
    is_sunday = (times - MONDAY) // DAY % 7 == 6
    kept = ~is_sunday | (np.random.default_rng(1).random(len(times)) < 0.6)
    rows = rows_of(times[kept])
    assert found(rows)["weekday"]["p"] < 1e-4
    curve = [row for row in seasons(rows, 0.95)[0] if row["series"] == "weekday"]
    assert min(curve, key=lambda row: row["y"])["label"] == "Sun"


def test_one_freak_day_among_twenty_weeks_makes_no_weekday():
    times = even(20)
    freak = MONDAY + 51 * DAY + np.random.default_rng(2).integers(DAY, size=20_000)
    assert found(rows_of(np.concatenate([times, freak])))["weekday"]["p"] > 0.05


def test_what_is_too_short_is_told():
    _, tests, notes = seasons(rows_of(even(3)), 0.95)
    told = {note.about: note.reason for note in notes}
    assert "cover only 3 full weeks; 5 are needed" in told["season: weekday"]
    assert "cover no full year" in told["season: month"]
    assert {test["group_by"] for test in tests} == {"hour of the day (UTC)"}


def test_shares_of_a_cycle_add_up_to_one():
    for cycle in CYCLES[:2]:
        shares, usual = cycle_shares(rows_of(even(6)), cycle)
        np.testing.assert_allclose(shares.sum(axis=1), 1)
        assert usual.sum() == pytest.approx(1)
