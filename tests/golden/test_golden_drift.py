"""SciPy, Evidently, NannyML, frouros and rbo find the same drift in the same samples."""

import json
from pathlib import Path

import numpy as np
import pytest
from drift_samples import clouds, lists, samples
from make_drift import BANDWIDTH, PERSISTENCE

from core.tables import PAD
from evaluators import METRICS

HERE = Path(__file__).parent


def told(tool):
    return json.loads((HERE / f"drift_{tool}.json").read_text())["values"]


def of_samples(metric, pair):
    values = np.array(sorted({*pair["reference"], *pair["current"]}))
    counts = [np.array([pair[side].count(v) for v in values]) for side in ("reference", "current")]
    extra = (values,) if metric == "wasserstein" else ()
    return float(METRICS[metric](*counts, *extra))


CASES = [
    (tool, sample, metric)
    for tool in ("scipy", "evidently", "nannyml")
    for sample, numbers in told(tool).items()
    for metric in numbers
]


@pytest.mark.parametrize("tool, sample, metric", CASES)
def test_a_distance_agrees(tool, sample, metric):
    ours = of_samples(metric, samples()[sample])
    assert ours == pytest.approx(told(tool)[sample][metric], rel=1e-9, abs=1e-12)


def test_mmd_agrees_with_frouros():
    points = {side: np.array(cloud) for side, cloud in clouds().items()}
    ours = METRICS["mmd"](points["reference"], points["current"], BANDWIDTH)
    assert float(ours) == pytest.approx(told("frouros")["mmd"], rel=1e-9)


def test_rank_biased_overlap_agrees_with_rbo():
    for pair, theirs in zip(lists(), told("rbo")["refit_overlap"], strict=True):
        both = (np.array([pair[side]]) for side in ("before", "after"))
        ours = METRICS["refit_overlap"](*both, PERSISTENCE)
        assert ours[0] == pytest.approx(theirs, rel=1e-9)


def test_lists_of_different_depths_are_judged_together_as_each_alone():
    pairs = lists()
    width = max(len(pair["before"]) for pair in pairs)
    wide = [
        np.array([[*pair[side], *[PAD] * (width - len(pair[side]))] for pair in pairs])
        for side in ("before", "after")
    ]
    assert METRICS["refit_overlap"](*wide) == pytest.approx(told("rbo")["refit_overlap"], rel=1e-9)
