"""Training is drawn as it went, its best step marked."""

import pandas as pd
import pytest

from app.charts_training import by_step


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "model": ["a"] * 3 + ["b"] * 3,
            "step": [1, 2, 3] * 2,
            "loss": [3.0, 2.0, 1.5, 9.0, 8.0, None],
            "validation": [0.1, 0.3, 0.2, 5.0, 4.0, 6.0],
            "metric": ["ndcg@10"] * 3 + ["loss"] * 3,
        }
    )


def test_every_model_has_a_line_and_a_step_without_a_loss_has_no_point(table):
    one, other = by_step(table, "loss", ["a", "b"]).data
    assert list(one.y) == [3.0, 2.0, 1.5]
    assert list(other.x) == [1, 2]


def test_the_best_step_is_the_highest_quality_or_the_lowest_loss(table):
    traces = by_step(table, "validation", ["a", "b"]).data
    best = [(int(t.x[0]), float(t.y[0])) for t in traces if t.mode == "markers"]
    assert best == [(2, 0.3), (2, 4.0)]


def test_a_models_name_is_text_in_the_chart(table):
    named = table.replace({"model": {"a": "<b>x</b>"}})
    assert by_step(named, "loss", ["<b>x</b>", "b"]).data[0].name == "&lt;b&gt;x&lt;/b&gt;"
