"""Fake profiles and changed titles: what moves, and what does not."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from core.errors import ConfigError, UnknownNameError
from core.load import load
from core.tables import PAD, Interactions, Side
from recscope.cli.main import main
from recscope.estimate import Sureness
from recscope.stress import CLEAN, CONTROL, Stress, stress
from recscope.stress_profiles import (
    ATTACKS,
    N_POPULAR,
    fake_rows,
    praised,
    targets_of,
    without_targets,
)
from recscope.trials import COLUMNS, fitted_on, overlap, with_users

FEW = Sureness(resamples=100)


@pytest.fixture(scope="module")
def data():
    return load("sandbox", options={"n_users": 150, "n_items": 80})


@pytest.fixture(scope="module")
def found(data):
    models = {"near": ("item-knn", {"shrink": 0.0}), "popular": ("popularity", {})}
    settings = Stress(attacks=("bandwagon",), sizes=(0.2,), targets=2, k=5, depth=20)
    return stress(data, models, settings, FEW)


def profiles(data, attack, **facts):
    train = data.interactions
    rng = np.random.default_rng(0)
    targets = targets_of(train, 3, rng)
    asked = {"n_fake": 4, "n_fillers": 20, **facts}
    return train, targets, fake_rows(train, targets, attack, **asked, rng=rng)


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_profile_rates_every_target_best_and_nothing_twice(data, attack):
    train, targets, fake = profiles(data, attack)
    assert fake.n_users == train.n_users + 4
    for user in range(train.n_users, fake.n_users):
        own = fake.users == user
        assert len(np.unique(fake.items[own])) == own.sum() == 23
        is_target = own & np.isin(fake.items, targets)
        assert is_target.sum() == 3
        assert (fake.ratings[is_target] == train.ratings.max()).all()


@pytest.mark.parametrize("attack", ATTACKS)
def test_ratings_and_times_of_profiles_are_those_that_honest_users_give(data, attack):
    train, _, fake = profiles(data, attack)
    assert set(np.unique(fake.ratings)) <= set(np.unique(train.ratings))
    assert set(fake.timestamps) <= set(train.timestamps)


def test_a_bandwagon_profile_likes_what_everybody_likes(data):
    train, targets, fake = profiles(data, "bandwagon")
    likings = np.bincount(train.liked.indices, minlength=train.n_items)
    likings[targets] = -1
    popular = np.argsort(-likings, kind="stable")[:N_POPULAR]
    assert (fake.liked[train.n_users :][:, popular].sum(axis=1) == N_POPULAR).all()


def test_profiles_fit_data_without_ratings_and_times():
    rows = Interactions(np.arange(6, dtype=np.int32), np.arange(6, dtype=np.int32), 6, 6)
    for attack in ATTACKS:
        fake = fake_rows(rows, np.array([1]), attack, 2, 100, np.random.default_rng(0))
        assert fake.ratings is None
        assert fake.timestamps is None
        assert len(with_users(rows, fake)) == 6 + 2 * 6  # fillers end with the catalogue


def test_the_control_keeps_all_but_the_targets(data):
    _, targets, fake = profiles(data, "average")
    bare = without_targets(fake, targets)
    assert len(bare) == len(fake) - 4 * 3
    assert bare.n_users == fake.n_users
    assert not np.isin(bare.items, targets).any()


def test_targets_are_liked_by_few(data):
    likings = np.bincount(data.interactions.liked.indices, minlength=data.interactions.n_items)
    targets = targets_of(data.interactions, 3, np.random.default_rng(0))
    assert likings[targets].max() <= max(10, np.sort(likings)[2])


def test_profiles_lift_the_targets_and_the_control_does_not(found):
    rows = found.table.query("model == 'near' and metric == 'target_hit' and k == 20")
    (lifted,) = rows.query("against == @CONTROL").itertuples()
    assert lifted.low > 0.1
    (bare,) = rows[rows["trial"].str.endswith(CONTROL)].itertuples()
    assert bare.difference < lifted.difference / 2


def test_every_trial_is_held_against_the_clean_model(found):
    assert list(found.table.columns) == list(COLUMNS)
    clean = found.table[found.table["against"] == CLEAN]
    assert (clean.loc[clean["metric"] == "overlap", "before"] == 1).all()
    assert set(clean["trial"]) == {"bandwagon", f"bandwagon: {CONTROL}"}
    assert found.facts["n_fake"]["bandwagon 0.2"] == round(0.2 * found.facts["n_users_honest"])
    has_band = found.table["low"].notna()
    assert (found.table.loc[has_band, "low"] <= found.table.loc[has_band, "high"]).all()


def test_the_same_seed_moves_the_same(data, found):
    settings = Stress(attacks=("bandwagon",), sizes=(0.2,), targets=2, k=5, depth=20)
    again = stress(data, {"popular": ("popularity", {})}, settings, FEW)
    here = found.table[found.table["model"] == "popular"].drop(columns="p_holm")
    pd.testing.assert_frame_equal(again.table.drop(columns="p_holm"), here.reset_index(drop=True))


def test_a_model_that_fails_is_told_and_the_others_go_on(data):
    models = {"popular": ("popularity", {}), "broken": ("ease", {"l2": -1.0})}
    settings = Stress(attacks=("random",), sizes=(0.05,), targets=1, control=False)
    told = stress(data, models, settings, FEW)
    assert set(told.table["model"]) == {"popular"}
    ((about, why),) = told.notes
    assert about == "broken"
    assert "l2 must be at least" in why
    with pytest.raises(ConfigError, match="no model could be stressed: cannot be stressed"):
        stress(data, {"broken": models["broken"]}, settings, FEW)


def test_changed_titles_name_what_everybody_likes():
    items = pd.DataFrame({"title": ["Rare", "Loved", "Liked", "Fine", "Other"]})
    users = np.array([0, 1, 2, 0, 1, 2, 0, 1], np.int32)
    codes = np.array([1, 1, 1, 2, 2, 3, 0, 0], np.int32)
    rows = Interactions(users, codes, 3, 5, side=Side(items=items))
    titles = praised(rows, np.array([0])).side.items["title"]
    assert titles[0] == "Rare, for everybody who loves Loved and Liked and Fine"
    assert list(titles[1:]) == list(items["title"][1:])
    assert items["title"][0] == "Rare"


def test_titles_cannot_be_changed_where_there_are_none():
    none = np.zeros(1, np.int32)
    with pytest.raises(ConfigError, match="these items have none"):
        praised(Interactions(none, none, 1, 1), np.array([0]))


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(UnknownNameError, match="did you mean 'average'"):
        Stress(attacks=("averge",))
    with pytest.raises(ConfigError, match="sizes must be above 0"):
        Stress(sizes=(0.0,))
    with pytest.raises(ConfigError, match="depth must be k or more"):
        Stress(depth=5)


def test_overlap_counts_shared_items_whatever_their_place():
    one = np.array([[1, 2, 3], [4, PAD, PAD], [PAD, PAD, PAD]])
    other = np.array([[3, 1, 9], [5, PAD, PAD], [PAD, PAD, PAD]])
    np.testing.assert_allclose(overlap(one, other), [2 / 3, 0, 1])


def test_models_that_speak_by_names_are_told_names_for_fake_users(data):
    class ByName:
        def bind(self, user_ids, item_ids):
            self.n_names = len(user_ids), len(item_ids)
            self.last = user_ids.names[-1]
            return self

        def fit(self, train):
            self.train_ = csr_array(train.liked)
            return self

        def recommend(self, users, k):
            pytest.fail("what a model is told is looked at before anybody asks for a list")

    _, _, fake = profiles(data, "random")
    import sys
    from types import ModuleType

    module = ModuleType("by_name_module")
    module.ByName = ByName
    sys.modules["by_name_module"] = module
    try:
        train = with_users(data.interactions, fake)
        model = fitted_on("by_name_module:ByName", {}, data, train)
    finally:
        del sys.modules["by_name_module"]
    assert model.n_names == (train.n_users, train.n_items)
    assert model.last == "fake user 4"


def test_the_command_prints_a_table_and_writes_a_file(tmp_path, capsys):
    flags = ["--data", "sandbox", "--models", "popularity", "--users", "50", "--resamples", "50"]
    flags += ["--attacks", "random", "--sizes", "0.01"]
    assert main(["stress", *flags]) == 0
    told = capsys.readouterr().out
    assert "50 of " in told
    assert "target_hit@10" in told
    path = tmp_path / "moved.json"
    assert main(["stress", *flags, "--out", str(path)]) == 0
    assert set(json.loads(path.read_text())) == {"trials", "facts", "notes"}


def test_the_command_refuses_what_it_cannot_do(capsys):
    assert main(["stress", "--data", "sandbox", "--attacks", "bribe"]) == 2
    assert "no attack is called 'bribe'" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["stress", "--sizes", "2"])
    assert "must be shares above 0" in capsys.readouterr().err
