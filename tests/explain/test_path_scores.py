"""Scores of paths follow their definitions, and choosing paths by one of them raises it."""

import numpy as np
import pandas as pd
import pytest
from evidence_case import world

from core.errors import ConfigError, FetchError
from core.load import load
from core.split import split
from explain.evidence import paths
from explain.explanation import Explanation
from explain.path_material import (
    GOALS,
    chosen_paths,
    entity_popularity,
    path_material,
    recency,
    reranked,
    smoothed,
)
from explain.path_scores import etd, lid, lir, path_fidelity, ptc, sed, sep
from explain.reasons import Question
from explain.scorer import not_available
from explain.scorers import SCORERS, score_all
from explain.worlds import world_from
from recommenders import RECOMMENDERS


@pytest.fixture(scope="module")
def films():
    try:
        data = load("movielens-100k")
    except FetchError as error:
        pytest.skip(f"needs the package registry: {error}")
    return world_from(split(data.interactions, "leave-last").train, data.item_ids)


@pytest.fixture(scope="module")
def lists(films):
    users = np.arange(0, 400, 80)
    return users, RECOMMENDERS["ease"]().fit(films.train).recommend(users, 10).items


def explained(user, items, chosen):
    return [
        Explanation(user, int(item), "pre", "paths", evidence=(path,) if path else ())
        for item, path in zip(items, chosen, strict=True)
    ]


def usual(films, user, items):
    found = paths.reasons(Question(films, int(user), items.astype(np.int64)))
    return [reasons.evidence[0] if reasons.evidence else None for reasons in found]


def test_smoothing_is_the_mean_that_pandas_weighs_by_a_span_of_all():
    times = np.array([1.0, 2.0, 4.0, 8.0, 9.0])
    decay = 1 - 2 / (5 + 1)
    mean = np.array(
        [
            np.average(times[: n + 1], weights=decay ** np.arange(n, -1, -1.0))
            for n in range(len(times))
        ]
    )
    assert pd.Series(times).ewm(span=5).mean().to_numpy() == pytest.approx(mean)
    assert smoothed(times) == pytest.approx((mean - mean[0]) / (mean[-1] - mean[0]))


def test_equal_values_share_their_place_and_all_equal_ones_have_none():
    made = smoothed(np.array([1.0, 1.0, 3.0]))
    assert made[0] == made[1] < made[2]
    assert np.isnan(smoothed(np.array([2.0, 2.0]))).all()
    assert np.isnan(smoothed(np.array([2.0]))).all()


def test_the_latest_liking_is_the_most_recent():
    found = recency(world(), 0)
    assert found == {0: 0.0, 2: pytest.approx(found[2]), 3: 1.0}
    assert 0 < found[2] < 1


def test_the_entity_that_most_items_have_is_the_most_popular():
    found = entity_popularity(world())
    assert found["directed_by"] == {"d1": 1.0, "d2": 0.0}


def test_diversity_is_counted_within_each_user_s_list():
    users = np.array([0, 0, 0, 1, 1])
    types = ["actor", "actor", "directed_by", "actor", ""]
    assert etd(types, users, 8) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert etd(types, users, 2) == pytest.approx((2 / 2 + 1 / 2) / 2)
    assert lid(np.array([5, 5, 6, 7, -1]), users) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert sed(["a", "b", "c", "a", ""], users) == pytest.approx((1 + 1 / 2) / 2)
    # user 0: pairs of the same kind 1 of 3; user 1 has one path only
    assert ptc(types, users) == pytest.approx(1 - 1 / 3)
    assert np.isnan(ptc(["actor", ""], np.array([0, 0])))
    assert path_fidelity(types).tolist() == [1, 1, 1, 1, 0]
    assert lir(np.array([0.5, np.nan])).tolist()[0] == 0.5
    assert sep(np.array([0.25])).tolist() == [0.25]


def test_material_speaks_of_the_strongest_path_of_each_explanation():
    found = world()
    chosen = usual(found, 0, np.array([1, 6, 8]))
    material = path_material(found, explained(0, [1, 6, 8], chosen))
    assert material["path_types"] == ["actor", "actor", ""]
    assert material["linked_items"].tolist() == [0, 0, -1]
    assert material["shared_entities"][0] in {"a1", "a2"}
    assert material["linking_recency"][:2].tolist() == [0.0, 0.0]
    assert np.isnan(material["linking_recency"][2])
    assert material["n_path_types"] == 5  # directors, actors, writers, places, sequels


def test_scores_of_paths_are_not_available_without_paths(films):
    assert path_material(films, [Explanation(0, 1, "post", "template")]) == {}
    for name in ("lir", "sep", "etd", "lid", "sed", "ptc", "path_fidelity"):
        assert SCORERS[name].family == "paths"
        assert not_available(SCORERS[name], {}).startswith("not available: needs ")


def test_all_scores_of_paths_lie_in_their_bounds(films, lists):
    users, items = lists
    told = [
        one
        for user, row in zip(users, items, strict=True)
        for one in explained(int(user), row, usual(films, user, row))
    ]
    names = [name for name, one in SCORERS.items() if one.family == "paths"]
    found = score_all(path_material(films, told), names)
    assert not found.reasons
    values = {**{name: np.nanmean(each) for name, each in found.each.items()}, **found.whole}
    assert set(values) == set(names)
    assert all(0 <= value <= 1 for value in values.values())
    assert values["path_fidelity"] > 0.6


@pytest.mark.parametrize("goal", GOALS)
def test_choosing_paths_by_a_score_raises_it(films, lists, goal):
    users, items = lists
    before, after = [], []
    for user, row in zip(users, items, strict=True):
        before += explained(int(user), row, usual(films, user, row))
        after += explained(int(user), row, chosen_paths(films, int(user), row, goal))

    def score(told):
        found = score_all(path_material(films, told), [goal])
        return found.whole.get(goal, np.nanmean(found.each[goal]) if goal in found.each else np.nan)

    assert score(after) > score(before) + 0.01


def test_paths_are_chosen_by_no_other_goal(films):
    with pytest.raises(ConfigError, match="paths are chosen by lir, sep, etd, lid, sed; got 'x'"):
        chosen_paths(films, 0, [1], "x")


def test_reranking_goes_from_the_recommender_s_order_to_that_of_the_paths():
    scores, qualities = np.array([3.0, 2.0, 1.0, 0.0]), np.array([0.1, np.nan, 0.9, 0.5])
    assert reranked(scores, qualities, 0.0).tolist() == [0, 1, 2, 3]
    assert reranked(scores, qualities, 1.0).tolist() == [2, 3, 0, 1]
    at_top = [np.nan_to_num(qualities)[reranked(scores, qualities, w)[:2]].mean()
              for w in (0.0, 0.3, 0.6, 1.0)]  # fmt: skip
    assert at_top == sorted(at_top)
    assert reranked(np.ones(3), np.full(3, np.nan), 0.5).tolist() == [0, 1, 2]
    with pytest.raises(ConfigError, match="lies between 0 and 1; got 2"):
        reranked(scores, qualities, 2)
