"""Figures of Explanation quality."""

import numpy as np
import pandas as pd

from app.charts_explanation_quality import differences, judges, scores, trade

TABLE = pd.DataFrame(
    {
        "explainer": ["template", "random", "paths", "<b>own</b>"],
        "kind": ["post", "baseline", "pre", "post"],
        "mean": [0.5, 0.1, 0.2, 0.3],
        "low": [0.4, 0.0, 0.1, np.nan],
        "high": [0.6, 0.2, 0.3, np.nan],
        "n": [100, 100, 90, 1],
    }
)


def test_baselines_are_hollow_and_named_as_such():
    chart = scores(TABLE, "comprehensiveness", "higher")
    (baseline,) = [trace for trace in chart.data if "baseline" in trace.name]
    assert baseline.marker.symbol == "circle-open"
    assert list(baseline.y) == ["random"]


def test_the_best_stands_on_top_whichever_way_is_better():
    for better, top in (("higher", "template"), ("lower", "random")):
        chart = scores(TABLE, "x", better)
        assert chart.layout.yaxis.categoryarray[-1] == top


def test_names_are_text():
    assert "<b>" not in str(scores(TABLE, "<b>s</b>", "higher").to_dict())


def test_an_explainer_without_an_interval_is_a_point_alone():
    table = TABLE.rename(columns={"mean": "x", "low": "x_low", "high": "x_high"})
    table = table.assign(y=table["x"], y_low=table["x_low"], y_high=table["x_high"])
    chart = trade(table, "faithful", "plausible")
    (alone,) = [trace for trace in chart.data if "own" in trace.name]
    assert alone.error_x.array is None
    assert all(trace.error_x.array is not None for trace in chart.data if "own" not in trace.name)


def judged(*rows: tuple) -> pd.DataFrame:
    columns = ["judge", "corruption", "auc", "low", "high", "n", "is_flagged"]
    return pd.DataFrame(rows, columns=columns)


def test_a_flagged_judge_is_a_cross_and_is_said_to_be():
    chart = judges(
        judged(
            ("rules", "all", 0.97, 0.9, 1.0, 40, False),
            ("rules", "wrong year", 0.95, 0.9, 1.0, 20, False),
            ("coin", "all", 0.52, 0.4, 0.6, 40, True),
        ),
        0.7,
    )
    looks = {trace.name: trace.marker.symbol for trace in chart.data}
    assert looks["all corruptions: flagged"] == "x-open"
    assert looks["all corruptions: may be believed"] == "circle"
    assert 0.7 in [shape.x0 for shape in chart.layout.shapes]


def test_only_what_is_no_chance_is_filled():
    table = pd.DataFrame(
        {
            "label": ["paths", "rules", "none"],
            "difference": [0.1, 0.0, 0.0],
            "low": [0.05, -0.1, 0.0],
            "high": [0.15, 0.1, 0.0],
            "p_adjusted": [0.001, 0.9, np.nan],
            "said": ["a", "b", "c"],
        }
    )
    (points,) = differences(table, "change").data
    assert list(points.marker.symbol) == ["circle-open", "circle-open", "circle"]
