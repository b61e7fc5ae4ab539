"""The chart without a chart library: same order, same marks, nothing of the data becomes HTML."""

import re

import pandas as pd
import pytest

from app import light

ESTIMATES = pd.DataFrame(
    {
        "model": ["b<i>", "a", "c"],
        "mean": [0.2, 0.5, 0.1],
        "low": [0.1, 0.4, 0.05],
        "high": [0.3, 0.65, 0.15],
    }
)


def drawn(table=ESTIMATES, better="higher", **given):
    return light.forest(table, "ndcg", 10.0, better, alt="who is best", **given)


def places(html, mark):
    return [float(found) for found in re.findall(rf'class="{mark}" style="left:([\d.-]+)%', html)]


@pytest.mark.parametrize("better, first", [("higher", "a"), ("lower", "c")])
def test_the_best_is_on_top(better, first):
    html = drawn(better=better)
    assert re.search(r"</style>.*?<div>([^<]*)</div>", html).group(1) == first
    assert f"{better} is better" in html


def test_a_metric_without_direction_names_none():
    assert "is better" not in drawn(better="neither")


def test_marks_stand_at_their_share_of_the_axis():
    # hand-worked: 0.05 to 0.65 with 4 % room on both sides is 0.026 to 0.674
    assert places(drawn(), "point") == pytest.approx([73.15, 26.85, 11.42], abs=0.005)
    assert places(drawn(), "whisker")[0] == pytest.approx(100 * (0.4 - 0.026) / 0.648, abs=0.005)


def test_the_baseline_is_hollow():
    assert drawn(quiet="c").count("point hollow") == 1


def test_a_model_named_as_html_stays_text():
    html = drawn()
    assert "b&lt;i&gt;" in html
    assert "b<i>" not in html


def test_an_undefined_mean_is_a_dash_without_a_mark():
    table = ESTIMATES.assign(mean=[0.2, None, 0.1], low=[None, None, 0.05])
    html = drawn(table)
    assert len(places(html, "point")) == 2
    assert len(places(html, "whisker")) == 1
    assert ">–</div>" in html


def test_nothing_to_draw_and_one_value_are_drawn_too():
    assert 'role="img" aria-label="who is best"' in drawn(ESTIMATES.iloc[:0])
    same = ESTIMATES.assign(mean=0.0, low=0.0, high=0.0)
    assert places(drawn(same), "point") == pytest.approx([50.0] * 3)


@pytest.mark.parametrize(
    "low, high, expected",
    [
        (0.02, 0.34, [0.1, 0.2, 0.3]),
        (-0.3, 0.9, [-0.25, 0, 0.25, 0.5, 0.75]),
        (980, 1_420, [1000, 1100, 1200, 1300, 1400]),
    ],
)
def test_ticks_are_few_and_round(low, high, expected):
    assert light.ticks(low, high) == expected
