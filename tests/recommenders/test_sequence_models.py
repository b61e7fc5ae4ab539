"""Models of sequences find what comes next, look only back, and repeat themselves."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from core.errors import Cancelled, ConfigError
from core.tables import Interactions
from recommenders import RECOMMENDERS, training_loop
from recommenders.base import KeepsCurve, TellsProgress
from recommenders.rank import rank
from recommenders.sequence import SEQUENCE
from recommenders.sequence.histories import histories_of, windows_of
from recommenders.sequence.lightgcn import LightGCN
from recommenders.sequence.markov import Markov
from recommenders.sequence.next_item import next_item_loss
from recommenders.sequence.sasrec import SASRec
from recommenders.taxonomy import place_of
from recommenders.training import folder_of

NETS = ("gru4rec", "sasrec", "gpt", "hstu")
SIZES = {"width": 16, "n_epochs": 12, "batch": 16, "learning_rate": 0.02, "dropout": 0.0}
N_ITEMS = 30


@pytest.fixture(scope="module")
def walks() -> Interactions:
    """Users who go round 30 items, each from another start, 12 steps far."""
    starts = np.arange(60) * 7 % N_ITEMS
    steps = (starts[:, None] + np.arange(12)) % N_ITEMS
    users = np.repeat(np.arange(60, dtype=np.int32), 12)
    # rows are not in the order of time
    order = np.random.default_rng(0).permutation(len(users))
    times = np.tile(np.arange(12) * 86400, 60)
    return Interactions(
        users[order],
        steps.ravel().astype(np.int32)[order],
        n_users=60,
        n_items=N_ITEMS,
        timestamps=times[order],
    )


def made(name, **more):
    return RECOMMENDERS[name](**{**SIZES, **more})


@pytest.fixture(scope="module", params=NETS)
def fitted(request, walks):
    return made(request.param, patience=0).fit(walks)


def test_what_comes_next_on_the_walk_is_listed_first(fitted, walks):
    top = fitted.recommend(np.arange(60), k=1).items[:, 0]
    expected = (np.arange(60) * 7 + 12) % N_ITEMS
    assert (top == expected).mean() > 0.9


def test_markov_follows_the_walk(walks):
    top = Markov().fit(walks).recommend(np.arange(60), k=1).items[:, 0]
    np.testing.assert_array_equal(top, (np.arange(60) * 7 + 12) % N_ITEMS)


def test_no_state_sees_what_comes_later(fitted):
    items = torch.arange(8)[None] % N_ITEMS
    times = torch.arange(8)[None] * 3600
    changed = items.clone()
    changed[0, 5:] = 20
    with torch.no_grad():
        one, other = fitted.net_(items, times), fitted.net_(changed, times)
    np.testing.assert_allclose(one[0, :5], other[0, :5], atol=1e-6)
    assert not np.allclose(one[0, 5], other[0, 5])


def test_what_fills_up_a_batch_changes_nothing(fitted):
    items, times = torch.arange(4)[None], torch.arange(4)[None] * 3600
    filled = torch.cat([items, torch.full((1, 3), N_ITEMS)], dim=1)
    with torch.no_grad():
        alone = fitted.net_(items, times)
        padded = fitted.net_(filled, torch.cat([times, torch.zeros(1, 3).long()], dim=1))
    np.testing.assert_allclose(padded[:, :4], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", [*NETS, "lightgcn"])
def test_a_model_trained_anew_has_the_same_bits(walks, name, tmp_path, monkeypatch):
    """In homes of their own: otherwise the second would be loaded from the first's checkpoint."""
    scores = []
    sizes = {"n_epochs": 2, "width": 8, "patience": 1}
    for place in ("one", "other"):
        monkeypatch.setenv("RECSCOPE_HOME", str(tmp_path / place))
        model = RECOMMENDERS[name](**sizes).fit(walks)
        scores.append(model.recommend(np.arange(60), k=9).scores)
    np.testing.assert_array_equal(*scores)
    again = RECOMMENDERS[name](**sizes).fit(walks)  # loaded
    np.testing.assert_array_equal(again.recommend(np.arange(60), k=9).scores, scores[0])
    assert again.curve_ == model.curve_


def test_a_cancelled_fit_goes_on_where_it_was(walks, fresh_home, monkeypatch):
    monkeypatch.setattr(training_loop, "TOLD_EVERY", 0.0)
    straight = made("sasrec", patience=0).fit(walks).recommend(np.arange(60), k=9).scores

    def stops(what, done, total):
        if done == 20:
            raise Cancelled

    folder = next((fresh_home / "cache" / "trained").iterdir())
    for file in folder.iterdir():
        file.unlink()
    with pytest.raises(Cancelled):
        made("sasrec", patience=0).bind_progress(stops).fit(walks)
    assert (folder / "state.safetensors").is_file()
    steps = []
    model = made("sasrec", patience=0)
    model.bind_progress(lambda what, done, total: steps.append(done)).fit(walks)
    assert steps[0] == 20
    np.testing.assert_array_equal(model.recommend(np.arange(60), k=9).scores, straight)


@pytest.mark.parametrize("name", [*NETS, "lightgcn"])
def test_they_tell_their_progress_and_keep_a_curve(walks, name):
    model = RECOMMENDERS[name](n_epochs=2, width=8)
    assert isinstance(model, TellsProgress)
    model.fit(walks)
    assert isinstance(model, KeepsCurve)
    assert [row["metric"] for row in model.curve_] == ["ndcg@10"] * 2
    assert not len(model.ledger_)


@pytest.mark.parametrize("name", SEQUENCE)
def test_they_survive_a_pickle_and_say_where_they_stand(walks, name):
    model = RECOMMENDERS[name]() if name == "markov" else RECOMMENDERS[name](n_epochs=2, width=8)
    if name != "markov":
        model.bind_progress(lambda what, done, total: None)  # cannot be pickled
    model.fit(walks)
    copy = pickle.loads(pickle.dumps(model))  # noqa: S301 - our own bytes
    there, back = (m.recommend(np.arange(60), k=5) for m in (model, copy))
    np.testing.assert_array_equal(there.scores, back.scores)
    assert place_of(model) is not None


def test_drawn_negatives_stand_for_all_items(walks):
    """Over many draws the loss is near that over all items, and never counts the liked one."""
    histories = histories_of(walks)
    windows = windows_of(histories, 50, histories.starts[1:])
    torch.manual_seed(0)
    net = SASRec(width=8)._net(N_ITEMS).eval()
    net.embedding.weight.data.mul_(20)
    places = np.arange(30)
    with torch.no_grad():
        whole = float(next_item_loss(net, windows, 0, N_ITEMS)(places))
        drawn = next_item_loss(net, windows, N_ITEMS - 1, N_ITEMS)
        near = np.mean([float(drawn(places)) for _ in range(50)])
    assert near == pytest.approx(whole, rel=0.02)


def test_hstu_reads_times_and_can_leave_them(walks):
    later = replace(walks, timestamps=walks.timestamps**2)
    aware = [made("hstu", n_epochs=1).fit(data).user_vectors_ for data in (walks, later)]
    blind = [
        made("hstu", n_epochs=1, is_time_aware=False).fit(data).user_vectors_
        for data in (walks, later)
    ]
    assert not np.array_equal(*aware)
    np.testing.assert_array_equal(*blind)


def test_without_times_they_read_rows_as_they_came(walks):
    order = np.lexsort([walks.timestamps, walks.users])
    sorted_rows = walks.take(order)
    timed = made("gpt", n_epochs=2).fit(sorted_rows)
    untimed = made("gpt", n_epochs=2).fit(replace(sorted_rows, timestamps=None))
    np.testing.assert_array_equal(timed.user_vectors_, untimed.user_vectors_)


def test_only_the_latest_likings_are_read(walks):
    model = made("sasrec", n_epochs=1, max_length=4).fit(walks)
    seen = walks.liked[[5]].toarray()
    last = model.histories_.of(5)[0][-4:]
    short = np.zeros_like(seen)
    short[0, last] = 1
    whole, cut = (model.score_histories(csr_array(part), user=5) for part in (seen, short))
    np.testing.assert_array_equal(whole, cut)


@pytest.mark.parametrize("name", ["sasrec", "gpt", "hstu"])
def test_heads_must_divide_the_width(walks, name):
    with pytest.raises(ConfigError, match=r"multiple of n_heads; got width=10 and n_heads=4"):
        RECOMMENDERS[name](width=10, n_heads=4).fit(walks)


def test_histories_of_one_liking_each_say_what_to_do():
    alone = Interactions(np.int32([0, 1]), np.int32([0, 1]), n_users=2, n_items=2)
    with pytest.raises(ConfigError, match="SASRec learns which item follows another, and nobody"):
        SASRec().fit(alone)


def test_lightgcn_needs_two_items():
    one = Interactions(np.int32([0, 1]), np.int32([0, 0]), n_users=2, n_items=1)
    with pytest.raises(ConfigError, match="it needs two items"):
        LightGCN().fit(one)


def test_lightgcn_scores_are_what_its_net_says_of_the_whole_graph(walks):
    from safetensors.torch import load_file

    from recommenders.sequence.graph_net import GraphNet
    from recommenders.sequence.lightgcn import graph_of

    model = LightGCN(n_epochs=2, width=8).fit(walks)
    net = GraphNet(graph_of(walks.liked), 60, 8, model.n_layers)
    net.load_state_dict(load_file(folder_of(model, walks) / "weights.safetensors"))
    vectors = net().detach().numpy()
    expected = vectors[:60] @ vectors[60:].T
    np.testing.assert_allclose(model._score(np.arange(60)), expected, atol=1e-5)


def test_what_nobody_liked_is_not_listed(walks):
    wider = replace(walks, n_items=N_ITEMS + 5)
    for name in SEQUENCE:
        model = (
            RECOMMENDERS[name]() if name == "markov" else RECOMMENDERS[name](n_epochs=1, width=8)
        )
        scores = model.fit(wider)._score(np.arange(60))
        assert np.isneginf(scores[:, N_ITEMS:]).all()
        top = rank(np.arange(60), scores, wider.seen, 40)
        assert (top.items < N_ITEMS).all()


def test_markov_weighs_followers_by_hand():
    train = Interactions(
        np.int32([0, 0, 0, 1, 1, 2]), np.int32([0, 1, 2, 0, 1, 0]), n_users=3, n_items=4
    )
    model = Markov(n_steps=1, decay=0.5, shrink=1.0, popularity=0.0).fit(train)
    scores = model._score(np.array([1]))[0]
    # 0 → 1 twice of 2 + 1, 1 → 2 once of 1 + 1; user 1 had 0, then 1
    assert scores[1] == pytest.approx(0.5 * 2 / 3)
    assert scores[2] == pytest.approx(1 / 2)
    assert np.isneginf(scores[3])
