"""The command line: every command, its exit codes, and messages in place of tracebacks."""

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_run import small_config

from core.paths import ROOT
from recscope import engine, jobs
from recscope.cli.bars import time_left
from recscope.cli.main import main
from recscope.stages import NO_THRESHOLD
from recscope.store import Run, list_runs

COMMANDS = (
    *("run", "score", "compare", "datasets", "recommenders", "metrics"),
    *("fetch", "doctor", "app", "runs"),
)


def shell(*arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "recscope", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120, **options
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return engine.run(small_config("item-knn"), out=tmp_path_factory.mktemp("runs"))


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    path = tmp_path / "lists.csv"
    path.write_text("user_id,item_id,rank\nu1,a,1\nu1,x,2\nu2,x,1\nu2,c,2\n", encoding="utf-8")
    return path


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    path = tmp_path / "truth.csv"
    path.write_text("user_id,item_id\nu1,a\nu1,b\nu2,c\nu4,a\n", encoding="utf-8")
    return path


def test_help_lists_every_command_and_hides_the_workers(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for command in COMMANDS:
        assert f"\n    {command}" in text
    assert "run-job" not in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out) > 80


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from recscope.cli.parser import parser; import recscope.cli.main;"
        "parser().format_help();"
        "heavy = {'numpy', 'pandas', 'scipy', 'rich', 'pyarrow', 'numba', 'streamlit'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["runn"],
        ["score"],
        ["score", "--recommendations", "r", "--truth", "t", "--k", "0"],
        ["score", "--recommendations", "r", "--truth", "t", "--k", "five"],
        ["score", "--recommendations", "r", "--truth", "t", "--confidence", "95"],
        ["score", "--recommendations", "r", "--truth", "t", "--resamples", "-1"],
        ["score", "--recommendations", "r", "--truth", "t", "--columns", "user_id"],
        ["app", "--port", "70000"],
    ],
)
def test_wrong_usage_is_bad_input(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["datasets", "movielens-100"], "did you mean 'movielens-100k'"),
        (["recommenders", "eas"], "did you mean 'ease'"),
        (["metrics", "ndgc"], "did you mean 'ndcg'"),
        (["fetch", "movielens-100"], "did you mean 'movielens-100k'"),
        (["compare", "nothing"], "no run is called 'nothing'"),
        (["runs", "delete", "nothing"], "no run is called 'nothing'"),
        (["run", "nowhere.toml"], "nowhere.toml cannot be read"),
        (["run", "--resume", "nothing"], "no run is called 'nothing'"),
        (["run", "--models", "eas"], "did you mean 'ease'"),
        (["run", "--data", "movielens-100"], "did you mean 'movielens-100k'"),
        (["score", "--recommendations", "no.csv", "--truth", "t"], "no.csv"),
        (["score", "--recommendations", "r", "--truth", "t", "--out", "x.txt"], "must end in one"),
        (["run", "--data", "sandbox", "--interactions", "x.csv"], "give one of the two"),
        (["run", "--users", "people.csv"], "add --interactions FILE"),
        (["run-job", "nobody"], "no job is called 'nobody'"),
    ],
)
@pytest.mark.usefixtures("fresh_home")
def test_bad_input_is_one_message_and_exit_code_2(arguments, message, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("recscope: ")
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_bad_input_to_the_process_has_no_traceback():
    done = shell("metrics", "ndgc")
    assert done.returncode == 2
    assert "did you mean 'ndcg'" in done.stderr
    assert "Traceback" not in done.stderr


def test_run_shows_models_population_and_where_the_run_is(tmp_path, capsys):
    file = tmp_path / "audit.toml"
    file.write_text(small_config("item-knn").to_toml(), encoding="utf-8")
    assert main(["run", str(file), "--out", str(tmp_path / "runs")]) == 0
    captured = capsys.readouterr()
    (run,) = list_runs(tmp_path / "runs")
    for text in ("item-knn", "ndcg@10", "95% interval", run.id, "empty list filled"):
        assert text in captured.out
    assert "fit item-knn" in captured.err
    assert max(map(len, captured.out.splitlines())) <= 80 + len(str(run.path))


def test_run_says_which_models_failed_and_still_ends_well(tmp_path, capsys):
    file = tmp_path / "audit.toml"
    file.write_text(small_config("small_run:Raises").to_toml(), encoding="utf-8")
    assert main(["run", str(file), "--out", str(tmp_path / "runs")]) == 0
    text = capsys.readouterr().out
    assert "1 of 2 models FAILED" in text
    assert "no luck" in text


def test_run_as_json_holds_estimates_population_and_manifest(tmp_path, capsys):
    file = tmp_path / "audit.toml"
    file.write_text(small_config().to_toml(), encoding="utf-8")
    assert main(["run", str(file), "--out", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"id", "path", "estimates", "population", "manifest"} == set(told)
    assert told["estimates"][0]["group_by"] is None


def test_run_goes_on_with_a_run(finished, capsys):
    (finished.path / "models" / "item-knn" / "judged.json").unlink()
    assert main(["run", "--resume", finished.id, "--out", str(finished.path.parent)]) == 0
    assert finished.id in capsys.readouterr().out


def test_data_and_models_of_the_flags_replace_the_configurations(tmp_path, capsys):
    file = tmp_path / "audit.toml"
    file.write_text(small_config("item-knn").to_toml(), encoding="utf-8")
    flags = ["--models", "random", "--out", str(tmp_path / "runs"), "--json"]
    assert main(["run", str(file), *flags]) == 0
    assert set(json.loads(capsys.readouterr().out)["manifest"]["models"]) == {"random"}


@pytest.mark.parametrize("flags, is_noted", [([], True), (["--threshold", "4"], False)])
def test_own_files_are_named_on_the_command_line(flags, is_noted, tmp_path, capsys):
    rows = [f"c{n % 40};p{n * 7 % 31};{n % 5 + 1};{10**9 + n * 3600}" for n in range(900)]
    own = tmp_path / "own.csv"
    own.write_text("\n".join(["customer;sku;mark;when", *rows]), encoding="utf-8")
    asked = ["run", "--interactions", str(own), "--models", "popularity", "--columns"]
    mapped = "user=customer,item=sku,rating=mark,timestamp=when"
    assert main([*asked, mapped, "--out", str(tmp_path / "runs"), "--json", *flags]) == 0
    reasons = [entry["reason"] for entry in json.loads(capsys.readouterr().out)["population"]]
    assert (NO_THRESHOLD in reasons) == is_noted


def test_score_prints_a_table(lists, truth, capsys):
    files = ["--recommendations", str(lists), "--truth", str(truth)]
    assert main(["score", *files, "--k", "5,10"]) == 0
    text = capsys.readouterr().out
    assert "ndcg@5" in text
    assert "users imputed" in text
    assert max(map(len, text.splitlines())) <= 80


def test_score_as_json_has_the_promised_keys(lists, truth, capsys):
    files = ["--recommendations", str(lists), "--truth", str(truth)]
    assert main(["score", *files, "--k", "5", "--metrics", "recall", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"estimates", "population", "manifest"}
    (row,) = told["estimates"]
    assert (row["metric"], row["k"], row["group_by"], row["group"]) == ("recall", 5, None, None)
    assert row["mean"] == pytest.approx((0.5 + 1 + 0) / 3)
    assert (row["n"], row["n_imputed"], row["n_undefined"]) == (3, 1, 0)


@pytest.mark.parametrize("ending", ["json", "parquet", "csv"])
def test_score_writes_a_file(lists, truth, tmp_path, capsys, ending):
    out = tmp_path / f"scores.{ending}"
    files = ["--recommendations", str(lists), "--truth", str(truth)]
    assert main(["score", *files, "--metrics", "recall", "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"wrote {out}\n"
    if ending == "json":
        assert json.loads(out.read_text(encoding="utf-8"))["estimates"]
    else:
        frame = pd.read_csv(out) if ending == "csv" else pd.read_parquet(out)
        assert list(frame["metric"]) == ["recall"]


def test_score_maps_columns_groups_users_and_hides_what_they_had(tmp_path, capsys):
    def file(name: str, text: str) -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    lists = file("r.csv", "who,what,rank\nu1,a,1\nu1,b,2\nu2,a,1\n")
    truth = file("t.csv", "who,what\nu1,b\nu2,a\n")
    train = file("h.csv", "who,what\nu2,a\n")
    users = file("u.csv", "who,gender\nu1,f\nu2,m\n")
    flags = ["--metrics", "recall", "--groups", "gender", "--columns", "user=who,item=what"]
    files = ["--recommendations", lists, "--truth", truth, "--train", train, "--users", users]
    assert main(["score", *files, *flags, "--resamples", "0", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    everybody = told["estimates"][0]
    assert everybody["mean"] == pytest.approx(0.5)  # what u2 had is a miss
    assert everybody["low"] is None
    assert {row["group"] for row in told["estimates"][1:]} == {"f", "m"}
    assert told["population"]["seen_items"] == 1


def test_compare_reads_the_run_or_computes_with_another_baseline(finished, capsys):
    where = ["--out", str(finished.path.parent)]
    assert main(["compare", finished.id, *where]) == 0
    text = capsys.readouterr().out
    assert "Difference to popularity" in text
    assert "item-knn" in text
    assert max(map(len, text.splitlines())) <= 80
    assert main(["compare", "latest", "--baseline", "item-knn", "--json", *where]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["baseline"] == "item-knn"
    assert {row["model"] for row in told["comparisons"]} == {"popularity"}


def test_compare_over_runs_tells_models_of_one_name_apart(finished, tmp_path, capsys):
    other = engine.run(small_config("ease"), out=finished.path.parent)
    where = ["--out", str(finished.path.parent), "--json"]
    assert main(["compare", finished.id, other.id, "--baseline", "item-knn", *where]) == 0
    told = json.loads(capsys.readouterr().out)
    shared = {f"popularity ({run.id[-4:]})" for run in (finished, other)}
    assert {row["model"] for row in told["comparisons"]} == {"ease", *shared}
    other.delete()


def test_runs_on_other_data_are_not_compared(finished, capsys):
    from dataclasses import replace

    from recscope.config_sections import SplitConfig

    config = replace(small_config(), split=SplitConfig(rule="ratio-per-user"))
    other = engine.run(config, out=finished.path.parent)
    where = ["--out", str(finished.path.parent)]
    assert main(["compare", finished.id, other.id, *where]) == 2
    assert "they differ in split" in capsys.readouterr().err
    other.delete()


def test_compare_names_the_metrics_there_are(finished, capsys):
    where = ["--out", str(finished.path.parent)]
    assert main(["compare", finished.id, "--metrics", "auc", *where]) == 2
    assert "there is ndcg, recall at 5, 10" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command, entry",
    [("datasets", "movielens-100k"), ("recommenders", "ease"), ("metrics", "ndcg")],
)
def test_lists_and_descriptions(command, entry, capsys):
    assert main([command]) == 0
    assert entry in capsys.readouterr().out
    assert main([command, entry]) == 0
    text = capsys.readouterr().out
    assert entry in text
    assert len(text) > 200
    assert main([command, "--json"]) == 0
    assert entry in {row["name"] for row in json.loads(capsys.readouterr().out)}
    assert main([command, entry, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == entry


def test_a_metric_is_described_with_its_definition_and_source(capsys):
    assert main(["metrics", "ndcg"]) == 0
    text = capsys.readouterr().out
    assert "Järvelin" in text
    assert "log2" in text


def test_runs_are_listed_and_deleted(tmp_path, capsys):
    where = ["--out", str(tmp_path)]
    assert main(["runs", *where]) == 0
    assert "no run yet" in capsys.readouterr().out
    made = engine.run(small_config(), out=tmp_path)
    assert main(["runs", *where, "list"]) == 0
    assert made.id in capsys.readouterr().out
    assert main(["runs", *where, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["id"], row["status"], row["models"]) == (made.id, "done", 1)
    assert main(["runs", *where, "delete", made.id, "nothing"]) == 2
    assert list_runs(tmp_path)
    assert main(["runs", *where, "delete", made.id]) == 0
    assert not list_runs(tmp_path)


def test_fetch_verifies_what_is_made_here(capsys):
    assert main(["fetch", "sandbox"]) == 0
    assert capsys.readouterr().out.startswith("sandbox: ")


def test_doctor_says_what_works(capsys):
    assert main(["doctor", "--json"]) == 0
    found = {row["what"]: row for row in json.loads(capsys.readouterr().out)}
    assert found["numpy"]["verdict"] == "yes"
    assert found["background jobs"]["verdict"] == "yes"
    assert main(["doctor"]) == 0
    assert "Python 3.11" in capsys.readouterr().out


def test_doctor_says_what_does_not_work(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("RECSCOPE_HOME", str(tmp_path / "file"))
    assert main(["doctor", "--json"]) == 2
    found = {row["what"]: row for row in json.loads(capsys.readouterr().out)}
    assert found["runs"]["verdict"] == "NO"
    assert "RECSCOPE_HOME" in found["runs"]["because"]


def test_the_workbench_is_served_on_loopback_only(monkeypatch, fresh_home):
    called: list[Any] = []
    begun: list[Any] = []
    monkeypatch.setattr(jobs, "submit", lambda *asked: begun.append(asked) or "a-job")
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.setattr(
        runpy, "run_module", lambda name, **options: called.append((name, [*sys.argv]))
    )
    main(["app", "--port", "8599"])
    main(["app", "--port", "8599"])
    assert len(begun) == 1  # the first start computes the default audit, the second does not
    name, command = called[0]
    assert name == "streamlit"
    assert command[command.index("--server.address") + 1] == "127.0.0.1"
    assert command[command.index("--server.port") + 1] == "8599"
    assert str(ROOT / "streamlit_app.py") in command


def test_a_port_in_use_is_said(capsys):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["app", "--port", str(port)]) == 2
    assert f"port {port} cannot be used" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="POSIX pipes and signals")
def test_a_reader_that_goes_away_is_no_error():
    command = f"{sys.executable} -m recscope metrics --json | head -c 5"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode in {0, 141}


@pytest.mark.skipif(os.name != "posix", reason="POSIX pipes and signals")
def test_ctrl_c_says_how_to_go_on(tmp_path):
    file = tmp_path / "audit.toml"
    file.write_text(small_config("small_run:Slow").to_toml(), encoding="utf-8")
    command = [sys.executable, "-m", "recscope", "run", str(file), "--out", str(tmp_path / "runs")]
    paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
        # a shell that starts the tests in the background has its children ignore Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    end = time.monotonic() + 60
    told = ""
    assert process.stderr is not None
    while "fit slow" not in told and time.monotonic() < end:
        told += process.stderr.readline()
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[1]
    (run,) = list_runs(tmp_path / "runs")
    assert process.returncode == 130
    assert f"run --resume {run.id}" in rest
    assert "Traceback" not in rest
    assert run.status == "cancelled"


@pytest.mark.parametrize(
    "seconds, text",
    [
        (None, ""),
        (0.2, "1 s left"),
        (61, "61 s left"),
        (600, "10 min left"),
        (7500, "2 h 05 left"),
    ],
)
def test_time_left_reads_well(seconds, text):
    assert time_left(seconds) == text


def test_without_streamlit_the_workbench_says_how_to_get_it(monkeypatch, capsys):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(["app"]) == 2
    assert "needs Streamlit" in capsys.readouterr().err


def test_a_data_set_that_cannot_be_fetched_is_told_after_the_others(monkeypatch, capsys):
    from core import load
    from core.errors import FetchError

    def fetch(name: str, progress: Any) -> tuple[Path, bool]:
        progress(1, 10)
        if name == "coat":
            raise FetchError("no network")
        return Path("here"), name == "sandbox"

    monkeypatch.setattr(load, "fetch_card", fetch)
    assert main(["fetch", "globo-news"]) == 0
    assert "has no checksum" in capsys.readouterr().out
    assert main(["fetch", "coat", "sandbox"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "sandbox: verified, in here\n"
    assert captured.err == "recscope: no network\n"
