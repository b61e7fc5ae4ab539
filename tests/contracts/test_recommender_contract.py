"""What holds for every recommender, built in or plugged in, whatever it computes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_models import small_parameters

from core.errors import NotFittedError
from core.ledger import Ledger
from core.tables import PAD, Interactions, Side
from recommenders import RECOMMENDERS
from recommenders.base import Forgets, LearnsMore, PredictsRatings, Recommender
from recommenders.contract import check_topk
from recommenders.doors import describe, resolve

N = 20
BLIND = {
    "random",
    "popularity",
    "decayed-popularity",
    "group-popularity",
}  # know no user, so cannot tell the clubs apart
UNTAUGHT = {
    "genrec",
    "bigrec",
    "gpt4rec",
    "llm-pointwise",
    "llm-pairwise",
    "llm-listwise",
    "llm-in-context",
    "llm-prompt-search",
    "llm-lora",
    "llm-finetuned",
    "llm-instructed",
    "llm-soft-prompt",
}  # learn nothing or take one step, and the language model they ask here was drawn by chance
# say what comes next, and in the clubs nothing ever comes after a user's last item
READS_ORDER = {"identifier-gpt", "gru4rec", "sasrec", "gpt", "hstu"}
FOLDS_IN = {"als", "biased-mf"}  # learn more by changing only what is touched: near, not equal
NAMES = [*RECOMMENDERS, "example-neighbours"]  # the last one comes from tests/plugin
every_model = pytest.mark.parametrize("name", NAMES)
USERS = np.arange(N)


def titled(n: int) -> Side:
    """Items that can be read about: those of even number have one genre, those of odd another."""
    titles = [f"Tale {number} of {'the sea' if number % 2 else 'a forest'}" for number in range(n)]
    genres = [["Odd"] if number % 2 else ["Even"] for number in range(n)]
    return Side(items=pd.DataFrame({"title": titles, "genres": genres}))


def able_to(ability):
    return [name for name, model in RECOMMENDERS.items() if issubclass(model, ability)]


@pytest.fixture(scope="module")
def clubs() -> Interactions:
    """Even users like even items and dislike odd ones, odd users the reverse.

    Each has the item of its own number held out, and five more, one step away from liking.
    """
    users, items = (axis.ravel() for axis in np.mgrid[0:N, 0:N])
    is_liked = (users + items) % 2 == 0
    is_told = (users != items) & (is_liked | ((users + items) % 4 == 1))
    users, items, is_liked = users[is_told], items[is_told], is_liked[is_told]
    return Interactions(
        users=users.astype(np.int32),
        items=items.astype(np.int32),
        n_users=N,
        n_items=N,
        ratings=np.where(is_liked, 5, 1).astype(np.float32),
        timestamps=np.arange(len(users), dtype=np.int64) * 3600,
        threshold=4.0,
        side=titled(N),
    )


@pytest.fixture(scope="module")
def draws() -> Interactions:
    """60 users, 40 items, ratings by chance; users 0 and 1 have no liked item, 2 none at all."""
    rng = np.random.default_rng(1)
    rows, columns = np.nonzero(rng.random((60, 40)) < 0.3)
    keep = rows != 2
    rows, columns = rows[keep], columns[keep]
    ratings = rng.integers(1, 6, len(rows)).astype(np.float32)
    ratings[rows < 2] = 1
    return Interactions(
        users=rows.astype(np.int32),
        items=columns.astype(np.int32),
        n_users=60,
        n_items=40,
        ratings=ratings,
        timestamps=rng.integers(0, 10**6, len(rows)),
        threshold=4.0,
        side=titled(40),
    )


@pytest.fixture
def make(example_plugin, request):
    """A fresh model of that name; the plug-in's package is installed."""

    return lambda name: resolve(name, small_parameters(name, request))


@every_model
def test_it_is_a_recommender(make, name):
    assert isinstance(make(name), Recommender)


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in BLIND | UNTAUGHT | READS_ORDER]
)
def test_it_recovers_the_held_out_item(make, clubs, name):
    top = make(name).fit(clubs).recommend(USERS, k=1)
    np.testing.assert_array_equal(top.items[:, 0], USERS)


@every_model
def test_lists_hold_distinct_unseen_items_best_first(make, draws, name):
    users = np.arange(draws.n_users)
    top = make(name).fit(draws).recommend(users, k=15)
    ledger = Ledger()
    check_topk(top, users, 15, draws, name, ledger)
    assert not list(ledger)
    assert top.items.dtype == np.int32
    assert np.isneginf(top.scores[top.items == PAD]).all()


@every_model
def test_one_user_at_a_time_gives_the_same_lists(make, draws, name):
    model = make(name).fit(draws)
    users = np.arange(draws.n_users)
    together = model.recommend(users, k=10)
    apart = [model.recommend(np.array([user]), k=10) for user in users]
    np.testing.assert_array_equal(together.items, np.vstack([top.items for top in apart]))
    np.testing.assert_array_equal(together.scores, np.vstack([top.scores for top in apart]))


@every_model
def test_the_order_of_asking_does_not_matter(make, draws, name):
    model = make(name).fit(draws)
    users = np.arange(draws.n_users)
    order = np.random.default_rng(0).permutation(users)
    there, back = model.recommend(users, k=5), model.recommend(order, k=5)
    np.testing.assert_array_equal(back.users, order)
    np.testing.assert_array_equal(back.items, there.items[order])


@every_model
def test_the_same_seed_gives_the_same_bits(make, draws, name):
    one, other = (make(name).fit(draws).recommend(np.arange(60), k=10) for _ in range(2))
    np.testing.assert_array_equal(one.items, other.items)
    np.testing.assert_array_equal(one.scores, other.scores)


@every_model
def test_a_shorter_list_is_the_head_of_a_longer_one(make, draws, name):
    model = make(name).fit(draws)
    users = np.arange(draws.n_users)
    np.testing.assert_array_equal(
        model.recommend(users, k=3).items, model.recommend(users, k=12).items[:, :3]
    )


@every_model
def test_k_larger_than_the_catalogue_pads(make, draws, name):
    users = np.arange(draws.n_users)
    top = make(name).fit(draws).recommend(users, k=50)
    assert top.items.shape == (60, 50)
    n_left = draws.n_items - np.diff(draws.seen.indptr)
    n_listed = (top.items != PAD).sum(axis=1)
    assert (n_listed <= n_left).all()
    is_gap = (top.items[:, :-1] == PAD) & (top.items[:, 1:] != PAD)
    assert not is_gap.any()


@every_model
def test_a_user_without_any_history_gets_padding_or_what_everybody_gets(make, draws, name):
    top = make(name).fit(draws).recommend(np.array([2]), k=5)
    assert (top.items != PAD).all() if name in BLIND else (top.items == PAD).all()


@every_model
def test_recommend_before_fit_says_what_to_do(make, name):
    with pytest.raises(NotFittedError, match=r"call \w+\.fit\(train\) first"):
        make(name).recommend(np.array([0]), k=1)


@every_model
def test_what_it_learns_from_is_left_as_it_was(make, draws, name):
    copy = replace(draws, users=draws.users.copy(), items=draws.items.copy())
    ratings = draws.ratings.copy()
    make(name).fit(draws).recommend(np.arange(60), k=5)
    np.testing.assert_array_equal(draws.users, copy.users)
    np.testing.assert_array_equal(draws.items, copy.items)
    np.testing.assert_array_equal(draws.ratings, ratings)


@every_model
def test_another_fit_forgets_the_first(make, clubs, draws, name):
    again = make(name).fit(clubs).fit(draws).recommend(np.arange(60), k=5)
    fresh = make(name).fit(draws).recommend(np.arange(60), k=5)
    np.testing.assert_array_equal(again.items, fresh.items)


@every_model
def test_every_parameter_is_documented_and_has_a_default_that_fits(make, name):
    known = describe(name)
    assert known.summary.endswith((".", ":", "?"))
    assert known.source
    for parameter in known.parameters:
        assert parameter.doc.endswith(".")
        assert parameter.type is not None
    resolve(name, {parameter.name: parameter.default for parameter in known.parameters})


@pytest.mark.parametrize("name", [name for name in able_to(LearnsMore) if name not in FOLDS_IN])
def test_learning_more_equals_learning_all_at_once(make, draws, name):
    model = make(name)
    first = np.arange(len(draws)) < len(draws) // 2
    in_parts = model.fit(draws.take(first)).partial_fit(draws.take(~first))
    at_once = make(name).fit(draws)
    users = np.arange(60)
    np.testing.assert_array_equal(
        in_parts.recommend(users, k=5).items, at_once.recommend(users, k=5).items
    )


@pytest.mark.parametrize("name", able_to(Forgets))
def test_forgetting_equals_never_having_known(make, draws, name):
    gone = np.array([7, 30, 30, 2])
    forgot = make(name).fit(draws).forget(gone)
    never = make(name).fit(draws.take(~np.isin(draws.users, gone)))
    there, without = (model.recommend(np.arange(60), k=10) for model in (forgot, never))
    np.testing.assert_array_equal(there.items, without.items)
    np.testing.assert_allclose(there.scores, without.scores, rtol=1e-6)
    assert (there.items[7] == PAD).all()


@pytest.mark.parametrize("name", able_to(LearnsMore))
def test_a_user_who_came_later_is_served_once_learned(make, draws, name):
    is_late = draws.users >= 50
    model = make(name).fit(replace(draws.take(~is_late), n_users=50))
    top = model.partial_fit(draws.take(is_late)).recommend(np.arange(50, 60), k=3)
    assert (top.items[:, 0] != PAD).all()


@pytest.mark.parametrize("name", able_to(PredictsRatings))
def test_predicted_ratings_are_finite_within_the_scale_and_one_by_one_the_same(make, draws, name):
    model = make(name)
    predicted = model.fit(draws).predict(draws.users, draws.items)
    assert predicted.shape == draws.users.shape
    assert ((predicted >= 1) & (predicted <= 5)).all()
    apart = [model.predict(draws.users[[i]], draws.items[[i]])[0] for i in range(50)]
    np.testing.assert_array_equal(predicted[:50], apart)
