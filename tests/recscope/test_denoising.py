"""Planted noise is found among honest likings, and never counted twice."""

from dataclasses import replace

import numpy as np
import pytest
from clubs_data import clubs

from core.errors import ConfigError
from recscope.denoising import CLEAN, NOISY, Planting, noise_for, plant_noise, shares_found
from recscope.estimate import Sureness

FEW = Sureness(resamples=100)


@pytest.fixture(scope="module")
def found():
    return plant_noise(clubs(), Planting("item-knn", ("likings", "text"), 0.15, 60, 5), FEW)


def row(found, metric, trial, against):
    table = found.table
    wanted = {"metric": metric, "trial": trial, "against": against}
    (one,) = table[(table[[*wanted]] == [*wanted.values()]).all(axis=1)].itertuples()
    return one


@pytest.mark.parametrize("judge", ["likings", "text"])
def test_what_is_of_the_other_club_is_dropped_rather_than_what_is_of_ones_own(found, judge):
    told = row(found, "noise_found", judge, "honest likings")
    # one in four of the planted is of the user's own club, so that not all of them can be told
    assert told.after > 0.4
    assert told.before < 0.05
    assert told.low > 0.3
    assert row(found, "ndcg", judge, NOISY).n > 0


def test_the_price_of_noise_is_told(found):
    price = row(found, "ndcg", NOISY, CLEAN)
    assert price.low <= price.difference <= price.high


def test_noise_is_what_its_user_never_had_and_others_like():
    train = clubs().interactions
    planted = noise_for(train, 0.2, np.random.default_rng(0))
    assert np.asarray(train.seen[planted.users, planted.items]).sum() == 0
    per_user = np.bincount(planted.users, minlength=train.n_users)
    n_liked = np.diff(train.liked.indptr)
    assert (per_user == np.where(n_liked >= 5, np.maximum(1, np.round(0.2 * n_liked)), 0)).all()


def test_shares_are_of_the_planted_and_of_the_honest():
    # hand-worked: of two planted likings one is dropped, of the users' honest ones one as well
    honest = clubs(n_users=4, n_items=8, share=1.0).interactions
    planted = replace(honest, users=np.array([0, 1], np.int32), items=np.array([1, 0], np.int32))
    dropped = np.array([[0, 1], [1, 3]])
    told = shares_found(dropped, planted, honest, Sureness(resamples=0))
    assert (told["after"], told["before"], told["n"]) == (0.5, 1 / 8, 2)


def test_what_cannot_be_planted_is_refused():
    with pytest.raises(ConfigError, match="share must be above 0 and at most 1"):
        Planting(share=0)
    with pytest.raises(ConfigError, match="judges must be one name or more"):
        Planting(judges=())
