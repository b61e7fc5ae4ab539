"""How much conversing helps is counted over users, with paired intervals."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import ConfigError, EmptyError
from core.load import load
from core.split import split
from recommenders.converse.recommender import Conversational
from recommenders.converse.wishes import Wish
from recscope.conversing import converse, same
from recscope.estimate import Sureness


@pytest.fixture(scope="module")
def parts():
    return split(load("movielens-100k").interactions, "global-time")


@pytest.fixture(scope="module")
def model(parts):
    return Conversational(ranker="item-knn").fit(parts.train)


@pytest.fixture(scope="module")
def made(model, parts):
    return converse(model, parts, n_users=40, turns=4, sure=Sureness(200))


def number(made, speaker: str, metric: str, turn=None):
    rows = made.estimates.query("speaker == @speaker and metric == @metric")
    rows = rows[rows["turn"].isna()] if turn is None else rows[rows["turn"] == turn]
    return rows.iloc[0]


def test_success_grows_with_turns_and_matches_who_was_served(made):
    for speaker, served in made.served.items():
        shares = [number(made, speaker, "success", turn)["mean"] for turn in range(1, 5)]
        assert shares == [float((served <= turn).mean()) for turn in range(1, 5)]
        assert number(made, speaker, "turns")["mean"] == served.mean()


def test_talking_truly_helps_and_talking_of_another_goal_does_not(made):
    assert number(made, "perfect", "success above silent", 4)["low"] > 0
    assert number(made, "misled", "success above silent", 4)["low"] <= 0


def test_intervals_hold_the_mean(made):
    rows = made.estimates
    assert ((rows["low"] <= rows["mean"]) & (rows["mean"] <= rows["high"])).all()
    assert (rows["n"] == len(made.served["silent"])).all()


def test_rules_read_these_words_as_they_are_meant(made):
    assert made.misread["rules"] == 0
    assert np.isnan(made.misread["silent"])
    assert len(made.transcripts["rules"]) == 3


def test_the_same_seed_tells_the_same_story(model, parts, made):
    again = converse(model, parts, n_users=40, turns=4, sure=Sureness(200), speakers=("rules",))
    np.testing.assert_array_equal(again.served["rules"], made.served["rules"])


def test_an_unknown_speaker_is_named(model, parts):
    with pytest.raises(ConfigError, match="nobody speaks like parrot; there are silent"):
        converse(model, parts, speakers=("parrot",))


@pytest.mark.parametrize("given", [{"turns": 0}, {"k": 0}])
def test_turns_and_k_have_a_floor(model, parts, given):
    with pytest.raises(ConfigError, match="turns and k must be 1 or more"):
        converse(model, parts, **given)


def test_without_goals_there_is_nothing_to_tell(model, parts):
    none = replace(parts, test=parts.test.take(np.zeros(len(parts.test), dtype=bool)))
    with pytest.raises(EmptyError, match="no user has a goal"):
        converse(model, none)


def test_wishes_are_the_same_whatever_they_are_called():
    assert same(Wish("wish", wanted=("a", "b")), Wish("critique", wanted=("b", "a")))
    assert not same(Wish(wanted=("a",)), Wish(unwanted=("a",)))
