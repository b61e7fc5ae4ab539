"""Arrays are handed over by name, and an answer of the wrong shape is not taken."""

import numpy as np
import pytest

from core.errors import PluginError
from evaluators import METRICS
from evaluators.arrays import compute, missing
from evaluators.metric import metric

HITS = {"hits": np.array([[True, False]]), "n_relevant": np.array([1])}


def declared(function):
    return metric(better="higher", bounds=(0, 1), source="test", family="test")(function)


def test_a_metric_gets_the_arrays_it_names_and_no_others():
    assert compute(METRICS["precision"], HITS | {"noise": np.array([9])}).tolist() == [0.5]


def test_a_setting_among_the_arrays_replaces_the_default():
    arrays = HITS | {"p": np.float64(0.5)}
    assert compute(METRICS["rbp"], arrays).tolist() == [0.5]
    assert compute(METRICS["rbp"], HITS).tolist() == pytest.approx([0.2])


def test_a_missing_array_is_named():
    assert missing(METRICS["auc"], HITS) == ["n_listed", "n_candidates"]
    with pytest.raises(PluginError, match="'auc' asks for n_listed, n_candidates, which this run"):
        compute(METRICS["auc"], HITS)


def test_a_metric_that_fails_is_named_with_its_reason():
    def sad(hits):
        raise ZeroDivisionError("nothing here")

    with pytest.raises(PluginError, match="'sad' failed: ZeroDivisionError: nothing here"):
        compute(declared(sad), HITS)


@pytest.mark.parametrize("answer", [0.5, [0.5, 0.5], [[0.5]]])
def test_an_answer_of_the_wrong_shape_is_not_taken(answer):
    def odd(hits):
        return np.array(answer)

    with pytest.raises(PluginError, match=r"'odd' answered with shape .*, not \(1,\): one value"):
        compute(declared(odd), HITS)


def test_an_answer_that_is_no_number_is_not_taken():
    def wordy(hits):
        return np.array(["good"])

    with pytest.raises(PluginError, match="'wordy' failed: ValueError"):
        compute(declared(wordy), HITS)


def test_values_come_as_float64():
    def short(hits):
        return np.ones(len(hits), dtype=np.float32)

    assert compute(declared(short), HITS).dtype == np.float64
