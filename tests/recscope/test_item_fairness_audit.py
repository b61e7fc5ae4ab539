"""What items and providers get: the sums behind it, the audit on a run, and bad input."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.errors import ConfigError
from core.item_groups import groups_of
from core.tables import PAD, Interactions, TopK
from evaluators import METRICS
from recscope import engine
from recscope.audits import item_fairness
from recscope.audits.item_fairness import NO_COLUMN, NO_PROVIDER, TEST, Settings
from recscope.audits.item_numbers import away_from_relevance, of_groups, over_groups
from recscope.audits.item_parts import groups_shown, parts_of, wanted
from recscope.catalogue import Catalogue
from recscope.config_sections import AuditConfig
from recscope.estimate import Sureness
from recscope.judge import judge
from tests.recscope.small_run import small_config

K = 4
N_ITEMS = 12
GENRES = [["a"], ["a", "b"], ["b"], None, ["c"], ["a"]] * 2
SURE = Sureness(resamples=100, seed=3)


def interactions(pairs):
    users, items = (np.array(axis, dtype=np.int32) for axis in zip(*pairs, strict=True))
    return Interactions(users, items, 6, N_ITEMS)


HISTORY = interactions([(0, 0), (0, 1), (1, 4), (2, 2), (3, 3), (5, 7)])
TEST_ROWS = interactions([(0, 2), (0, 3), (1, 1), (2, 9), (2, 10), (3, 4), (5, 5)])


@pytest.fixture
def groups():
    column = pd.Series(GENRES, index=range(N_ITEMS))
    available = np.ones(N_ITEMS, dtype=bool)
    return groups_shown(groups_of(column, "genres", N_ITEMS), available, 20)


@pytest.fixture
def judged():
    items = np.array([[2, 3, 4, 5], [1, 0, PAD, PAD], [9, 9, 3, 8], [PAD] * 4, [6, 7, 8, 11]])
    lists = TopK(np.array([0, 1, 2, 3, 5]), items.astype(np.int32), -items.astype(float))
    return judge(lists, TEST_ROWS, seen=[HISTORY], k=K)


def slowly(judged):
    """The same sums, user by user and place by place: group → amount, for each kind."""
    kinds = ("exposure", "hit_exposure", "listed", "hits", "relevance", "relevant", "had")
    sums = {kind: dict.fromkeys("abc", 0.0) for kind in kinds}
    for row, user in enumerate(judged.truth.users):
        relevant = TEST_ROWS.items[TEST_ROWS.users == user]
        had = HISTORY.items[HISTORY.users == user]
        known = [item for item in relevant if GENRES[item]]
        for item in known:
            for genre in GENRES[item]:
                sums["relevance"][genre] += 1 / len(GENRES[item]) / len(known)
                sums["relevant"][genre] += 1
        for item in had:
            for genre in GENRES[item] or ():
                sums["had"][genre] += 1
        seen = set(had.tolist())
        for place, item in enumerate(judged.items[row, :K], start=1):
            is_hit = item in relevant and item not in seen
            for genre in (GENRES[item] or ()) if item >= 0 else ():
                weight = 1 / np.log2(place + 1) / len(GENRES[item])
                sums["exposure"][genre] += weight
                sums["listed"][genre] += 1
                sums["hit_exposure"][genre] += weight * is_hit
                sums["hits"][genre] += is_hit
            seen.add(int(item))
    return sums


def test_sums_of_groups_are_what_adding_up_place_by_place_gives(judged, groups):
    parts = parts_of(judged, groups, K, HISTORY, wanted(judged, groups))
    for kind, expected in slowly(judged).items():
        found = np.asarray(getattr(parts, kind).sum(axis=0)).ravel()
        assert found == pytest.approx([expected[name] for name in "abc"]), kind


def test_exposure_is_lost_to_items_of_no_group_alone(judged, groups):
    parts = parts_of(judged, groups, K, HISTORY, wanted(judged, groups))
    total = sum(1 / np.log2(p + 1) for row in judged.items[:, :K] for p, i in enumerate(row, 1)
                if i >= 0)  # fmt: skip
    assert parts.exposure.sum() + parts.lost.sum() == pytest.approx(total)
    assert parts.lost[0] == pytest.approx(1 / np.log2(3)), "item 3 has no genre"


def test_the_smallest_groups_are_shown_as_one():
    column = pd.Series(["x"] * 5 + ["y"] * 4 + ["z", "v", "w"])
    found = groups_shown(groups_of(column, "brand", 12), np.ones(12, bool), 3)
    assert found.shown == ("x", "y", "(3 others)")
    np.testing.assert_array_equal(found.folded(found.n_items), [5, 4, 3])


def planted(n_users, seen, due, seed=0):
    """Users whose lists of three go to two groups by chance, and what they want of them."""
    rng = np.random.default_rng(seed)
    n_items = 40
    column = pd.Series(np.where(np.arange(n_items) % 2, "b", "a"))
    groups = groups_shown(groups_of(column, "g", n_items), np.ones(n_items, bool), 5)

    def draw(share, k):
        picked = (rng.random((n_users, k)) < share).astype(int)
        return (2 * rng.integers(0, n_items // 2, (n_users, k)) + picked).astype(np.int32)

    liked = draw(due, 2)
    test = Interactions(
        np.repeat(np.arange(n_users), 2).astype(np.int32), liked.ravel(), n_users, n_items
    )
    lists = draw(seen, 3)
    judged = judge(TopK(np.arange(n_users), lists, -lists.astype(float)), test, k=3)
    nothing = Interactions(np.zeros(0, np.int32), np.zeros(0, np.int32), n_users, n_items)
    return parts_of(judged, groups, 3, nothing, wanted(judged, groups)), groups


def test_a_group_that_gets_half_its_due_is_found_and_an_even_one_is_not():
    _, p = away_from_relevance(*planted(600, 0.3, 0.6))
    assert (p < 1e-6).all()
    _, p = away_from_relevance(*planted(600, 0.5, 0.5))
    assert (p > 0.01).all()


def test_intervals_of_few_and_of_many_users_agree():
    parts, groups = planted(2900, 0.4, 0.5)
    drawn = of_groups(parts, groups, Sureness(resamples=400))
    left_out = of_groups(*planted(3100, 0.4, 0.5), Sureness(resamples=400))
    assert (drawn.method, left_out.method) == ("percentile", "jackknife")
    for name, numbers in drawn.numbers.items():
        wide, other = numbers[2] - numbers[1], left_out.numbers[name][2] - left_out.numbers[name][1]
        assert wide == pytest.approx(other, rel=0.35), name


def test_without_resamples_there_is_no_interval():
    parts, groups = planted(50, 0.4, 0.5)
    sure = Sureness(resamples=0)
    assert np.isnan(of_groups(parts, groups, sure).numbers["exposure_share"][1:]).all()
    found, entered, left_out = over_groups(parts, groups, sure, 5)
    assert np.isnan(found["exposure_gini"][1])
    assert (entered, left_out) == (2, 0)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    asked = small_config("item-knn", metrics=("ndcg", "popularity_lift", "delta_gap"))
    config = replace(asked, audit=AuditConfig(("item_fairness",)))
    return engine.run(config, out=tmp_path_factory.mktemp("items"))


def test_a_run_tells_what_every_topic_and_provider_gets(run):
    report = run.audit("item_fairness")
    estimates = report.estimates
    assert set(estimates["group_by"]) == {"item genres", "item provider"}
    assert set(estimates["metric"]) <= set(METRICS)
    shares = estimates[estimates["metric"] == "exposure_share"]
    for _, rows in shares.groupby(["model", "group_by"]):
        assert rows["mean"].sum() == pytest.approx(1)
        assert ((rows["low"] <= rows["mean"]) & (rows["mean"] <= rows["high"])).all()
    for row in estimates.dropna(subset=["mean"]).itertuples():
        low, high = METRICS[row.metric].bounds
        assert low - 1e-12 <= row.mean <= high + 1e-12, row.metric
    assert set(report.tests["test"]) == {TEST}
    assert {"exposure by genres", "exposure by provider", "lorenz by provider"} == set(
        report.curves["curve"]
    )


def test_what_fewer_than_five_users_want_is_withheld(run):
    report = run.audit("item_fairness")
    few = report.estimates[report.estimates["n"].lt(5) & report.estimates["group"].notna()]
    assert not few.empty
    assert few["mean"].isna().all()
    assert set(few.loc[few["n"] > 0, "method"]) == {"suppressed (n < 5)"}
    assert (report.tests["n"] >= 5).all()
    wanted = report.curves[report.curves["series"] == "relevance"]
    assert wanted.loc[wanted["n"] < 5, "y"].isna().all()


def test_the_planted_skew_of_popularity_shows_in_the_popular_models_lists(run):
    gini = run.audit("item_fairness").estimates.query(
        "metric == 'exposure_gini' and group_by == 'item provider'"
    )
    by_model = gini.set_index("model")["mean"]
    assert by_model["popularity"] > by_model["item-knn"]
    everybody = run.estimates().query("k == 10 and group.isna()")
    for name in ("popularity_lift", "delta_gap"):
        lift = everybody[everybody["metric"] == name].set_index("model")["mean"]
        assert lift["popularity"] > max(lift["item-knn"], 0), name


def test_what_cannot_be_judged_is_told_and_never_zero(run, monkeypatch):
    bare = Catalogue(None, pd.DataFrame(index=range(60)), np.ones(60, bool))
    monkeypatch.setattr(item_fairness, "catalogue_of", lambda *_: bare)
    case = SimpleNamespace(
        given=SimpleNamespace(dataset=None, history=None), k=5, models=("popularity",),
        config=SimpleNamespace(evaluate=SimpleNamespace(length=20)), judged=lambda _: None,
    )  # fmt: skip
    report = item_fairness.audit(case, Settings())
    assert report.estimates.empty
    assert [note.reason for note in report.notes] == [NO_PROVIDER, NO_COLUMN]


@pytest.mark.parametrize(
    "values,because",
    [
        (["same"] * 60, "one group tells nothing"),
        ([None] * 60, "no item has a value"),
    ],
)
def test_a_column_that_makes_no_groups_is_told(values, because):
    items = pd.DataFrame({"brand": values})
    catalogue = Catalogue(None, items, np.ones(60, bool), ("brand",), "brand")
    notes = []
    assert list(item_fairness._groupings(catalogue, Settings(), notes)) == []
    assert any(because in note.reason and "cannot be judged" in note.reason for note in notes)


def test_thousands_of_providers_are_grouped_sensibly():
    items = pd.DataFrame({"brand": [f"brand {n // 2}" for n in range(5000)]})
    catalogue = Catalogue(None, items, np.ones(5000, bool), ("brand",), "brand")
    (found,) = item_fairness._groupings(catalogue, Settings(most=10), [])
    assert len(found.all) == 2500
    assert found.shown[-1] == "(2,491 others)"
    assert found.is_provider


@pytest.mark.parametrize("wrong", [{"k": -1}, {"most": 2}, {"smallest": 0}, {"columns": ()}])
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(ConfigError, match=rf"\[audit.item_fairness\] {next(iter(wrong))}"):
        Settings(**wrong)
