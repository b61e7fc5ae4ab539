"""What metrics may ask for and what the judge can make are the same arrays."""

import numpy as np
import pytest

from core.tables import PAD, Interactions, TopK
from evaluators import METRICS
from evaluators.arrays import ARRAYS
from recscope.judge import judge, one_value, per_user
from recscope.judged import PROVIDERS


@pytest.fixture
def ten_point_truth():
    """Two users who rate from 1 to 10 and like what they give at least 7."""
    return Interactions(
        users=np.array([0, 0, 0, 1, 1], dtype=np.int32),
        items=np.array([0, 1, 2, 3, 4], dtype=np.int32),
        n_users=2,
        n_items=8,
        ratings=np.array([10, 8, 2, 7, 1], dtype=np.float32),
        threshold=7,
    )


@pytest.fixture
def lists():
    items = np.array([[5, 0, 2], [4, 3, PAD]], dtype=np.int32)
    return TopK(np.arange(2, dtype=np.int32), items, np.where(items == PAD, -np.inf, -items * 1.0))


def test_the_judge_can_make_every_array_that_is_documented_and_no_other():
    assert PROVIDERS.keys() == ARRAYS.keys()


def test_every_metric_can_be_computed_where_ratings_and_predictions_are_there(
    ten_point_truth, lists
):
    predicted = np.array([9, 9, 3, 7, 2], dtype=np.float32)
    judged = judge(lists, ten_point_truth, predicted=predicted)
    values = per_user(judged, list(METRICS.values()), ks=[1, 3], dtype=np.float64)
    assert values.notna().all().all()
    assert one_value(judged, METRICS["mae"], None) == pytest.approx(4 / 5)


def test_the_scale_of_the_ratings_reaches_the_metrics_that_depend_on_it(ten_point_truth, lists):
    values = per_user(judge(lists, ten_point_truth), [METRICS["err"]], ks=[3], dtype=np.float64)
    first, second = (2**10 - 1) / 2**10, (2**2 - 1) / 2**10
    assert values["err@3"][0] == pytest.approx(first / 2 + (1 - first) * second / 3, abs=1e-15)
