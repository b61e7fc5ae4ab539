"""Figures of the Calibration page, and the tables they are drawn from."""

import numpy as np
import pandas as pd
import pytest

from app import calibration, charts_calibration
from evaluators import METRICS
from recscope.audits.report import Report, curves_frame, effects_frame, estimates_frame

POINTS = curves_frame(
    [
        {"curve": curve, "model": model, "series": way, "x": x, "y": y, "low": y - 0.02,
         "high": y + 0.02, "n": 50}
        for curve in ("reliability", "consistency")
        for model, way in (("ease", "min-max"), ("ease", "platt"), ("<b>als</b>", "platt"))
        for x, y in ((0.3, 0.1), (0.1, 0.05))
    ]
)  # fmt: skip
WAYS = calibration.ways(Report(curves=POINTS))
TABLE = pd.DataFrame(
    {"model": ["ease", "als"], "mean": [0.1, 0.2], "low": [0.05, 0.1], "high": [0.2, 0.3],
     "n": [10, 12], "stage": ["before", "after"], "way": ["min-max", "platt"]}
)  # fmt: skip


def test_each_model_has_a_diagram_before_and_after_and_says_where_there_is_none():
    models = ["ease", "<b>als</b>"]
    points, bands = (POINTS[POINTS["curve"] == name] for name in ("reliability", "consistency"))
    chart = charts_calibration.diagrams(points, bands, models, WAYS)
    told = [note.text for note in chart.layout.annotations]
    assert told[:4] == ["ease, min-max", "ease, platt", "&lt;b&gt;als&lt;/b&gt;, none",
                        "&lt;b&gt;als&lt;/b&gt;, platt"]  # fmt: skip
    assert told[4] == "cannot be judged"
    marks = [trace for trace in chart.data if trace.mode == "markers+lines"]
    assert len(marks) == 3
    assert list(marks[0].x) == [0.1, 0.3]
    assert chart.layout.xaxis.range[1] == pytest.approx(0.3 * 1.08)


def test_a_map_is_after_and_all_else_before():
    stages = WAYS.set_index(["model", "series"])["stage"].to_dict()
    assert stages[("ease", "min-max")] == "before"
    assert stages[("ease", "platt")] == "after"
    assert calibration.is_after("isotonic")
    assert not calibration.is_after("as stated")


def test_errors_stand_hollow_before_and_filled_after():
    chart = charts_calibration.errors(TABLE, ["ease", "als"], "ece", ideal=True)
    assert [trace.marker.symbol for trace in chart.data] == ["circle-open", "circle"]
    assert list(chart.data[0].x) == [0.1]
    assert len(chart.layout.shapes) == 1
    assert not charts_calibration.errors(TABLE, ["ease", "als"], "ece", ideal=False).layout.shapes


def test_dots_keep_the_order_of_the_table_and_are_hollow_where_chance_explains_them():
    chart = charts_calibration.dots(TABLE, "model", "x", filled=[True, False])
    assert list(chart.data[0].y) == ["ease", "als"]
    assert list(chart.data[0].marker.symbol) == ["circle", "circle-open"]
    assert list(chart.data[0].error_x.array) == pytest.approx([0.1, 0.1])


def test_a_line_a_group_and_one_for_kept_promises():
    points = pd.DataFrame(
        {"label": ["F", "M"], "x": [0.1, 0.2], "y": [0.1, 0.3], "low": np.nan, "high": np.nan,
         "n": [5, 6]}
    )  # fmt: skip
    chart = charts_calibration.group_diagrams(points, ["F", "M"])
    assert [trace.name for trace in chart.data[:2]] == ["F", "M"]
    assert chart.data[2].line.dash == "dot"


def test_ratings_are_drawn_on_their_own_scale():
    points = pd.DataFrame(
        {"model": ["mf", "mf"], "x": [2.0, 4.5], "y": [2.2, 4.4], "low": [2.0, 4.2],
         "high": [2.4, 4.6], "n": [50, 50]}
    )  # fmt: skip
    chart = charts_calibration.ratings(points, ["other", "mf"])
    assert [trace.name for trace in chart.data] == [None, "mf"]
    assert chart.layout.xaxis.range == pytest.approx((1.9, 4.6))


def choice(**tables):
    report = Report(
        estimates_frame(tables.get("estimates", ())),
        tests=effects_frame(tables.get("tests", ())),
    )
    return calibration.Choice("run", report, METRICS["ece"], ["ease", "als"], "ease", "gender")


def test_numbers_are_told_with_their_interval_and_a_dash_where_there_is_none():
    rows = [
        {"model": "ease", "metric": name, "k": 10, "group_by": "probabilities", "group": "platt",
         "mean": 0.1234, "low": 0.1, "high": 0.2, "n": 9}
        for name in ("ece", "mce")
    ] + [{"model": "als", "metric": "ece", "k": 10, "group_by": "probabilities", "group": "platt",
          "mean": 0.5, "n": 9}]  # fmt: skip
    table = calibration.all_errors(choice(estimates=rows)).set_index("model")
    assert table.loc["ease", "ece"] == "0.123 (0.100 to 0.200)"
    assert table.loc["als", "ece"] == "0.500 (no interval)"
    assert table.loc["als", "mce"] == "–"


def test_the_model_of_largest_error_is_the_one_looked_at_closely():
    rows = [
        {"model": model, "metric": "ece_debiased", "k": 10, "mean": mean, "n": 9}
        for model, mean in (("ease", 0.1), ("als", 0.3))
    ]
    report = choice(estimates=rows).report
    assert calibration.worst_model(report, ["ease", "als"]) == "als"
    assert calibration.worst_model(report, ["ease"]) == "ease"
    assert calibration.worst_model(Report(), ["ease"]) == "ease"
    assert calibration.worst_model(Report(), []) is None


def test_attributes_are_told_apart_from_ways_and_scales():
    rows = [
        {"model": "ease", "metric": "ece", "group_by": by, "group": "x", "mean": 0.1, "n": 9}
        for by in ("gender", "probabilities", "normalisation")
    ]
    assert calibration.attributes_of(choice(estimates=rows).report) == ["gender"]


def test_suppressed_groups_are_counted_and_not_drawn():
    rows = [
        {"model": "ease", "metric": "ece", "group_by": "gender", "group": "F", "n": 2,
         "method": "suppressed (n < 5)"},
        {"model": "ease", "metric": "ece", "group_by": "gender", "group": "M", "mean": 0.1,
         "n": 90, "method": "percentile"},
    ]  # fmt: skip
    asked = choice(estimates=rows)
    assert list(calibration.by_group(asked)["group"]) == ["M"]
    assert calibration.n_suppressed(asked) == 1


def test_lines_are_drawn_for_the_largest_groups_alone():
    table = pd.DataFrame({"group": list("abcdefgh"), "n": [9, 1, 8, 7, 2, 6, 5, 4]})
    assert calibration.largest_groups(table) == list("acdfgh")


def test_strength_beyond_chance_is_marked():
    rows = [
        {"model": model, "metric": "between_user_deviation", "k": 10, "mean": mean, "n": 9}
        for model, mean in (("ease", 0.1), ("als", 0.2))
    ]
    tests = [{"test": "strength between users", "model": "als", "is_alarm": True}]
    table = calibration.strength(choice(estimates=rows, tests=tests))
    assert list(table["model"]) == ["als", "ease"]
    assert list(table["is_alarm"]) == [True, False]
