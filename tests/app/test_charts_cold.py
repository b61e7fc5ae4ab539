"""Figures of cold start and cost: every mark where its number says."""

import numpy as np
import pandas as pd
import pytest

from app import charts_cold

MODELS = ["a", "b", "<c>"]


@pytest.fixture
def curves():
    return pd.DataFrame(
        {"model": ["a", "a", "b", "b"], "x": [0.0, 5.0, 0.0, 5.0], "label": ["0", "1 to 9"] * 2,
         "y": [0.1, 0.3, 0.2, 0.1], "low": [0.0, 0.2, 0.1, 0.0], "high": [0.2, 0.4, 0.3, 0.2],
         "n": [7, 20, 7, 21]}
    )  # fmt: skip


def test_only_the_model_looked_at_has_a_band(curves):
    chart = charts_cold.warm_up(curves, "ndcg@10", MODELS, "b")
    bands = [trace for trace in chart.data if trace.fill == "toself"]
    assert len(bands) == 1
    assert list(bands[0].y) == [0.3, 0.2, 0.0, 0.1]
    assert [trace.name for trace in chart.data if trace.name] == ["a", "b"]
    assert "n 21" in chart.layout.xaxis.ticktext[1]


def test_filled_marks_are_those_beyond_chance():
    table = pd.DataFrame({"model": ["a", "<c>"], "effect": [0.1, -0.1], "low": [0, -0.2],
                          "high": [0.2, 0.0], "p_adjusted": [0.01, 0.4]})  # fmt: skip
    marks = charts_cold.gaps(table, "gap").data[0]
    assert list(marks.y) == ["a", "&lt;c&gt;"]
    assert list(marks.marker.symbol) == ["circle", "circle-open"]


def test_attention_and_choices_stand_on_one_line():
    table = pd.DataFrame({"model": ["a", "b"], "chosen": [0.1, 0.1], "shown": [0.05, 0.0],
                          "low": [0.04, 0.0], "high": [0.06, 0.0], "n": [5, 5]})  # fmt: skip
    chart = charts_cold.shares(table)
    assert [list(trace.x) for trace in chart.data] == [[0.1, 0.1], [0.0, 0.05]]
    assert len(chart.layout.shapes) == 2


def test_parts_of_the_catalogue_are_stacked_in_their_order():
    table = pd.DataFrame({"model": ["a", "a"], "series": ["never", "listed"], "x": [1.0, 0.0],
                          "y": [0.25, 0.75], "n": [1, 3]})  # fmt: skip
    chart = charts_cold.reach(table)
    assert [(trace.name, list(trace.x)) for trace in chart.data] == [
        ("listed", [75.0]), ("never", [25.0]),
    ]  # fmt: skip


def test_an_open_end_of_a_waiting_time_has_no_whisker():
    table = pd.DataFrame({"model": ["a"], "p50": [2.0], "p50_low": [1.5], "p50_high": [np.nan]})
    mark = charts_cold.latency(table, ["a"]).data[0]
    assert list(mark.error_x.array) == [0.0]
    assert list(mark.error_x.arrayminus) == [0.5]


def test_the_front_joins_those_that_nobody_beats():
    points = pd.DataFrame({"model": MODELS, "x": [1.0, 3.0, 2.0], "y": [0.1, 0.3, 0.1],
                           "low": [0.0] * 3, "high": [0.4] * 3,
                           "label": ["on the front", "on the front", "beaten by a"]})  # fmt: skip
    chart = charts_cold.pareto(points, MODELS, "ms", "ndcg", logarithmic=True)
    assert list(chart.data[0].x) == [1.0, 3.0]
    symbols = {trace.name: trace.marker.symbol for trace in chart.data[1:]}
    assert symbols["&lt;c&gt;"].endswith("-open")
    assert not symbols["a"].endswith("-open")
    assert chart.layout.xaxis.type == "log"


def test_places_in_the_prompt_have_a_line_of_no_preference(curves):
    chart = charts_cold.positions(curves, MODELS)
    assert chart.layout.shapes[0].y0 == 0.5
    assert chart.data[0].name == "a"


def test_a_chart_of_few_rows_gets_room_for_its_legend(curves):
    chart = charts_cold.positions(curves, MODELS)
    before = chart.layout.height
    made = charts_cold.roomy(chart, 6)
    assert made.layout.height > before
    assert all(trace.cliponaxis is False for trace in made.data)
