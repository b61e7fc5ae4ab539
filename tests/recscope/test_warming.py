"""New items are found sooner when they start with what their texts say."""

import numpy as np
import pytest
from clubs_data import clubs

from core.errors import ConfigError
from recscope.estimate import Sureness
from recscope.warming import NONE, Warming, narrowed, warm_up_curve

FEW = Sureness(resamples=100)
ASKED = Warming("item-knn", ("text",), (0, 8), new_items=6, least=18, users=60, k=5)


@pytest.fixture(scope="module")
def found():
    return warm_up_curve(clubs(), ASKED, FEW)


def row(found, metric, size):
    table = found.table
    (one,) = table[(table["metric"] == metric) & (table["size"] == size)].itertuples()
    return one


def test_an_unknown_item_is_found_by_its_text_alone(found):
    first = row(found, "new_place", 0)
    assert first.against == NONE
    assert first.before == pytest.approx(0.5, abs=0.1)  # nothing is known: chance
    assert first.after > 0.7
    assert first.low > 0.15


def test_what_the_text_gives_is_worth_less_once_likings_are_there(found):
    first, last = row(found, "new_place", 0), row(found, "new_place", 8)
    assert last.before > first.before + 0.2
    assert last.difference < first.difference / 2


def test_the_catalogue_is_that_of_liked_items():
    data = clubs(n_users=20)
    counts = np.bincount(data.interactions.items, minlength=24)
    least = int(np.median(counts)) + 1
    small = narrowed(data, least)
    assert small.interactions.n_items == (counts >= least).sum() < 24
    kept = small.interactions.side.items["title"].tolist()
    named = [f"item{title.rsplit(' ', 1)[1]}" for title in kept]
    assert named == small.item_ids.names.tolist()


def test_too_few_items_to_play_new_ones_are_counted():
    with pytest.raises(ConfigError, match=r"clubs has \d+ items of 18 likings or more .* 50 are"):
        warm_up_curve(clubs(), Warming("item-knn", least=18, steps=(0,), new_items=50), FEW)
    with pytest.raises(ConfigError, match="least must be more than twice the last step"):
        Warming(steps=(0, 10), least=20)
