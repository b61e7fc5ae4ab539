"""Figures are built from tables alone and say what they must."""

import numpy as np
import pandas as pd
import pytest

from app import charts, charts_accuracy, charts_data, charts_user

ESTIMATES = pd.DataFrame(
    {
        "model": ["b<i>", "a", "c"],
        "mean": [0.2, 0.5, 0.1],
        "low": [0.1, 0.4, 0.05],
        "high": [0.3, 0.65, 0.15],
        "n": [10, 10, 10],
        "k": [10.0, 10.0, 10.0],
    }
)


def test_the_forest_puts_the_best_on_top_and_keeps_intervals_lopsided():
    chart = charts_accuracy.forest(ESTIMATES, "ndcg", 10, "higher", quiet="c")
    (trace,) = chart.data
    assert trace.y[-1] == "a"
    assert trace.error_x.array[-1] == pytest.approx(0.15)
    assert trace.error_x.arrayminus[-1] == pytest.approx(0.1)
    assert trace.marker.symbol[0] == "circle-open"
    assert "higher is better" in chart.layout.xaxis.title.text


def test_lower_is_better_turns_the_order():
    chart = charts_accuracy.forest(ESTIMATES, "rmse", None, "lower")
    assert chart.data[0].y[-1] == "c"
    assert "lower is better" in chart.layout.xaxis.title.text


def test_labels_out_of_data_are_escaped_and_clicks_carry_the_raw_name():
    trace = charts_accuracy.forest(ESTIMATES, "ndcg", 10, "higher").data[0]
    assert "b&lt;i&gt;" in trace.y
    assert "b<i>" in trace.customdata[:, 0]


def test_differences_mark_chance_by_shape_and_draw_zero():
    table = pd.DataFrame(
        {
            "model": ["sure", "chance"],
            "difference": [0.2, 0.01],
            "low": [0.1, -0.1],
            "high": [0.3, 0.1],
            "p_holm": [0.001, 0.9],
            "p_bh": [0.001, 0.01],
        }
    )
    by_holm = charts_accuracy.differences(table, "ndcg", 10, "higher").data[0]
    by_bh = charts_accuracy.differences(table, "ndcg", 10, "higher", "p_bh").data[0]
    assert dict(zip(by_holm.y, by_holm.marker.symbol, strict=True))["chance"] == "circle-open"
    assert set(by_bh.marker.symbol) == {"circle"}
    chart = charts_accuracy.differences(table, "ndcg", 10, "higher")
    assert chart.layout.shapes[0].x0 == 0


def test_a_model_keeps_its_look_when_others_are_hidden():
    models = [f"m{place}" for place in range(20)]
    rows = pd.DataFrame(
        {
            "model": ["m7"] * 2,
            "k": [5.0, 10.0],
            "mean": [0.1, 0.2],
            "low": [0.0, 0.1],
            "high": [0.2, 0.3],
        }
    )
    line = charts_accuracy.curves(rows, "ndcg", "higher", models).data[0]
    assert line.line.color == charts.looks(models)["m7"]["color"]


def test_no_two_models_look_alike():
    looks = charts.looks([f"m{place}" for place in range(32)])
    assert len({tuple(look.values()) for look in looks.values()}) == 32


def test_the_distribution_counts_every_defined_user_once():
    values = pd.DataFrame({"a": [0.0, 0.0, 0.5, 1.0, np.nan], "b": [0.1, 0.2, 0.3, 0.4, 0.999]})
    chart = charts_accuracy.distribution(values, "ndcg", 10)
    assert sum(np.array(trace.x) for trace in chart.data) == pytest.approx([100, 100])
    assert chart.data[0].name == "0"
    assert chart.data[0].x[0] == pytest.approx(50)


def test_a_metric_beyond_one_is_cut_at_its_own_largest():
    chart = charts_accuracy.distribution(pd.DataFrame({"a": [0.5, 2.0, 4.0]}), "rmse", None)
    assert sum(trace.x[0] for trace in chart.data) == pytest.approx(100)


def test_slices_name_the_size_of_each_group():
    rows = ESTIMATES.assign(model="a", group=["F<", "M", "X"])
    chart = charts_accuracy.slices(rows, "ndcg", 10, ["a"])
    assert chart.layout.yaxis.ticktext[0] == "F&lt;  (n 10)"
    assert list(chart.data[0].customdata[:, 0]) == ["F<", "M", "X"]


def test_two_runs_stand_side_by_side():
    table = pd.DataFrame(
        {
            f"{what}_{run}": [value]
            for run in "ab"
            for what, value in (("mean", 0.2), ("low", 0.1), ("high", 0.3))
        }
    ).assign(model="a")
    chart = charts_accuracy.two_runs(table, "ndcg", 10, "higher")
    assert [trace.name for trace in chart.data] == ["run A", "run B"]
    assert chart.data[0].marker.symbol != chart.data[1].marker.symbol


def test_the_long_tail_is_said_in_words():
    table = pd.DataFrame({"share_of_items": [0, 0.2, 1], "share_of_interactions": [0, 0.65, 1]})
    assert charts_data.held_by(table, 0.2).startswith("The top 20 % of items hold 65 %")
    assert len(charts_data.long_tail(table).data) == 2


def test_ratings_below_the_threshold_are_another_bar():
    table = pd.DataFrame({"rating": [1.0, 3.5, 4.0], "count": [1, 2, 3]})
    liked, other = charts_data.ratings(table, 4.0).data
    assert list(liked.x) == ["4"]
    assert list(other.x) == ["1", "3.5"]


def test_bins_of_users_and_items_share_one_axis_in_order():
    few, many = (
        pd.DataFrame({"rows": [0, 1], "n": [1, 3]}),
        pd.DataFrame({"rows": [0, 1, 2, 3], "n": [1] * 4}),
    )
    chart = charts_data.sizes(few, many)
    assert list(chart.layout.xaxis.categoryarray) == ["0", "1", "2", "3"]


def test_missing_shares_name_side_and_attribute():
    table = pd.DataFrame(
        {"side": ["users"], "attribute": ["age"], "missing": [0.25], "n_missing": [5]}
    )
    trace = charts_data.missing(table).data[0]
    assert trace.y == ("users: age",)
    assert trace.x[0] == 25


def test_the_user_stands_within_everybody():
    values = pd.DataFrame({"a": np.linspace(0, 1, 11)})
    bar, middle, mine = charts_user.standing(values, pd.Series({"a": 0.9}), "ndcg@10").data
    assert (bar.base[0], bar.x[0]) == pytest.approx((0.1, 0.8))
    assert middle.x[0] == pytest.approx(0.5)
    assert mine.x[0] == pytest.approx(0.9)


@pytest.mark.parametrize("image", ["png", "svg"])
def test_the_camera_saves_what_was_asked_for(image):
    options = charts.plot_config("accuracy-forest", image)["toImageButtonOptions"]
    assert options["format"] == image
    assert options["filename"] == "accuracy-forest"
