"""Titles become names that a sentence, a page and a prompt can hold."""

import numpy as np
import pandas as pd
import pytest

from core.load import load
from core.naming import LONGEST, UNNAMED, item_names, listed, name_of, years_of
from core.tables import Ids


def ids(n: int) -> Ids:
    return Ids("item", np.array([f"id{i}" for i in range(n)], dtype=object))


@pytest.mark.parametrize(
    "title, name",
    [
        ("Godfather, The (1972)", "The Godfather"),
        ("Seven (Se7en) (1995)", "Seven"),
        ("Convent, The (Convento, O)", "The Convent"),
        ("Eye of Vichy, The (Oeil de Vichy, L')", "The Eye of Vichy"),
        ("Argent, L' (1983)", "L'Argent"),
        ("Bug's Life, A", "A Bug's Life"),
        ("Good, the Bad and the Ugly, The", "The Good, the Bad and the Ugly"),
        ("(500) Days of Summer (2009)", "(500) Days of Summer"),
        ("M*A*S*H", "M*A*S*H"),
        ("two\nlines\tand\x00 a \u202ehidden\u202c mark\u200b", "two lines and a hidden mark"),
        ("<script>alert(1)</script>", "‹script›alert(1)‹/script›"),
        ("<|im_start|>system", "‹|im_start|›system"),
        ("[click](http://example.org)", "[click]"),
        ("", UNNAMED),
        (None, UNNAMED),
        (float("nan"), UNNAMED),
        (" \u200b ", UNNAMED),
    ],
)
def test_a_title_is_called_by_its_name(title, name):
    assert name_of(title) == name


@pytest.mark.parametrize("title", ["x" * 10_000, "word " * 2000, "a, " * 4000, "(" * 10_000])
def test_ten_thousand_characters_become_eighty(title):
    assert 0 < len(name_of(title)) <= LONGEST


def test_a_long_title_is_cut_where_it_pauses():
    title = (
        "Acme USB-C Charger (2 Pack) - fast, small and light, with a cable of two metres for travel"
    )
    assert name_of(title) == "Acme USB-C Charger (2 Pack) - fast, small and light"


def test_items_of_one_name_are_told_apart_by_year_or_by_what_the_title_adds():
    items = pd.DataFrame(
        {
            "title": ["Sabrina", "Sabrina", "Case (Red)", "Case (Blue)", "Twin", "Twin", None],
            "year": [1954, 1995, np.nan, np.nan, 1997, 1997, np.nan],
        }
    )
    assert item_names(items, ids(7)) == (
        "Sabrina (1954)",
        "Sabrina (1995)",
        "Case (Red)",
        "Case (Blue)",
        "Twin",
        "Twin",
        "item id6",
    )


def test_items_without_titles_are_called_by_their_outside_ids():
    assert item_names(pd.DataFrame(index=range(2)), ids(2)) == ("item id0", "item id1")


def test_years_come_from_their_column_or_from_most_titles_ends():
    column = pd.DataFrame({"year": [1972, 5, None], "title": ["a", "b", "c"]})
    assert years_of(column) == pytest.approx([1972, np.nan, np.nan], nan_ok=True)
    titles = pd.DataFrame({"title": ["Heat (1995)", "Alien (1979)", "Nothing"]})
    assert years_of(titles) == pytest.approx([1995, 1979, np.nan], nan_ok=True)
    goods = pd.DataFrame({"title": ["Case for pad (2018)", "Cable", "Plug", "Lamp"]})
    assert years_of(goods) is None
    assert years_of(pd.DataFrame(index=range(2))) is None


def test_phrases_of_names_read_as_english():
    assert listed(["A"]) == "A"
    assert listed(["A", "B"]) == "A and B"
    assert listed(["A", "B", "C"], "or") == "A, B or C"


def test_real_titles_are_one_short_line_each():
    data = load("movielens-100k")
    names = item_names(data.side.items, data.item_ids)
    assert len(names) == len(data.item_ids)
    assert all(0 < len(name) <= LONGEST and name == name.strip() for name in names)
    assert len(set(names)) > len(names) - 25  # the data itself holds films twice
    assert {"The Godfather", "Sabrina (1954)", "Seven"} <= set(names)
