"""A run killed at any point goes on, and ends with the same bits as one that was left alone."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from small_run import content, small_config

from core.errors import DatasetError, StorageError, UnknownNameError
from core.paths import ROOT
from recscope import engine, stages
from recscope.store import Run, list_runs

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills processes with SIGKILL")
HERE = Path(__file__).parent


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)])}


@pytest.mark.slow
def test_a_kill_at_any_file_loses_at_most_a_stage_and_changes_no_bit(tmp_path):
    report = tmp_path / "report.json"
    command = python(str(HERE / "killed_run.py"), str(tmp_path / "runs"), str(report))
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(report.read_text(encoding="utf-8"))
    assert len(told) > 30
    assert {entry["ended"] for entry in told} == {-signal.SIGKILL}
    without_run = [entry for entry in told if not entry["runs"]]
    # config.toml and the first manifest.json: before both there is no run to go on with
    assert len(without_run) <= 3
    for entry in told:
        if entry["runs"]:
            assert entry["status"] == "interrupted" or entry["point"] >= len(told) // 2 - 1, entry
            assert (entry["resumed"], entry["differing"]) == (0, []), entry


@pytest.mark.slow
def test_kills_at_random_moments_of_the_command_line_change_no_bit(tmp_path):
    config = small_config("item-knn", "ease", "bpr")
    file = tmp_path / "audit.toml"
    file.write_text(config.to_toml(), encoding="utf-8")
    whole = engine.run(config, out=tmp_path / "whole")
    moments = random.Random(20261122)
    runs, n_kills = tmp_path / "runs", 0
    for _ in range(20):
        found = list_runs(runs)
        again = ["--resume", found[0].id] if found else [str(file)]
        command = python("-m", "recscope", "run", *again, "--out", str(runs))
        process = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL)  # fmt: skip
        # from the fourth kill on it is left alone, so that a slow machine ends too
        patience = moments.uniform(1.0, 6.0) if n_kills < 4 else 120.0
        try:
            code = process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            n_kills += 1
            continue
        assert code == 0
        break
    (run,) = list_runs(runs)
    assert run.status == "done"
    ours, theirs = content(run.path), content(whole.path)
    assert ours.pop("manifest.json") == theirs.pop("manifest.json")
    assert ours == theirs


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return engine.run(small_config("item-knn"), out=tmp_path_factory.mktemp("runs"))


@pytest.fixture
def copy(finished: Run, tmp_path: Path) -> Run:
    """The finished run, to be damaged."""
    return Run(Path(shutil.copytree(finished.path, tmp_path / finished.id)))


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize(
    "name",
    [
        "users.parquet",
        "interactions.parquet",
        "estimates.parquet",
        "comparisons.parquet",
        "models/item-knn/topk.parquet",
        "models/item-knn/cost.json",
        "models/item-knn/per_user.parquet",
        "models/popularity/judged.json",
    ],
)
@pytest.mark.parametrize("damage", [Path.unlink, cut_off])
def test_a_lost_or_cut_off_file_is_made_again(finished, copy, name, damage):
    damage(copy.path / name)
    resumed = engine.run(resume=copy.id, out=copy.path.parent)
    assert content(resumed.path) == content(finished.path)


def test_what_is_whole_is_not_computed_again(copy, monkeypatch):
    (copy.path / "models/item-knn/judged.json").unlink()
    monkeypatch.setattr(engine.engine_models, "recommend", None)
    assert engine.run(resume=copy.id, out=copy.path.parent).status == "done"


def test_temporary_files_of_a_killed_process_are_swept(copy):
    left = copy.path / "models/item-knn/.topk.parquet.123.tmp"
    left.write_bytes(b"half")
    engine.run(resume=copy.id, out=copy.path.parent)
    assert not left.exists()


def test_a_failed_model_gets_another_chance(tmp_path, monkeypatch):
    import small_run

    made = engine.run(small_config("small_run:Raises"), out=tmp_path)
    assert made.models() == ["popularity"]
    monkeypatch.setattr(small_run.Raises, "fit", small_run.Plugged.fit)
    resumed = engine.run(resume=made.id, out=tmp_path)
    assert resumed.models() == ["popularity", "raises"]
    assert set(resumed.comparisons()["model"]) == {"raises"}


def test_another_configuration_is_refused(copy):
    with pytest.raises(StorageError, match="another configuration"):
        engine.run(small_config("ease"), resume=copy.id, out=copy.path.parent)


def test_other_data_are_refused(copy, monkeypatch):
    real = stages.load_data

    def changed(*given: object) -> object:
        dataset, fallback = real(*given)
        return replace(dataset, sha256="0" * 64), fallback

    monkeypatch.setattr(stages, "load_data", changed)
    with pytest.raises(DatasetError, match=r"not what it was when run .* began"):
        engine.run(resume=copy.id, out=copy.path.parent)


def test_an_unknown_run_is_named_with_the_nearest(copy):
    with pytest.raises(UnknownNameError, match="no run is called"):
        engine.run(resume=copy.id[:-1] + "x", out=copy.path.parent)


def test_a_run_at_work_is_not_computed_twice(copy):
    sleeper = subprocess.Popen(python("-c", "import time; time.sleep(60)"))
    try:
        from recscope.machine import process_started

        owner = {"pid": sleeper.pid, "started": process_started(sleeper.pid)}
        (copy.path / "running.json").write_text(json.dumps(owner), encoding="utf-8")
        with pytest.raises(Exception, match=f"being computed by process {sleeper.pid}"):
            engine.run(resume=copy.id, out=copy.path.parent)
        with pytest.raises(StorageError, match="being computed; cancel it first"):
            copy.delete()
    finally:
        sleeper.kill()
        sleeper.wait()
    # its process is gone: the mark no longer counts
    assert engine.run(resume=copy.id, out=copy.path.parent).status == "done"


def test_a_reused_process_number_does_not_hold_a_run(copy):
    owner = {"pid": os.getpid(), "started": time.time() - 86_400}
    (copy.path / "running.json").write_text(json.dumps(owner), encoding="utf-8")
    assert not copy.is_at_work()
