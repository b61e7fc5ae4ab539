"""What holds for every metric, whatever it measures: built in, or plugged in as documented."""

import re
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from evaluators import METRICS
from evaluators.arrays import ARRAYS, compute
from evaluators.metric import Metric

GUIDE = Path(__file__).parent.parent.parent / "docs" / "own-metric.md"

LIKED = st.sampled_from([4.0, 4.5, 5.0])
DISLIKED = st.sampled_from([0.5, 1.0, 2.0, 3.5])
PER_RANK = ("hits", "judged_bad", "gains", "ideal_gains")
drawn = settings(max_examples=100, deadline=None)  # a loaded machine may be slow
GROWING = ("recall", "hit_rate", "mrr", "rbp", "err")


@st.composite
def one_user(draw: st.DrawFn, k: int) -> dict[str, object]:
    """A list of liked, disliked and unrated items, and what the list missed."""
    kinds = draw(st.lists(st.sampled_from(["hit", "bad", "unrated"]), max_size=k))
    unlisted = draw(st.lists(LIKED, max_size=3)), draw(st.lists(DISLIKED, max_size=2))
    rating = {"hit": LIKED, "bad": DISLIKED, "unrated": st.just(0.0)}
    gains = [draw(rating[kind]) for kind in kinds]
    rated = sorted([*(gain for gain in gains if gain), *unlisted[0], *unlisted[1]], reverse=True)
    places = kinds + ["empty"] * (k - len(kinds))
    n_predicted = draw(st.integers(0, 5))
    errors = draw(st.lists(st.floats(0, 4), min_size=n_predicted, max_size=n_predicted))
    return {
        "hits": [kind == "hit" for kind in places],
        "judged_bad": [kind == "bad" for kind in places],
        "gains": gains + [0.0] * (k - len(kinds)),
        "ideal_gains": (rated + [0.0] * k)[:k],
        "n_relevant": kinds.count("hit") + len(unlisted[0]),
        "n_judged_bad": kinds.count("bad") + len(unlisted[1]),
        "n_listed": len(kinds),
        "n_candidates": len(kinds) + len(unlisted[0]) + len(unlisted[1]) + draw(st.integers(0, 9)),
        "n_predicted": n_predicted,
        "squared_error": float(sum(error**2 for error in errors)),
        "absolute_error": float(sum(errors)),
    }


@st.composite
def judged(draw: st.DrawFn) -> dict[str, np.ndarray]:
    k = draw(st.integers(1, 7))
    users = draw(st.lists(one_user(k), min_size=1, max_size=4))
    return {name: np.array([user[name] for user in users]) for name in users[0]}


def rows(arrays: dict[str, np.ndarray], index: object) -> dict[str, np.ndarray]:
    return {name: array[index] for name, array in arrays.items()}


def rerank(arrays: dict[str, np.ndarray], order: np.ndarray) -> dict[str, np.ndarray]:
    moved = ("hits", "judged_bad", "gains")
    return arrays | {name: np.take_along_axis(arrays[name], order, axis=1) for name in moved}


def undefined(metric: Metric, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Where the question has no answer: nothing to find or, for pairs, nothing else."""
    nothing = arrays["n_relevant"] == 0
    if "n_candidates" in metric.needs:
        nothing = nothing | (arrays["n_candidates"] == arrays["n_relevant"])
    return nothing


def documented_example() -> Metric:
    """The metric that the guide to one's own metric writes."""
    (source,) = re.findall(r"(?ms)^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"))
    written: dict[str, Metric] = {}
    exec(compile(source, GUIDE.name, "exec"), written)  # noqa: S102 - our own document
    return written["half_life"]


EVERY = [*METRICS.values(), documented_example()]
PER_USER = [metric for metric in EVERY if metric.per == "user"]
PER_RUN = [metric for metric in EVERY if metric.per == "run"]
every_metric = pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.name)
every_user_metric = pytest.mark.parametrize("metric", PER_USER, ids=lambda metric: metric.name)


@drawn
@given(arrays=judged())
def test_values_stay_in_bounds_and_are_undefined_exactly_when_nothing_is_relevant(arrays):
    for metric in PER_USER:
        values = compute(metric, arrays)
        low, high = metric.bounds
        nothing = undefined(metric, arrays)
        np.testing.assert_array_equal(np.isnan(values), nothing, err_msg=metric.name)
        defined = values[~nothing]
        assert np.all((low <= defined) & (defined <= high + 1e-12)), metric.name


@drawn
@given(arrays=judged())
def test_a_run_value_is_in_bounds_and_undefined_exactly_when_nothing_was_predicted(arrays):
    for metric in PER_RUN:
        value = compute(metric, arrays)
        low, high = metric.bounds
        assert value.shape == (), metric.name
        assert np.isnan(value) == (arrays["n_predicted"].sum() == 0), metric.name
        assert np.isnan(value) or low <= value <= high, metric.name


@drawn
@given(arrays=judged(), data=st.data())
def test_users_do_not_affect_each_other_to_the_last_bit(arrays, data):
    n_users = len(arrays["n_relevant"])
    order = data.draw(st.permutations(range(n_users)))
    for metric in PER_USER:
        values = compute(metric, arrays)
        moved = compute(metric, rows(arrays, order))
        np.testing.assert_array_equal(moved, values[order], err_msg=metric.name)
        alone = [compute(metric, rows(arrays, [user]))[0] for user in range(n_users)]
        np.testing.assert_array_equal(alone, values, err_msg=metric.name)


@every_user_metric
def test_a_user_scores_the_same_bits_alone_and_in_any_layout_of_a_large_batch(metric):
    rng = np.random.default_rng(3)
    n_users, n = 311, 50
    kind = rng.choice(3, size=(n_users, n), p=[0.2, 0.2, 0.6])
    gains = np.choose(kind, [rng.uniform(4, 5, kind.shape), rng.uniform(1, 4, kind.shape), 0.0])
    arrays = {
        "hits": kind == 0,
        "judged_bad": kind == 1,
        "gains": gains,
        "ideal_gains": -np.sort(-gains, axis=1),
        "n_relevant": (kind == 0).sum(axis=1) + rng.integers(0, 9, n_users),
        "n_judged_bad": (kind == 1).sum(axis=1),
        "n_listed": np.full(n_users, n),
        "n_candidates": np.full(n_users, 700),
    }
    values = compute(metric, arrays)
    fortran = {name: np.asfortranarray(array) for name, array in arrays.items()}
    np.testing.assert_array_equal(compute(metric, fortran), values)
    for user in (0, 1, 7, 100, 310):
        np.testing.assert_array_equal(compute(metric, rows(arrays, [user])), values[[user]])
    for part in (slice(0, 160), slice(160, 311), slice(5, 300, 7)):
        np.testing.assert_array_equal(compute(metric, rows(arrays, part)), values[part])


@drawn
@given(arrays=judged())
def test_ranking_what_the_user_likes_most_first_never_hurts(arrays):
    best_first = rerank(arrays, np.argsort(-arrays["gains"], axis=1, kind="stable"))
    for metric in PER_USER:
        best, before = compute(metric, best_first), compute(metric, arrays)
        assert np.all((best >= before - 1e-12) | np.isnan(before)), metric.name


@drawn
@given(arrays=judged(), data=st.data())
def test_moving_a_liked_item_up_one_rank_never_hurts(arrays, data):
    k = arrays["hits"].shape[1]
    place = data.draw(st.integers(0, k - 1))
    order = np.tile(np.arange(k), (len(arrays["hits"]), 1))
    for user, gains in enumerate(arrays["gains"]):
        if place and gains[place] > gains[place - 1]:
            order[user, [place - 1, place]] = place, place - 1
    moved = rerank(arrays, order)
    for metric in PER_USER:
        higher, before = compute(metric, moved), compute(metric, arrays)
        assert np.all((higher >= before - 1e-12) | np.isnan(before)), metric.name


@drawn
@given(arrays=judged())
def test_the_arrays_given_are_left_as_they_were(arrays):
    before = {name: array.copy() for name, array in arrays.items()}
    for metric in EVERY:
        compute(metric, arrays)
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, before[name], err_msg=metric.name)


@drawn
@given(arrays=judged())
def test_a_user_without_a_list_scores_zero(arrays):
    emptied = ("hits", "judged_bad", "gains", "n_listed")
    nobody = arrays | {name: np.zeros_like(arrays[name]) for name in emptied}
    for metric in PER_USER:
        values = compute(metric, nobody)
        assert not values[~undefined(metric, arrays)].any(), metric.name


@drawn
@given(arrays=judged(), data=st.data())
def test_a_view_of_the_first_k_ranks_scores_what_a_copy_of_them_does(arrays, data):
    k = data.draw(st.integers(1, arrays["hits"].shape[1]))
    first = arrays | {name: arrays[name][:, :k] for name in PER_RANK}
    first["n_listed"] = np.minimum(arrays["n_listed"], k)
    copied = {name: np.ascontiguousarray(array) for name, array in first.items()}
    for metric in PER_USER:
        of_copy = compute(metric, copied)
        np.testing.assert_array_equal(compute(metric, first), of_copy, err_msg=metric.name)


@drawn
@given(arrays=judged())
def test_what_is_found_within_k_is_still_found_within_more(arrays):
    defined = arrays["n_relevant"] > 0
    for name in GROWING:
        before = -np.inf
        for k in range(1, arrays["hits"].shape[1] + 1):
            first = arrays | {part: arrays[part][:, :k] for part in PER_RANK}
            values = compute(METRICS[name], first)[defined]
            assert np.all(values >= before), name
            before = values


@drawn
@given(arrays=judged(), n_empty=st.integers(1, 5))
def test_empty_places_at_the_end_change_nothing_without_a_cutoff(arrays, n_empty):
    wider = {name: np.pad(arrays[name], ((0, 0), (0, n_empty))) for name in PER_RANK}
    for metric in PER_USER:
        if not metric.cutoff:
            same = compute(metric, arrays | wider)
            np.testing.assert_array_equal(same, compute(metric, arrays), err_msg=metric.name)


@drawn
@given(arrays=judged())
def test_drawing_every_user_twice_leaves_a_run_value_where_it_was(arrays):
    twice = {name: np.concatenate([array, array]) for name, array in arrays.items()}
    for metric in PER_RUN:
        np.testing.assert_allclose(compute(metric, twice), compute(metric, arrays), rtol=1e-12)


@every_metric
def test_every_metric_says_what_it_asks_for_and_where_its_definition_comes_from(metric):
    assert metric.summary.endswith("?"), "the first line is the question it answers"
    for name in metric.needs:
        assert name in ARRAYS
        assert re.search(rf"(?m)^{name} +(bool|int|float) \(n_users(, [kn])?,?\) +\S", metric.doc)
    for name in metric.settings:
        assert re.search(rf"(?m)^{name}  +\S", metric.doc)
    definition = metric.doc.rpartition("\n\n")[2]
    assert re.search(r"[/Σ√·]|1 if", definition), "a formula after the arrays"
    assert re.search(r"\b(19|20)\d\d\b.*doi:10\.\d{4,}/\S+$", metric.source)
    assert metric.family in {"accuracy", "rating"}
    assert metric.bounds[0] < metric.bounds[1]


def test_names_are_unique_and_the_registry_is_keyed_by_them():
    assert [metric.name for metric in METRICS.values()] == list(METRICS)
