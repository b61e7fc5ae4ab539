"""The audit of fairness to users: the planted group is found, chance is not, and what cannot be."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.errors import ConfigError, UnknownNameError
from core.sandbox_checks import sandbox_lists
from recscope import engine
from recscope.auditing import audit
from recscope.audits import AUDITS, user_fairness
from recscope.audits.user_fairness import Settings
from recscope.config_sections import AuditConfig
from recscope.permuted import apart
from recscope.regroup import regroup
from recscope.scoring import score
from recscope.store import Run
from tests.recscope.small_run import small_config

NAME = "user_fairness"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Run:
    """A run whose card plants a group served worse, with everything about users judged."""
    config = small_config("item-knn")
    data = dataclasses.replace(config.data, options={"n_users": 900, "n_items": 150})
    config = dataclasses.replace(config, data=data, audit=AuditConfig((NAME,)))
    return engine.run(config, out=tmp_path_factory.mktemp("fair") / "runs")


@pytest.fixture(scope="module")
def report(made):
    return made.audit(NAME)


def again(made, tmp_path, users=None, **settings):
    """The same run audited with other settings, or with other attributes of its users."""
    import shutil

    from recscope.audits.case import Case
    from recscope.config import RunConfig
    from recscope.engine_data import data_of, material_of

    path = tmp_path / made.id
    shutil.copytree(made.path, path)
    config = RunConfig.from_toml(made.config_text())
    dataset, _ = data_of(made.manifest, config.data)
    case = Case(path, config, material_of(dataset, config), tuple(made.models()))
    if users is not None:
        case.users = users(case.users.copy())  # type: ignore[misc]  # stands in for the file
    return user_fairness.audit(case, Settings(**settings))


def test_it_is_listed():
    assert AUDITS[NAME] == "recscope.audits.user_fairness"
    assert user_fairness.QUESTION.endswith("?")


def test_the_planted_group_is_the_worst_and_gender_is_no_alarm(report):
    tests = report.tests[(report.tests["model"] == "item-knn") & (report.tests["metric"] == "ndcg")]
    gaps = tests[tests["test"] == "user gap"].set_index("group_by")
    assert gaps.loc["group", "group"] == "b"
    assert gaps.loc["group", "is_alarm"]
    assert gaps.loc["group", "low"] > 0
    assert not gaps.loc["gender", "is_alarm"]
    groups = tests[(tests["test"] == "user group") & (tests["group_by"] == "group")]
    assert groups.set_index("group")["effect"]["b"] < 0


def test_the_gap_is_that_of_the_groups_own_means(report, made):
    rows = report.estimates[(report.estimates["model"] == "item-knn")]
    gap = rows[(rows["metric"] == "user_gap") & (rows["group_by"] == "group")
               & (rows["group"] == "ndcg")]  # fmt: skip
    stored = made.estimates()
    means = stored[(stored["model"] == "item-knn") & (stored["metric"] == "ndcg")
                   & (stored["k"] == 10) & (stored["group_by"] == "group")]["mean"]  # fmt: skip
    assert float(gap["mean"].iloc[0]) == pytest.approx(means.max() - means.min(), abs=1e-6)
    assert (gap["low"] <= gap["mean"]).all()
    assert (gap["mean"] <= gap["high"]).all()


def test_every_number_stands_with_its_population(report):
    rows = report.estimates
    assert set(rows["metric"]) >= {
        "user_gap", "user_ratio", "worst_group", "group_deviation", "theil_between", "ks_gap",
        "user_gap_by_chance", "user_gap_detectable", "theil", "generalised_entropy", "jain",
        "worst_tenth",
    }  # fmt: skip
    assert (rows["n"] > 0).all()
    assert (rows.loc[rows["mean"].isna(), "method"] == "undefined").all()
    assert rows["mean"].notna().mean() > 0.9


def test_means_of_groups_are_not_told_twice(report, made):
    stored = made.estimates()
    known = set(zip(stored["group_by"], stored["metric"], strict=True))
    means = report.estimates[report.estimates["metric"] == "ndcg"]
    assert not {(row.group_by, row.metric) for row in means.itertuples()} & known
    assert "mainstreamness" in set(means["group_by"])


def test_holm_runs_over_all_tests_of_a_model(report):
    gaps = report.tests[report.tests["test"] == "user gap"]
    for _, rows in gaps.groupby("model"):
        smallest = rows.loc[rows["p"].idxmin()]
        assert smallest["p_adjusted"] == pytest.approx(min(1, smallest["p"] * len(rows)))
    assert (gaps["p_adjusted"] >= gaps["p"] - 1e-12).all()


def test_crossings_are_a_family_of_their_own(report):
    assert set(report.tests["test"]) == {
        "user gap", "user group", "intersection gap", "intersection group",
    }  # fmt: skip
    crossed = report.tests[report.tests["test"] == "intersection gap"]
    assert crossed["group_by"].str.contains(" × ").all()
    assert set(crossed["metric"]) == {"ndcg"}


def test_the_same_run_gives_the_same_bits(made, tmp_path, report):
    anew = again(made, tmp_path)
    same = {"check_exact": True, "check_dtype": False}  # texts come back from disk as texts
    pd.testing.assert_frame_equal(anew.estimates, report.estimates, **same)
    pd.testing.assert_frame_equal(anew.tests, report.tests, **same)


def bad(users):
    users["same"] = "yes"
    users["nothing"] = None
    users["zip"] = [f"z{n}" for n in range(len(users))]
    users["lonely"] = np.where(
        np.arange(len(users)) == users.index[users["n_test"] > 0][0], "x", "y"
    )
    return users


def test_what_cannot_be_judged_says_because(made, tmp_path):
    names = ("same", "nothing", "zip", "lonely")
    found = again(made, tmp_path, bad, by=names)
    reasons = {note.about: note.reason for note in found.notes}
    assert (
        "cannot be judged, because every user who has a value has the same, 'yes'"
        in (reasons["same"])
    )
    assert "cannot be judged, because no user has a value" in reasons["nothing"]
    assert "cannot be judged, because it has" in reasons["zip"]
    alone = [note.reason for note in found.notes if note.about == "lonely"]
    assert any("1 group of fewer than 5 users (1 in all) cannot be judged" in why for why in alone)
    assert any("cannot be judged, because 1 group of 5 users or more remain" in w for w in alone)
    assert found.tests.empty
    assert set(found.estimates["group_by"]) == {"users"}


def test_small_cells_are_left_out_and_counted(made, tmp_path):
    found = again(made, tmp_path, by=("gender", "group"), smallest=200)
    crossed = found.tests[found.tests["test"] == "intersection group"]
    assert (crossed["n"] >= 200).all()
    assert any("fewer than 200 users" in note.reason for note in found.notes)


def test_any_metric_by_any_attribute(made, tmp_path):
    found = again(made, tmp_path, metrics=("recall",), k=5, by=("activity",), intersections=1)
    assert set(found.tests["metric"]) == {"recall"}
    assert set(found.tests["k"]) == {5}
    assert set(found.tests["group_by"]) == {"activity"}


def test_unknown_names_are_refused_with_the_nearest(made, tmp_path):
    with pytest.raises(UnknownNameError, match=r"no per-user metric of this run is called 'ndgc'"):
        again(made, tmp_path, metrics=("ndgc",))


def test_a_cutoff_that_the_run_lacks_is_a_note(made, tmp_path):
    found = again(made, tmp_path, k=7)
    assert found.estimates.empty
    assert "ndcg@7 cannot be judged, because the run did not compute it" in found.notes[0].reason


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"smallest": 1}, "smallest must be 2 users or more"),
        ({"most_groups": 1}, "most_groups must be 2 or more"),
        ({"intersections": 0}, r"intersections must be 1 \(none\) or more"),
        ({"permutations": 10}, "permutations must be 100 or more"),
        ({"k": 0}, "k must be 1 or more"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong, message):
    with pytest.raises(ConfigError, match=message):
        Settings(**wrong)


def test_a_run_is_audited_again_with_other_settings(made):
    config = AuditConfig((NAME,), {NAME: {"by": ["gender"], "metrics": ["recall"]}})
    other = audit(made, [NAME], config=config, again=True)
    found = other.audit(NAME)
    assert set(found.tests["group_by"]) == {"gender"}
    audit(made, [NAME], again=True)


@pytest.mark.parametrize("lag, least", [(0.0, 0), (0.05, 8)])
def test_lists_that_serve_a_group_worse_by_a_known_amount(lag, least):
    """Ten draws of 600 users: nearly all find a lag of 0.05 in precision, hardly any a lag of 0."""
    found = 0
    for seed in range(10):
        known = sandbox_lists(600, precision={"a": 0.4, "b": 0.4 - lag}, seed=seed)
        scores = score(known.recommendations, known.truth, metrics=["precision"], resamples=0)
        values = scores.per_user["precision@10"].to_numpy()
        users = known.users.set_index("user_id")["group"]
        codes = (users.reindex(scores.per_user.index.astype(str)) == "b").astype(int).to_numpy()
        held = apart(values[:, None], codes, 2, permutations=300, seed=seed)
        found += bool(held.p_any[0] < 0.05)
        gap = np.diff(regroup(values, codes, 2).mean)[0]
        assert gap == pytest.approx(-lag, abs=0.05)
    assert found >= least
    assert found <= 3 or lag > 0
