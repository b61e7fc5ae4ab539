"""Is what was forgotten gone? An attacker is asked, and a model that never knew."""

import numpy as np
import pytest

from core.errors import ConfigError
from core.load import load
from recscope.cli.main import main
from recscope.estimate import Sureness
from recscope.membership import Seen, auc, consistency
from recscope.unlearning import FORGOTTEN, RETRAINED, SHARDED, WHOLE, Unlearning, unlearn

FEW = Sureness(resamples=100)


@pytest.fixture(scope="module")
def data():
    return load("sandbox", options={"n_users": 150, "n_items": 80})


@pytest.fixture(scope="module")
def found(data):
    return unlearn(data, Unlearning(base="user-knn", share=0.1, shards=3, probes=5), FEW)


def row(found, model, metric, against="before"):
    wanted = {"model": model, "metric": metric, "against": against, "trial": FORGOTTEN}
    (one,) = found.table[(found.table[[*wanted]] == list(wanted.values())).all(axis=1)].itertuples()
    return one


@pytest.mark.parametrize("kind", [WHOLE, SHARDED])
def test_members_show_before_and_not_after(found, kind):
    seen = row(found, kind, "membership_auc")
    assert seen.before > 0.7
    assert seen.after == 0.5
    assert seen.high < 0
    assert seen.n == 2 * found.facts["forgotten"]


@pytest.mark.parametrize("kind", [WHOLE, SHARDED])
def test_lists_of_others_are_those_of_a_model_that_never_knew(found, kind):
    assert row(found, kind, "identical_lists", RETRAINED).after == 1


def test_quality_of_the_others_is_told_before_and_after_and_beside_the_whole(found):
    price = found.table[(found.table["against"] == WHOLE) & (found.table["metric"] == "ndcg")]
    assert list(price["model"]) == [SHARDED]
    kept = row(found, SHARDED, "ndcg")
    assert kept.low <= kept.difference <= kept.high
    assert kept.before == pytest.approx(price["after"].item())


def test_the_seconds_of_each_way_are_told(found):
    ways = {"training again", "forgetting", "one request"}
    wanted = {f"{kind}: {way}" for kind in (WHOLE, SHARDED) for way in ways}
    assert set(found.facts["seconds"]) == wanted


def test_a_base_that_cannot_forget_is_trained_again(data):
    asked = Unlearning(
        base="bpr", base_params="iterations = 2, n_factors = 4", share=0.1, shards=2, probes=2
    )
    told = unlearn(data, asked, Sureness(resamples=0))
    assert row(told, WHOLE, "membership_auc").after == 0.5
    assert "whole: one request" not in told.facts["seconds"]


def test_a_base_that_cannot_score_histories_is_refused(data):
    with pytest.raises(ConfigError, match="popularity cannot score them"):
        unlearn(data, Unlearning(base="popularity"), FEW)


def test_more_users_than_there_are_cannot_be_forgotten(data):
    with pytest.raises(ConfigError, match="and as many outsiders are more than"):
        unlearn(load("sandbox", options={"n_users": 3, "n_items": 30}), Unlearning(share=0.5), FEW)


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(ConfigError, match="share must be above 0"):
        Unlearning(share=0.0)
    with pytest.raises(ConfigError, match="shards must be 2 or more"):
        Unlearning(shards=1)


def test_auc_counts_ties_half():
    assert auc(np.array([2.0, 1.0]), np.array([1.0, 0.0])) == pytest.approx(3.5 / 4)
    assert auc(np.ones(3), np.ones(4)) == 0.5


def test_the_interval_of_a_difference_holds_it_and_is_nothing_without_resamples():
    rng = np.random.default_rng(0)
    before = Seen(rng.normal(1, 1, 60), rng.normal(0, 1, 60), FEW)
    after = Seen(rng.normal(0, 1, 60), rng.normal(0, 1, 60), FEW)
    one = after.since(before)
    assert one["low"] < one["difference"] < one["high"] < 0
    bare = Seen(after.members, after.outsiders, Sureness(resamples=0)).since(before)
    assert np.isnan(bare["low"])


class Knows:
    """Ranks one item first, whatever the history."""

    def score_histories(self, histories, user=None):
        scores = np.zeros(histories.shape)
        scores[:, 0] = 1
        return scores


def test_consistency_is_the_mean_share_of_items_below_those_left_out(data):
    rows = data.interactions
    liked = rows.liked
    user = int(np.flatnonzero(liked[:, [0]].toarray().ravel())[0])
    n = int(np.diff(liked.indptr)[user])
    # the first item lies above all others, each other liked one ties with what is not liked
    expected = (1.0 + (n - 1) * 0.5) / n
    assert consistency(Knows(), rows, user, 1_000, 0) == pytest.approx(expected)


def test_the_command_prints_what_forgetting_comes_to(capsys):
    flags = ["--data", "movielens-100k", "--base", "item-knn", "--shards", "2", "--share", "0.005"]
    assert main(["unlearn", *flags, "--users", "40", "--resamples", "50"]) == 0
    told = capsys.readouterr().out
    assert "membership_auc" in told
    assert "seconds, sharded: one request" in told
