"""Runs are found, read column by column, and deleted, and no id leads out of their folder."""

import datetime as dt
import errno
import os
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from small_run import small_config

from core.errors import StorageError, UnknownNameError
from recscope import engine
from recscope.files import is_whole, read_table, write_json, write_table
from recscope.store import Run, list_runs, new_id, open_run


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return engine.run(small_config("item-knn"), out=tmp_path_factory.mktemp("runs"))


@pytest.fixture
def copy(finished: Run, tmp_path: Path) -> Run:
    return Run(Path(shutil.copytree(finished.path, tmp_path / "runs" / finished.id)))


def test_ids_are_readable_and_sort_by_time():
    moment = dt.datetime(2026, 11, 22, 23, 15, 0, tzinfo=dt.UTC)
    first = new_id("MovieLens 100K", moment)
    assert re.fullmatch(r"20261122-231500-movielens-100k-[0-9a-f]{4}", first)
    assert first < new_id("a", moment + dt.timedelta(seconds=1))


@pytest.mark.parametrize("name", ["", "../..", "Ünïcödé", "a" * 300, "=1+1", "-"])
def test_any_name_gives_an_id_that_is_a_plain_folder_name(name):
    made = new_id(name)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", made)


def test_runs_are_listed_newest_first_and_strangers_are_left_out(copy):
    folder = copy.path.parent
    newer = Run(Path(shutil.copytree(copy.path, folder / "29991231-000000-later-0000")))
    (folder / "no-run").mkdir()
    (folder / ".deleted-x").mkdir()
    assert [run.id for run in list_runs(folder)] == [newer.id, copy.id]
    assert open_run("latest", folder).id == newer.id
    assert list_runs(folder / "nowhere") == []


@pytest.mark.parametrize("run_id", ["../secret", "/etc", "a/b", "..", ".", "", "a\\b", "a\0b"])
def test_no_id_leads_out_of_the_folder(copy, run_id):
    outside = copy.path.parent.parent / "secret"
    outside.mkdir(exist_ok=True)
    (outside / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UnknownNameError, match="no run is called"):
        open_run(run_id, copy.path.parent)


def test_a_link_out_of_the_folder_is_no_run(copy, tmp_path):
    link = copy.path.parent / "linked"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnknownNameError, match="no run is called 'linked'"):
        open_run("linked", copy.path.parent)
    with pytest.raises(StorageError, match="not the folder of a run"):
        Run(link).delete()


def test_a_deleted_run_is_gone_and_nothing_else(copy):
    beside = copy.path.parent / "beside"
    beside.mkdir()
    copy.delete()
    assert list(copy.path.parent.iterdir()) == [beside]


def test_only_runs_are_deleted(tmp_path):
    (tmp_path / "precious").mkdir()
    with pytest.raises(StorageError, match="not the folder of a run; nothing was deleted"):
        Run(tmp_path / "precious").delete()
    assert (tmp_path / "precious").is_dir()


def test_only_the_asked_columns_are_read(finished, monkeypatch):
    import pyarrow.parquet as pq

    real, asked = pq.read_table, []

    def reading(path, columns=None, filters=None):
        asked.append(columns)
        return real(path, columns=columns, filters=filters)

    monkeypatch.setattr(pq, "read_table", reading)
    frame = finished.per_user("item-knn", ["recall@5"])
    assert list(frame.columns) == ["recall@5"]
    assert frame.index.name == "user"
    assert asked == [["user", "recall@5"]]


def test_an_unknown_column_or_model_is_named_with_the_nearest(finished):
    with pytest.raises(UnknownNameError, match="did you mean 'recall@5'"):
        finished.per_user("item-knn", ["recal@5"])
    with pytest.raises(UnknownNameError, match="did you mean 'item-knn'"):
        finished.per_user("item-kn")


def test_one_users_lists_and_history_are_that_users(finished):
    user = int(finished.lists("item-knn")["user"].iloc[0])
    assert set(finished.lists("item-knn", user)["user"]) == {user}
    history = finished.history(user)
    assert set(history["user"]) == {user}
    assert history["timestamp"].is_monotonic_increasing


def test_users_and_items_are_indexed_by_code(finished):
    for table, key in ((finished.users(), "user"), (finished.items(), "item")):
        assert list(table.index) == list(table[key]) == list(range(len(table)))


def test_a_missing_or_cut_off_table_is_said_plainly(copy):
    (copy.path / "estimates.parquet").unlink()
    with pytest.raises(StorageError, match="has not come so far"):
        copy.estimates()
    path = copy.path / "comparisons.parquet"
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(StorageError, match="cannot be read back"):
        copy.comparisons()
    (copy.path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be read back"):
        _ = copy.manifest


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "table.parquet"
    write_table(path, pd.DataFrame({"a": [1]}))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError, match="No space left"):
        write_table(path, pd.DataFrame({"a": [2]}))
    monkeypatch.undo()
    assert list(read_table(path)["a"]) == [1]
    assert list(tmp_path.iterdir()) == [path]


def test_json_of_numpy_and_paths_is_plain(tmp_path):
    import numpy as np

    path = tmp_path / "x.json"
    write_json(path, {"a": np.float32(1.5), "b": np.arange(2), "c": Path("d")})
    assert path.read_text(encoding="utf-8") == (
        '{\n "a": 1.5,\n "b": [\n  0,\n  1\n ],\n "c": "d"\n}\n'
    )
    assert is_whole(path)
    assert not is_whole(tmp_path / "nothing.json")


def test_a_run_that_cannot_be_deleted_stays_whole(copy, monkeypatch):
    def refused(*_: object) -> None:
        raise OSError("read-only")

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(StorageError, match=r"run .* could not be deleted: read-only"):
        copy.delete()
    assert copy.status == "done"
