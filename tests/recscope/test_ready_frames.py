"""Columns found in tables, and ids of several tables in one space."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from recscope.frames_ids import code_ids
from recscope.frames_in import frame_in

PAIRS = ("user", "item", "rank", "score")


@pytest.mark.parametrize(
    "names,found",
    [
        (("user_id", "item_id", "rank"), ("user_id", "item_id", "rank", None)),
        (("user", "item", "score"), ("user", "item", None, "score")),
        (("uid", "iid", "weight"), ("uid", "iid", None, "weight")),
        (("User", "Item", "prediction"), ("User", "Item", None, "prediction")),
        (("user_id:token", "item_id:token", "score:float"), None),
        (("userId", "movieId", "rating"), ("userId", "movieId", None, "rating")),
        (("item_id", "rank", "user_id", "score"), ("user_id", "item_id", "rank", "score")),
        (("q0", "user_id", "item_id", "pos"), ("user_id", "item_id", "pos", None)),
    ],
)
def test_columns_are_found_by_the_names_they_go_by(names, found):
    taken = frame_in(pd.DataFrame([[1] * len(names)], columns=list(names)), "lists", PAIRS)
    expected = found or (names[0], names[1], None, names[2])
    assert tuple(taken.columns.get(role) for role in PAIRS) == expected


def test_a_column_named_by_the_caller_is_believed_before_any_guess():
    frame = pd.DataFrame({"user_id": [1], "customer": [2], "item_id": [3], "rank": [1]})
    taken = frame_in(frame, "lists", PAIRS, {"user": "customer"})
    assert taken.columns["user"] == "customer"


def code(**tables):
    frames = {
        name: frame_in(pd.DataFrame({"user_id": ids}), name, ("user",))
        for name, ids in tables.items()
    }
    return code_ids(frames, "user")


def test_whole_numbers_close_together_are_their_own_codes():
    coded = code(a=[7, 5], b=[6, 9])
    assert coded.codes["a"].tolist() == [2, 0]
    assert coded.codes["b"].tolist() == [1, 4]
    assert coded.space.names(np.array([0, 4])).tolist() == [5, 9]
    assert coded.space.look_up(pd.Series(["9", "77", None])).tolist() == [4, -2, -1]


@pytest.mark.parametrize("far", [2**40, -(2**62)])
def test_whole_numbers_far_apart_are_coded_in_order(far):
    coded = code(a=[far, 5], b=[6, far])
    order = sorted([far, 5, 6])
    assert [order[code] for code in coded.codes["a"]] == [far, 5]
    assert coded.space.names(coded.codes["b"]).tolist() == ["6", str(far)]


def test_numbers_and_their_text_are_one_id_between_tables():
    coded = code(a=[10, 9], b=["9", "x"])
    assert coded.kinds == {"a": "whole numbers", "b": "text"}
    assert coded.codes["a"][1] == coded.codes["b"][0]


def test_numbers_beside_a_hole_are_the_same_ids():
    coded = code(a=[10.0, np.nan, 9.0], b=[9, 10, 11])
    assert coded.space.names(coded.codes["a"][[0, 2]]).tolist() == ["10", "9"]
    assert coded.codes["a"][1] == -1


def test_nullable_and_unsigned_and_categorical_ids_are_ids():
    nullable = pd.array([3, None], dtype="Int64")
    coded = code(a=nullable, b=pd.Categorical(["3", "4"]), c=np.array([4, 3], dtype=np.uint8))
    assert coded.codes["a"].tolist()[1] == -1
    assert coded.codes["a"][0] == coded.codes["b"][0] == coded.codes["c"][1]


def test_polars_text_categories_and_nulls_are_read():
    frame = pl.DataFrame(
        {
            "user_id": ["a", None, "b"],
            "item_id": pl.Series(["x", "y", "x"]).cast(pl.Categorical),
            "rank": [1, 2, 3],
        }
    )
    taken = frame_in(frame, "lists", PAIRS)
    assert code_ids({"lists": taken}, "user").codes["lists"].tolist() == [0, -1, 1]
    assert code_ids({"lists": taken}, "item").codes["lists"].tolist() == [0, 1, 0]


def test_marks_tell_tables_apart_and_do_not_depend_on_width():
    def mark(ids):
        return code(a=ids).marks["a"]

    assert mark(np.array([1, 2], np.int8)) == mark(np.array([1, 2], np.int64))
    assert len({mark(ids) for ids in ([1, 2], [2, 1], [1, 2, 2], ["1", "2"], ["1", "3"])}) == 5
    long = np.arange(200_000)
    moved = long.copy()
    moved[[70_000, 70_001]] = moved[[70_001, 70_000]]
    assert mark(long) != mark(moved)
