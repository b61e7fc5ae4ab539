"""Explainers are compared on the same recommendations, user by user."""

import numpy as np
import pandas as pd
import pytest

from recscope.explained_compare import paired


def scores(n_users: int = 20, lift: float = 0.2) -> pd.DataFrame:
    """Users differ far more than explainers do."""
    rng = np.random.default_rng(0)
    rows = []
    for user in range(n_users):
        level = rng.normal()
        for item in range(3):
            noise = 0.05 * rng.normal(size=2)
            rows += [
                {"user": user, "item": item, "explainer": name, "scorer": "s", "value": value}
                for name, value in (("a", level + lift + noise[0]), ("b", level + noise[1]))
            ]
    return pd.DataFrame(rows)


def test_a_difference_is_found_that_users_would_hide():
    found = paired(scores(), "s", "a", "b")
    assert found.n == 20
    assert 0.15 < found.low < found.difference < found.high < 0.25


def test_the_other_way_round_is_the_negative():
    one, other = paired(scores(), "s", "a", "b"), paired(scores(), "s", "b", "a")
    assert one.difference == pytest.approx(-other.difference)


def test_what_only_one_explained_is_left_out():
    table = scores()
    table = table[~((table["explainer"] == "b") & (table["user"] >= 5))]
    assert paired(table, "s", "a", "b").n == 5


def test_undefined_scores_and_single_users_give_no_interval():
    assert paired(scores(), "s", "a", "nobody").n == 0
    assert np.isnan(paired(scores().assign(value=np.nan), "s", "a", "b").difference)
    assert np.isnan(paired(scores(1), "s", "a", "b").low)
