"""What models that learn more come to, beside fitting all at once."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import block_diag, csr_array

from core.errors import ConfigError, NotFittedError
from core.load import load
from core.order import by_time
from core.tables import Interactions
from recommenders.biased_mf import BiasedMF
from recommenders.doors import resolve
from recommenders.ease import EASE
from recommenders.factors import ALS
from recommenders.history import newly_liked, together
from recommenders.neighbours import neighbours, renewed

USERS = np.arange(943)


@pytest.fixture(scope="module")
def parts() -> tuple[Interactions, Interactions]:
    """The first 98,000 ratings of MovieLens 100K by time, and the last 2,000."""
    rows = load("movielens-100k").interactions
    rows = rows.take(by_time(rows.timestamps))
    return rows.take(np.arange(98_000)), rows.take(np.arange(98_000, len(rows)))


@pytest.fixture(scope="module")
def narrow(parts) -> tuple[Interactions, Interactions]:
    """The same of the first 500 items."""
    old, new = (replace(part.take(part.items < 500), n_items=500) for part in parts)
    return old, new


def same(one, other):
    assert (one != other).nnz == 0
    np.testing.assert_array_equal(one.indptr, other.indptr)


@pytest.mark.parametrize("learned", ["similar_items_", "similar_users_"])
def test_neighbours_are_those_of_a_fit_to_the_last_bit(parts, learned):
    name = "item-knn" if learned == "similar_items_" else "user-knn"
    taught = resolve(name).fit(parts[0]).partial_fit(parts[1])
    fresh = resolve(name).fit(together(*parts))
    same(getattr(taught, learned), getattr(fresh, learned))


def test_rows_that_nothing_touched_keep_their_neighbours():
    rng = np.random.default_rng(0)
    blocks = [rng.random((30, 12)) < 0.3, rng.random((30, 12)) < 0.3]
    two = csr_array(block_diag(blocks).toarray().astype(np.float32))
    before = neighbours(two, 5, 1.0)
    changed = two.toarray()
    changed[3, 2] = 1 - changed[3, 2]
    after = csr_array(changed)
    marked = before.copy()
    marked.data[marked.indptr[30] :] *= 2  # would be mended, were these rows looked at again
    found = renewed(marked, after, np.array([3]), 5, 1.0)
    same(found[:30], neighbours(after, 5, 1.0)[:30])
    same(found[30:], marked[30:])


def test_ease_follows_by_woodbury_what_inverting_anew_gives(narrow):
    old, new = narrow
    model = EASE().fit(old)
    middle = len(new) - 200
    model.partial_fit(new.take(np.arange(middle)))  # inverts anew and keeps the inverse
    kept = model.precision_
    model.partial_fit(new.take(np.arange(middle, len(new))))
    assert model.precision_ is not kept
    fresh = EASE().fit(together(*narrow))
    np.testing.assert_allclose(model.item_weights_, fresh.item_weights_, atol=1e-7)
    np.testing.assert_array_equal(
        model.recommend(USERS, 10).items, fresh.recommend(USERS, 10).items
    )


def test_ease_grows_by_items_and_users_that_are_new(narrow):
    rows = together(*narrow)
    is_known = (rows.users < 900) & (rows.items < 400)
    known = replace(rows.take(is_known), n_users=900, n_items=400)
    few, many = (
        rows.take(np.flatnonzero(~is_known)[part]) for part in (slice(60), slice(60, None))
    )
    model = EASE().fit(known).partial_fit(known.take(np.arange(10)))
    assert not hasattr(model, "precision_")  # that was nothing new
    for part, all_ in ((few, together(known, few)), (many, rows)):
        model.partial_fit(part)
        fresh = EASE().fit(all_)
        np.testing.assert_allclose(model.item_weights_, fresh.item_weights_, atol=1e-7)


def test_ease_learns_of_items_that_nobody_liked_yet(narrow):
    old, _ = narrow
    model = EASE().fit(old).partial_fit(replace(old.take(np.arange(0)), n_items=510))
    assert model.recommend(USERS[:3], 600).items.max() == 509


def test_another_fit_of_ease_forgets_the_kept_inverse(narrow):
    model = EASE().fit(narrow[0]).partial_fit(narrow[1])
    assert hasattr(model, "precision_")
    assert not hasattr(model.fit(narrow[0]), "precision_")


def test_als_gives_touched_users_the_vector_that_fits_best(parts):
    model = ALS(n_factors=8, iterations=3).fit(parts[0]).partial_fit(parts[1])
    came = np.flatnonzero(np.diff(newly_liked(parts[0], together(*parts)).indptr))
    items = model.item_factors_.T.astype(np.float64)
    liked = together(*parts).liked[came].toarray().astype(np.float64)
    users = model.user_factors_[came].astype(np.float64)
    sure = 1 + (model.alpha - 1) * liked
    slope = (sure * (users @ items.T) - model.alpha * liked) @ items
    slope += model.regularization * users
    np.testing.assert_allclose(slope, 0, atol=1e-3)  # of float32 vectors; 10 and more before


def test_als_leaves_whom_nothing_touched_as_they_were(parts):
    before = ALS(n_factors=8, iterations=3).fit(parts[0])
    users = before.user_factors_.copy()
    touched = np.diff(newly_liked(parts[0], together(*parts)).indptr) > 0
    after = before.partial_fit(parts[1]).user_factors_
    np.testing.assert_array_equal(after[~touched], users[~touched])
    assert (after[touched] != users[touched]).any(axis=1).all()


def test_biased_mf_once_taught_predicts_about_as_well_as_fitted_anew(parts):
    rows = together(*parts)
    old, later = rows.take(np.arange(60_000)), np.arange(60_000, len(rows))
    is_held = np.random.default_rng(0).random(len(later)) < 0.2
    learned, held = rows.take(later[~is_held]), rows.take(later[is_held])

    def error(model):
        off = model.predict(held.users, held.items) - held.ratings
        return np.sqrt(np.nanmean(off**2))

    small = {"n_factors": 8, "iterations": 10}
    model = BiasedMF(**small).fit(old)
    before, anew = error(model), error(BiasedMF(**small).fit(together(old, learned)))
    after = error(model.partial_fit(learned))
    assert after < before - 0.05
    assert after < anew + 0.02


def test_biased_mf_cannot_learn_from_what_has_no_ratings(parts):
    without = replace(parts[1], ratings=None)
    model = BiasedMF(n_factors=2, iterations=1).fit(parts[0])
    model.train_ = replace(parts[0], ratings=None)
    with pytest.raises(ConfigError, match="the new interactions hold none"):
        model.partial_fit(without)


@pytest.mark.parametrize("name", ["item-knn", "user-knn", "ease", "als", "biased-mf"])
def test_what_was_never_fitted_cannot_learn_more(parts, name):
    with pytest.raises(NotFittedError, match=r"call \w+\.fit\(train\) first"):
        resolve(name).partial_fit(parts[1])


def test_a_liking_told_twice_came_in_once():
    two = np.zeros(2, np.int32)
    old = Interactions(two[:1], two[:1], 2, 3)
    new = Interactions(two, np.array([0, 2], np.int32), 3, 3)
    came = newly_liked(old, together(old, new))
    assert came.toarray().tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 0]]
