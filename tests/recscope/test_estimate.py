"""The table of estimates: its columns, its groups, whom each number speaks of."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import ConfigError, UnknownNameError
from core.tables import PAD, Interactions, TopK
from evaluators import METRICS
from recscope.estimate import COLUMNS, estimate, split_label
from recscope.groups import group_frame
from recscope.judge import judge, per_user


def table(values, name="ndcg@10"):
    return pd.DataFrame({name: values})


def one(frame, **where):
    """The row with these values."""
    for name, value in where.items():
        frame = frame[frame[name].isna() if value is None else frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def test_columns_are_the_promised_ones_and_null_stands_for_everybody():
    frame = estimate(table([0.0, 0.5, 1.0]), model="ease")
    assert frame.columns.tolist() == list(COLUMNS)
    row = frame.iloc[0]
    assert (row["model"], row["metric"], row["k"]) == ("ease", "ndcg", 10)
    assert row[["group_by", "group"]].isna().all()


@pytest.mark.parametrize(
    "label,parts", [("ndcg@10", ("ndcg", 10)), ("auc", ("auc", None)), ("a@b", ("a@b", None))]
)
def test_a_label_is_a_metric_and_maybe_a_cutoff(label, parts):
    assert split_label(label) == parts


def test_undefined_users_do_not_count_and_imputed_ones_do():
    values = [np.nan, 0.0, 0.5, 1.0, np.nan]
    imputed = np.array([True, True, False, False, False])
    row = estimate(table(values), is_imputed=imputed).iloc[0]
    assert row["mean"] == 0.5
    assert (row["n"], row["n_undefined"], row["n_imputed"]) == (3, 2, 1)


def test_nobody_defined_is_undefined_and_one_user_has_no_interval():
    nobody = estimate(table([np.nan, np.nan])).iloc[0]
    assert nobody["method"] == "undefined"
    assert np.isnan(nobody["mean"])
    alone = estimate(table([0.5, np.nan])).iloc[0]
    assert (alone["mean"], alone["method"]) == (0.5, "none")
    assert np.isnan(alone["low"])


def test_no_resamples_no_interval():
    row = estimate(table([0.0, 1.0]), resamples=0).iloc[0]
    assert row["method"] == "none"
    assert np.isnan(row["low"])
    assert np.isnan(row["high"])


def test_means_of_many_users_take_the_closed_form_and_say_so():
    values = np.random.default_rng(0).random(10_000)
    row = estimate(table(values)).iloc[0]
    assert row["method"] == "normal"
    reach = 1.959963984540054 * values.std(ddof=1) / 100
    assert row["high"] - row["mean"] == pytest.approx(reach, rel=1e-12)
    few = estimate(table(values[:-1]), method="percentile").iloc[0]
    assert few["method"] == "percentile"
    assert few["high"] - few["low"] == pytest.approx(2 * reach, rel=0.1)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_users_who_are_all_at_the_end_of_a_metric_leave_room_for_unseen_ones(end):
    values = pd.DataFrame({"ndcg@10": np.full(35, end)})
    row = estimate(values, [METRICS["ndcg"]]).iloc[0]
    assert (row["mean"], row["method"]) == (end, "clopper-pearson")
    edge, other = ("low", "high") if end == 0 else ("high", "low")
    assert row[edge] == end
    # were the truth at the other edge, all of 35 users at this end would have a chance of 2.5 %
    assert (1 - abs(row[other] - end)) ** 35 == pytest.approx(0.025)
    sure = estimate(values, [METRICS["ndcg"]], confidence=0.8).iloc[0]
    assert abs(sure[other] - end) < abs(row[other] - end)


def test_equal_values_between_the_ends_or_without_ends_are_left_to_the_bootstrap():
    middle = estimate(pd.DataFrame({"ndcg@10": [0.5] * 9}), [METRICS["ndcg"]]).iloc[0]
    assert (middle["low"], middle["high"], middle["method"]) == (0.5, 0.5, "bca")
    unknown = estimate(table([0.0] * 9)).iloc[0]
    assert (unknown["high"], unknown["method"]) == (0.0, "bca")
    alone = estimate(pd.DataFrame({"ndcg@10": [0.0]}), [METRICS["ndcg"]]).iloc[0]
    assert alone["method"] == "none"


def test_the_seed_alone_moves_an_interval():
    values = table(np.random.default_rng(0).random(200))
    first, again, other = (estimate(values, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert first["low"].iloc[0] != other["low"].iloc[0]
    assert first["mean"].iloc[0] == other["mean"].iloc[0]


def test_a_groups_numbers_do_not_depend_on_the_other_groups():
    values = table(np.random.default_rng(0).random(60))
    both = pd.DataFrame({"sex": ["f"] * 30 + ["m"] * 30})
    split = pd.DataFrame({"sex": ["f"] * 30 + ["m"] * 15 + ["x"] * 15})
    rows = [one(estimate(values, groups=groups), group="f") for groups in (both, split)]
    pd.testing.assert_series_equal(*rows, check_names=False)


def test_groups_come_after_everybody_and_small_ones_are_suppressed():
    values = table([0.0, 1.0, 0.0, 1.0, 0.5, 0.5, 1.0])
    frame = estimate(values, groups=pd.DataFrame({"sex": list("ffffffm")}))
    assert frame["group"].isna().tolist() == [True, False, False]
    large, small = one(frame, group="f"), one(frame, group="m")
    assert (large["group_by"], large["n"], large["mean"]) == ("sex", 6, 0.5)
    assert small["method"] == "suppressed (n < 5)"
    assert small[["mean", "low", "high"]].isna().all()
    shown = estimate(values, groups=pd.DataFrame({"sex": list("ffffffm")}), smallest=1)
    assert one(shown, group="m")["mean"] == 1.0


def judged_ratings():
    users = np.repeat(np.arange(40, dtype=np.int32), 3)
    items = np.tile(np.arange(3, dtype=np.int32), 40)
    rng = np.random.default_rng(0)
    ratings = rng.integers(1, 6, 120).astype(np.float32)
    predicted = np.where(users < 35, ratings + rng.normal(0, 1, 120), np.nan)
    truth = Interactions(users, items, 40, 3, ratings=ratings)
    lists = TopK(np.arange(40), np.full((40, 1), PAD, np.int32), np.zeros((40, 1)))
    return judge(lists, truth, predicted=predicted), predicted - ratings


def test_metrics_of_a_run_are_computed_again_from_drawn_users():
    judged, error = judged_ratings()
    metrics = [METRICS["rmse"], METRICS["precision"]]
    scores = per_user(judged, metrics, [1])
    groups = pd.DataFrame({"half": ["a"] * 20 + ["b"] * 20})
    frame = estimate(scores, metrics, judged=judged, ks=[1], groups=groups, resamples=400)
    assert frame["metric"].tolist() == ["precision", "rmse"] * 3
    row = one(frame, metric="rmse", group_by=None)
    assert row["mean"] == pytest.approx(np.sqrt(np.nanmean(error**2)), rel=1e-12)
    assert row["low"] < row["mean"] < row["high"]
    assert pd.isna(row["k"])
    assert (row["n"], row["n_undefined"], row["method"]) == (35, 5, "percentile")
    assert row["n_imputed"] == 0  # nobody's list is needed to be off by so much
    half = one(frame, metric="rmse", group="a")
    assert half["mean"] == pytest.approx(np.sqrt(np.mean(error[:60] ** 2)), rel=1e-12)


@pytest.mark.parametrize("name", ["rmse", "mae"])
def test_an_additive_metric_is_the_same_from_sums_as_from_each_drawing(name):
    judged, _ = judged_ratings()
    groups = pd.DataFrame({"half": ["a"] * 20 + ["b"] * 20})
    scores = pd.DataFrame(index=range(40))

    def told(metric):
        return estimate(scores, [metric], judged=judged, groups=groups, resamples=300)

    columns = ["mean", "low", "high"]
    fast, slow = told(METRICS[name]), told(replace(METRICS[name], additive=False))
    np.testing.assert_allclose(fast[columns], slow[columns], rtol=1e-7)


@pytest.mark.parametrize(
    "wrong,message",
    [
        ({"resamples": -1}, "resamples must be 0"),
        ({"confidence": 1.0}, "confidence must lie between 0 and 1"),
        ({"seed": -3}, "seed must be 0 or more"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong, message):
    with pytest.raises(ConfigError, match=message):
        estimate(table([0.0, 1.0]), **wrong)


def test_groups_are_texts_in_the_order_of_the_values_and_gaps_have_a_name():
    attributes = pd.DataFrame({"age": [25.0, 9.0, np.nan, 25.0]}, index=[0, 1, 2, 3])
    groups = group_frame(attributes, np.array([3, 0, 1, 2, 7]), ["age"])
    assert groups["age"].tolist() == ["25", "25", "9", "(missing)", "(missing)"]
    assert groups["age"].cat.categories.tolist() == ["9", "25", "(missing)"]


def test_groups_of_several_types_are_ordered_as_text():
    attributes = pd.DataFrame({"mixed": ["b", 1, "a", 1.0], "lists": [["b"], ["a"], None, ["b"]]})
    groups = group_frame(attributes, np.arange(4), ["mixed", "lists"])
    assert groups["mixed"].tolist() == ["b", "1", "a", "1"]
    assert groups["lists"].tolist() == ["['b']", "['a']", "(missing)", "['b']"]


def test_an_unknown_attribute_is_refused_with_the_nearest_name():
    attributes = pd.DataFrame({"gender": ["f"]})
    with pytest.raises(UnknownNameError, match=r"no user attribute is called 'gendre'.*'gender'"):
        group_frame(attributes, np.arange(1), ["gendre"])


def test_an_attribute_that_hardly_groups_is_refused():
    attributes = pd.DataFrame({"zip": np.arange(1001)})
    with pytest.raises(ConfigError, match=r"'zip' has 1,001 values, too many.*bands"):
        group_frame(attributes, np.arange(1001), ["zip"])
