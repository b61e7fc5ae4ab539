"""Groups against everybody else: Student's interval, permutation, Holm; against scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from app.gaps import group_gaps, grouped


def made(n=400, gap=0.0):
    rng = np.random.default_rng(3)
    group = pd.Series(np.where(np.arange(n) % 4 == 0, "F", "M"))
    values = pd.Series(rng.normal(0.3, 0.1, n)) - gap * (group == "F")
    return values, pd.DataFrame({"gender": group})


def test_it_agrees_with_scipy():
    values, attributes = made(gap=0.02)
    row = group_gaps(values, attributes, 5).set_index("group").loc["F"]
    inside, rest = values[attributes["gender"] == "F"], values[attributes["gender"] == "M"]
    known = stats.ttest_ind(inside, rest, equal_var=True)
    low, high = known.confidence_interval(0.95)
    assert (row["low"], row["high"]) == pytest.approx((low, high), abs=1e-12)
    permuted = stats.permutation_test(
        (inside, rest), lambda a, b, axis: a.mean(axis) - b.mean(axis), vectorized=True, rng=1
    )
    assert row["p"] == pytest.approx(permuted.pvalue, abs=0.02)


def test_a_handful_who_all_score_nothing_is_no_proof():
    """Welch's test sees no spread in them and would be certain."""
    values = pd.Series([0.0] * 320 + [0.5] * 80)
    attributes = pd.DataFrame({"job": ["rare"] * 6 + ["common"] * 394})
    row = group_gaps(values, attributes, 5).set_index("group").loc["rare"]
    assert row["p"] > 0.2
    assert row["low"] < 0 < row["high"]


def test_the_same_data_give_the_same_p():
    values, attributes = made(gap=0.02)
    pd.testing.assert_frame_equal(
        group_gaps(values, attributes, 5), group_gaps(values, attributes, 5)
    )


def test_holm_multiplies_the_smallest_p_by_the_number_of_groups():
    values, attributes = made(gap=0.05)
    attributes["other"] = np.where(np.arange(400) % 3 == 0, "a", "b")
    table = group_gaps(values, attributes, 5)
    assert table["p_holm"].min() == pytest.approx(table["p"].min() * len(table))
    assert (table["p_holm"] >= table["p"]).all()
    assert (table["p_holm"] <= 1).all()


def test_small_groups_and_undefined_users_are_left_out():
    values, attributes = made()
    attributes.loc[:2, "gender"] = "X"
    values.iloc[10] = np.nan
    table = group_gaps(values, attributes, 5)
    assert "X" not in set(table["group"])
    assert table["n"].sum() == 400 - 1 - 3


def test_one_group_alone_has_nobody_to_be_compared_with():
    values, attributes = made()
    assert group_gaps(values, attributes.assign(gender="F"), 5).empty


def test_constant_values_are_no_gap():
    _, attributes = made()
    assert (group_gaps(pd.Series(np.zeros(400)), attributes, 5)["p"] == 1).all()


def test_the_level_holds_where_nothing_is_there():
    rng, alarms = np.random.default_rng(0), 0
    attributes = pd.DataFrame({f"a{j}": rng.integers(0, 2, 200).astype(str) for j in range(5)})
    for _ in range(60):
        table = group_gaps(pd.Series(rng.normal(size=200)), attributes, 5)
        alarms += bool((table["p_holm"] < 0.05).any())
    assert alarms <= 8


def test_numbers_of_many_values_are_cut_into_quarters_with_readable_ends():
    ages = pd.Series(np.arange(15, 75))
    assert grouped(ages).unique().tolist() == ["15 to 29", "30 to 44", "45 to 59", "60 to 74"]


def test_few_numbers_and_words_stay_and_lists_are_no_groups():
    assert grouped(pd.Series([1, 2, 2])).tolist() == ["1", "2", "2"]
    assert grouped(pd.Series(["a", "b"])).tolist() == ["a", "b"]
    assert grouped(pd.Series([["a"], ["b"]])).isna().all()
