"""Whole or not at all."""

import errno

import pytest

from core.atomic import new_file, new_folder
from core.errors import StorageError


def write_half(path) -> None:
    path.write_text("half")
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_is_there_only_once_it_is_whole(tmp_path):
    target = tmp_path / "deep" / "a.txt"
    with new_file(target) as temporary:
        temporary.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert [p.name for p in target.parent.iterdir()] == ["a.txt"]


def test_a_full_disk_leaves_the_old_file_and_nothing_half_written(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    message = (
        r"could not write .*a\.txt: No space left.*free some space there, or set RECSCOPE_HOME"
    )
    with pytest.raises(StorageError, match=message), new_file(target) as temporary:
        write_half(temporary)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_full_disk_leaves_no_half_written_folder(tmp_path):
    target = tmp_path / "a"
    with pytest.raises(StorageError, match="No space left"), new_folder(target) as temporary:
        write_half(temporary / "part")
    assert not list(tmp_path.iterdir())


def test_a_new_folder_takes_the_place_of_the_old_one(tmp_path):
    target = tmp_path / "a"
    for content in ("1", "2"):
        with new_folder(target) as temporary:
            (temporary / content).write_text(content)
    assert [p.name for p in target.iterdir()] == ["2"]


def test_a_file_in_the_way_of_a_folder_is_said(tmp_path):
    (tmp_path / "a").write_text("in the way")
    message = "Nothing half-written stays; check the folder"
    with pytest.raises(StorageError, match=message), new_folder(tmp_path / "a" / "b"):
        pass
