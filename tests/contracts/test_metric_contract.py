"""What holds for every metric, whatever it measures: built in, or plugged in as documented."""

import re
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from made_arrays import beside, judged, sums

from evaluators import METRICS
from evaluators.arrays import ARRAYS, OF_CATALOGUE, SUMS, compute
from evaluators.metric import Metric

GUIDE = Path(__file__).parent.parent.parent / "docs" / "own-metric.md"

PER_RANK = ("hits", "judged_bad", "gains", "ideal_gains")
OF_PLACES = {
    *("hits", "judged_bad", "gains", "items", "scores", "is_had", "is_again"),
    *("listed_popularity", "listed_tail", "listed_age"),
}
drawn = settings(max_examples=60, deadline=None)  # a loaded machine may be slow
SHAPE = r"(bool|int|float) \(((n_users|n_items|\.\.\.)(, [\w.]+)?,?)?\) +\S"
GROWING = ("recall", "hit_rate", "mrr", "rbp", "err")


def rows(arrays: dict[str, np.ndarray], index: object) -> dict[str, np.ndarray]:
    """The same of some users: what is of the catalogue, and constants, stay whole."""
    whole = OF_CATALOGUE | {name for name, array in arrays.items() if not array.ndim}
    return {name: array if name in whole else array[index] for name, array in arrays.items()}


def rerank(arrays: dict[str, np.ndarray], order: np.ndarray) -> dict[str, np.ndarray]:
    moved = [name for name in OF_PLACES if name in arrays]
    return arrays | {name: np.take_along_axis(arrays[name], order, axis=1) for name in moved}


def undefined(metric: Metric, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Where the question has no answer: nothing to find or, for pairs, nothing else."""
    if metric.name in DESCRIBES:
        return DESCRIBES[metric.name](arrays)
    nothing = arrays["n_relevant"] == 0
    if "n_candidates" in metric.needs and metric.family == "accuracy":
        nothing = nothing | (arrays["n_candidates"] == arrays["n_relevant"])
    if "profile_groups" in metric.needs or "profile_direction" in metric.needs:
        nothing = nothing | np.isnan(arrays["profile_groups"][:, 0])
    return nothing


def known(arrays: dict[str, np.ndarray], of_item: np.ndarray) -> np.ndarray:
    """How many listed items something is known of, int (n_users,)."""
    return ((arrays["items"] >= 0) & of_item.astype(bool)[arrays["items"]]).sum(axis=1)


def with_group(arrays: dict[str, np.ndarray]) -> np.ndarray:
    return known(arrays, arrays["item_groups"].any(axis=1))


def with_vector(arrays: dict[str, np.ndarray]) -> np.ndarray:
    return known(arrays, arrays["item_vectors"].any(axis=1))


def no_profile(arrays: dict[str, np.ndarray]) -> np.ndarray:
    return np.isnan(arrays["profile_groups"][:, 0])


def no_list(arrays: dict[str, np.ndarray]) -> np.ndarray:
    return arrays["n_listed"] == 0


# metrics that describe a list, whatever its user was looking for → where they have no answer
DESCRIBES: dict[str, Callable[[dict[str, np.ndarray]], np.ndarray]] = {
    **dict.fromkeys(("ild", "ild_jaccard"), lambda arrays: with_group(arrays) < 2),
    "ild_vectors": lambda arrays: with_vector(arrays) < 2,
    **dict.fromkeys(("vendi", "s_recall"), lambda arrays: with_group(arrays) == 0),
    "vendi_vectors": lambda arrays: with_vector(arrays) == 0,
    **dict.fromkeys(("novelty", "repeated_rate", "arp", "aplt"), no_list),
    **dict.fromkeys(("user_coverage", "aclt"), lambda arrays: np.zeros(len(arrays["hits"]), bool)),
    "unexpectedness": lambda arrays: no_profile(arrays) | (with_group(arrays) == 0),
    "recency": lambda arrays: np.isnan(arrays["listed_age"]).all(axis=1),
    "alpha_ndcg": lambda arrays: ~arrays["ideal_novel_gains"].any(axis=1),
    **{
        name: lambda arrays: no_profile(arrays) | (with_group(arrays) == 0)
        for name in METRICS
        if METRICS[name].family == "list-calibration"
    },
    "popularity_lift": lambda arrays: (
        no_list(arrays) | ~(np.nan_to_num(arrays["profile_popularity"]) > 0)
    ),
}


def documented_example() -> Metric:
    """The metric that the guide to one's own metric writes."""
    (source,) = re.findall(r"(?ms)^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"))
    written: dict[str, Metric] = {}
    exec(compile(source, GUIDE.name, "exec"), written)  # noqa: S102 - our own document
    return written["half_life"]


EVERY = [metric for metric in (*METRICS.values(), documented_example()) if metric.per != "audit"]
PER_USER = [metric for metric in EVERY if metric.per == "user"]
PER_RUN = [metric for metric in EVERY if metric.per == "run" and not SUMS & {*metric.needs}]
OF_SUMS = [metric for metric in EVERY if SUMS & {*metric.needs}]
ACCURACY = [metric for metric in PER_USER if metric.family == "accuracy"]
REWARDS_HITS = [m for m in PER_USER if m.better == "higher" and "hits" in m.needs]
DECLARED = [*METRICS.values(), documented_example()]
every_declared = pytest.mark.parametrize("metric", DECLARED, ids=lambda metric: metric.name)
every_user_metric = pytest.mark.parametrize("metric", PER_USER, ids=lambda metric: metric.name)
every_metric_of_sums = pytest.mark.parametrize("metric", OF_SUMS, ids=lambda metric: metric.name)


@drawn
@given(arrays=judged())
def test_values_stay_in_bounds_and_are_undefined_exactly_when_there_is_no_answer(arrays):
    for metric in PER_USER:
        values = compute(metric, arrays)
        low, high = metric.bounds
        nothing = undefined(metric, arrays)
        np.testing.assert_array_equal(np.isnan(values), nothing, err_msg=metric.name)
        defined = values[~nothing]
        assert np.all((low - 1e-12 <= defined) & (defined <= high + 1e-12)), metric.name


@drawn
@given(arrays=judged())
def test_a_run_value_is_in_bounds_and_undefined_exactly_when_nothing_was_predicted(arrays):
    for metric in PER_RUN:
        value = compute(metric, arrays)
        low, high = metric.bounds
        assert value.shape == (), metric.name
        assert np.isnan(value) == (arrays["n_predicted"].sum() == 0), metric.name
        assert np.isnan(value) or low <= value <= high, metric.name


@every_metric_of_sums
@pytest.mark.parametrize("seed", range(5))
def test_a_value_of_sums_is_in_bounds_and_the_same_alone_as_beside_other_draws(metric, seed):
    together = sums(np.random.default_rng(seed), (3, 2))
    values = metric(**{name: together[name] for name in metric.needs})
    low, high = metric.bounds
    assert values.shape == (3, 2)
    defined = values[~np.isnan(values)]
    assert np.all((low <= defined) & (defined <= high)), metric.name
    for draw in np.ndindex(3, 2):
        one = {name: together[name][draw] if name in SUMS else together[name] for name in together}
        np.testing.assert_allclose(compute(metric, one), values[draw], rtol=1e-13)


@every_metric_of_sums
def test_a_value_of_sums_over_nobody_is_undefined_or_zero(metric):
    some = sums(np.random.default_rng(0))
    nobody = {name: np.zeros_like(some[name]) if name in SUMS else some[name] for name in some}
    value = compute(metric, nobody)
    assert np.isnan(value) or value == 0


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


def many_users() -> dict[str, np.ndarray]:
    """311 users with full lists of 50."""
    rng = np.random.default_rng(3)
    n_users, n = 311, 50
    kind = rng.choice(3, size=(n_users, n), p=[0.2, 0.2, 0.6])
    gains = np.choose(kind, [rng.uniform(4, 5, kind.shape), rng.uniform(1, 4, kind.shape), 0.0])
    lists = {
        "hits": kind == 0,
        "judged_bad": kind == 1,
        "gains": gains,
        "ideal_gains": -np.sort(-gains, axis=1),
        "n_relevant": (kind == 0).sum(axis=1) + rng.integers(0, 9, n_users),
        "n_judged_bad": (kind == 1).sum(axis=1),
        "n_listed": np.full(n_users, n),
        "n_candidates": np.full(n_users, 700),
    }
    return lists | beside(lists, rng)


MANY = many_users()


@every_user_metric
def test_a_user_scores_the_same_bits_alone_and_in_any_layout_of_a_large_batch(metric):
    values = compute(metric, MANY)
    fortran = {name: np.asfortranarray(array) for name, array in MANY.items() if array.ndim}
    np.testing.assert_array_equal(compute(metric, MANY | fortran), values)
    for user in (0, 1, 7, 100, 310):
        np.testing.assert_array_equal(compute(metric, rows(MANY, [user])), values[[user]])
    for part in (slice(0, 160), slice(160, 311), slice(5, 300, 7)):
        np.testing.assert_array_equal(compute(metric, rows(MANY, part)), values[part])


@drawn
@given(arrays=judged())
def test_ranking_what_the_user_likes_most_first_never_hurts(arrays):
    best_first = rerank(arrays, np.argsort(-arrays["gains"], axis=1, kind="stable"))
    for metric in ACCURACY:
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
    for metric in ACCURACY:
        higher, before = compute(metric, moved), compute(metric, arrays)
        assert np.all((higher >= before - 1e-12) | np.isnan(before)), metric.name


@drawn
@given(arrays=judged(), data=st.data())
def test_moving_a_hit_above_a_miss_never_hurts_what_rewards_hits(arrays, data):
    hits = arrays["hits"]
    place = data.draw(st.integers(0, hits.shape[1] - 1))
    order = np.tile(np.arange(hits.shape[1]), (len(hits), 1))
    if place:
        swaps = hits[:, place] & ~hits[:, place - 1]
        order[swaps, place - 1], order[swaps, place] = place, place - 1
    moved = rerank(arrays, order)
    for metric in REWARDS_HITS:
        higher, before = compute(metric, moved), compute(metric, arrays)
        assert np.all((higher >= before - 1e-12) | np.isnan(before)), metric.name


@drawn
@given(arrays=judged())
def test_the_arrays_given_are_left_as_they_were(arrays):
    given_ = arrays | sums(np.random.default_rng(0))
    before = {name: array.copy() for name, array in given_.items()}
    for metric in EVERY:
        compute(metric, given_)
        for name, array in given_.items():
            np.testing.assert_array_equal(array, before[name], err_msg=metric.name)


@drawn
@given(arrays=judged())
def test_a_user_without_a_list_scores_zero_and_what_describes_a_list_says_nothing(arrays):
    emptied = ("hits", "judged_bad", "gains", "n_listed", "is_had", "is_again", "listed_tail")
    nobody = arrays | {name: np.zeros_like(arrays[name]) for name in emptied}
    nobody["items"] = np.full_like(arrays["items"], -1)
    nobody["listed_popularity"] = np.full_like(arrays["listed_popularity"], -1)
    nobody["listed_age"] = np.full_like(arrays["listed_age"], np.nan)
    for metric in PER_USER:
        values = compute(metric, nobody)
        if metric.name in DESCRIBES:
            assert not np.nan_to_num(values).any(), metric.name
        elif metric.better == "higher":
            assert not values[~undefined(metric, arrays)].any(), metric.name


@drawn
@given(arrays=judged(), data=st.data())
def test_a_view_of_the_first_k_ranks_scores_what_a_copy_of_them_does(arrays, data):
    k = data.draw(st.integers(1, arrays["hits"].shape[1]))
    cut = [name for name in {*PER_RANK, *OF_PLACES, "ideal_novel_gains"} if name in arrays]
    first = arrays | {name: arrays[name][:, :k] for name in cut}
    first["n_listed"] = np.minimum(arrays["n_listed"], k)
    copied = {name: np.ascontiguousarray(array) for name, array in first.items() if array.ndim}
    for metric in PER_USER:
        of_copy = compute(metric, first | copied)
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
    users = np.repeat(np.arange(len(arrays["hits"])), 2)
    for metric in PER_RUN:
        twice = compute(metric, rows(arrays, users))
        np.testing.assert_allclose(twice, compute(metric, arrays), rtol=1e-12)


@every_declared
def test_every_metric_says_what_it_asks_for_and_where_its_definition_comes_from(metric):
    question = metric.summary.partition(" [")[0]
    assert question.endswith("?"), "the first line is the question it answers"
    for name in metric.settings:
        assert re.search(rf"(?m)^{name} +\S", metric.doc)
    assert re.search(r"\b(19|20)\d\d\b", metric.source)
    assert metric.bounds[0] < metric.bounds[1]
    assert metric.better in {"higher", "lower", "neither"}


@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.name)
def test_what_judges_lists_says_its_arrays_its_formula_and_its_paper(metric):
    for name in metric.needs:
        assert name in ARRAYS
        assert re.search(rf"(?m)^{name} +{SHAPE}", metric.doc)
    definition = metric.doc.rpartition("\n\n")[2]
    assert re.search(r"[/Σ√·]|1 if", definition), "a formula after the arrays"
    assert re.search(r"doi:10\.\d{4,}/\S+$", metric.source)


def test_names_are_unique_and_the_registry_is_keyed_by_them():
    assert [metric.name for metric in METRICS.values()] == list(METRICS)


def test_what_describes_a_list_is_a_metric():
    assert DESCRIBES.keys() <= METRICS.keys()
