"""Numbers of items and providers, worked by hand."""

import numpy as np
import pytest

from evaluators import METRICS
from evaluators.popularity import relative_spread

EXPOSURE = np.array([6.0, 3.0, 1.0, 0.0])
WANTED = np.array([3.0, 3.0, 2.0, 0.0])


def value(name, *arrays):
    return METRICS[name](*(np.asarray(array, dtype=float) for array in arrays))


def test_shares_and_what_they_are_held_against():
    assert value("exposure_share", EXPOSURE) == pytest.approx([0.6, 0.3, 0.1, 0])
    n_items = [1.0, 1.0, 1.0, 1.0]
    assert value("exposure_to_catalogue", EXPOSURE, n_items) == pytest.approx([2.4, 1.2, 0.4, 0])
    due = value("exposure_to_relevance", EXPOSURE, WANTED)
    assert due[:3] == pytest.approx([0.6 / 0.375, 0.3 / 0.375, 0.1 / 0.25])
    assert np.isnan(due[3]), "nobody wanted it: the question has no answer"


def test_treatment_and_impact_compare_the_groups_farthest_apart():
    assert value("disparate_treatment", EXPOSURE, WANTED) == pytest.approx(0.5 / 2)
    assert value("disparate_impact", [3.0, 3.0, 1.0, 0.0], WANTED) == pytest.approx(0.5)
    assert value("demographic_parity", EXPOSURE[:3], [6.0, 1.0, 1.0]) == pytest.approx(1 / 3)


def test_statistical_parity_and_equal_opportunity_are_the_relative_spread_of_rates():
    assert value("rsp", [2.0, 1.0], [10.0, 10.0]) == pytest.approx(0.05 / 0.15)
    assert value("reo", [1.0, 0.0], [2.0, 5.0]) == pytest.approx(1.0)
    assert value("reo", [1.0, 1.0, 0.0], [2.0, 2.0, 0.0]) == 0, "nothing is sought of the third"
    assert np.isnan(value("reo", [1.0, 0.0], [2.0, 0.0])), "one group tells nothing"


def test_expected_exposure_of_groups_falls_apart_into_its_three_parts():
    spread = value("group_exposure_disparity", EXPOSURE)
    overlap = value("group_exposure_relevance", EXPOSURE, WANTED)
    target = (WANTED / WANTED.sum()) ** 2
    loss = value("group_exposure_loss", EXPOSURE, WANTED)
    assert loss == pytest.approx(spread - 2 * overlap + target.sum())
    assert value("group_exposure_loss", WANTED, WANTED) == 0


def test_inequality_of_providers():
    assert value("exposure_gini", EXPOSURE) == pytest.approx((-1 * 1 + 3 * 1 + 6 * 3) / (4 * 10))
    assert value("exposure_gini", [0, 0, 0, 5.0]) == pytest.approx(0.75)
    assert value("exposure_min_max", [2.0, 8.0]) == pytest.approx(0.25)
    assert value("worst_half_share", EXPOSURE) == pytest.approx(0.1)
    assert value("exposure_entropy", [1.0, 1.0, 2.0]) == pytest.approx(1.5)
    assert value("unexposed_share", EXPOSURE) == pytest.approx(0.25)


@pytest.mark.parametrize(
    "name", ["exposure_gini", "worst_half_share", "exposure_entropy", "exposure_min_max"]
)
def test_no_exposure_at_all_has_no_answer_and_no_zero(name):
    assert np.isnan(value(name, [0.0, 0.0]))


@pytest.mark.parametrize(
    "name", [metric.name for metric in METRICS.values() if metric.family == "item-fairness"
             and metric.per == "audit" and metric.needs[0] == "exposure"]
)  # fmt: skip
def test_every_draw_of_users_is_judged_as_if_it_were_alone(name):
    rng = np.random.default_rng(4)
    draws = [rng.random((7, 5)) for _ in METRICS[name].needs]
    if METRICS[name].needs[-1] == "n_items":
        draws[-1] = draws[-1][0]
    together = value(name, *draws)
    alone = [value(name, *(d if d.ndim == 1 else d[row] for d in draws)) for row in range(7)]
    np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_the_spread_of_equal_rates_is_nothing_and_of_one_rate_unknown():
    assert relative_spread(np.array([0.2, 0.2, np.nan])) == 0
    assert np.isnan(relative_spread(np.array([0.2, np.nan])))
    assert np.isnan(relative_spread(np.array([0.0, 0.0])))


def exposure_metric(name, hits, n_relevant, n_candidates):
    arrays = {
        "hits": np.array([hits], dtype=bool),
        "n_listed": np.array([len(hits)]),
        "n_relevant": np.array([n_relevant]),
        "n_candidates": np.array([n_candidates]),
    }
    metric = METRICS[name]
    return float(metric(**{need: arrays[need] for need in metric.needs})[0])


def test_one_relevant_item_on_top_loses_only_what_the_others_are_denied():
    d = 1 / np.log2([2, 3])
    others = d[1] / 4
    expected = (d[1] - others) ** 2 + 3 * others**2
    assert exposure_metric("exposure_loss", [1, 0], 1, 5) == pytest.approx(expected)


def test_expected_exposure_agrees_with_the_sum_over_all_items():
    """Worked by hand: 6 candidates, 3 relevant, a list of 3 with one hit at rank 2."""
    d = 1 / np.log2([2, 3, 4])
    target = np.array([d.sum() / 3] * 3 + [0.0] * 3)
    given = np.array([d[1], 0, 0, d[0], d[2], 0])  # the hit, two missed, two others, one unlisted
    assert exposure_metric("exposure_disparity", [0, 1, 0], 3, 6) == pytest.approx((given**2).sum())
    assert exposure_metric("exposure_relevance", [0, 1, 0], 3, 6) == pytest.approx(given @ target)
    loss = ((given - target) ** 2).sum()
    assert exposure_metric("exposure_loss", [0, 1, 0], 3, 6) == pytest.approx(loss)
