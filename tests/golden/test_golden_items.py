"""RecTools, RecBole, FairRankTune and FairDiverse agree where the definitions do."""

import json
import zipfile

import numpy as np
import pytest
from golden_lists import assert_same, read
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from core.paths import data_dir
from evaluators import METRICS
from evaluators.expected_exposure import exposure_of_places
from evaluators.list_calibration import list_shares
from recscope.judged_popularity import tail_of

CASES = read("item_cases")
USERS = CASES["users"]
K = CASES["k"]
N_ITEMS = len(CASES["groups"])
NAMES = sorted(set(CASES["groups"].values()))
NO_DATA = "the FairDiverse fixture is not here; set RECSCOPE_DATA_DIR to the folder that holds it"


def lists(k=K):
    items = np.full((len(USERS), k), -1)
    for row, one in enumerate(USERS.values()):
        codes = [int(item[1:]) for item in one["items"][:k]]
        items[row, : len(codes)] = codes
    return items


POPULARITY = np.bincount(
    [int(item[1:]) for one in USERS.values() for item in one["train"]], minlength=N_ITEMS
)
GROUP = np.array([NAMES.index(CASES["groups"][f"i{item}"]) for item in range(N_ITEMS)])


def listed(of_item, k, empty):
    items = lists(k)
    return np.where(items >= 0, of_item[items], empty)


def named(values):
    return dict(zip(USERS, values.tolist(), strict=True))


@pytest.mark.parametrize("k", [5, 10])
def test_the_popularity_of_a_list_agrees_with_rectools_and_recbole(k):
    ours = named(METRICS["arp"](listed(POPULARITY, k, -1)))
    full = {user for user, one in USERS.items() if len(one["items"]) >= k}
    assert_same(ours, read("items_rectools")["values"][f"AvgRecPopularity@{k}"], full)
    recbole = read("items_recbole")["values"][f"AveragePopularity@{k}"]
    assert_same(ours, recbole, set(recbole))


@pytest.mark.parametrize("k", [5, 10])
def test_the_share_of_the_tail_agrees_with_recbole_given_its_tail(k):
    had = np.flatnonzero(POPULARITY)
    order = had[np.lexsort((had, POPULARITY[had]))]
    share = read("items_recbole")["tail_ratio"]
    is_tail = np.zeros(N_ITEMS, bool)
    is_tail[order[: int(len(order) * share)]] = True
    n_listed = (lists(k) >= 0).sum(axis=1)
    ours = named(METRICS["aplt"](listed(is_tail, k, empty=False), n_listed))
    theirs = read("items_recbole")["values"][f"TailPercentage@{k}"]
    assert_same(ours, theirs, set(theirs))


def exposure():
    items, place = lists(), exposure_of_places(K)
    is_listed = items >= 0
    weights = np.broadcast_to(place, items.shape)[is_listed]
    return np.bincount(GROUP[items[is_listed]], weights, len(NAMES))


def test_exposure_of_groups_and_its_parity_agree_with_fairranktune():
    theirs = read("items_fair")
    n_items = np.bincount(GROUP).astype(float)
    by_group = [theirs["EXP"]["groups"][name] for name in NAMES]
    assert exposure() / n_items == pytest.approx(by_group, abs=1e-12)
    ours = METRICS["demographic_parity"](exposure(), n_items)
    assert ours == pytest.approx(theirs["EXP"]["MinMaxRatio"], abs=1e-12)


@pytest.mark.parametrize(
    "ours,theirs,digits",
    [
        ("exposure_gini", "Gini", 1e-12),
        ("exposure_min_max", "MinMaxRatio", 1e-12),
        ("worst_half_share", "MMF", 1e-12),
        ("exposure_entropy", "Entropy", 1e-7),  # 1e-9 is added inside FairDiverse's logarithm
    ],
)
def test_inequality_of_exposure_agrees_with_fairdiverse(ours, theirs, digits):
    fair = read("items_fair")
    assert METRICS[ours](np.array(fair["exposure"])) == pytest.approx(fair[theirs], abs=digits)
    assert exposure() == pytest.approx(fair["exposure"], abs=1e-12)


def test_divergences_of_lists_from_profiles_agree_with_scipy():
    item_groups = np.eye(len(NAMES))[GROUP]
    item_groups[::3, 0] = 1
    profile = list_shares(
        np.array([[int(i[1:]) for i in (one["train"] * 3)[:9]] for one in USERS.values()]),
        item_groups,
        np.ones(9),
    )
    arrays = {"items": lists(), "item_groups": item_groups, "profile_groups": profile}
    for suffix, weights in (("", np.ones(K)), ("_ranked", exposure_of_places(K))):
        q = list_shares(arrays["items"], item_groups, weights)
        smoothed = 0.99 * q + 0.01 * profile
        kl = METRICS[f"list_kl{suffix}"](**arrays)
        assert kl == pytest.approx(entropy(profile, smoothed, axis=1), abs=1e-12)
        js = METRICS[f"list_js{suffix}"](**arrays)
        assert js == pytest.approx(jensenshannon(profile, q, base=2, axis=1) ** 2, abs=1e-12)


@pytest.fixture(scope="module")
def steam():
    folder = data_dir()
    path = None if folder is None else folder / "fixtures" / "fairdiverse-steam.zip"
    if path is None or not path.is_file():
        pytest.skip(NO_DATA)
    with zipfile.ZipFile(path) as archive:
        root = "fairdiverse/recommendation/log/2026-4-22_test_post/"
        made = {name: json.loads(archive.read(f"{root}{name}.json"))
                for name in ("exposure_result", "test_result")}  # fmt: skip
    exposure = {name: np.array(json.loads(x)) for name, x in made["exposure_result"].items()}
    return exposure, made["test_result"]


@pytest.mark.parametrize("k", [5, 10, 20])
@pytest.mark.parametrize(
    "ours,theirs",
    [
        ("exposure_gini", "GINI"),
        ("exposure_min_max", "MinMaxRatio"),
        ("worst_half_share", "MMF"),
        ("exposure_entropy", "Entropy"),
    ],
)
def test_the_provider_figures_reported_for_steam_are_reproduced(steam, ours, theirs, k):
    exposure, reported = steam
    value = METRICS[ours](exposure[f"top@{k}"])
    assert round(float(value), 4) == reported[f"{theirs}@{k}"]


def test_short_head_and_long_tail_are_cut_where_elliot_cuts_them():
    """Worked by hand after Elliot's source: the head is filled until 80 % of the rows are in it."""
    popularity, limit, head = POPULARITY, 0.8 * POPULARITY.sum(), []
    for item in sorted(range(N_ITEMS), key=lambda item: -popularity[item]):
        head.append(item)
        limit -= popularity[item]
        if limit <= 0:
            break
    np.testing.assert_array_equal(np.flatnonzero(~tail_of(popularity)), sorted(head))


def test_popularity_parity_and_opportunity_are_what_elliot_would_say():
    """Worked by hand after Elliot's PopRSP and PopREO, user by user; Elliot was not run."""
    tail = set(np.flatnonzero(tail_of(POPULARITY)).tolist())
    head = set(range(N_ITEMS)) - tail
    counts = {name: np.zeros(2) for name in ("listed", "open", "hits", "relevant")}
    for one in USERS.values():
        train, test, items = (
            {int(i[1:]) for i in one[part]} for part in ("train", "test", "items")
        )
        for place, group in enumerate((head, tail)):
            counts["listed"][place] += len(items & group)
            counts["open"][place] += len(group - train)
            counts["hits"][place] += len(items & test & group)
            counts["relevant"][place] += len((test & group) - train)
    for ours, over, under in (("pop_rsp", "listed", "open"), ("pop_reo", "hits", "relevant")):
        rate = counts[over] / counts[under]
        value = METRICS[ours](counts[over], counts[under])
        assert value == pytest.approx(np.std(rate) / np.mean(rate), abs=1e-12)
