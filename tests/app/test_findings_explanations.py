"""What explanations of a run make a reader worry about."""

from types import SimpleNamespace

import pytest

from app.findings_explanations import explanation_findings
from recscope.explained import frame
from tests.app.made_explained import estimates, judges


def found(rows: list[dict], judged: list[dict]):
    return list(
        explanation_findings(
            SimpleNamespace(estimates=frame("estimates", rows), judges=frame("judges", judged))
        )
    )


def test_faithful_explanations_are_good_to_know():
    (finding,) = found(estimates(), [])
    assert (finding.level, finding.page) == ("note", "explanation_quality")
    assert "Explanations of ease tell what it used" in finding.title
    assert "0.55 of the score (0.52 to 0.58)" in finding.detail
    assert "best baseline, random, names 0.15 (0.12 to 0.18)" in finding.detail


def test_explanations_no_better_than_a_guess_are_a_warning():
    rows = [{**row, "low": 0.1} if row["explainer"] == "template" else row for row in estimates()]
    (finding,) = found(rows, [])
    assert finding.level == "warn"
    assert "no more faithful than a guess" in finding.title


def test_a_judge_that_cannot_be_believed_is_named():
    (finding,) = found([], judges())
    assert "1 judge of explanations cannot be believed" in finding.title
    assert "yes\\_no (0.55, 0.50 to 0.60)" in finding.detail


@pytest.mark.parametrize("rows", [[], [row for row in estimates() if row["explainer"] == "paths"]])
def test_nothing_is_said_without_both_sides(rows):
    assert found(rows, []) == []
