"""New items simulated, noise dropped, complements judged: by texts, likings, a tiny model."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import ConfigError
from core.tables import Interactions, Side
from recommenders.history import together
from recommenders.industry.cold_simulator import STARTED, ColdSimulator, with_likings
from recommenders.industry.complements import Complements
from recommenders.industry.denoised import DROPPED, Denoised, strange_by_text, suspected

N = 20


@pytest.fixture(scope="module")
def rows():
    """Even users like even items, odd ones odd; nobody likes the last two items."""
    users, items = (axis.ravel() for axis in np.mgrid[0:N, 0 : N - 2])
    keep = ((users + items) % 2 == 0) & (users != items)
    titles = [f"{'Cooking pasta' if n % 2 else 'Space war'} part {n}" for n in range(N)]
    kinds = ["kitchen" if n % 2 else "space" for n in range(N)]
    side = Side(items=pd.DataFrame({"title": titles, "genres": kinds}))
    users, items = users[keep].astype(np.int32), items[keep].astype(np.int32)
    return Interactions(users, items, N, N, side=side)


def test_a_new_item_is_given_to_those_who_like_what_reads_alike(rows):
    model = ColdSimulator(base="item-knn", start="text", likings=5).fit(rows)
    assert set(model.simulated_[:, 1]) == {18, 19}
    assert ((model.simulated_.sum(axis=1)) % 2 == 0).all()
    assert model.ledger_.count(STARTED) == 2
    lists = model.recommend(np.array([1]), 20).items
    assert 19 in lists
    assert (
        19
        not in ColdSimulator(base="item-knn", start="none")
        .fit(rows)
        .recommend(np.array([1]), 20)
        .items
    )


def test_the_language_model_chooses_among_the_nearest(rows, tiny_language):
    asked = {
        "base": "item-knn",
        "language_model": tiny_language,
        "likings": 2,
        "funnel": 4,
        "history": 2,
    }
    model = ColdSimulator(**asked).fit(rows)
    assert len(model.simulated_) == 4
    assert model.tokens_["prompt"] > 0
    again = ColdSimulator(**asked).fit(rows)
    np.testing.assert_array_equal(model.simulated_, again.simulated_)


def test_a_start_without_any_text_is_refused(rows):
    bare = replace(rows, side=Side())
    with pytest.raises(ConfigError, match="no item has a text"):
        ColdSimulator(base="item-knn", start="text").fit(bare)


def test_a_base_that_cannot_score_histories_is_refused(rows):
    with pytest.raises(ConfigError, match="popularity cannot score histories"):
        ColdSimulator(base="popularity", start="none").fit(rows)


def test_no_simulated_liking_changes_nothing(rows):
    assert with_likings(rows, np.zeros((0, 2), np.int64)) is rows


@pytest.mark.parametrize("judge", ["text", "likings"])
def test_what_fits_nothing_else_is_dropped_and_not_listed_again(rows, judge):
    noisy = together(
        rows, replace(rows, users=np.array([0], np.int32), items=np.array([7], np.int32))
    )
    model = Denoised(base="item-knn", judged_by=judge, share=0.13).fit(noisy)
    assert [0, 7] in model.dropped_.tolist()
    assert model.ledger_.count(DROPPED) == len(model.dropped_)
    assert 7 not in model.recommend(np.array([0]), 20).items


def test_the_language_model_drops_half_of_the_suspects(rows, tiny_language):
    model = Denoised(
        base="item-knn", language_model=tiny_language, share=0.2, asked=6, history=2
    ).fit(rows)
    n_liked = np.diff(rows.liked.indptr)
    n_dropped = np.bincount(model.dropped_[:, 0], minlength=N)
    assert (n_dropped <= 0.2 * n_liked).all()
    assert n_dropped.sum() > 0


def test_the_strangest_are_suspected_and_one_liking_stays(rows):
    vectors = np.zeros((N, 2), np.float32)
    vectors[np.arange(N), np.arange(N) % 2] = 1
    found = suspected(rows, strange_by_text(rows, vectors), 0.5, 2)
    assert (np.bincount(found[:, 0].astype(int)) < np.diff(rows.liked.indptr)).all()


def test_a_graph_of_kinds_holds_only_what_is_above_the_mean(rows, tiny_language):
    mixed = together(
        rows, replace(rows, users=np.array([0, 1], np.int32), items=np.array([7, 8], np.int32))
    )
    model = Complements(base="item-knn", language_model=tiny_language).fit(mixed)
    assert (model.graph_["weight"] > 0).all()
    assert list(model.graph_.columns) == ["head", "relation", "tail", "weight"]
    assert len(model.sureness_) == 2


def test_complements_without_kinds_say_what_there_is(rows):
    with pytest.raises(ConfigError, match="columns that group items: genres"):
        Complements(base="item-knn", kinds="colour").fit(rows)
