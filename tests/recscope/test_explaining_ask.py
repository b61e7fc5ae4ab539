"""Asked why: one user's explanations on the command line and as a Python call."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import recscope
from core.errors import ConfigError, StorageError, UnknownNameError
from explain.explainers import EXPLAINERS
from recscope import engine
from recscope.bench import bench_of
from recscope.cli.main import main
from recscope.config_sections import DataConfig, ExplainConfig
from recscope.explaining_ask import ask
from recscope.store import Run
from tests.recscope.small_run import small_config


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    asked = replace(
        small_config("ease"),
        data=DataConfig(name="sandbox", options={"n_users": 120, "n_items": 60}),
        explain=ExplainConfig(explainers=()),
    )
    return engine.run(asked, out=tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def bench(run):
    return bench_of(run)


@pytest.fixture(scope="module")
def user(run, bench) -> str:
    """Outside id of a judged user with a history."""
    liked = np.diff(bench.world.train.liked.indptr)
    return str(run.users().loc[next(u for u in bench.given.users if liked[u] >= 5), "user_id"])


def flags(run: Run, *more: str) -> list[str]:
    return ["explain", "--run", run.id, "--runs", str(run.path.parent), *more]


def test_the_first_five_items_of_the_list_are_explained(run, user):
    told = recscope.explain(run, "ease", user, explainers=("template", "profile-match"))
    code = int(run.users().set_index("user_id").loc[user, "user"])
    listed = run.lists("ease", code).sort_values("rank")["item"].tolist()[:5]
    ids = run.items()["item_id"]
    assert list(dict.fromkeys(told.table["item_id"])) == [ids[item] for item in listed]
    assert told.table["rank"].tolist() == [rank for rank in range(1, 6) for _ in range(2)]
    first = told.table.iloc[0]
    assert first["explainer"] == "template"
    assert first["title"] in first["text"]
    assert list(first["attribution"].values()) == sorted(
        first["attribution"].values(), reverse=True
    )
    assert len(first["evidence"]) <= 5


def test_one_item_that_is_far_down_can_be_asked_for(run, bench, user):
    code = bench.given.dataset.user_ids.code(user)
    last = int(run.lists("ease", code).sort_values("rank")["item"].iloc[-1])
    name = str(run.items().loc[last, "item_id"])
    told = ask(run, "ease", user, name, bench=bench)
    assert told.table["item_id"].tolist() == [name]
    assert told.table["rank"].tolist() == [20]


def test_what_is_written_reads_back(run, user, tmp_path, capsys):
    file = tmp_path / "told.json"
    assert main(flags(run, "--model", "ease", "--user", user, "--out", str(file))) == 0
    assert capsys.readouterr().out == f"wrote {file}\n"
    document = json.loads(file.read_text())
    assert document["run"] == run.id
    assert len(document["explanations"]) == 5
    assert document["explanations"][0]["attribution"]
    assert main(flags(run, "--model", "ease", "--user", user, "--json")) == 0
    assert json.loads(capsys.readouterr().out) == document
    table = tmp_path / "told.csv"
    assert main(flags(run, "--model", "ease", "--user", user, "--out", str(table))) == 0
    assert len(pd.read_csv(table)) == 5


def test_the_terminal_shows_text_evidence_and_who_could_not_say(run, user, capsys):
    asked = flags(run, "--model", "ease", "--user", user, "--explainer", "template,paths")
    assert main(asked) == 0
    out = capsys.readouterr().out
    assert "(rank 1 of ease)" in out
    assert "  template: " in out
    assert "    - " in out
    assert "paths: no reason was found" in out
    assert "needs a knowledge graph" in out


def test_the_whole_run_is_explained_without_a_user(run, tmp_path, capsys):
    file = tmp_path / "estimates.json"
    asked = flags(run, "--explainer", "template,random", "--json", "--out", str(file))
    quick = replace(
        ExplainConfig(), users=5, items_per_user=1, embedded=0, unsettled=0, fusion=False
    )
    text = run.config_text()
    (run.path / "config.toml").write_text(
        replace(bench_of(run).config, explain=replace(quick, explainers=("template",))).to_toml()
    )
    try:
        assert main(asked) == 0
    finally:
        (run.path / "config.toml").write_text(text)
    document = json.loads(file.read_text())
    assert json.loads(capsys.readouterr().out) == document
    assert document["counts"]["asked"] == 10
    assert {row["explainer"] for row in document["estimates"]} >= {"template", "random"}
    assert main(flags(run)) == 0  # what is there is shown again
    assert "10 explanations, 0 by a language model" in capsys.readouterr().out


@pytest.mark.parametrize(
    "more, message",
    [
        (["--model", "ease", "--user", "nobody"], "no user is called 'nobody'"),
        (["--model", "ease", "--user", "USER", "--item", "ii1"], "did you mean 'i1'"),
        (["--model", "eas", "--user", "USER"], "no model of this run is called 'eas'"),
        (["--user", "USER"], "name the model whose list is meant: --model popularity|ease"),
        (["--model", "ease", "--item", "i1"], "--item needs the user it is recommended to"),
        (
            ["--model", "ease", "--user", "USER", "--explainer", "templat"],
            "did you mean 'template'",
        ),
        (
            ["--model", "popularity", "--user", "USER"],
            "Popularity cannot be explained by the user's history",
        ),
        (["--model", "ease", "--user", "USER", "--out", "x.txt"], "must end in one of .json"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(more, message, run, user, capsys):
    assert main(flags(run, *[user if word == "USER" else word for word in more])) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.err.count("\n") == 1


def test_items_and_users_of_which_the_model_knows_nothing(run, bench, user):
    liked = np.diff(bench.world.train.liked.indptr)
    ids = bench.given.dataset
    had = str(ids.item_ids.names[bench.world.liked(ids.user_ids.code(user))[0]])
    with pytest.raises(ConfigError, match=r"the user has had item .* already"):
        ask(run, "ease", user, had, bench=bench)
    with pytest.raises(ConfigError, match="name at least one explainer"):
        ask(run, "ease", user, explainers=(), bench=bench)
    empty = np.flatnonzero(liked == 0)
    cold = np.flatnonzero(bench.world.popularity == 0)
    assert len(empty) or len(cold)
    for code in empty[:1]:
        with pytest.raises(ConfigError, match="liked nothing in what the models learned from"):
            ask(run, "ease", str(ids.user_ids.names[code]), bench=bench)
    for code in cold[:1]:
        with pytest.raises(ConfigError, match="nobody liked item"):
            ask(run, "ease", user, str(ids.item_ids.names[code]), bench=bench)


def test_an_item_without_attributes_is_said_to_have_none(run, bench, user):
    world = replace(bench.world, groups=None, group_names=())
    bare = replace(bench)
    bare.__dict__["world"] = world
    told = ask(run, "ease", user, bench=bare)
    assert any("no attributes" in note["reason"] for note in told.notes)
    assert told.table["text"].str.len().min() > 0


def test_a_run_that_is_not_finished_cannot_be_explained(run, tmp_path, capsys):
    import shutil

    shutil.copytree(run.path, tmp_path / run.id)
    (tmp_path / run.id / "estimates.parquet").unlink()
    assert main(["explain", "--run", run.id, "--runs", str(tmp_path)]) == 2
    assert "is not finished; go on with" in capsys.readouterr().err


def test_explainers_are_listed_and_described(capsys):
    assert main(["explainers", "--json"]) == 0
    named = [row["name"] for row in json.loads(capsys.readouterr().out)]
    assert named == list(EXPLAINERS)
    assert main(["explainers", "counterfactual"]) == 0
    out = capsys.readouterr().out
    assert "after the recommendation" in out
    assert "doi:10.1145/3336191.3371824" in out
    assert main(["explainers", "random", "--json"]) == 0
    assert "nobody should believe it" in json.loads(capsys.readouterr().out)["is a baseline"]
    assert main(["explainers", "counterfactal"]) == 2
    assert "did you mean 'counterfactual'" in capsys.readouterr().err


def test_errors_of_the_python_call_are_those_of_the_command_line(run):
    with pytest.raises(UnknownNameError, match="no user is called"):
        recscope.explain(run, "ease", "nobody")
    with pytest.raises(UnknownNameError, match="no run is called"):
        recscope.explain("nothing", "ease", "u1", out=run.path.parent)
    with pytest.raises((StorageError, UnknownNameError)):
        recscope.explain(run.id, "als", "u1", out=run.path.parent)
