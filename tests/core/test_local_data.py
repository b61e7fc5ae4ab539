"""Data sets that lie in the local data folder, each as it really is; skipped where they do not."""

import numpy as np
import pytest

from core.load import available, load


def here(name):
    if reason := available(name):
        pytest.skip(f"{name}: {reason}")
    return load(name)


@pytest.mark.parametrize(
    "name, n_rows, n_users, n_items, n_liked",
    [
        ("movielens-latest-small", 100_836, 610, 9724, 48_580),
        ("amazon-electronics-2023", 129_868, 15_266, 9671, 107_678),
        ("amazon-musical-instruments", 10_261, 1429, 900, 9022),
        ("globo-news", 293_948, 32_290, 14_957, 293_948),
        ("open-bandit", 40_000, 317, 80, 207),
        ("coat", 6960, 290, 300, 1905),
    ],
)
def test_a_data_set_is_whole(data_dir, name, n_rows, n_users, n_items, n_liked):
    data = here(name)
    rows = data.interactions
    assert (len(rows), rows.n_users, rows.n_items) == (n_rows, n_users, n_items)
    assert int(rows.is_liked.sum()) == n_liked
    for column in (*data.facts["groups"], *data.facts["sensitive"]):
        assert column in data.side.users
    for column in (*data.facts["item_groups"], *data.facts["texts"]):
        assert column in data.side.items
    assert data.facts["provider"] is None or data.facts["provider"] in data.side.items


def test_the_shop_counts_its_repeated_pairs_and_times_in_milliseconds(data_dir):
    data = here("amazon-electronics-2023")
    assert data.ledger.count("repeated (user, item) pair, last one kept") == 1286
    assert data.ledger.count("time in milliseconds, made seconds") == 131_154
    assert data.side.items["brand"].notna().mean() > 0.99
    assert data.side.items["price"].min() >= 0


def test_reviews_stand_beside_the_stars(data_dir):
    reviews = here("amazon-musical-instruments").side.reviews
    assert len(reviews) == 10_254
    assert reviews["text"].str.len().median() > 100
    assert not reviews["text"].str.contains("\n").any()


def test_news_clicks_keep_the_first_of_a_repeated_click(data_dir):
    data = here("globo-news")
    assert data.interactions.ratings is None
    assert data.ledger.count("repeated (user, item) pair, first one kept") == 3966
    assert data.side.tables["sessions"]["session_id"].nunique() > 50_000


def test_impressions_keep_position_and_true_propensity(data_dir):
    data = here("open-bandit")
    shown = data.side.tables["impressions"]
    assert len(shown) == 40_000
    assert set(shown["policy"]) == {"random", "Bernoulli Thompson sampling"}
    by_chance = shown[shown["policy"] == "random"].groupby("campaign")["propensity"]
    np.testing.assert_allclose(by_chance.min(), by_chance.max())
    assert shown["click"].sum() == data.interactions.is_liked.sum()


def test_coats_drawn_by_chance_lie_apart_from_those_chosen(data_dir):
    data = here("coat")
    drawn = data.side.tables["randomised"]
    assert len(drawn) == 4640
    assert drawn.groupby("user").size().eq(16).all()
    assert data.interactions.timestamps is None
    assert len(data.side.tables["propensities"]) == 290 * 300
