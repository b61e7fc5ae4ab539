"""What is known of the items: groups out of any column, and why there are none."""

import numpy as np
import pandas as pd
import pytest

import recscope
from core.errors import ConfigError, UnknownNameError
from core.item_groups import groups_of, vectors_of
from core.tables import Interactions, TopK
from evaluators import METRICS
from recscope.catalogue import NO_HISTORY, NO_ITEMS, NO_TIMES, Catalogue, catalogue_of_frames
from recscope.judge import judge, reason_missing


def members(column, values):
    groups = groups_of(pd.Series(values), column, len(values))
    return {
        name: groups.item[groups.group == place].tolist() for place, name in enumerate(groups.names)
    }


@pytest.mark.parametrize(
    "values",
    [
        [["a", "b"], ["b"], [], None],
        ["a|b", "b", "(no genres listed)", None],
        [np.array(["b", "a"]), np.array(["b", "b"]), np.array([]), float("nan")],
    ],
)
def test_lists_and_text_with_bars_name_the_same_groups(values):
    assert members("genres", values) == {"a": [0], "b": [0, 1]}


def test_numbers_and_single_words_are_groups_too():
    assert members("decade", [1990.0, 1980.0, None, 1990.0]) == {"1980": [1], "1990": [0, 3]}
    assert members("brand", ["Sony", "Bose", None]) == {"Bose": [1], "Sony": [0]}


@pytest.mark.parametrize(
    "values,reason",
    [
        ([None, None], "no item has a value in 'c'"),
        (["x", "x"], r"every item has the same value in 'c' \('x'\)"),
        ([f"b{n}" for n in range(2001)], "'c' has 2,001 values, too many to group by"),
    ],
)
def test_a_column_that_makes_no_groups_says_why(values, reason):
    with pytest.raises(ConfigError, match=reason):
        groups_of(pd.Series(values), "c", len(values))


def test_shares_split_the_one_vote_of_an_item():
    groups = groups_of(pd.Series([["a", "b"], ["b"], None]), "genres", 3)
    np.testing.assert_array_equal(groups.shares, [[0.5, 0.5], [0, 1], [0, 0]])
    np.testing.assert_array_equal(groups.sparse.toarray(), groups.dense)
    assert groups.sizes.tolist() == [1, 2]


def test_vectors_are_rows_of_numbers_of_one_length():
    found = vectors_of(pd.Series([[1.0, 2.0], None, [0.5, 0.0]]), "embedding", 3)
    np.testing.assert_array_equal(found, np.array([[1, 2], [0, 0], [0.5, 0]], dtype=np.float32))
    with pytest.raises(ConfigError, match="lists of numbers, all of one length"):
        vectors_of(pd.Series([[1.0, 2.0], [1.0]]), "embedding", 2)
    with pytest.raises(ConfigError, match="finite numbers"):
        vectors_of(pd.Series([[1.0, np.nan]]), "embedding", 1)
    with pytest.raises(ConfigError, match="no item has a vector"):
        vectors_of(pd.Series([None, None]), "embedding", 2)


HAD = Interactions(
    users=np.array([0, 0, 0, 1], dtype=np.int32),
    items=np.array([2, 2, 1, 2], dtype=np.int32),
    n_users=3,
    n_items=4,
)


def test_popularity_counts_users_and_a_repeated_pair_once():
    known = Catalogue(HAD, pd.DataFrame(index=range(4)), np.ones(4, dtype=bool))
    assert known.popularity.tolist() == [0, 1, 2, 0]
    assert (known.n_users, known.n_rows, known.n_available) == (2, 4, 4)


def test_age_is_counted_from_an_items_first_row_to_the_last_row_of_all():
    day = 86_400
    timed = Interactions(
        HAD.users, HAD.items, 3, 4, timestamps=np.array([5, 0, 2, 10], dtype=np.int64) * day
    )
    known = Catalogue(timed, pd.DataFrame(index=range(4)), np.ones(4, dtype=bool))
    np.testing.assert_array_equal(known.age, [np.nan, 8, 10, np.nan])


def test_the_first_column_that_makes_groups_counts():
    items = pd.DataFrame({"genres": [None] * 4, "brand": ["x", "y", "x", "y"]})
    known = Catalogue(HAD, items, np.ones(4, dtype=bool), ("genres", "brand"))
    assert known.groups.column == "brand"
    assert known.grouping("brand") is known.groups
    with pytest.raises(UnknownNameError, match="no item column to group by is called 'brnad'"):
        known.grouping("brnad")


def test_genres_come_first_and_titles_and_numbers_group_nothing():
    items = pd.DataFrame(
        {"title": ["a", "b"], "price": [1.0, 2.0], "brand": ["x", "y"], "genres": ["g", "h"]}
    )
    known = catalogue_of_frames(items, None, np.ones(2, dtype=bool))
    assert known.columns == ("genres", "brand")
    assert known.provider == "brand"


def judged(known):
    lists = TopK(np.array([0]), np.array([[1, 3]], dtype=np.int32), np.zeros((1, 2)))
    truth = Interactions(np.array([0], np.int32), np.array([3], np.int32), 3, 4)
    return judge(lists, truth, catalogue=known)


def test_what_is_not_known_is_a_reason_and_never_a_crash():
    everything = np.ones(4, dtype=bool)
    nothing = judged(None)
    assert NO_ITEMS in reason_missing(METRICS["ild"], nothing)
    assert NO_HISTORY in reason_missing(METRICS["novelty"], nothing)
    no_history = judged(Catalogue(None, pd.DataFrame(index=range(4)), everything))
    assert NO_HISTORY in reason_missing(METRICS["recency"], no_history)
    assert NO_TIMES in reason_missing(
        METRICS["recency"], judged(Catalogue(HAD, pd.DataFrame(index=range(4)), everything))
    )
    one_value = pd.DataFrame({"genres": ["x"] * 4})
    alike = judged(Catalogue(HAD, one_value, everything, ("genres",)))
    assert "every item has the same value" in reason_missing(METRICS["vendi"], alike)
    uneven = pd.DataFrame({"embedding": [[1.0], [1.0, 2.0], [1.0], [1.0]]})
    bad = judged(Catalogue(HAD, uneven, everything))
    assert "all of one length" in reason_missing(METRICS["ild_vectors"], bad)
    assert reason_missing(METRICS["coverage"], nothing) is None


def test_ready_lists_are_judged_by_the_groups_of_the_table_of_items():
    lists = pd.DataFrame({"user": ["u"] * 3, "item": ["a", "b", "c"], "rank": [1, 2, 3]})
    truth = pd.DataFrame({"user": ["u"], "item": ["c"]})
    train = pd.DataFrame({"user": ["u", "v"], "item": ["d", "a"]})
    items = pd.DataFrame(
        {"item": ["a", "b", "c", "d", "a"], "genres": ["x", "x|y", "y", "x", "twice"]}
    )
    asked = ["ild", "novelty", "coverage", "gini"]
    scores = recscope.score(lists, truth, train=train, items=items, k=3, metrics=asked)
    half = 1 / np.sqrt(2)
    assert scores.per_user["ild@3"].item() == pytest.approx(((1 - half) + 1 + (1 - half)) / 3)
    assert scores.per_user["novelty@3"].item() == pytest.approx(1)  # each as rare as one in two
    means = scores.estimates.set_index("metric")["mean"]
    assert means["coverage"] == 3 / 4
    assert means["gini"] == pytest.approx((-1 + 1 + 3) / (4 * 3))
    assert "item described twice" in str(scores.population)
