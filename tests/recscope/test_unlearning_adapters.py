"""What a group taught is gone with its adapter, and nobody else notices."""

from dataclasses import replace

import pytest

from core.errors import ConfigError
from core.load import load
from recscope.cli.main import main
from recscope.estimate import Sureness
from recscope.unlearning_adapters import OTHERS, THEIRS, AdapterUnlearning, unlearn_adapter

FEW = Sureness(resamples=100)


@pytest.fixture(scope="module")
def data():
    return load("sandbox", options={"n_users": 60, "n_items": 30})


@pytest.fixture(scope="module")
def settings(data, tiny_language):
    params = f'language_model = "{tiny_language}", retriever = "popularity", candidates = 6, '
    params += "n_history = 3, n_examples = 6, batch = 1, rate = 0.3"
    group = str(data.side.users["group"].iloc[0])
    return AdapterUnlearning("group", group, params, users=20, k=5, probes=4)


@pytest.fixture(scope="module")
def found(data, settings):
    return unlearn_adapter(data, settings, FEW)


def row(found, metric, against):
    table = found.table
    (one,) = table[(table["metric"] == metric) & (table["against"] == against)].itertuples()
    return one


def test_the_attacker_is_none_the_wiser_afterwards(found):
    seen = row(found, "membership_auc", "before")
    assert seen.after == 0.5
    assert 0 <= seen.before <= 1
    assert seen.before != 0.5  # the adapter had changed what the model thinks of likings
    assert seen.n == 2 * found.facts["taught by"]


def test_lists_of_the_group_change_and_of_others_stay(found):
    assert row(found, "identical_lists", f"before, {OTHERS}").after == 1
    assert row(found, "identical_lists", f"before, {THEIRS}").after < 1
    kept = row(found, "ndcg", f"before, {OTHERS}")
    assert (kept.difference, kept.before) == (0, kept.after)
    parts = [row(found, "ndcg", f"before, {who}").n for who in (OTHERS, THEIRS)]
    assert sum(parts) == found.facts["asked"]


def test_dropping_takes_no_teaching(found):
    seconds = found.facts["seconds"]
    assert seconds["dropping one"] < seconds["teaching all adapters"] / 10


def test_a_group_that_is_not_there_is_named(data, settings):
    with pytest.raises(ConfigError, match="no user has group = nobody; there are: "):
        unlearn_adapter(data, replace(settings, group="nobody"), FEW)
    untaught = replace(settings, model_params=settings.model_params.replace("= 6, b", "= 0, b"))
    with pytest.raises(ConfigError, match="0 were taught from"):
        unlearn_adapter(data, untaught, FEW)


def test_flags_that_do_not_go_together_are_refused(capsys):
    assert main(["unlearn", "--adapter", "gender=F", "--shards", "3"]) == 2
    assert "--shards says how users are forgotten without --adapter" in capsys.readouterr().err
    assert main(["unlearn", "--model-params", "rank = 2"]) == 2
    assert "is for --adapter ATTRIBUTE=GROUP" in capsys.readouterr().err
    assert main(["unlearn", "--adapter", "gender"]) == 2
    assert "adapter must be ATTRIBUTE=GROUP" in capsys.readouterr().err
