"""Costs are measured without harm: a model that fails then has still been judged."""

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cards import Card
from core.clean import clean
from core.errors import ConfigError, DatasetError
from core.files import Files
from core.kept_numbers import remembered
from core.raw import Raw
from core.readers_lists import llmrank
from core.tables import Ids, Interactions
from recommenders.answers import StoredAnswers
from recommenders.doors import describe, resolve
from recscope import engine, measuring
from recscope.auditing import audit
from recscope.audits.cold_items import item_slices
from recscope.config_sections import AuditConfig
from recscope.measuring import tokens_of
from recscope.store import Run
from tests.recscope.small_run import Plugged, small_config


class FailsAfterwards(Plugged):
    """Answers for everybody at once, and never for one."""

    def recommend(self, users, k):
        if len(users) == 1:
            raise ZeroDivisionError("nobody is alone")
        return super().recommend(users, k)


class Thinks(Plugged):
    """Takes 30 ms over each user's list, and keeps what it found."""

    def recommend(self, users, k):
        def think():
            time.sleep(0.03)
            return np.zeros(1)

        for user in users:
            remembered(["thinks", int(user), k], think)
        return super().recommend(users, k)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    use = "tests.recscope.test_measuring:FailsAfterwards"
    return engine.run(small_config(use), out=tmp_path_factory.mktemp("runs"))


def audited(run: Run, folder: Path, change=None) -> Run:
    copy = Run(Path(shutil.copytree(run.path, folder / run.id)))
    if change:
        path = copy.path / "models" / "popularity" / "cost.json"
        cost = json.loads(path.read_text())
        change(cost)
        path.write_text(json.dumps(cost))
    return audit(copy, ["cost"], config=AuditConfig(("cost",)))


def test_a_model_that_fails_while_it_is_measured_is_judged_all_the_same(run, tmp_path):
    assert run.models() == ["popularity", "failsafterwards"]
    report = audited(run, tmp_path).audit("cost")
    told = {note.about: note.reason for note in report.notes}["failsafterwards"]
    assert "time and size cannot be judged, because measuring raised ZeroDivisionError" in told
    rows = report.estimates[report.estimates["model"] == "failsafterwards"]
    assert {"fit_seconds", "throughput"} <= set(rows["metric"])
    assert "latency_p50" not in set(rows["metric"])


def test_waiting_times_are_of_answers_made_anew(fresh_home, monkeypatch):
    config = small_config("tests.recscope.test_measuring:Thinks")
    config = replace(config, audit=AuditConfig(("cost",)))
    runs = [engine.run(config), engine.run(config)]
    for run, is_kept in zip(runs, (False, True), strict=True):
        cost = json.loads((run.path / "models" / "thinks" / "cost.json").read_text())
        assert bool(cost["n_kept"]) is is_kept
        assert min(cost["measured"]["call_seconds"]) > 0.03
        rows = run.audit("cost").estimates.query("model == 'thinks'").set_index("metric")["mean"]
        assert rows["latency_p50"] > 30
        assert 5 < rows["throughput"] < 1000 / 30
        told = [note.reason for note in run.audit("cost").notes if note.about == "thinks"]
        assert ["kept from before; they count with what they took" in one for one in told] == (
            [True] * is_kept
        )
        assert cost["recommend_seconds"] > 0.03 * cost["n_users"]
    assert cost["wall_seconds"]["recommend"] < 0.03 * cost["n_users"]
    # a minute for a batch is too long to wait for
    assert rows["batch_latency_p50"] > 30 * cost["measured"]["batch_users"]
    monkeypatch.setattr(measuring, "PATIENCE", 0.5)
    impatient = engine.run(config)
    assert {"latency_p50"} == {
        metric
        for metric in impatient.audit("cost").estimates.query("model == 'thinks'")["metric"]
        if metric.endswith("latency_p50")
    }


def test_a_run_made_without_measuring_says_so(run, tmp_path):
    report = audited(run, tmp_path, lambda cost: cost.pop("measured")).audit("cost")
    told = {note.about: note.reason for note in report.notes}["popularity"]
    assert "the run was made without measuring" in told


def test_tokens_are_taken_only_where_a_model_counts_them():
    model = Plugged()
    assert tokens_of(model) is None
    model.tokens_ = {"prompt": 3}
    assert tokens_of(model) == {"prompt": 3, "completion": 0}
    model.tokens_ = None
    assert tokens_of(model) is None


class Told:
    """As much of a case as slices of items need."""

    def __init__(self, timestamps):
        zeros = np.zeros(3, np.int32)
        history = Interactions(zeros, np.arange(3, dtype=np.int32), 1, 4, timestamps=timestamps)
        self.given = type("Given", (), {"history": history})()


@pytest.mark.parametrize(
    "timestamps,told",
    [
        (None, "the data have no timestamps"),
        (np.full(3, 1_600_000_000), "all rows are of one moment"),
        (np.arange(3), "the times are no dates"),
    ],
)
def test_new_items_need_dates(timestamps, told):
    slices, notes = item_slices(Told(timestamps), 5, 0.1)
    assert [cut.name for cut in slices] == ["item history"]
    assert told in notes[0].reason
    assert slices[0].of_item.tolist() == [1, 1, 1, 0]


def test_answers_need_names_and_are_described_like_any_model(tmp_path):
    with pytest.raises(ConfigError, match=r"need names; call bind\(user_ids, item_ids\)"):
        resolve(f"answers:{tmp_path}/a.jsonl").fit(None)
    assert "first answer" in describe("answers").summary


def test_stored_answers_without_titles_go_by_ids(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"user": "u", "answer": "[\\"b\\", \\"zz\\"]"}\n{"user": "w", "answer": "x"}')
    ids = [Ids(kind, np.array(names, dtype=object)) for kind, names in
           (("user", ["u", "v"]), ("item", ["a", "b"]))]  # fmt: skip
    rows = Interactions(np.zeros(1, np.int32), np.zeros(1, np.int32), 2, 2)
    model = StoredAnswers(str(path)).bind(*ids).fit(rows)
    assert model.recommend(np.array([0, 1]), 3).items.tolist() == [[1, -1, -1], [-1, -1, -1]]
    assert model.ledger_.count("answer for a user the data set does not hold") == 1
    assert model.ledger_.count("entry that names no item, kept as a miss") == 1


def card(**options: str) -> Card:
    return Card("c", "t", "d", "l", "c", (), options=options)


def test_sequences_are_held_to_their_layout(tmp_path):
    (tmp_path / "s").write_text(
        "user_id:token\titems\titem\n1\t5 6\t7\nuser_id:token\tx\ty\n2\t5\t6\n"
    )
    (tmp_path / "t").write_text("item_id:token\ttitle\n5\tA: b\n6\tC\n7\tD\n8\tE\n")
    (tmp_path / "l").write_text("1\t5 6 7\n")
    named = card(sequences="s", titles="t", listed="l")
    raw = llmrank(Files(tmp_path), named)
    assert raw.interactions.to_numpy().tolist() == [["1", "5", 0], ["1", "6", 1], ["1", "7", 2]]
    assert raw.items["title"].tolist() == ["A: b", "C", "D", "E"]
    assert raw.whole_catalogue
    assert raw.ledger.count("user without lists in the systems' files: left out") == 1
    (tmp_path / "s").write_text("1\t5 6\n")
    with pytest.raises(DatasetError, match="s, line 1: a user, a sequence and a target"):
        llmrank(Files(tmp_path), named)


def test_described_items_that_nobody_touched_stay_where_the_reader_says_so(tmp_path):
    rows = pd.DataFrame({"user": ["1", "1", None], "item": ["5", "6", "7"]})
    items = pd.DataFrame({"item": ["5", "6", "8"], "title": ["a", "b", "c"]})
    whole = clean(Raw(rows, items=items, whole_catalogue=True), name="x")
    assert whole.item_ids.names.tolist() == ["5", "6", "7", "8"]
    assert whole.side.items["title"].tolist()[3] == "c"
    assert clean(Raw(rows, items=items), name="x").item_ids.names.tolist() == ["5", "6"]
