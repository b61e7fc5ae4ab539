"""Users described otherwise: what changes for models that read them, and what others are told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import ConfigError, UnknownNameError
from core.tables import Interactions
from recommenders.base import ReadsUsers
from recommenders.group_popularity import GroupPopularity
from recommenders.popularity import Popularity
from recscope import engine
from recscope.audits.counterfactual import BLIND, NOBODY, TEST, Settings
from recscope.config_sections import AuditConfig, ModelConfig
from tests.recscope.small_run import small_config


def run_with(folder, attribute, **settings):
    config = small_config()
    sections = {"counterfactual": settings} if settings else {}
    config = replace(config, audit=AuditConfig(("counterfactual",), sections))
    if attribute:
        reader = ModelConfig("group-popularity", {"attribute": attribute, "strength": 1.0})
        config = replace(config, models={**config.models, "reader": reader})
    return engine.run(config, out=folder)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return run_with(tmp_path_factory.mktemp("swapped"), "gender").audit("counterfactual")


def test_lists_change_with_the_gender_that_the_model_reads(report):
    table = report.estimates
    assert set(table["model"]) == {"reader"}
    swapped = table[(table["group_by"] == "swapped gender") & (table["metric"] == "list_jaccard")]
    assert set(swapped["group"].dropna()) == {"F", "M"}
    assert (swapped["mean"] < 1).all()
    assert (swapped["low"] <= swapped["mean"]).all()
    assert (swapped["mean"] <= swapped["high"]).all()


def test_the_range_over_values_is_that_of_their_closeness_to_the_neutral_lists(report):
    table = report.estimates[report.estimates["group_by"] == "neutral gender"]
    for name in ("list_jaccard", "list_serp", "list_prag"):
        close = table.loc[table["metric"] == name, "mean"]
        ends = table[table["group"] == name].set_index("metric")["mean"]
        assert ends["snsr"] == pytest.approx(close.max() - close.min())
        assert ends["snsv"] == pytest.approx(close.std(ddof=0))


def test_a_change_beyond_what_is_tolerated_is_an_alarm_with_its_interval(report):
    (test,) = report.tests.itertuples()
    assert (test.model, test.group_by, test.test) == ("reader", "gender", TEST)
    assert test.low <= test.effect <= test.high
    swapped = report.estimates.query("group_by == 'swapped gender' and metric == 'list_jaccard'")
    assert test.effect == pytest.approx(1 - swapped.loc[swapped["group"].isna(), "mean"].iloc[0])
    assert test.is_alarm == (test.p_adjusted < 0.05)
    assert test.is_alarm


def test_what_is_tolerated_raises_no_alarm(tmp_path):
    report = run_with(tmp_path, "gender", tolerated=0.99).audit("counterfactual")
    assert len(report.tests) == 1
    assert not report.tests["is_alarm"].any()


def test_a_model_that_reads_nothing_is_told_so(report, tmp_path):
    assert [(note.about, note.reason) for note in report.notes] == [("popularity", BLIND)]
    blind = run_with(tmp_path, None).audit("counterfactual")
    assert blind.estimates.empty
    assert blind.notes[-1].reason == NOBODY


def test_an_attribute_with_many_values_is_tried_with_the_frequent_ones(tmp_path):
    report = run_with(tmp_path, "age", most=3).audit("counterfactual")
    neutral = report.estimates[report.estimates["metric"] == "list_serp"]
    assert neutral.loc[neutral["group_by"] == "neutral age", "group"].nunique() == 3
    assert any("the 3 most frequent were tried" in note.reason for note in report.notes)


@pytest.mark.parametrize("wrong", [{"k": -1}, {"most": 1}, {"tolerated": 1.0}, {"attributes": ()}])
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(ConfigError, match=rf"\[audit.counterfactual\] {next(iter(wrong))}"):
        Settings(**wrong)


@pytest.fixture
def liked():
    """Women like items 0 and 1, men items 2 and 3; nobody has seen item 4."""
    users = np.repeat(np.arange(6, dtype=np.int32), 1)
    items = np.array([0, 1, 0, 2, 3, 2], dtype=np.int32)
    return Interactions(users, items, 7, 5)


SAID = pd.DataFrame({"gender": ["F", "F", "F", "M", "M", "M", None], "id": range(7)})


def test_it_lists_what_users_of_the_same_value_like(liked):
    model = GroupPopularity(strength=0.0).bind_users(SAID).fit(liked)
    assert model.recommend(np.array([1, 4]), 1).items.ravel().tolist() == [0, 2]
    assert isinstance(model, ReadsUsers)
    assert model.reads == ("gender",)


def test_who_says_nothing_and_whose_value_is_new_gets_what_everybody_likes(liked):
    plain = Popularity().fit(liked).recommend(np.array([6]), 4)
    model = GroupPopularity().bind_users(SAID).fit(liked)
    np.testing.assert_array_equal(model.recommend(np.array([6]), 4).items, plain.items)
    model.bind_users(SAID.assign(gender="X"))
    np.testing.assert_array_equal(model.recommend(np.array([6]), 4).items, plain.items)


def test_told_otherwise_after_the_fit_the_lists_follow_and_what_was_learned_stays(liked):
    model = GroupPopularity(strength=0.0).bind_users(SAID).fit(liked)
    before = model.recommend(np.array([1]), 1).items[0, 0]
    swapped = SAID.assign(gender=SAID["gender"].map({"F": "M", "M": "F"}))
    after = model.bind_users(swapped).recommend(np.array([1]), 1).items[0, 0]
    back = model.bind_users(SAID).recommend(np.array([1]), 1).items[0, 0]
    assert (before, after, back) == (0, 2, 0)


def test_an_attribute_that_is_not_there_or_hardly_groups_is_refused():
    with pytest.raises(UnknownNameError, match="no user attribute to read is called 'gendr'"):
        GroupPopularity("gendr").bind_users(SAID)
    many = pd.DataFrame({"gender": [f"value {n}" for n in range(1001)]})
    with pytest.raises(ConfigError, match=r"it has 1,001 values, at most 1,000 make groups"):
        GroupPopularity().bind_users(many)
