"""Attributes as groups: words, bands, crossings, and what makes no groups."""

import numpy as np
import pandas as pd
import pytest

from core.errors import UnknownNameError
from recscope.cuts import Cut, crossed, cut, cuts_of, intersections


def test_words_stay_and_users_without_a_value_are_in_no_group():
    made = cut(pd.Series(["b", None, "a", "b"]), "job")
    assert made.groups == ("a", "b")
    assert made.codes.tolist() == [1, -1, 0, 1]
    assert made.sizes.tolist() == [1, 2]


def test_many_numbers_become_bands_with_readable_ends():
    made = cut(pd.Series(np.arange(15, 75)), "age")
    assert made.groups == ("15 to 29", "30 to 44", "45 to 59", "60 to 74")
    assert cut(pd.Series([1.0, 2.0, np.nan]), "level").groups == ("1", "2")
    assert cut(pd.Series([True, False, True]), "member").groups == ("False", "True")


@pytest.mark.parametrize(
    "column, reason",
    [
        (pd.Series([None, None], dtype=object), "no user has a value"),
        (pd.Series(["F", "F", None]), "every user who has a value has the same, 'F'"),
        (pd.Series([f"z{n}" for n in range(10_000)]), "it has 10,000 values, too many"),
        (pd.Series([0.0] * 99 + list(range(1, 12))), "nearly every user has the same value"),
        (pd.Series([[n] for n in range(300)]), "too many to tell groups apart"),
    ],
)
def test_what_makes_no_groups_says_why(column, reason):
    assert reason in cut(column, "attribute")


def test_a_name_that_nobody_has_is_refused_with_the_nearest():
    users = pd.DataFrame({"user": [0], "gender": ["F"]})
    with pytest.raises(UnknownNameError, match=r"no attribute of users is called 'gendre'.*gender"):
        cuts_of(users, ["gendre"])


def test_crossings_hold_the_groups_that_occur():
    one = Cut("x", np.array([0, 0, 1, -1], dtype=np.int32), ("a", "b"))
    two = Cut("y", np.array([1, 0, 1, 1], dtype=np.int32), ("c", "d"))
    made = crossed([one, two])
    assert made.name == "x × y"
    assert made.groups == ("a × c", "a × d", "b × d")
    assert made.codes.tolist() == [1, 0, 2, -1]


def test_three_attributes_cross_as_any_grouping_of_them_would():
    rng = np.random.default_rng(0)
    cuts = [Cut(n, rng.integers(-1, 3, 500).astype(np.int32), ("p", "q", "r")) for n in "xyz"]
    made = crossed(cuts)
    names = [
        " × ".join(each.groups[each.codes[user]] for each in cuts)
        if all(each.codes[user] >= 0 for each in cuts)
        else None
        for user in range(500)
    ]
    assert [made.groups[code] if code >= 0 else None for code in made.codes] == names


def test_attributes_that_follow_from_each_other_are_not_crossed():
    age = Cut("age", np.arange(400, dtype=np.int32) % 8, tuple("abcdefgh"))
    band = Cut("band", age.codes // 2, tuple("wxyz"))
    coin = Cut("coin", (np.arange(400, dtype=np.int32) // 8) % 2, ("h", "t"))
    assert [made.name for made in intersections([age, band, coin], 2)] == [
        "age × coin",
        "band × coin",
    ]
    assert intersections([age, coin], 1) == []
