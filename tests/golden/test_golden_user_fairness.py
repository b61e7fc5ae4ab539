"""fairlearn, aif360 and scipy compute the same gaps, ratios, entropies and distances."""

import json
from pathlib import Path

import numpy as np
import pytest

from evaluators import METRICS
from recscope.regroup import regroup

GOLDEN = json.loads((Path(__file__).parent / "user_fairness.json").read_text(encoding="utf-8"))
CASES = GOLDEN["cases"]

every_case = pytest.mark.parametrize("name", CASES)


def means(case):
    groups = np.array(case["groups"])
    return regroup(np.array(case["values"]), groups, groups.max() + 1)


@every_case
@pytest.mark.parametrize("number", ["user_gap", "user_ratio", "worst_group", "group_deviation"])
def test_numbers_between_groups_agree_with_fairlearn(name, number):
    case = CASES[name]
    assert float(METRICS[number](means(case).mean)) == pytest.approx(case[number], abs=1e-12)


@every_case
@pytest.mark.parametrize("number", ["theil", "generalised_entropy"])
def test_entropies_agree_with_aif360(name, number):
    case = CASES[name]
    ours = float(METRICS[number](np.array(case["values"])))
    assert ours == pytest.approx(case[number], abs=1e-12)


@every_case
def test_entropy_between_groups_agrees_with_aif360(name):
    case = CASES[name]
    found = means(case)
    ours = float(METRICS["theil_between"](found.mean, found.n))
    assert ours == pytest.approx(case["theil_between"], abs=1e-12)


@every_case
def test_the_widest_distance_of_distributions_agrees_with_scipy(name):
    case = CASES[name]
    ours = float(METRICS["ks_gap"](np.array(case["values"]), np.array(case["groups"])))
    assert ours == pytest.approx(case["ks_gap"], abs=1e-12)
