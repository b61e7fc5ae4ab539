"""Intervals by leaving blocks of users out: the textbook's case, and counts that nothing moves."""

import numpy as np
import pytest
from scipy import stats

from recscope.jackknife import BLOCKS, blocks_of, jackknife


def test_of_a_mean_with_a_block_a_user_it_is_students_interval():
    values = np.random.default_rng(0).normal(size=30)
    without = (values.sum() - values) / 29
    found = jackknife(values.mean(), without, np.ones(30, dtype=int), 0.95)
    expected = stats.t.interval(0.95, 29, values.mean(), stats.sem(values))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("n_users", [1, 7, BLOCKS, 1234])
def test_blocks_are_of_nearly_one_size(n_users):
    block, n_blocks = blocks_of(n_users, (3,))
    sizes = np.bincount(block, minlength=n_blocks)
    assert n_blocks == min(n_users, BLOCKS)
    assert np.ptp(sizes) <= 1
    np.testing.assert_array_equal(block, blocks_of(n_users, (3,))[0])


def test_a_number_that_nothing_moves_is_sure():
    assert jackknife(0.5, np.full(BLOCKS, 0.5), np.full(BLOCKS, 4), 0.95) == (0.5, 0.5)


def test_a_share_of_items_that_hangs_on_nobody_stays_unsure_by_some_items():
    # by hand: none seen to hang on a block leaves -ln(0.1) open, so 200 items move by 1.5 · t
    sizes = np.full(BLOCKS, 8)
    low, high = jackknife(1.0, np.ones(BLOCKS), sizes, 0.95, step=1 / 200)
    reach = stats.t.ppf(0.975, BLOCKS - 1) * np.sqrt(-np.log(0.1)) / 200
    assert (low, high) == pytest.approx((1 - reach, 1 + reach), rel=1e-9)


def test_many_items_that_hang_on_blocks_speak_for_themselves():
    rng = np.random.default_rng(2)
    without = 0.5 - rng.poisson(30, BLOCKS) / 2000
    sizes = np.full(BLOCKS, 8)
    free = jackknife(0.5, without, sizes, 0.95)
    counted = jackknife(0.5, without, sizes, 0.95, step=1 / 2000)
    assert counted[0] <= free[0] < free[1] <= counted[1]
    assert np.diff(counted) < 1.2 * np.diff(free)
