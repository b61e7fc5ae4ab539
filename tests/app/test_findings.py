"""Each worry is raised by what should raise it, and by nothing else."""

from dataclasses import replace

import pandas as pd
import pytest

from app import findings, headline
from app.findings import Evidence


@pytest.fixture
def calm() -> Evidence:
    """A run with nothing to worry about."""
    return Evidence(
        manifest={
            "models": {"ease": {"status": "done"}},
            "data": {"split": {"rule": "leave-last"}},
            "population": [],
        },
        estimates=pd.DataFrame(
            {"model": ["ease", "popularity"], "n": 90, "n_undefined": 0, "n_imputed": 0}
        ),
        compared=row(p_holm=0.001),
        users=pd.DataFrame({"n_train": [5, 9], "n_test": [1, 1]}),
        reach=pd.DataFrame(
            {
                "model": ["ease"],
                "n_recommended": [80],
                "n_items": [100],
                "n_lists": 2,
                "n_fallback": 0,
            }
        ),
        gaps=gap(p_holm=0.7),
        leakage={"n_train": 100, "n_late": 0, "n_test_items": 20, "n_cold_items": 0},
        winners={"ndcg@10": "ease", "recall@10": "ease"},
        metric="ndcg@10",
    )


def row(**given):
    facts = {
        "model": "ease",
        "baseline": "popularity",
        "difference": 0.02,
        "low": 0.01,
        "high": 0.03,
    }
    return pd.DataFrame([facts | {"mde": 0.01, "n": 90} | given])


def gap(**given):
    facts = {"group_by": "gender", "group": "F", "n": 20, "mean": 0.2, "rest": 0.3}
    return pd.DataFrame([facts | {"difference": -0.1, "low": -0.2, "high": -0.05} | given])


def titles(evidence: Evidence, level: str | None = None) -> str:
    found = findings.findings(evidence)
    return "\n".join(f"{f.title} {f.detail}" for f in found if level in (None, f.level))


def test_a_calm_run_raises_nothing(calm):
    assert not titles(calm, "bad")
    assert not titles(calm, "warn")


def test_a_failed_model_is_bad(calm):
    broken = {"ease": {"status": "done"}, "bpr": {"status": "failed", "error": "boom"}}
    assert "bpr gave no result" in titles(
        replace(calm, manifest=calm.manifest | {"models": broken}), "bad"
    )


def test_leakage_is_bad_and_names_the_rule(calm):
    said = titles(replace(calm, leakage=dict(calm.leakage) | {"n_late": 40}), "bad")
    assert "40 % of the training interactions" in said
    assert "leave\\-last" in said


def test_a_lead_that_could_be_chance_is_bad_and_says_what_could_be_seen(calm):
    said = titles(replace(calm, compared=row(p_holm=0.2)), "bad")
    assert "may be no better than popularity" in said
    assert "below 0.010" in said


def test_stand_in_data_are_bad(calm):
    manifest = calm.manifest | {"fallback": "x could not be fetched"}
    assert "could not be fetched" in titles(replace(calm, manifest=manifest), "bad")


def test_a_group_served_worse_is_a_warning_with_interval(calm):
    said = titles(replace(calm, gaps=gap(p_holm=0.01)), "warn")
    assert "gender = F" in said
    assert "−0.200 to −0.050" in said


def test_a_group_served_better_is_none(calm):
    better = gap(p_holm=0.01, difference=0.1)
    assert not titles(replace(calm, gaps=better), "warn")
    assert titles(replace(calm, gaps=better, better="lower"), "warn")


def test_users_without_a_list_are_a_warning(calm):
    assert "ease (3 of 90)" in titles(
        replace(calm, estimates=calm.estimates.assign(n_imputed=[3, 0])), "warn"
    )


@pytest.mark.parametrize("n_cold, level", [(1, "note"), (10, "warn"), (60, "bad")])
def test_cold_users_weigh_by_their_share(n_cold, level, calm):
    users = pd.DataFrame({"n_train": [0] * n_cold + [9] * (100 - n_cold), "n_test": 1})
    assert "never seen in training" in titles(replace(calm, users=users), level)


def test_few_items_shown_are_a_warning(calm):
    assert "5.0 % of the items" in titles(
        replace(calm, reach=calm.reach.assign(n_recommended=5)), "warn"
    )


def test_another_winner_is_a_note(calm):
    said = titles(replace(calm, winners={"ndcg@10": "ease", "hit_rate@10": "als"}), "note")
    assert "als by hit\\_rate@10" in said


def test_what_was_dropped_is_a_note_and_names_are_inert(calm):
    entry = {
        "stage": "load",
        "action": "dropped",
        "reason": "[x](http://e)",
        "count": 7,
        "unit": "rows",
    }
    said = titles(replace(calm, manifest=calm.manifest | {"population": [entry]}), "note")
    assert "7 rows" in said
    assert "[x](" not in said


def test_the_worst_comes_first(calm):
    noisy = replace(
        calm,
        compared=row(p_holm=0.9),
        gaps=gap(p_holm=0.01),
        leakage=dict(calm.leakage) | {"n_cold_items": 3},
    )
    levels = [finding.level for finding in findings.findings(noisy)]
    assert levels == sorted(levels, key=findings.LEVELS.index)


def test_a_card_says_whether_a_lead_is_sure():
    sure = headline.versus(row(p_holm=0.001).iloc[0], "over x")
    assert sure.is_sure
    assert "not chance" in sure.meaning
    assert "could be chance" in headline.versus(row(p_holm=0.5).iloc[0], "over x").meaning


def test_ten_is_the_usual_cutoff():
    assert headline.headline_cutoff([5.0, 10.0, 20.0]) == 10
    assert headline.headline_cutoff([1.0, 3.0, 50.0]) == 3
    assert headline.headline_cutoff([]) is None
