"""A decoder that writes identifiers: what it lists, and what it writes when it is let."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from core.answers import parse
from core.errors import Cancelled, ConfigError
from core.sandbox import sandbox
from core.split import split
from core.tables import PAD, Ids
from recommenders.base import AnswersInText, KeepsCurve, NeedsIds, TellsProgress
from recommenders.generate.histories import Histories
from recommenders.generate.identifier_gpt import IdentifierGPT

SMALL = {
    "codebook": 8, "width": 16, "depth": 1, "heads": 1, "epochs": 4, "history": 8, "beams": 20,
}  # fmt: skip


@pytest.fixture(scope="module")
def train():
    data = sandbox(n_users=120, n_items=60, seed=3)
    return split(data.interactions, "leave-last").train


@pytest.fixture(scope="module")
def fitted(train):
    return IdentifierGPT(**SMALL).fit(train)


@pytest.fixture(scope="module")
def users(train):
    return np.flatnonzero(np.diff(train.liked.indptr))


def test_it_says_what_it_can(fitted):
    for ability in (NeedsIds, TellsProgress, KeepsCurve):
        assert isinstance(fitted, ability)
    assert fitted.curve_[-1]["loss"] < fitted.curve_[0]["loss"]


def test_probabilities_add_up_to_one_over_the_catalogue(fitted, users):
    scores = fitted._score(users[:4])
    np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1)


def test_wide_enough_beams_list_what_exact_scores_say(fitted, train, users):
    wide = replace(fitted, beams=60).fit(train)
    exact = wide._score(users[:9])
    exact[train.seen[users[:9]].toarray() > 0] = -np.inf
    top = wide.recommend(users[:9], 5)
    np.testing.assert_array_equal(top.items, np.argsort(-exact, axis=1, kind="stable")[:, :5])
    np.testing.assert_allclose(top.scores, -np.sort(-exact, axis=1)[:, :5])


def test_what_is_read_decides_what_is_written(fitted, train):
    items = csr_array(np.eye(train.n_items)[:2])
    one, other = fitted.score_histories(items)
    assert np.abs(one - other).max() > 1e-3


@pytest.mark.parametrize("decoding", ["beam", "sample"])
def test_what_is_written_freely_is_counted_by_kind(train, users, decoding):
    # hardly taught, it writes much that is no identifier
    free = IdentifierGPT(**{**SMALL, "epochs": 1}, decoding=decoding).fit(train)
    top = free.recommend(users, 10)
    assert sum(free.rates_.values()) == pytest.approx(1)
    assert free.rates_["invalid"] > 0.05
    assert free.rates_["item"] > 0
    assert (free.rates_["duplicate"] > 0) == (decoding == "sample")
    n = len(users) * SMALL["beams"]
    reason = f"free generation: malformed (of {n} written)"
    assert free.ledger_.count(reason) == round(free.rates_["invalid"] * n)
    seen = train.seen.toarray() > 0
    for user, items in zip(top.users, top.items, strict=True):
        listed = items[items != PAD]
        assert len(set(listed.tolist())) == len(listed)
        assert not seen[user, listed].any()


def test_asking_twice_does_not_count_twice(train, users):
    free = IdentifierGPT(**SMALL, decoding="sample").fit(train)
    free.recommend(users[:5], 10)
    before = list(free.ledger_)
    free.recommend(users[:5], 3)
    assert list(free.ledger_) == before


def test_under_the_trie_nothing_is_dropped(fitted, users):
    fitted.recommend(users, 10)
    assert fitted.rates_ == {}
    assert not fitted.answers_
    assert [entry.action for entry in fitted.ledger_] == ["noted"]  # long histories


def test_free_answers_can_be_audited_by_outside_names(train, users):
    names = [
        Ids(kind, np.array([f"{kind}-{n}" for n in range(size)], dtype=object))
        for kind, size in (("user", train.n_users), ("item", train.n_items))
    ]
    free = IdentifierGPT(**SMALL, decoding="beam").bind(*names).fit(train)
    assert isinstance(free, AnswersInText)
    free.recommend(users[:3], 10)
    assert [one["user"] for one in free.answers_] == [f"user-{user}" for user in users[:3]]
    for answer in free.answers_:
        entries = parse(answer["answer"]).entries
        assert list(entries) == json.loads(answer["answer"])
        assert all(entry.startswith(("item-", "<a", "<b", "<c")) for entry in entries)


def test_cut_histories_are_counted(fitted, train):
    lengths = np.diff(train.liked.indptr)
    reason = "history cut to its newest 8 items"
    assert fitted.ledger_.count(reason) == (lengths > 8).sum()


def test_a_broken_off_training_goes_on(train, users, fresh_home):
    def stop(what, done, total):
        if what == "training" and done > 10:
            raise Cancelled

    model = IdentifierGPT(**SMALL, seed=5)
    with pytest.raises(Cancelled):
        replace(model).bind_progress(stop).fit(train)
    assert list(fresh_home.rglob("state.safetensors"))
    resumed = model.fit(train).recommend(users, 5)
    for folder in (fresh_home / "cache" / "trained").iterdir():
        for file in folder.iterdir():
            file.unlink()
    through = IdentifierGPT(**SMALL, seed=5).fit(train).recommend(users, 5)
    np.testing.assert_array_equal(resumed.items, through.items)
    np.testing.assert_array_equal(resumed.scores, through.scores)


def test_it_survives_being_pickled(fitted, users):
    fitted.bind_progress(lambda *_: None)
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301 - our own bytes
    np.testing.assert_array_equal(again.recommend(users, 5).items, fitted.recommend(users, 5).items)


def test_heads_must_divide_the_width(train):
    with pytest.raises(ConfigError, match="width must be a multiple of heads; got width=10"):
        IdentifierGPT(width=10, heads=4).fit(train)


def test_nothing_liked_is_said(train):
    with pytest.raises(ConfigError, match="no interaction in train counts as a liking"):
        IdentifierGPT().fit(replace(train, threshold=9.0))


def test_histories_stand_in_order_of_time(train):
    histories = Histories.of(train)
    rows = np.flatnonzero(train.is_liked & (train.users == 7))
    rows = rows[np.argsort(train.timestamps[rows], kind="stable")]
    np.testing.assert_array_equal(histories[7], train.items[rows])
    own = csr_array(train.liked[[7]])
    np.testing.assert_array_equal(histories.ordered(own, 7)[0], train.items[rows])
    np.testing.assert_array_equal(histories.ordered(own, None)[0], np.sort(train.items[rows]))


def test_pieces_of_histories_hold_every_liking_once(train):
    histories = Histories.of(train)
    pieces = histories.pieces(4)
    assert sorted(pieces[pieces >= 0].tolist()) == sorted(histories.items.tolist())
    assert pieces.shape[1] == 4
