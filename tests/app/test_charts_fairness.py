"""Figures of the Fairness page, and the tables behind them."""

import numpy as np
import pandas as pd
import pytest

from app import charts_fairness
from app.fairness_data import regrouped
from app.fairness_trade import is_best
from evaluators import METRICS
from recscope.cuts import Cut
from recscope.regroup import column


def gaps():
    return pd.DataFrame(
        {
            "label": ["gender", "<b>age</b>"],
            "key": ["gender", "age"],
            "value": [0.1, 0.05],
            "low": [0.05, 0.0],
            "high": [0.15, 0.1],
            "is_sure": [True, False],
            "by_chance": [0.02, np.nan],
            "said": ["worst: F", "worst: 60"],
        }
    )


def test_a_sure_gap_is_filled_and_the_first_row_stands_on_top():
    marks, chance = charts_fairness.gaps(gaps(), "gap").data
    assert list(marks.y) == ["&lt;b&gt;age&lt;/b&gt;", "gender"]
    assert list(marks.marker.symbol) == ["circle-open", "circle"]
    assert marks.customdata[1][0] == "gender"
    assert chance.name == "expected by chance alone"


def test_without_a_test_no_gap_by_chance_is_drawn():
    assert len(charts_fairness.gaps(gaps().assign(by_chance=np.nan), "gap").data) == 1


def test_the_least_likely_group_stands_on_top():
    table = pd.DataFrame(
        {"label": ["a", "b"], "effect": [-0.2, -0.1], "low": [-0.3, -0.3], "high": [-0.1, 0.1],
         "corrected": [0.01, 0.4], "n": [10, 1200], "mean": [0.1, 0.2]}
    )  # fmt: skip
    (marks,) = charts_fairness.worst(table, "ndcg@10").data
    assert list(marks.y) == ["b  (n 1,200)", "a  (n 10)"]
    assert list(marks.marker.symbol) == ["circle-open", "circle"]


def test_a_side_that_is_not_there_has_no_panel():
    table = pd.DataFrame({"model": ["m"], "is_best": [True]})
    for name in ("accuracy", "user"):
        table = table.assign(**{name: 0.5, f"{name}_low": 0.4, f"{name}_high": 0.6})
    titles = {"accuracy": "ndcg", "user": "gap"}
    better = {"accuracy": "higher", "user": "lower"}
    chart = charts_fairness.trade_off(table, titles, better, ["m"])
    assert len(chart.data) == 1
    assert "lower is better" in chart.layout.yaxis.title.text


def test_the_front_holds_whom_nobody_beats_in_everything():
    table = pd.DataFrame({"accuracy": [0.3, 0.2, 0.2], "user": [0.1, 0.05, 0.2]})
    assert is_best(table, {"accuracy": "higher", "user": "lower"}) == [True, True, False]
    assert is_best(table.iloc[[0, 0]], {"accuracy": "higher", "user": "lower"}) == [True, True]


def test_regrouping_leaves_small_groups_out_and_counts_them():
    users = Cut("g", np.repeat([0, 1, 2], [40, 30, 3]).astype(np.int32), ("a", "b", "c"))
    values = np.linspace(0, 1, 73).astype(np.float32)
    values[0] = np.nan
    found = regrouped(users, {"m": column(values)}, METRICS["ndcg"])
    assert found.groups["group"].tolist() == ["a", "b"]
    assert found.groups["n_undefined"].tolist() == [1, 0]
    assert found.n_small == 1
    assert found.groups["low"].min() >= 0
    gap = found.between.set_index("number").loc["user_gap"]
    means = [np.nanmean(values[:40]), values[40:70].mean()]
    assert gap["value"] == pytest.approx(means[1] - means[0], abs=1e-6)


def test_one_group_left_says_why():
    users = Cut("g", np.repeat([0, 1], [40, 2]).astype(np.int32), ("a", "b"))
    found = regrouped(users, {"m": column(np.linspace(0, 1, 42))}, METRICS["ndcg"])
    assert found.between.empty
    assert found.why is not None
    assert "1 group of 5 users or more remain" in found.why
