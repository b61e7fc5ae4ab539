"""What metrics may ask for and what the judge can make are the same arrays."""

import numpy as np
import pandas as pd
import pytest

from core.tables import PAD, Interactions, TopK
from evaluators import METRICS
from evaluators.arrays import ARRAYS, OF_CATALOGUE, SUMS
from recscope.catalogue import Catalogue
from recscope.judge import judge, one_value, per_user
from recscope.judged import PROVIDERS
from recscope.run_sums import SUMMED


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


def test_sums_are_made_block_by_block_and_arrays_of_the_catalogue_are_documented():
    assert SUMMED.keys() == SUMS
    assert ARRAYS.keys() >= OF_CATALOGUE
    assert all(ARRAYS[name].split("(")[1].startswith("n_items") for name in OF_CATALOGUE)
    assert all(ARRAYS[name].split("(")[1].startswith("...") for name in SUMS)


@pytest.fixture
def catalogue():
    had = Interactions(
        users=np.array([0, 0, 1, 1], dtype=np.int32),
        items=np.array([6, 4, 6, 5], dtype=np.int32),
        n_users=2,
        n_items=8,
        timestamps=np.array([0, 86_400, 172_800, 864_000]),
    )
    genres = [[["a"], ["b"], ["a", "b"], ["c"]][item % 4] for item in range(8)]
    items = pd.DataFrame({"genres": genres, "embedding": list(np.eye(8))})
    return Catalogue(had, items, np.ones(8, dtype=bool), ("genres",))


def test_every_metric_can_be_computed_where_ratings_predictions_and_a_history_are_there(
    ten_point_truth, lists, catalogue
):
    predicted = np.array([9, 9, 3, 7, 2], dtype=np.float32)
    judged = judge(
        lists, ten_point_truth, seen=[catalogue.history], predicted=predicted, catalogue=catalogue
    )
    metrics = [metric for metric in METRICS.values() if metric.per != "audit"]
    values = per_user(judged, metrics, ks=[1, 3], dtype=np.float64)
    asked_for_pairs = ["ild@1", "ild_jaccard@1", "ild_vectors@1"]
    assert values.drop(columns=asked_for_pairs).notna().all().all()
    assert values[asked_for_pairs].isna().all().all(), "a list of one item has no pair"
    for metric in metrics:
        if metric.per == "run":
            is_known = np.isfinite(one_value(judged, metric, 3))
            assert is_known == (metric.name != "pop_reo"), "nothing of the head is relevant here"
    assert one_value(judged, METRICS["mae"], None) == pytest.approx(4 / 5)


def test_the_scale_of_the_ratings_reaches_the_metrics_that_depend_on_it(ten_point_truth, lists):
    values = per_user(judge(lists, ten_point_truth), [METRICS["err"]], ks=[3], dtype=np.float64)
    first, second = (2**10 - 1) / 2**10, (2**2 - 1) / 2**10
    assert values["err@3"][0] == pytest.approx(first / 2 + (1 - first) * second / 3, abs=1e-15)
