"""Every row that goes or changes is counted by its reason; nothing goes silently."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clean import Raw, clean
from core.errors import DatasetError, EmptyError

NOW = 1_700_000_000


def rows(**columns):
    return pd.DataFrame(columns)


def cleaned(frame, **options):
    return clean(Raw(frame), name="toy", now=NOW, **options)


def reasons(dataset):
    return {(entry.action, entry.reason): entry.count for entry in dataset.ledger}


def outside(dataset):
    """Rows as outside names."""
    part = dataset.interactions
    return list(
        zip(dataset.user_ids.names[part.users], dataset.item_ids.names[part.items], strict=True)
    )


def test_clean_rows_pass_and_leave_no_entry():
    data = cleaned(
        rows(user=[2, 10, 2], item=["a", "b", "b"], rating=[1, 2, 3], timestamp=[1, 2, 3])
    )
    assert outside(data) == [("2", "a"), ("10", "b"), ("2", "b")]
    assert data.interactions.ratings.tolist() == [1, 2, 3]
    assert data.interactions.timestamps.tolist() == [1, 2, 3]
    assert len(data.ledger) == 0


@pytest.mark.parametrize(
    "columns, reason",
    [
        ({"user": ["u", None, "v"]}, "no user id"),
        ({"user": ["u", "  ", "v"]}, "no user id"),
        ({"item": ["i", None, "j"]}, "no item id"),
        ({"rating": [1.0, None, 2.0]}, "no rating"),
        ({"rating": ["1", "", "2"]}, "no rating"),
        ({"rating": ["1", "good", "2"]}, "rating is not a number"),
        ({"rating": [1.0, np.inf, 2.0]}, "rating is infinite"),
        ({"timestamp": [1.0, None, 2.0]}, "no time"),
        ({"timestamp": ["2020-01-01", "soon", "2020-01-02"]}, "time cannot be read"),
        ({"timestamp": ["2020-01-01", "", "2020-01-02"]}, "no time"),
    ],
)
def test_a_row_that_cannot_be_used_is_dropped_and_counted(columns, reason):
    frame = rows(**{"user": ["u", "u", "v"], "item": ["i", "j", "j"]} | columns)
    data = cleaned(frame)
    assert reasons(data) == {("dropped", reason): 1}
    assert outside(data) == [(frame.user[0], frame.item[0]), (frame.user[2], frame.item[2])]


def test_a_row_with_two_faults_counts_once():
    data = cleaned(rows(user=[None, "u"], item=[None, "i"], rating=["x", "1"]))
    assert sum(reasons(data).values()) == 1


def test_examples_of_what_was_wrong_are_kept():
    data = cleaned(rows(user=["u", "v"], item=["i", "j"], rating=["good", "1"]))
    assert data.ledger.entries[0].examples == ("good",)


def test_users_and_items_whose_rows_all_went_are_gone():
    data = cleaned(rows(user=["u", "v"], item=["i", "j"], rating=["good", "1"]))
    assert (list(data.user_ids.names), list(data.item_ids.names)) == (["v"], ["j"])
    assert outside(data) == [("v", "j")]


@pytest.mark.parametrize("factor, unit", [(10**3, "milli"), (10**6, "micro"), (10**9, "nano")])
def test_times_in_a_finer_unit_become_seconds_and_that_is_said(factor, unit):
    times = np.array([1_600_000_000, 1_600_000_060])
    data = cleaned(rows(user=["u", "v"], item=["i", "j"], timestamp=times * factor))
    assert data.interactions.timestamps.tolist() == times.tolist()
    assert reasons(data) == {("repaired", f"time in {unit}seconds, made seconds"): 2}


def test_units_may_be_mixed_row_by_row():
    data = cleaned(
        rows(user=["u", "v"], item=["i", "j"], timestamp=[1_500_000_000, 1_600_000_000_000])
    )
    assert data.interactions.timestamps.tolist() == [1_500_000_000, 1_600_000_000]
    assert reasons(data) == {("repaired", "time in milliseconds, made seconds"): 1}


@pytest.mark.parametrize(
    "times",
    [
        ["2020-01-01", "2020-01-01T00:01:00Z"],
        pd.to_datetime(["2020-01-01 00:00", "2020-01-01 00:01"]),
        ["1577836800", "1577836860"],
        [1577836800.9, 1577836860.2],
    ],
)
def test_times_come_as_dates_text_or_decimals(times):
    data = cleaned(rows(user=["u", "v"], item=["i", "j"], timestamp=times))
    assert data.interactions.timestamps.tolist() == [1577836800, 1577836860]


def test_a_few_rows_from_the_future_are_dropped():
    times = np.arange(1000)
    times[500] = NOW + 10 * 86_400
    data = cleaned(rows(user=np.arange(1000), item=np.arange(1000), timestamp=times))
    assert len(data.interactions) == 999
    assert reasons(data)["dropped", "time lies in the future"] == 1


def test_a_shifted_clock_is_noted_and_its_rows_kept():
    times = np.arange(10) + NOW + 10 * 86_400
    data = cleaned(rows(user=np.arange(10), item=np.arange(10), timestamp=times))
    assert len(data.interactions) == 10
    assert reasons(data) == {("noted", "time lies in the future: kept, too many for a fault"): 10}


def test_rows_out_of_order_are_put_in_order_and_ties_stay_as_they_came():
    data = cleaned(rows(user=["a", "b", "c", "d"], item=list("ijkl"), timestamp=[5, 5, 1, 1]))
    assert [user for user, _ in outside(data)] == ["c", "d", "a", "b"]
    reason = "row older than the one before it; rows put in order"
    assert reasons(data) == {("repaired", reason): 1}


@pytest.mark.parametrize("repeats, kept", [("last", [3]), ("first", [1]), ("keep", [1, 2, 3])])
def test_of_a_repeated_pair_the_card_says_which_row_stays(repeats, kept):
    frame = rows(
        user=["u", "u", "u"], item=["i", "i", "i"], rating=[2, 3, 1], timestamp=[20, 30, 10]
    )
    data = cleaned(frame, repeats=repeats)
    assert data.interactions.ratings.tolist() == kept
    counted = {reason: n for (_, reason), n in reasons(data).items() if "repeated" in reason}
    assert list(counted.values()) == [2]


def test_a_missing_column_is_named_with_those_that_came():
    with pytest.raises(DatasetError, match="need a column for item; the columns are user, sku"):
        cleaned(rows(user=["u"], sku=["i"]))


def test_an_empty_table_is_said():
    with pytest.raises(EmptyError, match="toy: the interactions hold no row; check the file"):
        cleaned(rows(user=[], item=[]))


def test_when_no_row_is_left_the_reasons_are_listed():
    message = r"no usable row is left of 2 \(1 × no user id; 1 × rating is not a number\)"
    with pytest.raises(EmptyError, match=message):
        cleaned(rows(user=[None, "u"], item=["i", "j"], rating=["1", "x"]))


def test_ids_of_mixed_type_are_refused():
    with pytest.raises(DatasetError, match="user ids must be of one type"):
        cleaned(rows(user=["1", 1], item=["i", "j"]))


def test_ids_stay_letter_for_letter():
    names = [" a b", "=SUM(A1)", "日本", "NA"]
    data = cleaned(rows(user=names, item=names))
    assert set(data.user_ids.names) == set(names)


def test_attributes_follow_the_codes_whatever_order_they_came_in():
    raw = Raw(
        rows(user=[3, 1], item=["x", "y"]),
        users=rows(user=[9, 1, 3, 3], age=[90, 10, 29, 30]),
        items=rows(item=["y"], title=["Y"]),
    )
    data = clean(raw, name="toy")
    assert list(data.user_ids.names) == ["1", "3"]
    assert data.side.users["age"].tolist() == [10, 30]
    assert data.side.items["title"].isna().tolist() == [True, False]
    assert reasons(data) == {
        ("dropped", "user described, in no interaction"): 1,
        ("dropped", "user described twice, last one kept"): 1,
        ("noted", "item without a description"): 1,
    }


def test_tables_come_in_codes_without_strangers():
    raw = Raw(
        rows(user=["u"], item=["i"]),
        graph=rows(head=["i", "i", "z"], relation=["r", "r", "r"], tail=["t", "i", "t"],
                   tail_item=[None, "i", None]),
        reviews=rows(user=["u", "w"], item=["i", "i"], text=["good", "bad"]),
        tables={"tags": rows(item=["i", "z"], tag=["a", "b"])},
    )  # fmt: skip
    side = clean(raw, name="toy").side
    assert side.graph.to_dict("list") == {
        "head": [0, 0], "relation": ["r", "r"], "tail": ["t", "i"], "tail_item": [-1, 0],
    }  # fmt: skip
    assert side.reviews.to_dict("list") == {"user": [0], "item": [0], "text": ["good"]}
    assert side.tables["tags"].to_dict("list") == {"item": [0], "tag": ["a"]}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", None]),
            st.sampled_from(["x", "y", "z", None]),
            st.sampled_from(["1", "2.5", "bad", "inf", None]),
            st.sampled_from([1, 2, 3, 1_600_000_000_000]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_rows_in_are_rows_out_plus_rows_dropped(table):
    frame = pd.DataFrame(table, columns=["user", "item", "rating", "timestamp"])
    try:
        data = cleaned(frame)
    except EmptyError:
        return
    dropped = sum(entry.count for entry in data.ledger if entry.action == "dropped")
    assert len(data.interactions) + dropped == len(frame)
    assert data.interactions.n_users == len(np.unique(data.interactions.users))
    assert np.isfinite(data.interactions.ratings).all()
    assert (np.diff(data.interactions.timestamps) >= 0).all()
