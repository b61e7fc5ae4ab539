"""Figures of the Diversity page show the tables they are given."""

import numpy as np
import pandas as pd
import pytest

from app import charts_diversity

MODELS = ["popularity", "ease", "<b>bad</b>"]


def points(n=3, **columns):
    made = {"model": MODELS[:n], "x": [0.1, 0.2, 0.3][:n], "y": [0.5, 0.4, 0.3][:n], **columns}
    return pd.DataFrame(made)


def test_each_model_is_a_mark_with_both_intervals():
    table = points(x_low=[0.05] * 3, x_high=[0.4] * 3, y_low=[0.2] * 3, y_high=[0.6] * 3)
    chart = charts_diversity.trade(table, "ndcg@10", "ild@10", MODELS)
    assert [trace.name for trace in chart.data] == ["popularity", "ease", "&lt;b&gt;bad&lt;/b&gt;"]
    assert chart.data[0].error_x.array == pytest.approx([0.3])
    assert chart.data[0].error_y.arrayminus == pytest.approx([0.3])
    assert chart.layout.xaxis.title.text == "ndcg@10"


@pytest.mark.parametrize(
    "better,shown",
    [
        ("higher", "ild@5   (higher is better ↑)"),
        ("lower", "ild@5   (lower is better)"),
        ("neither", "ild@5   (neither end is best)"),
    ],
)
def test_an_axis_says_which_way_is_good(better, shown):
    assert charts_diversity.axis("ild", 5, better, "↑") == shown


def test_the_history_is_drawn_beside_the_models():
    curves = points(n=2, model=[None, "ease"], low=[np.nan, 0.3], high=[np.nan, 0.6])
    for chart in (charts_diversity.lorenz(curves, MODELS), charts_diversity.bands(curves, MODELS)):
        names = [trace.name for trace in chart.data]
        assert charts_diversity.HISTORY in names
        assert "ease" in names


def test_list_lengths_stand_side_by_side_in_order():
    curves = pd.DataFrame(
        {
            "model": ["ease"] * 3,
            "x": [10.0, 1.0, 5.0],
            "y": [0.3, 0.1, 0.2],
            "low": 0.0,
            "high": 1.0,
        }
    )
    chart = charts_diversity.growth(curves, MODELS)
    assert list(chart.data[0].y) == [0.1, 0.2, 0.3]
    assert chart.layout.xaxis.ticktext == ("1", "5", "10")


def test_the_map_of_models_keeps_their_order_and_leaves_the_diagonal_empty():
    pairs = [("ease", "popularity"), ("popularity", "ease")]
    curves = pd.DataFrame(pairs, columns=["model", "series"]).assign(y=0.4, low=0.3, high=0.5)
    chart = charts_diversity.overlap(curves, MODELS)
    assert chart.data[0].x == ("popularity", "ease")
    np.testing.assert_array_equal(chart.data[0].z, [[np.nan, 0.4], [0.4, np.nan]])
    np.testing.assert_array_equal(chart.data[0].text, [["", "0.40"], ["0.40", ""]])


def test_groups_leave_room_for_the_legend():
    rows = points(n=2, group=["a", "b"], mean=[0.1, 0.2], low=[0.0, 0.1], high=[0.2, 0.3])
    rows["n"] = [9, 8]
    assert charts_diversity.groups(rows, "ild", 10, MODELS).layout.height >= 400
