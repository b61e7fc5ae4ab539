"""An audit's alarm becomes a sentence with its number, interval and page; without one, none."""

import pandas as pd
import pytest

from app import findings
from app.findings import Evidence
from app.findings_audits import audit_findings
from recscope.audits.report import Report, effects_frame, estimates_frame

ALARMS = {
    "miscalibration": ("calibration", {}, "do not mean what they say", "calibration"),
    "strength between users": ("calibration", {}, "same score means different", "calibration"),
    "calibration gap": ("calibration", {}, "less honest to some users", "calibration"),
    "user group": ("user_fairness", {"effect": -0.1}, "1 is served worse", "fairness"),
    "intersection group": ("user_fairness", {"effect": -0.1}, "Where attributes meet", "fairness"),
    "exposure is out of proportion to relevance": (
        "item_fairness",
        {"effect": 0.4},
        "less exposure than users want",
        "fairness",
    ),
    "new or rare items are kept back": ("cold_start", {}, "keeps new or rare items", "cold_start"),
    "short histories are served worse": ("cold_start", {}, "short histories", "cold_start"),
}


@pytest.fixture
def evidence() -> Evidence:
    empty = pd.DataFrame()
    return Evidence(
        manifest={},
        estimates=pd.DataFrame({"model": ["ease"]}),
        compared=empty,
        users=empty,
        reach=empty,
        gaps=empty,
        leakage={},
        winners={},
        metric="ndcg@10",
    )


def alarm(test: str, **given: object) -> Report:
    facts = {
        "test": test,
        "model": "ease",
        "metric": "ndcg",
        "k": 10,
        "n": 90,
        "group_by": "gender",
        "group": "F",
        "effect": 0.1234,
        "low": 0.05,
        "high": 0.21,
        "p": 0.001,
        "p_adjusted": 0.004,
        "is_alarm": True,
    }
    return Report(tests=effects_frame([facts | given]))


def told(evidence: Evidence, family: str, report: Report) -> list[findings.Finding]:
    return list(audit_findings(evidence, {family: report}))


@pytest.mark.parametrize("test", ALARMS)
def test_an_alarm_is_told_with_its_number_and_interval_and_leads_to_its_page(evidence, test):
    family, given, title, page = ALARMS[test]
    (found,) = [f for f in told(evidence, family, alarm(test, **given)) if f.level != "note"]
    assert title in found.title
    assert found.page == page
    assert "0.050 to 0.210" in found.detail
    assert "p = 0.004" in found.detail
    assert f"{abs(float(given.get('effect', 0.1234))):.2f}" in found.detail


@pytest.mark.parametrize("test", ALARMS)
def test_what_no_corrected_test_supports_is_not_told(evidence, test):
    family, given, _, _ = ALARMS[test]
    report = alarm(test, is_alarm=False, p_adjusted=0.4, **given)
    assert [f for f in told(evidence, family, report) if f.level != "note"] == []


@pytest.mark.parametrize("test", ALARMS)
def test_an_alarm_about_another_model_than_the_best_is_left_to_its_page(evidence, test):
    family, given, _, _ = ALARMS[test]
    report = alarm(test, model="popularity", **given)
    assert [f for f in told(evidence, family, report) if f.level != "note"] == []


def test_groups_that_are_served_better_are_no_worry(evidence):
    report = alarm("user group", effect=0.2)
    (found,) = told(evidence, "user_fairness", report)
    assert (found.level, found.title) == (
        "note",
        "No group of users is served worse beyond chance",
    )


def test_a_swap_of_a_sensitive_attribute_that_changes_lists_comes_first(evidence):
    swap = alarm("swap", model="group-popularity", group_by="gender")
    both = {"counterfactual": swap, "cold_start": alarm("new or rare items are kept back")}
    found = findings.ranked(audit_findings(evidence, both))
    assert [f.level for f in found] == ["bad", "warn"]
    assert "Lists change with a sensitive attribute alone" in found[0].title


def test_many_groups_are_summed_up(evidence):
    tests = [alarm("user group", effect=-0.1 - n / 100, group=f"g{n}").tests for n in range(6)]
    report = Report(tests=pd.concat(tests, ignore_index=True))
    (found,) = told(evidence, "user_fairness", report)
    assert "Of 6 groups of users, 6 are served worse" in found.title
    assert found.detail.count("**") == 2 * 4
    assert "and 2 groups more" in found.detail


def test_text_from_data_starts_no_markup(evidence):
    report = alarm("user group", effect=-0.1, group="[x](http://evil)")
    (found,) = told(evidence, "user_fairness", report)
    assert "[x](" not in found.detail


def test_the_largest_shift_of_each_aspect_is_told(evidence):
    told_of = {"test": "data against the first window", "model": None, "metric": "cramers_v"}
    rows = [
        alarm(**told_of, group_by="ratings", group=month, effect=effect, low=0.05, high=0.21).tests
        for month, effect in (("2002-01", 0.2), ("2002-02", 0.4))
    ]
    report = Report(tests=pd.concat(rows, ignore_index=True))
    (found,) = told(evidence, "drift", report)
    assert found.page == "drift"
    assert "1 aspect of them differs" in found.detail
    assert "most in 2002\\-02: Cramér's V 0.400 (0.050 to 0.210)" in found.detail


def test_a_stale_model_is_a_warning_where_it_is_the_best(evidence):
    (best,) = told(evidence, "drift", alarm("refreshing pays", model="ease"))
    (other,) = told(evidence, "drift", alarm("refreshing pays", model="als"))
    assert (best.level, other.level) == ("warn", "note")
    assert "+0.123 in quality@10 (0.050 to 0.210)" in best.detail
    assert told(evidence, "drift", alarm("refreshing pays", effect=-0.1)) == []


def test_models_are_twins_only_where_the_whole_interval_says_so(evidence):
    facts = {"metric": "rbo", "k": 10, "group_by": "model", "mean": 0.95, "high": 0.97, "n": 90}
    pair = ({"model": "a", "group": "b"}, {"model": "b", "group": "a"})
    sure = Report(estimates_frame([facts | names | {"low": 0.93} for names in pair]))
    (found,) = told(evidence, "diversity", sure)
    assert "a and b: 0.950 (0.930 to 0.970)" in found.detail
    unsure = Report(estimates_frame([facts | names | {"low": 0.85} for names in pair]))
    assert told(evidence, "diversity", unsure) == []
