"""The first try of a plug-in, and the page that tells how to write one."""

import re
import time
from pathlib import Path

import numpy as np
import pytest

from core.errors import ConfigError, PluginError
from core.tables import TopK
from recommenders import RECOMMENDERS
from recommenders.contract import SEEN
from recommenders.popularity import Popularity
from recommenders.rank import rank
from recommenders.trial import drawn, trial

PAGE = Path(__file__).resolve().parents[2] / "docs" / "own-recommender.md"


class Flawed(Popularity):
    """Popularity with one thing wrong."""

    def __init__(self, flaw):
        self.flaw = flaw
        self.n_fits = 0

    def fit(self, train):
        self.n_fits += 1
        return super().fit(train)

    def recommend(self, users, k):
        return self.flaw(self, super().recommend(users, k))


def noisy_in_company(_, top):
    return TopK(top.users, np.roll(top.items, len(top.users) % 7, axis=1), top.scores)


def other_each_time(model, top):
    return TopK(top.users, np.roll(top.items, model.n_fits, axis=1), top.scores)


def as_tuple(_, top):
    return top.items, top.scores


def hang(*_):
    time.sleep(2)


# what asks a language model takes minutes with its real weights: the contract tests ask a tiny one
ALONE = [name for name, kind in RECOMMENDERS.items() if not hasattr(kind, "language_model")]


@pytest.mark.parametrize("name", ALONE)
def test_built_in_models_pass_with_nothing_counted(name):
    try:
        counted = trial(RECOMMENDERS[name]())
    except ConfigError as error:
        if "no item has a" not in str(error):
            raise
        pytest.skip("reads texts, and drawn data hold none; the contract tests ask it")
    assert not len(counted)


@pytest.mark.parametrize(
    "flaw,message",
    [
        (noisy_in_company, "gives a user another list alone than among others; score each"),
        (other_each_time, "other lists after a second fit on the same data; draw all chance"),
        (as_tuple, "answered with a tuple; recommend must return"),
        (hang, r"recommend of the model has not answered within 0\.3 seconds"),
    ],
)
def test_a_flaw_is_named(flaw, message):
    with pytest.raises(PluginError, match=message):
        trial(Flawed(flaw), seconds=0.3)


def test_seen_items_are_counted():
    class Blind(Popularity):
        def recommend(self, users, k):
            nothing = self.train_.take(np.array([], dtype=np.int64)).seen
            return rank(users, np.tile(self.counts_, (len(users), 1)), nothing, k)

    assert trial(Blind()).count(SEEN) > 0


def test_a_fit_that_returns_nothing_is_named():
    class Forgetful(Popularity):
        def fit(self, train):
            super().fit(train)

    with pytest.raises(PluginError, match="what fit of the model returns is a NoneType without"):
        trial(Forgetful())


def test_the_page_on_writing_a_model_is_true(capsys):
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    for block in code:
        exec(block, names)  # noqa: S102 - the page's own example
    assert capsys.readouterr().out == "0 kinds of entries were counted\n"
    train = drawn()
    top = names["Together"](power=0.3).fit(train).recommend(np.arange(train.n_users), 5)
    assert top.items.shape == (train.n_users, 5)
