"""Ranked lists of one line each: recognised, read, and told where a line is none."""

import pytest

from core.errors import DatasetError
from core.frames import read_frame, read_table
from core.paths import data_dir


def test_a_user_a_tab_and_numbers_are_a_list(tmp_path):
    path = tmp_path / "run.bm25"
    path.write_text("9\t5 4 3\n7\t1 2 3 4\n")
    frame = read_frame(path)
    assert frame.to_numpy().tolist() == [
        [9, 5, 1], [9, 4, 2], [9, 3, 3], [7, 1, 1], [7, 2, 2], [7, 3, 3], [7, 4, 4],
    ]  # fmt: skip
    assert list(frame.columns) == ["user_id", "item_id", "rank"]


def test_ids_that_would_change_as_numbers_stay_text(tmp_path):
    path = tmp_path / "run.txt"
    path.write_text("u1\t007 8 9\nu2\t1 2 3\n")
    frame = read_frame(path)
    assert frame["item_id"].tolist()[:2] == ["007", "8"]
    assert frame["user_id"].tolist()[0] == "u1"


def test_titles_and_tables_are_no_lists(tmp_path):
    path = tmp_path / "items.tsv"
    path.write_text("item_id\ttitle\n1\tFinal Fantasy 7\n2\tDoom 3 2 1\n")
    assert list(read_frame(path).columns) == ["item_id", "title"]


def test_a_line_that_is_no_list_is_named(tmp_path):
    path = tmp_path / "run.txt"
    path.write_text("1\t1 2 3\n" * 300 + "2 1 x 3\n\n3\t4 5 6\n")
    table = read_table(path)
    assert table.read.rejects["line"].tolist() == [301]
    assert table.read.lines[-1] == 303
    with pytest.raises(DatasetError, match=r"line 301: no list: a user, a tab"):
        read_frame(path)


@pytest.mark.skipif(
    data_dir() is None or not (data_dir() / "llmrank-runs").is_dir(),
    reason="LLMRank's lists are not on this machine",
)
def test_llmrank_data_hold_the_listed_users_and_every_described_item():
    from core.load import load

    dataset = load("llmrank-games", cache=False)
    assert len(dataset.user_ids) == 6000
    assert len(dataset.item_ids) == 16_859
    assert dataset.ledger.count("user without lists in the systems' files: left out") == 44_546
    assert dataset.side.items["title"].notna().all()
