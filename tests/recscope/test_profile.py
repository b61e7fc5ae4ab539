"""The profile of a data set counts right, and stays small however large the data are."""

import numpy as np
import pandas as pd
import pytest

from core.ledger import Ledger
from core.load import load
from core.split import split
from core.tables import Dataset, Ids, Interactions, Side
from recscope.profile import inequality, profile

DAY = 86_400


def dataset(**columns: object) -> Dataset:
    """Three users, four items: user 0 touched items 0, 1, 2, user 1 item 0, user 2 nothing."""
    users = pd.DataFrame({"gender": ["f", None, ""], "age": [30.0, np.nan, 50.0]})
    items = pd.DataFrame(
        {"genres": [["a", "b"], ["a"], [], None], "new": [True, False, True, True]}
    )
    ledger = Ledger()
    ledger.add("clean", "dropped", "no item", 2)
    rows = Interactions(
        users=np.array([0, 0, 0, 1], np.int32),
        items=np.array([0, 1, 2, 0], np.int32),
        n_users=3,
        n_items=4,
        **{  # type: ignore[arg-type]
            "ratings": np.array([5, 3, 4, 5], np.float32),
            "timestamps": np.array([0, DAY, DAY, 3 * DAY], np.int64),
            "threshold": 4.0,
            "side": Side(users=users, items=items),
            **columns,
        },
    )
    user_ids = Ids("user", np.array(["u0", "u1", "u2"], object))
    item_ids = Ids("item", np.array(["i0", "i1", "i2", "i3"], object))
    return Dataset("tiny", rows, user_ids, item_ids, "0", ledger)


def test_counts_and_density_are_of_who_is_active():
    counts = profile(dataset()).counts
    assert (counts["interactions"], counts["users"], counts["items"]) == (4, 3, 4)
    assert (counts["active_users"], counts["active_items"]) == (2, 3)
    assert counts["density"] == pytest.approx(4 / 6)
    assert counts["liked"] == 3
    assert (counts["first"], counts["last"]) == (0, 3 * DAY)


def test_the_long_tail_starts_at_nothing_and_ends_at_everything():
    curve = profile(dataset()).long_tail
    assert list(curve["share_of_items"]) == [0, 0.25, 0.5, 0.75, 1]
    assert list(curve["share_of_interactions"]) == [0, 0.5, 0.75, 1, 1]


def test_activity_counts_rows_and_distinct_users_by_day():
    activity = profile(dataset()).activity
    assert list(activity["start"]) == [0, DAY, 2 * DAY, 3 * DAY]
    assert list(activity["count"]) == [1, 2, 0, 1]
    assert list(activity["users"]) == [1, 1, 0, 1]


def test_ratings_are_counted():
    ratings = profile(dataset()).ratings
    assert dict(zip(ratings["rating"], ratings["count"], strict=True)) == {3: 1, 4: 1, 5: 2}


def test_missing_is_none_nan_empty_text_and_empty_list():
    found = profile(dataset()).attributes.set_index("attribute")
    assert found.loc["gender", "n_missing"] == 2
    assert found.loc["age", "missing"] == pytest.approx(1 / 3)
    assert found.loc["genres", "n_missing"] == 2
    assert list(found["kind"]) == ["text", "number", "list", "yes/no"]


def test_top_values_open_up_lists():
    top = profile(dataset()).top_values.query("attribute == 'genres'")
    assert list(top["value"]) == ["a", "b"]
    assert list(top["count"]) == [2, 1]
    assert list(top["share"]) == [1.0, 0.5]


def test_sizes_bin_users_by_rows():
    found = profile(dataset()).per_user
    assert dict(zip(found["rows"], found["n"], strict=True)) == {0: 1, 1: 1, 2: 0, 3: 1}


def test_the_ledger_is_shown():
    assert list(profile(dataset()).ledger["reason"]) == ["no item"]


def test_data_without_ratings_or_times_have_empty_tables():
    found = profile(dataset(ratings=None, timestamps=None, side=Side()))
    assert len(found.ratings) == len(found.activity) == len(found.attributes) == 0
    assert "first" not in found.counts


def test_inequality_is_nought_when_equal_and_near_one_when_one_has_all():
    assert inequality(np.array([3, 3, 3])) == pytest.approx(0)
    assert inequality(np.array([0] * 999 + [5])) == pytest.approx(0.999)
    assert np.isnan(inequality(np.array([0, 0])))


def test_large_data_give_small_tables():
    rng = np.random.default_rng(0)
    n = 200_000
    rows = Interactions(
        users=rng.integers(0, 5000, n).astype(np.int32),
        items=rng.zipf(1.3, n).clip(max=20_000).astype(np.int32) - 1,
        n_users=5000,
        n_items=20_000,
        ratings=rng.random(n).astype(np.float32),
        timestamps=rng.integers(0, 3000 * DAY, n),
    )
    ids = [Ids(kind, np.arange(size).astype(str).astype(object)) for kind, size in
           (("user", 5000), ("item", 20_000))]  # fmt: skip
    found = profile(Dataset("large", rows, *ids, "0", Ledger()))
    assert len(found.long_tail) <= 200
    assert len(found.activity) <= 200
    assert len(found.ratings) <= 21
    assert found.activity["count"].sum() == found.ratings["count"].sum() == n
    assert found.per_user["n"].sum() == 5000


def test_a_split_tells_how_cold_the_test_part_is():
    made = load("sandbox", options={"n_users": 120, "n_items": 60})
    parts = split(made.interactions)
    counts = profile(made, parts).counts
    cold = ~np.isin(parts.test.users, parts.train.users)
    assert counts["cold_user_rows"] == pytest.approx(cold.mean())
    assert counts["train"] + counts["validation"] + counts["test"] == counts["interactions"]
