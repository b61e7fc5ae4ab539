"""Figures of Why is my number different?"""

import numpy as np
import pytest

from app import charts_conventions
from recscope.conventions.scene import example
from recscope.conventions.side_by_side import side_by_side
from recscope.conventions.steps import steps


@pytest.fixture(scope="module")
def table():
    return side_by_side(example(), "map", 5).table


def test_every_tool_that_says_a_number_has_a_dot_and_recscope_is_on_top(table):
    dots = charts_conventions.side_by_side(table, "map", 5).data[0]
    assert dots.y[0] == "RecScope"
    assert len(dots.x) == table["value"].notna().sum()
    assert not np.isnan(np.asarray(dots.x, dtype=float)).any()


def test_a_tool_with_the_same_number_is_grey_and_hollow(table):
    dots = charts_conventions.side_by_side(table, "map", 5).data[0]
    by_tool = dict(zip([row[0] for row in dots.customdata], dots.marker.symbol, strict=True))
    assert by_tool["replay"] == "circle-open"
    assert by_tool["elliot"] == "circle"


def test_the_bars_of_a_tool_add_up_to_its_difference(table):
    rows = table.dropna(subset=["by_users"])
    chart = charts_conventions.made_of(rows, "map", 5)
    total = np.sum([np.asarray(bar.x, dtype=float) for bar in chart.data], axis=0)
    assert np.allclose(total, rows["difference"], atol=1e-12)


def test_only_tools_that_count_the_user_have_a_bar():
    found = steps(example().handed.given, 3, "map", 5)
    chart = charts_conventions.of_user(found, "map", 5)
    assert len(chart.data[0].x) == sum(not step.why for step in found) < len(found)
