"""Loading by name: from source, from the cache, and when one of them fails."""

import errno
import zipfile

import numpy as np
import pandas as pd
import pytest

from core import load as load_module
from core import parsed
from core.cards import card
from core.errors import ChecksumError, DatasetError, EmptyError, FetchError, UnknownNameError
from core.load import available, fetch_card, load, load_or_sandbox
from core.paths import cache_dir

CARD = """
title = "Toy"
description = "d"
licence = "l"
citation = "c"
reader = "{reader}"
threshold = 4.0
[[sources]]
folder = "toy"
"""
RATINGS = "userId,movieId,rating,timestamp\n1,10,4.0,100\n2,10,0.5,200\n2,20,5.0,300\n"
MOVIES = 'movieId,title,genres\n10,"Cat, The (1999)",Drama|Sci-Fi\n20,Émile,(no genres listed)\n'
TAGS = 'userId,movieId,tag,timestamp\n1,10,"null",5\n9,10,lost,6\n'


@pytest.fixture
def toy(tmp_path, monkeypatch, fresh_home):
    """A card of three ratings in the format of MovieLens 25M, its files in a local folder."""
    monkeypatch.setenv("RECSCOPE_DATA_DIR", str(tmp_path / "data"))
    folder = tmp_path / "data" / "toy"
    folder.mkdir(parents=True)
    for name, content in {"ratings": RATINGS, "movies": MOVIES, "tags": TAGS}.items():
        (folder / f"{name}.csv").write_text(content)
    path = tmp_path / "toy.toml"
    path.write_text(CARD.format(reader="movielens-csv"))
    return path


def same(a, b):
    for column in ("users", "items", "ratings", "timestamps"):
        np.testing.assert_array_equal(
            getattr(a.interactions, column), getattr(b.interactions, column)
        )
    assert (a.sha256, dict(a.facts), a.ledger) == (b.sha256, dict(b.facts), b.ledger)
    assert a.user_ids.names.tolist() == b.user_ids.names.tolist()
    pd.testing.assert_frame_equal(a.side.items, b.side.items)
    pd.testing.assert_frame_equal(a.side.users, b.side.users)
    assert a.side.tables.keys() == b.side.tables.keys()
    for name in a.side.tables:
        pd.testing.assert_frame_equal(a.side.tables[name], b.side.tables[name])


def kept_folders():
    return sorted((cache_dir() / "datasets").glob("*"))


def test_a_folder_of_files_loads(toy):
    data = load(toy)
    assert data.interactions.ratings.tolist() == [4.0, 0.5, 5.0]
    assert data.interactions.threshold == 4.0
    items = data.side.items
    assert items[["title", "genres"]].to_dict("list") == {
        "title": ["Cat, The", "Émile"],
        "genres": [["Drama", "Sci-Fi"], []],
    }
    assert (items.loc[0, "year"], items.loc[0, "decade"]) == (1999, "1990s")
    assert items.loc[1, ["year", "decade"]].isna().all()
    assert data.side.tables["tags"].to_dict("list") == {
        "user": [0], "item": [0], "tag": ["null"], "timestamp": [5],
    }  # fmt: skip
    assert data.facts["source"] == "folder toy"
    assert data.facts["verified"] is False


@pytest.mark.parametrize("name", ["movielens-25m", "movielens-32m"])
def test_the_large_movielens_load_from_a_zip_in_a_local_folder(name, tmp_path, monkeypatch, toy):
    zipped = card(name).sources[1].where
    folder = tmp_path / "data" / zipped
    folder.mkdir()
    with zipfile.ZipFile(folder / f"{zipped}.zip", "w") as archive:
        for file, content in {"ratings": RATINGS, "movies": MOVIES, "tags": TAGS}.items():
            archive.writestr(f"{zipped}/{file}.csv", content)
    assert available(name) is None
    data = load(name)
    assert len(data.interactions) == 3
    assert data.side.items["title"].tolist() == ["Cat, The", "Émile"]


def test_the_second_load_comes_from_the_cache_and_is_the_same(toy, monkeypatch):
    first = load(toy)
    assert len(kept_folders()) == 1
    monkeypatch.setattr(load_module, "READERS", {})
    same(first, load(toy))


def test_the_cache_holds_no_pickle(toy):
    load(toy)
    kinds = {path.suffix for folder in kept_folders() for path in folder.iterdir()}
    assert kinds == {".parquet", ".json"}


def test_without_cache_nothing_is_kept(toy):
    load(toy, cache=False)
    assert kept_folders() == []


def test_a_changed_file_is_parsed_anew(toy, tmp_path):
    load(toy)
    with (tmp_path / "data" / "toy" / "ratings.csv").open("a") as stream:
        stream.write("1,20,1.0,400\n")
    assert len(load(toy).interactions) == 4


def test_a_changed_card_is_parsed_anew(toy):
    load(toy)
    toy.write_text(toy.read_text().replace("4.0", "3.0"))
    assert load(toy).interactions.threshold == 3.0


@pytest.mark.parametrize("name", ["interactions.parquet", "meta.json", "items.parquet"])
@pytest.mark.parametrize("damage", ["cut", "gone", "nonsense"])
def test_a_damaged_cache_is_parsed_anew_and_that_is_logged(toy, name, damage, caplog):
    first = load(toy)
    path = kept_folders()[0] / name
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-20] if damage == "cut" else b"nonsense")
    same(first, load(toy))
    assert "cannot be read back" in caplog.text
    same(first, load(toy))


def test_a_cache_with_fewer_rows_than_were_written_is_not_believed(toy, caplog):
    first = load(toy)
    path = kept_folders()[0] / "interactions.parquet"
    pd.read_parquet(path).head(1).to_parquet(path)
    same(first, load(toy))
    assert "1 rows, 3 were written" in caplog.text


def test_a_full_disk_costs_the_cache_and_not_the_data(toy, monkeypatch, caplog):
    def full(*args, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(parsed.pq, "write_table", full)
    assert len(load(toy).interactions) == 3
    assert "No space left on device" in caplog.text
    assert kept_folders() == []


def test_a_cut_off_zip_is_said(toy, tmp_path):
    folder = tmp_path / "data" / "toy"
    with zipfile.ZipFile(folder / "toy.zip", "w") as archive:
        archive.write(folder / "ratings.csv", "ratings.csv")
    (folder / "ratings.csv").unlink()
    whole = (folder / "toy.zip").read_bytes()
    (folder / "toy.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match=r"toy\.zip is not a whole zip file.*fetch it again"):
        load(toy)


def test_a_zip_with_damaged_content_is_said(toy, tmp_path):
    folder = tmp_path / "data" / "toy"
    with zipfile.ZipFile(folder / "toy.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "ratings.csv", "ratings.csv")
    (folder / "ratings.csv").unlink()
    content = bytearray((folder / "toy.zip").read_bytes())
    content[45:60] = bytes(15)
    (folder / "toy.zip").write_bytes(content)
    with pytest.raises(DatasetError, match=r"ratings\.csv in .*toy\.zip cannot be unpacked"):
        load(toy)


@pytest.mark.parametrize(
    "content, kind, message",
    [
        ("", EmptyError, r"ratings\.csv is empty"),
        ("userId,movieId,rating,timestamp\n", EmptyError, "has a header and no rows"),
        ("userId,movieId\n1,2\n", DatasetError, "has 2 columns; wanted 4"),
        (RATINGS + "1,2,3,4,5,6\n", DatasetError, r"ratings\.csv cannot be read as utf-8 text"),
    ],
)
def test_a_source_file_that_is_not_what_it_should_be_is_said(toy, tmp_path, content, kind, message):
    (tmp_path / "data" / "toy" / "ratings.csv").write_text(content)
    with pytest.raises(kind, match=message):
        load(toy)


def test_a_missing_source_file_is_said(toy, tmp_path):
    (tmp_path / "data" / "toy" / "movies.csv").unlink()
    with pytest.raises(DatasetError, match=r"no file movies\.csv in .* or in a zip there"):
        load(toy)


def test_a_file_of_another_encoding_is_said(toy, tmp_path):
    (tmp_path / "data" / "toy" / "movies.csv").write_bytes(MOVIES.encode("latin-1"))
    with pytest.raises(DatasetError, match=r"movies\.csv cannot be read as utf-8"):
        load(toy)


def test_a_cut_off_parquet_file_is_said(toy, tmp_path):
    toy.write_text(CARD.format(reader="amazon-reviews"))
    path = tmp_path / "data" / "toy" / "reviews.parquet"
    pd.DataFrame({"user_id": ["u"] * 100}).to_parquet(path)
    with pytest.raises(DatasetError, match=r"reviews\.parquet has no column item_id.*it has user"):
        load(toy)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DatasetError, match=r"is not a whole Parquet file.*cut off"):
        load(toy)


def test_an_unknown_reader_is_answered_with_the_nearest(toy):
    toy.write_text(CARD.format(reader="movielens-cvs"))
    with pytest.raises(UnknownNameError, match="no reader is called 'movielens-cvs'; did you mean"):
        load(toy)


def test_what_is_not_generated_takes_no_options(toy):
    with pytest.raises(DatasetError, match="toy is not generated and takes no options; got seed"):
        load(toy, options={"seed": 1})


def test_what_is_missing_is_said_before_loading(fresh_home, monkeypatch, tmp_path):
    monkeypatch.setenv("RECSCOPE_DATA_DIR", str(tmp_path))
    assert available("sandbox") is None
    assert "recscope fetch movielens-100k` gets it from package recbole" in available(
        "movielens-100k"
    )
    assert available("coat") == f"needs coat in {tmp_path}"


@pytest.fixture
def offline(fresh_home, monkeypatch):
    """No network and no package registry."""
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")


def test_without_network_the_generated_data_stands_in_and_says_so(offline):
    data, note = load_or_sandbox("movielens-100k")
    assert data.name == "sandbox"
    assert note.startswith("movielens-100k could not be fetched, so this shows the generated data")
    with pytest.raises(FetchError, match="could not get movielens-100k; tried 1 source"):
        load("movielens-100k")


def test_what_is_here_needs_no_stand_in(fresh_home):
    data, note = load_or_sandbox("sandbox")
    assert (data.name, note) == ("sandbox", None)


def test_a_local_file_that_is_not_the_pinned_one_is_refused(fresh_home, monkeypatch, tmp_path):
    monkeypatch.setenv("RECSCOPE_DATA_DIR", str(tmp_path))
    (tmp_path / "coat").mkdir()
    (tmp_path / "coat" / "coat.zip").write_bytes(b"another")
    with pytest.raises(ChecksumError, match=r"coat\.zip is not the file the card names"):
        load("coat")


def test_a_generated_data_set_has_nothing_to_fetch_and_takes_options(fresh_home):
    folder, is_verified = fetch_card("sandbox")
    assert folder.is_dir()
    assert is_verified
    data = load("sandbox", options={"n_users": 50, "n_items": 40, "drift_day": 30})
    assert len(data.user_ids) == 50
    assert data.facts["truths"]["drift_day"] == 30
    assert data.facts["licence"].startswith("CC0")
