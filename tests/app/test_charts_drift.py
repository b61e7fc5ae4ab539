"""Figures of the Drift page say what they must, from tables alone."""

import numpy as np
import pandas as pd

from app import charts_drift, drift

POINTS = pd.DataFrame(
    {
        "series": ["a<b>"] * 2 + ["c"] * 2,
        "x": [0.0, 86_400.0] * 2,
        "label": ["1970-01-01", "1970-01-02"] * 2,
        "y": [0.2, 0.4, 0.5, 0.6],
        "low": [0.1, 0.3, np.nan, np.nan],
        "high": [0.3, 0.5, np.nan, np.nan],
        "n": [10, 11, 10, 11],
    }
)


def test_the_map_marks_alarms_and_leaves_white_what_was_not_judged():
    table = pd.DataFrame(
        {
            "aspect": ["ratings", "items by genres<"], "window": ["2000-02", "2000-01"],
            "size": [0.3, 0.01], "effect": [0.3, 0.01], "low": [0.2, 0.0], "high": [0.4, 0.1],
            "p_adjusted": [0.001, 0.8], "n": [100, 90], "is_alarm": [True, False],
        }
    )  # fmt: skip
    chart = charts_drift.heat(table, ["2000-01", "2000-02"], ["ratings", "items by genres<"])
    heat, quiet, alarm = chart.data
    assert np.isnan(heat.z[0][0])
    assert heat.z[0][1] == 0.3
    assert list(alarm.y) == ["ratings"]
    assert quiet.customdata[0][0] == "items by genres<"
    assert "items by genres&lt;" in heat.y


def test_lines_have_a_band_where_there_is_an_interval_and_upright_change_points():
    chart = charts_drift.lines(POINTS, "share", changes=[43_200.0], percent=True)
    assert [trace.name for trace in chart.data if trace.name] == ["a&lt;b&gt;", "c"]
    assert len(chart.data) == 3
    assert pd.Timestamp(chart.layout.shapes[0].x0) == pd.Timestamp("1970-01-01 12:00")


def test_what_moved_most_stands_on_top_even_where_two_have_one_name():
    table = pd.DataFrame(
        {"x": [0.0, 1.0], "label": ["rest", "rest"], "y": [0.3, -0.1], "low": [0.2, -0.2],
         "high": [0.4, 0.0], "n": [5, 5]}
    )  # fmt: skip
    chart = charts_drift.moved(table)
    assert list(chart.layout.yaxis.ticktext) == ["rest", "rest"]
    assert len(set(chart.data[0].y)) == 2
    assert chart.data[0].x[0] == 0.3


def test_the_states_of_a_model_keep_their_looks():
    frozen = POINTS.assign(series=["frozen", "frozen", "updated", "updated"])
    names = {
        trace.name: trace.line.dash
        for trace in charts_drift.states(frozen, "ndcg").data
        if trace.name
    }
    assert names == {"frozen": "dash", "updated": "dot"}


def test_no_decay_stands_at_the_right_end():
    table = POINTS.iloc[:2].assign(x=[np.inf, 7.0], label=["no decay", "7 days"])
    assert list(charts_drift.sweep(table, "ndcg").data[0].x) == ["7 days", "no decay"]


def test_what_is_chance_is_hollow():
    table = pd.DataFrame(
        {"name": ["a", "b"], "effect": [0.1, 0.0], "low": [0.05, -0.1], "high": [0.2, 0.1],
         "n": [9, 9], "is_sure": [True, False]}
    )  # fmt: skip
    marks = charts_drift.gains(table, "gain").data[0]
    assert dict(zip(marks.y, marks.marker.symbol, strict=True)) == {
        "a": "circle",
        "b": "circle-open",
    }


def test_a_season_is_held_against_an_even_spread():
    chart = charts_drift.season(POINTS.iloc[:2], "weekday")
    assert chart.layout.shapes[0].y0 == 1


def test_a_window_is_found_in_time_by_its_name():
    named = {"2000-Q4": "2000-10-01", "2000": "2000-01-01", "2000-11-20 20:00": "2000-11-20T20:00"}
    for label, moment in named.items():
        assert drift.moment(label) == float(np.datetime64(moment, "s").astype(np.int64))
