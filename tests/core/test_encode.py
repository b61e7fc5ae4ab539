import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.encode import MISSING, UNKNOWN, encode, look_up
from core.errors import DatasetError


def names_back(names):
    codes, ids = encode(names, "user")
    return [None if code == MISSING else ids.names[code] for code in codes]


def test_whole_numbers_become_their_text_in_numeric_order():
    codes, ids = encode(np.array([10, 2, 10, -1]), "user")
    assert codes.dtype == np.int32
    assert codes.tolist() == [2, 1, 2, 0]
    assert ids.names.tolist() == ["-1", "2", "10"]
    assert ids.kind == "user"


def test_numbers_and_their_text_get_the_same_codes():
    whole = np.array([30, 7, 7, 200])
    for same in (
        whole.astype(str),
        whole.astype(float),
        pd.Series(whole, dtype="Int64"),
        pd.Series(whole, dtype="category"),
        pd.Series(whole.astype(str), dtype="category"),
        pd.Series(whole.tolist(), dtype=object),
        whole.astype(np.uint8),
        pd.Series(whole, dtype="int64[pyarrow]"),
    ):
        codes, ids = encode(same, "item")
        assert codes.tolist() == [1, 0, 0, 2]
        assert ids.names.tolist() == ["7", "30", "200"]


def test_codes_do_not_depend_on_the_order_of_rows():
    assert encode(["b", "a", "c"], "user")[1].names.tolist() == ["a", "b", "c"]
    assert encode(["c", "b", "a"], "user")[1].names.tolist() == ["a", "b", "c"]


def test_a_hole_beside_whole_numbers_does_not_make_decimals():
    assert names_back([1, None, 3]) == ["1", None, "3"]
    assert names_back(pd.Series([1, None, 3], dtype=object)) == ["1", None, "3"]


@pytest.mark.parametrize("hole", [None, np.nan, pd.NA, "", "  "])
def test_rows_without_an_id_are_marked(hole):
    assert names_back(pd.Series(["a", hole], dtype=object)) == ["a", None]


def test_infinite_numbers_are_no_ids():
    assert names_back([1.0, np.inf, -np.inf]) == ["1", None, None]


def test_text_and_numbers_in_one_column_are_refused():
    with pytest.raises(
        DatasetError, match=r"user ids must be of one type; text such as '1' and int such as 1"
    ):
        encode(pd.Series(["1", 1], dtype=object), "user")
    with pytest.raises(DatasetError, match=r"astype\(str\)"):
        encode(pd.Series([1, "a"], dtype="category"), "user")


def test_what_cannot_be_an_id_is_refused():
    with pytest.raises(
        DatasetError, match=r"item ids must be text or whole numbers; list \(\['a'\]\) came"
    ):
        encode(pd.Series([["a"], ["b"]], dtype=object), "item")


def test_decimals_that_lost_digits_are_refused():
    with pytest.raises(
        DatasetError, match="neighbouring ids have become one; read the column as text"
    ):
        encode(np.array([2.0**60, 1.0]), "user")


def test_decimals_with_a_fraction_keep_it():
    assert names_back([1.5, 2.0, np.nan]) == ["1.5", "2", None]


def test_larger_than_any_machine_number_keeps_every_digit():
    assert names_back(pd.Series([2**70, 1], dtype=object)) == [str(2**70), "1"]


def test_truth_values_are_text():
    assert names_back([True, False]) == ["True", "False"]


def test_numbers_at_the_ends_of_their_type():
    assert names_back(np.array([-128, 127], dtype=np.int8)) == ["-128", "127"]


def test_far_apart_numbers():
    assert names_back(np.array([-(2**63), 2**63 - 1, 0])) == [str(-(2**63)), str(2**63 - 1), "0"]
    assert names_back(np.array([2**64 - 1, 2**64 - 2], dtype=np.uint64)) == [
        str(2**64 - 1),
        str(2**64 - 2),
    ]


@pytest.mark.parametrize("empty", [[], np.array([], dtype=np.int64), pd.Series([None, None])])
def test_nothing_gives_nothing(empty):
    codes, ids = encode(empty, "user")
    assert (codes == MISSING).all()
    assert len(ids) == 0
    assert look_up(empty, ids).tolist() == codes.tolist()


def test_unused_categories_get_no_code():
    series = pd.Series(["a", "b"], dtype="category")[:1]
    assert encode(series, "user")[1].names.tolist() == ["a"]


@pytest.mark.parametrize(
    "name", ["=cmd()", " a b ", "żółć", "007", "1.0", "NA", "nan", "None", "\u202e!", "a\nb"]
)
def test_text_is_kept_letter_for_letter(name):
    assert names_back([name, "z"]) == [name, "z"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_text_survives_the_way_to_codes_and_back(names):
    assert names_back(pd.Series(names, dtype=object)) == [
        name if name.strip() else None for name in names
    ]


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_numbers_survive_the_way_to_codes_and_back(numbers):
    assert names_back(np.array(numbers, dtype=np.int64)) == [str(number) for number in numbers]


def test_look_up_tells_missing_from_unknown():
    _, ids = encode(["a", "b"], "user")
    assert look_up(["b", "x", None, "a"], ids).tolist() == [1, UNKNOWN, MISSING, 0]
