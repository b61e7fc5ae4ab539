"""Figures of items and providers say what their tables say."""

import numpy as np
import pandas as pd
import pytest

from app import charts_items

CURVE = pd.DataFrame(
    {
        "series": ["catalogue", "catalogue", "relevance", "relevance", "exposure", "exposure"],
        "label": ["<b>", "war", "<b>", "war", "<b>", "war"],
        "y": [0.5, 0.5, 0.4, 0.6, 0.9, 0.1],
        "low": [np.nan, np.nan, 0.3, 0.5, 0.8, 0.05],
        "high": [np.nan, np.nan, 0.5, 0.7, 0.95, 0.2],
        "n": [10, 12, 40, 50, 60, 60],
    }
)
ESTIMATES = pd.DataFrame(
    {
        "model": ["m<i>", "m<i>", "other", "other"],
        "group": ["<b>", "war", "<b>", "war"],
        "mean": [2.0, 0.25, 1.0, 0.0],
        "low": [1.5, 0.2, 0.9, 0.0],
        "high": [3.0, 0.4, 1.2, 0.0],
        "n": [40, 50, 40, 50],
    }
)
MODELS = ["m<i>", "other"]


def test_three_shares_stand_in_one_row_a_group_the_most_seen_on_top():
    chart = charts_items.exposure(CURVE)
    assert [trace.name for trace in chart.data] == [
        "share of the catalogue",
        "share of what users went on to like",
        "share of what users see",
    ]
    for trace in chart.data:
        assert list(trace.y) == ["war", "&lt;b&gt;"]
    seen = chart.data[2]
    assert list(seen.x) == [0.1, 0.9]
    assert seen.error_x.arrayminus[1] == pytest.approx(0.1)


def test_what_is_sure_is_filled_and_what_is_not_seen_at_all_has_no_place_on_a_log_scale():
    chart = charts_items.times_due(ESTIMATES, MODELS, {("m<i>", "<b>")})
    mine, other = chart.data
    assert list(mine.marker.symbol) == ["circle", "circle-open"]
    assert list(other.x) == [1.0]
    assert list(chart.layout.yaxis.ticktext) == ["war", "&lt;b&gt;"]
    assert chart.layout.xaxis.type == "log"
    assert mine.name == "m&lt;i&gt;"


def test_the_lorenz_curve_stands_beside_that_of_equals():
    curve = pd.DataFrame({"model": ["other"] * 2, "x": [1.0, 0.0], "y": [1.0, 0.0]})
    chart = charts_items.lorenz(curve, MODELS)
    assert [trace.name for trace in chart.data] == ["all alike", "other"]
    assert list(chart.data[1].x) == [0.0, 1.0]


def test_groups_keep_their_order_and_models_stand_aside_of_each_other():
    chart = charts_items.by_group(ESTIMATES, MODELS, "popularity_lift@10")
    assert list(chart.layout.yaxis.ticktext) == ["&lt;b&gt;", "war"]
    assert set(chart.data[0].y).isdisjoint(chart.data[1].y)
    assert chart.layout.yaxis.range[0] > chart.layout.yaxis.range[1], "the first group on top"


@pytest.mark.parametrize(
    "better,top,said",
    [("higher", "m<i>", "higher is better"), ("lower", "other", "lower is better"),
     ("neither", "other", "")],
)  # fmt: skip
def test_the_better_model_is_on_top_and_neither_way_is_praised_where_none_is_better(
    better, top, said
):
    rows = ESTIMATES[ESTIMATES["group"] == "<b>"]
    chart = charts_items.numbers_of_models(rows, "arp", better)
    assert chart.data[0].y[-1] == top.replace("<i>", "&lt;i&gt;")
    title = chart.layout.xaxis.title.text
    assert said in title
    assert ("better" in title) == bool(said)


def test_a_number_that_is_zero_for_every_model_has_room():
    rows = ESTIMATES.assign(mean=0.0, low=0.0, high=0.0)
    assert charts_items.numbers_of_models(rows, "x", "higher").layout.xaxis.range == (-0.05, 1)
