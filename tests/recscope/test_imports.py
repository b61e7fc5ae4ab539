"""Files as other tools write them: lists, and the metrics they report."""

import json

import pandas as pd
import pytest

from core.errors import DatasetError, EmptyError
from recscope.cli.main import main
from recscope.imports.lists import read_lists
from recscope.imports.reported import Reported, read_reported

PAIRS = [("u1", "a", 0.9), ("u1", "b", 0.5), ("u2", "c", 1.0)]
TABLES = {
    "replay": ("query_id", "item_id", "rating"),
    "recommenders": ("userID", "itemID", "prediction"),
    "ranx": ("q_id", "doc_id", "score"),
    "recpack": ("uid", "iid", "score"),
    "evidently": ("user_id", "item_id", "prediction"),
}


def shuffled(*columns):
    """The pairs worst first: what is read must be in order all the same."""
    return pd.DataFrame(PAIRS[::-1], columns=columns)


def pairs(frame):
    return [
        (str(u), str(i), int(r)) for u, i, r in frame[["user_id", "item_id", "rank"]].to_numpy()
    ]


EXPECTED = {("u1", "a", 1), ("u1", "b", 2), ("u2", "c", 1)}


@pytest.mark.parametrize("tool", TABLES)
@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
def test_a_tools_table_is_known_by_its_columns(tool, ending, tmp_path):
    frame, path = shuffled(*TABLES[tool]), tmp_path / f"lists.{ending}"
    if ending == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="," if ending == "csv" else "\t")
    found = read_lists(path)
    assert found.tool == tool
    assert set(pairs(found.frame)) == EXPECTED


@pytest.mark.parametrize("tool,more", [("lenskit", ["score"]), ("rectools", [])])
def test_ranks_decide_where_there_are_ranks(tool, more, tmp_path):
    frame = pd.DataFrame(
        [("u1", "b", 2, 9.0), ("u1", "a", 1, 0.1), ("u2", "c", 1, 0.5)],
        columns=["user_id", "item_id", "rank", "score"],
    )[["user_id", "item_id", "rank", *more]]
    frame.to_parquet(tmp_path / "recs.parquet")
    found = read_lists(tmp_path / "recs.parquet")
    assert found.tool == tool
    assert set(pairs(found.frame)) == EXPECTED


def test_lenskits_native_layout_is_unpacked(tmp_path):
    items = [
        [{"item_id": "a", "rank": 1, "score": 0.9}, {"item_id": "b", "rank": 2, "score": 0.5}],
        [{"item_id": "c", "rank": 1, "score": 1.0}],
    ]
    pd.DataFrame({"user_id": ["u1", "u2"], "items": items}).to_parquet(tmp_path / "r.parquet")
    found = read_lists(tmp_path / "r.parquet")
    assert found.tool == "lenskit"
    assert set(pairs(found.frame)) == EXPECTED


def test_a_trec_run_goes_by_score_as_trec_eval_has_it(tmp_path):
    (tmp_path / "x.run").write_text("u1 Q0 b 1 0.5 m\nu1 Q0 a 2 0.9 m\nu2 Q0 c 1 1.0 m\n")
    found = read_lists(tmp_path / "x.run")
    assert found.tool == "trec_eval"
    assert set(pairs(found.frame)) == EXPECTED


def test_ranx_json_is_read(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps({"u1": {"b": 0.5, "a": 0.9}, "u2": {"c": 1.0}}))
    found = read_lists(tmp_path / "run.json")
    assert found.tool == "ranx"
    assert set(pairs(found.frame)) == EXPECTED


def test_the_command_line_judges_a_run_that_ranx_saved(tmp_path, capsys):
    run, truth = tmp_path / "run.json", tmp_path / "truth.csv"
    run.write_text(json.dumps({"u1": {"b": 0.5, "a": 0.9}, "u2": {"c": 1.0}}, indent=2))
    truth.write_text("user_id,item_id\nu1,a\nu2,x\n")
    asked = ["--metrics", "precision", "--k", "1", "--resamples", "0", "--json"]
    assert main(["score", "--recommendations", str(run), "--truth", str(truth), *asked]) == 0
    assert json.loads(capsys.readouterr().out)["estimates"][0]["mean"] == 0.5


def test_json_lines_are_no_run_of_ranx(tmp_path):
    lines = [{"query_id": u, "item_id": i, "rating": s} for u, i, s in PAIRS]
    path = tmp_path / "lists.json"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    found = read_lists(path)
    assert found.tool == "replay"
    assert set(pairs(found.frame)) == EXPECTED


def test_elliots_rows_have_no_header(tmp_path):
    (tmp_path / "model.tsv").write_text("u1\tb\t0.5\nu1\ta\t0.9\nu2\tc\t1.0\n")
    found = read_lists(tmp_path / "model.tsv")
    assert found.tool == "elliot"
    assert set(pairs(found.frame)) == EXPECTED


def test_equal_scores_keep_the_order_of_the_rows(tmp_path):
    frame = pd.DataFrame(
        [("u", "b", 1.0), ("u", "a", 1.0)], columns=["query_id", "item_id", "rating"]
    )
    frame.to_csv(tmp_path / "r.csv", index=False)
    assert read_lists(tmp_path / "r.csv").frame["item_id"].tolist() == ["b", "a"]


@pytest.mark.parametrize(
    "name,text,error,message",
    [
        (
            "a.csv",
            "alpha,beta\n1,2\n",
            DatasetError,
            "no tool is known to write.*alpha, beta;.*wanted",
        ),
        ("a.pkl", "x", DatasetError, "is a pickle, and pickles can run code"),
        ("a.json", "{broken", DatasetError, "a.json is no JSON"),
        ("a.json", '{"ndcg": 0.3}', EmptyError, "JSON of user → item → score was wanted"),
        (
            "a.csv",
            "query_id,item_id,rating\nu,a,much\n",
            DatasetError,
            "score must be a number in every row; 'much' came",
        ),
    ],
)
def test_what_is_no_list_is_refused_with_what_was_wanted(name, text, error, message, tmp_path):
    (tmp_path / name).write_text(text)
    with pytest.raises(error, match=message):
        read_lists(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        "runid                 \tall\tm\nP_5   \tall\t0.3000\nndcg_cut_10 \tall\t0.3100\n",
        "INFO test result: {'precision@5': 0.3, 'ndcg@10': 0.31}",
        "test result: OrderedDict({'precision@5': np.float64(0.3), 'ndcg@10': 0.31})",
        '{"Precision@5": 0.3, "NDCG@10": {"mean": 0.31, "std": 0.2}}',
        "metric,mean,median,std\nPrecision@5,0.3,0.2,0.1\nNDCG@10,0.31,0.3,0.2\n",
        "model\tPrecision@5\tnDCG@10\nmost popular\t0.3\t0.31\n",
    ],
)
def test_reported_metrics_get_our_names_and_cutoffs(text):
    found = [(one.metric, one.k, one.value) for one in read_reported(text)]
    assert found == [("precision", 5, 0.3), ("ndcg", 10, 0.31)]


def test_a_metric_without_a_cutoff_has_none():
    assert read_reported("recip_rank all 0.5") == [Reported("mrr", None, 0.5, "recip_rank")]


@pytest.mark.parametrize(
    "text,error,message",
    [
        ("hello", DatasetError, "metrics were wanted as trec_eval's lines.*'hello' came"),
        ('{"loss": 0.3}', EmptyError, "no metric known here is among loss"),
    ],
)
def test_what_reports_nothing_is_refused(text, error, message):
    with pytest.raises(error, match=message):
        read_reported(text)
