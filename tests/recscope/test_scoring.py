"""recscope.score: ready lists from any library, judged; odd input counted, bad input refused."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import recscope
from core.errors import (
    ConfigError,
    DatasetError,
    EmptyError,
    StorageError,
    UnknownNameError,
)
from core.paths import ROOT
from recscope.scoring_result import IN_JSON


def ranked(lists):
    """Rows user_id, item_id, rank of user → items."""
    rows = [
        (user, item, rank)
        for user, items in lists.items()
        for rank, item in enumerate(items, start=1)
    ]
    return pd.DataFrame(rows, columns=["user_id", "item_id", "rank"])


def pairs(sets):
    rows = [(user, item) for user, items in sets.items() for item in items]
    return pd.DataFrame(rows, columns=["user_id", "item_id"])


# u4 got no list; u5 is in no truth
LISTS = ranked({"u1": "axbyz", "u2": "xc", "u3": "dexyf", "u5": "abcde"})
TRUTH = pairs({"u1": "ab", "u2": "c", "u3": "defghij", "u4": "a"})
SEVEN = range(7)


def mean(scores, metric, group=None):
    frame = scores.estimates
    frame = frame[frame["metric"] == metric]
    return frame[frame["group"].isna() if group is None else frame["group"] == group]["mean"].item()


@pytest.mark.parametrize("library", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
def test_four_users_by_hand_from_every_library(library):
    scores = recscope.score(library(LISTS), library(TRUTH), k=5)
    expected = {"precision": 0.3, "recall": 17 / 28, "hit_rate": 0.75, "mrr": 0.625}
    for metric, value in expected.items():
        assert mean(scores, metric) == pytest.approx(value, abs=1e-12)
    log = np.log2
    first = (1 + 1 / log(4)) / (1 + 1 / log(3))
    third = (1 + 1 / log(3) + 1 / log(6)) / sum(1 / log(i + 1) for i in range(1, 6))
    assert mean(scores, "ndcg") == pytest.approx((first + 1 / log(3) + third) / 4, abs=1e-12)
    assert mean(scores, "map") == pytest.approx(
        (5 / 6 + 1 / 2 + (1 + 1 + 3 / 5) / 5) / 4, abs=1e-12
    )
    assert scores.per_user.index.tolist() == ["u1", "u2", "u3", "u4"]
    assert scores.per_user["recall@5"].tolist() == [1.0, 1.0, 3 / 7, 0.0]


def test_libraries_agree_to_the_last_bit_with_numbers_and_with_text():
    rng = np.random.default_rng(0)
    lists = pd.DataFrame(
        {
            "uid": np.repeat(np.arange(40), 9),
            "iid": rng.integers(0, 30, 360),
            "weight": rng.random(360),
        }
    )
    truth = pd.DataFrame({"user": rng.integers(0, 40, 200), "item": rng.integers(0, 30, 200)})
    for made in (lambda f: f, lambda f: f.astype(dict.fromkeys(f.columns[:2], str))):
        given, chosen = made(lists), made(truth)
        first = recscope.score(given, chosen, k=(3, 9), metrics="all")
        for library in (pl.from_pandas, pa.Table.from_pandas):
            other = recscope.score(library(given), library(chosen), k=(3, 9), metrics="all")
            pd.testing.assert_frame_equal(first.estimates, other.estimates)
            assert first.manifest["fingerprints"] == other.manifest["fingerprints"]


def test_everything_is_counted_in_the_population():
    lists = ranked({"u1": "aabyz", "u2": "xc", "u5": "abcde"})
    lists.loc[lists["user_id"].eq("u2") & lists["rank"].eq(2), "rank"] = 4
    train = pairs({"u1": "y", "u9": "q"})
    truth = pd.concat([TRUTH, TRUTH.iloc[:1]])
    population = recscope.score(lists, truth, train=train, k=4).population
    expected = {
        "users_in_truth": 4,
        "users_scored": 4,
        "users_undefined": 0,
        "users_with_list": 2,
        "users_imputed": 2,
        "lists_of_unknown_users": 1,
        "repeated_items": 1,
        "seen_items": 1,
        "lists_with_rank_gaps": 1,
        "lists_longer_than_k": 2,
        "lists_shorter_than_k": 1,
        "doubled_ranks": 0,
        "rows_dropped": 1,
        "rows": {"recommendations": 12, "truth": 12, "train": 2},
    }
    assert {name: population[name] for name in expected} == expected
    assert {"stage", "action", "reason", "count"} <= population["ledger"][0].keys()


def test_a_rating_of_zero_or_less_is_no_liking_and_counts_as_judged():
    truth = TRUTH.assign(rating=[5, 0] + [1] * 9)
    scores = recscope.score(LISTS, truth, k=5, metrics="recall,ndcg_graded")
    assert scores.per_user.loc["u1", "recall@5"] == 1.0
    only_bad = TRUTH.assign(rating=[0, 0] + [1] * 9)
    scores = recscope.score(LISTS, only_bad, k=5, metrics="recall")
    assert np.isnan(scores.per_user.loc["u1", "recall@5"])
    assert scores.population["users_undefined"] == 1
    assert scores.estimates["n_undefined"].item() == 1


def test_rank_wins_over_score_and_row_order():
    lists = LISTS.assign(score=LISTS["rank"]).sample(frac=1, random_state=0)
    assert mean(recscope.score(lists, TRUTH, k=1), "precision") == 0.5


def test_a_tie_in_score_keeps_the_order_of_the_rows_and_is_counted():
    lists = LISTS.assign(score=1.0).drop(columns="rank")
    scores = recscope.score(lists, TRUTH, k=1)
    assert mean(scores, "precision") == 0.5
    assert scores.population["score_ties"] == len(lists) - 4
    backwards = recscope.score(lists.iloc[::-1], TRUTH, k=1)
    assert mean(backwards, "precision") == 0.5  # f of u3 and c of u2


def test_a_rank_given_twice_keeps_the_order_of_the_rows_and_is_counted():
    lists = ranked({"u1": "ab"}).assign(rank=1)
    scores = recscope.score(lists, pairs({"u1": "a"}), k=1, metrics="precision")
    assert mean(scores, "precision") == 1.0
    assert scores.population["doubled_ranks"] == 1


def test_ranks_may_start_at_zero():
    lists = LISTS.assign(rank=LISTS["rank"] - 1)
    scores = recscope.score(lists, TRUTH, k=1)
    assert mean(scores, "precision") == 0.5
    assert scores.population["lists_with_rank_gaps"] == 0


def test_gaps_close_up():
    lists = LISTS.assign(rank=LISTS["rank"] * 10)
    scores = recscope.score(lists, TRUTH, k=5)
    assert mean(scores, "recall") == pytest.approx(17 / 28)
    assert scores.population["lists_with_rank_gaps"] == 4


@pytest.mark.parametrize("by,bits", [("rank", 63), ("rank", 0), ("score", 63)])
def test_the_order_of_the_rows_does_not_matter(by, bits, monkeypatch):
    monkeypatch.setattr("recscope.scoring_lists.PACKED_BITS", bits)
    rng = np.random.default_rng(4)
    sizes = rng.integers(1, 20, 60)
    users = np.repeat(rng.permutation(60), sizes)
    lists = pd.DataFrame({"user_id": users, "item_id": rng.integers(0, 40, len(users))})
    lists[by] = np.concatenate([np.arange(1, size + 1) for size in sizes]) * (
        1 if by == "rank" else -0.5
    )
    truth = pd.DataFrame({"user_id": rng.integers(0, 60, 300), "item_id": rng.integers(0, 40, 300)})
    settings = {"k": (2, 5), "metrics": "all"}
    first = recscope.score(lists, truth, **settings)
    mixed = recscope.score(lists.sample(frac=1, random_state=1), truth, **settings)
    pd.testing.assert_frame_equal(first.per_user, mixed.per_user)


def test_what_users_had_before_is_a_miss():
    train = pairs({"u1": "a"})
    scores = recscope.score(LISTS, TRUTH, train=train, k=5, metrics="recall")
    assert scores.per_user.loc["u1", "recall@5"] == 0.5


def test_the_table_of_items_is_the_catalogue():
    items = pd.DataFrame({"item_id": list("abcdefghijxyz") + list("12345")})
    scores = recscope.score(LISTS, TRUTH, items=items, k=5, metrics="auc")
    assert scores.population["catalogue_items"] == 18
    assert scores.population["listed_items_not_in_catalogue"] == 0
    fewer = recscope.score(LISTS, TRUTH, items=items.iloc[:9], k=5).population
    assert fewer["listed_items_not_in_catalogue"] == 3
    assert fewer["listed_items_not_in_truth"] == 3


def test_groups_come_from_the_table_of_users():
    users = pd.DataFrame(
        {"user": ["u1", "u2", "u3", "u1", None, "nobody"], "sex": ["f", "m", "f", "m", "f", "m"]}
    )
    scores = recscope.score(LISTS, TRUTH, users=users, groups="sex", k=5, metrics="recall")
    frame = scores.estimates
    assert frame["group"].dropna().tolist() == ["f", "m", "(missing)"]
    assert frame["n"].tolist() == [4, 2, 1, 1]
    assert (frame["method"].iloc[1:] == "suppressed (n < 5)").all()
    counts = {entry["reason"]: entry["count"] for entry in scores.population["ledger"]}
    assert counts["user described twice: the first row counts"] == 1
    assert counts["described user who is in no list and not in the truth"] == 1
    assert counts["user of the truth without a row of attributes: group (missing)"] == 1


def test_ids_of_differing_types_are_matched_as_text_and_this_is_said():
    lists = ranked({1: SEVEN, 2: SEVEN})
    truth = pairs({"1": "3", "2": "9"}).astype(str)
    scores = recscope.score(lists, truth, k=7, metrics="recall")
    assert scores.per_user["recall@7"].to_dict() == {"1": 1.0, "2": 0.0}
    said = [e for e in scores.population["ledger"] if "different types" in e["reason"]]
    assert [entry["reason"].split()[0] for entry in said] == ["user", "item"]
    assert said[0]["examples"] == ["recommendations: whole numbers", "truth: text"]


def test_the_index_holds_numbers_where_the_truth_does():
    far = 10**12
    lists, truth = ranked({7: SEVEN, far: SEVEN}), pairs({far: SEVEN, 7: SEVEN})
    scores = recscope.score(lists, truth, k=7)
    assert scores.per_user.index.tolist() == [7, far]
    assert mean(scores, "recall") == 1.0


def test_odd_ids_stay_apart_and_whole():
    odd = ["=1+1", " a", "a", "ü\u0308", "ü", "NA", "", "👍"]
    lists = pd.DataFrame({"user_id": odd, "item_id": odd, "rank": 1})
    truth = pd.DataFrame({"user_id": odd, "item_id": odd})
    scores = recscope.score(lists, truth, k=1)
    assert sorted(scores.per_user.index) == sorted(set(odd) - {""})
    assert mean(scores, "precision") == 1.0
    counts = {(e["stage"], e["reason"]): e["count"] for e in scores.population["ledger"]}
    assert counts["truth", "no user id"] == 1


def test_rows_without_an_id_are_dropped_and_counted():
    lists = ranked({1.0: [1.0, 2.0], 2.0: [2.0]})
    lists.loc[0, "item_id"] = np.nan
    lists.loc[2, "user_id"] = np.nan
    scores = recscope.score(lists, pairs({1: [2], 2: [2]}), k=1, metrics="precision")
    assert scores.per_user["precision@1"].tolist() == [1.0, 0.0]
    counts = {entry["reason"]: entry["count"] for entry in scores.population["ledger"]}
    assert (counts["no item id"], counts["no user id"]) == (1, 1)


def test_columns_can_be_named():
    lists = LISTS.rename(columns={"user_id": "who", "item_id": "what", "rank": "place in list"})
    truth = TRUTH.rename(columns={"user_id": "who", "item_id": "thing"})
    columns = {"user": "who", "item": "what", "rank": "place in list"}
    with pytest.raises(DatasetError, match=r"truth: a column of item ids"):
        recscope.score(lists, truth, columns=columns)
    scores = recscope.score(
        lists, truth.rename(columns={"thing": "item"}), k=5, columns=columns, metrics="recall"
    )
    assert mean(scores, "recall") == pytest.approx(17 / 28)


def test_resamples_0_asks_for_no_interval():
    scores = recscope.score(LISTS, TRUTH, k=5, resamples=0)
    assert scores.estimates[["low", "high"]].isna().all(axis=None)
    assert json.loads(scores.to_json())["estimates"][0]["low"] is None


def test_many_users_take_the_closed_form_and_the_manifest_says_so():
    users = np.arange(10_000)
    lists = pd.DataFrame({"user_id": users, "item_id": users % 7, "rank": 1})
    truth = pd.DataFrame({"user_id": users, "item_id": users % 5})
    scores = recscope.score(lists, truth, k=1, metrics="precision")
    assert scores.manifest["interval_methods"] == {"normal": 1}


def test_all_leaves_out_what_cannot_be_had_and_says_why():
    scores = recscope.score(LISTS, TRUTH, k=5, metrics="all")
    assert "no ratings were predicted" in scores.manifest["left_out"]["rmse"]
    assert "the truth has no ratings" in scores.manifest["left_out"]["ndcg_graded"]
    with pytest.raises(ConfigError, match="'rmse' cannot be computed"):
        recscope.score(LISTS, TRUTH, metrics=["rmse"])


def test_whole_lists_are_judged_by_metrics_without_a_cutoff():
    lists = ranked({"u1": "wxyzab"})
    scores = recscope.score(lists, pairs({"u1": "ab"}), k=2, metrics="recall,r_precision,bpref")
    assert scores.per_user.iloc[0].tolist() == [0.0, 0.0, 1.0]


def test_json_is_exactly_three_parts_with_null_for_everybody():
    document = json.loads(recscope.score(LISTS, TRUTH, k=5).to_json())
    assert list(document) == ["estimates", "population", "manifest"]
    assert list(document["estimates"][0]) == list(IN_JSON)
    first = document["estimates"][0]
    assert (first["k"], first["group_by"], first["group"]) == (5, None, None)


def test_the_manifest_tells_what_is_needed_to_have_it_again():
    manifest = recscope.score(LISTS, TRUTH, k=(5, 1), seed=7).manifest
    assert (manifest["k"], manifest["seed"], manifest["convention"]) == ([1, 5], 7, "recscope")
    assert manifest["columns"]["truth"] == {"user": "user_id", "item": "item_id"}
    assert set(manifest["fingerprints"]) == {"recommendations", "truth"}
    assert manifest["versions"]["numpy"] == np.__version__


def test_a_fingerprint_changes_with_any_cell_and_the_order_of_rows():
    def fingerprint(lists):
        return recscope.score(lists, TRUTH, resamples=0).manifest["fingerprints"]["recommendations"]

    changed = LISTS.copy()
    changed.loc[3, "item_id"] = "a"
    marks = {fingerprint(lists) for lists in (LISTS, changed, LISTS.iloc[::-1], LISTS.iloc[:-1])}
    assert len(marks) == 4
    assert fingerprint(LISTS.copy()) in marks


@pytest.mark.parametrize("ending", ["json", "parquet", "csv"])
def test_results_are_written_as_the_ending_says(tmp_path, ending):
    scores = recscope.score(LISTS, TRUTH, k=5)
    path = scores.write(tmp_path / f"scores.{ending}")
    if ending == "json":
        assert json.loads(path.read_text("utf-8"))["estimates"][0]["metric"] == "precision"
    else:
        back = pd.read_parquet(path) if ending == "parquet" else pd.read_csv(path)
        np.testing.assert_array_equal(back["mean"], scores.estimates["mean"])
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_csv_holds_no_formula(tmp_path):
    users = pd.DataFrame(
        {"user_id": ["u1", "u2", "u3", "u4"], "@team": ["=cmd()", "-1", "+2", "ok"]}
    )
    scores = recscope.score(LISTS, TRUTH, users=users, groups=["@team"], k=5, metrics="recall")
    text = scores.write(tmp_path / "scores.csv").read_text("utf-8")
    for harmless in ("'@team", "'=cmd()", "'-1", "'+2", "ok"):
        assert f",{harmless}," in text


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"scores.xlsx must end in one of .json, .parquet, .csv"):
        recscope.score(LISTS, TRUTH).write(tmp_path / "scores.xlsx")


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not write"):
        recscope.score(LISTS, TRUTH).write(tmp_path / "file" / "scores.json")


def lists_with(**columns):
    return LISTS.assign(**columns)


REFUSED = {
    "no user column": (
        LISTS.rename(columns={"user_id": "x"}), TRUTH, DatasetError,
        r"recommendations: a column of user ids .* is needed; the columns are x, item_id, rank",
    ),
    "no item column": (
        LISTS, TRUTH.drop(columns="item_id"), DatasetError, "truth: a column of item ids",
    ),
    "neither rank nor score": (
        LISTS.drop(columns="rank"), TRUTH, DatasetError,
        r"recommendations: a column of ranks \(rank, 1 for the best\) or scores",
    ),
    "doubled column": (
        pd.concat([LISTS, LISTS[["item_id"]]], axis=1), TRUTH, DatasetError,
        "recommendations: the column 'item_id' is there 2 times; rename or drop",
    ),
    "doubled column of Arrow": (
        pa.Table.from_arrays([["u"], ["u"], ["i"], [1]], ["user", "user", "item", "rank"]), TRUTH,
        DatasetError, "recommendations: the column 'user' is there 2 times",
    ),
    "empty lists": (LISTS.iloc[:0], TRUTH, EmptyError, "recommendations: the table has no rows"),
    "empty truth": (LISTS, TRUTH.iloc[:0], EmptyError, "truth: the table has no rows"),
    "only missing ids": (
        lists_with(user_id=None), TRUTH, EmptyError, "recommendations: no row has both",
    ),
    "ids of two types": (
        lists_with(user_id=pd.Series(["1", 1] * 8 + ["1"], dtype=object)), TRUTH, DatasetError,
        "recommendations, column 'user_id': user ids must be of one type.*astype",
    ),
    "ids that lost digits": (
        lists_with(user_id=np.append(np.full(16, 2.0**60), np.nan)), TRUTH, DatasetError,
        "beyond .* neighbouring ids have become one; read the column as text",
    ),
    "NaN score": (
        lists_with(rank=[np.nan] + [1.0] * 16).rename(columns={"rank": "score"}), TRUTH,
        DatasetError, r"score must be a finite number, but 1 of 17 rows .* row 0 .*nan",
    ),
    "infinite score": (
        lists_with(rank=[1.0, np.inf] + [1.0] * 15).rename(columns={"rank": "score"}), TRUTH,
        DatasetError, r"score must be a finite number.* row 1 \(counted from 0\) with .*inf",
    ),
    "rank that is no number": (
        lists_with(rank=["1", "second"] + ["3"] * 15), TRUTH, DatasetError,
        r"rank must be a finite number, but 1 of 17 rows .*'second'.*Mend or drop these rows",
    ),
    "rating that is no number": (
        LISTS, TRUTH.assign(rating=["good"] * 11), DatasetError,
        r"truth: rating must be a finite number, but 11 of 11 rows",
    ),
    "no known user": (
        LISTS.assign(user_id="v" + LISTS["user_id"]), TRUTH, DatasetError,
        "no user of the recommendations is in the truth: users such as 'vu1' .* 'u1'",
    ),
    "no table": ([1, 2], TRUTH, DatasetError, "pandas, polars or Arrow table is wanted; list came"),
    "nothing": (None, TRUTH, DatasetError, "table is wanted; NoneType came"),
    "lazy table": (
        pl.from_pandas(LISTS).lazy(), TRUTH, DatasetError,
        r"LazyFrame came: call .collect\(\) on it first",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.filterwarnings("ignore:Determining the column names:Warning")  # polars, of lazy tables
def test_bad_tables_are_refused_with_what_to_do(case):
    lists, truth, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        recscope.score(lists, truth)


@pytest.mark.parametrize(
    "settings,error,message",
    [
        ({"k": 0}, ConfigError, r"k must be whole numbers of 1 or more, .*got 0"),
        ({"k": (5, -1)}, ConfigError, r"got \(5, -1\)"),
        ({"k": 2.5}, ConfigError, r"k must be whole numbers.*got 2.5"),
        ({"k": ()}, ConfigError, "k holds no cutoff"),
        ({"k": True}, ConfigError, "k must be whole numbers"),
        ({"metrics": "ndgc"}, UnknownNameError, "no metric is called 'ndgc'; did you mean 'ndcg'"),
        ({"convention": "lensket"}, UnknownNameError, "'lensket'; did you mean 'lenskit'\\?"),
        ({"groups": "sex"}, ConfigError, "groups sex need a table of users"),
        ({"resamples": -1}, ConfigError, "resamples must be 0"),
        ({"confidence": 95}, ConfigError, "confidence must lie between 0 and 1"),
        ({"seed": -1}, ConfigError, "seed must be 0 or more"),
        ({"columns": {"usr": "user_id"}}, UnknownNameError, "no role of a column is called 'usr'"),
        (
            {"columns": {"user": "userid"}},
            UnknownNameError,
            "no column is called 'userid'; did you mean 'user_id'",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, error, message):
    with pytest.raises(error, match=message):
        recscope.score(LISTS, TRUTH, **settings)


def test_an_unknown_group_column_is_refused_with_the_nearest_name():
    users = pd.DataFrame({"user_id": ["u1"], "gender": ["f"]})
    with pytest.raises(UnknownNameError, match=r"no user attribute is called 'gendre'.*'gender'"):
        recscope.score(LISTS, TRUTH, users=users, groups=["gendre"])


def test_one_very_long_list_is_refused_before_memory_runs_out(monkeypatch):
    monkeypatch.setattr("recscope.scoring_lists.MOST_CELLS", 100)
    short = pd.DataFrame({"user_id": np.arange(300), "item_id": 1, "rank": 1})
    lists = pd.concat([short, ranked({300: range(200)})])
    truth = pairs({300: range(5)})
    with pytest.raises(ConfigError, match="the longest list has 200 items and there are 301 lists"):
        recscope.score(lists, truth, metrics="auc")
    assert mean(recscope.score(lists, truth, k=10, metrics="recall"), "recall") == 1.0


def test_a_k_beyond_all_measure_is_refused_before_memory_runs_out():
    with pytest.raises(ConfigError, match="k is 1,000,000,000, but the longest of 4 lists has 5"):
        recscope.score(LISTS, TRUTH, k=10**9)


def test_tables_are_left_as_they_were():
    lists, truth = LISTS.copy(), TRUTH.copy()
    recscope.score(lists, truth, k=5)
    pd.testing.assert_frame_equal(lists, LISTS)
    pd.testing.assert_frame_equal(truth, TRUTH)


def test_import_recscope_brings_nothing_heavy():
    code = (
        "import sys, recscope; heavy = {'numpy', 'pandas', 'scipy', 'numba', 'polars', 'narwhals'};"
        "sys.exit(str(heavy & sys.modules.keys()) if heavy & sys.modules.keys() else 0)"
    )
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert made.returncode == 0, made.stderr


def test_judging_ready_lists_brings_neither_scipy_nor_numba_for_many_users():
    code = (
        "import sys, numpy as np, pandas as pd, recscope; n = np.arange(10_000);"
        "f = pd.DataFrame({'user_id': n, 'item_id': n % 9, 'rank': 1});"
        "recscope.score(f, f.drop(columns='rank'));"
        "slow = {'scipy', 'numba', 'narwhals'} & sys.modules.keys();"
        "sys.exit(str(slow) if slow else 0)"
    )
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert made.returncode == 0, made.stderr
