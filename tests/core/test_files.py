"""Reading from a folder or from a zip in it, and what readers say of files that are wrong."""

import hashlib
import zipfile
from dataclasses import replace

import pandas as pd
import pytest

from core.cards import card
from core.errors import DatasetError
from core.files import Files, digest
from core.readers import READERS
from core.readers_text import read_parquet, read_table


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "plain.txt").write_text("plain")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("top/inner.txt", "zipped é")
        archive.writestr("top/other/inner.txt", "deeper")
    return tmp_path


def test_plain_files_and_members_of_zips_are_found_by_name(folder):
    files = Files(folder)
    assert files.text("plain.txt") == "plain"
    assert files.text("inner.txt") == "zipped é"
    assert files.text("other/inner.txt") == "deeper"
    assert not files.has("ner.txt")
    assert files.path("inner.txt") is None


def test_a_file_that_is_nowhere_is_said(folder):
    with pytest.raises(DatasetError, match=r"no file none\.txt in .* or in a zip there"):
        Files(folder).read("none.txt")


def test_the_byte_of_a_wrong_encoding_is_said(folder):
    with pytest.raises(DatasetError, match=r"inner\.txt in .* is not ascii: byte 7"):
        Files(folder).text("inner.txt", "ascii")


def test_a_missing_parquet_file_is_said(folder):
    with pytest.raises(DatasetError, match=r"no file a\.parquet in"):
        read_parquet(Files(folder), "a.parquet")


def test_a_digest_is_of_the_content(folder):
    assert digest(folder / "deep" / "plain.txt") == hashlib.sha256(b"plain").hexdigest()


def test_double_colons_part_columns_and_single_ones_do_not():
    frame = read_table(b"1::Die Hard: 2::A\n2::B::C\n", "::", "x", header=False, text=True)
    assert frame.to_numpy().tolist() == [["1", "Die Hard: 2", "A"], ["2", "B", "C"]]


def test_only_the_empty_field_is_missing():
    frame = read_table(b"a,b\nNA,\nnull,nan\n", ",", "x")
    assert frame["a"].tolist() == ["NA", "null"]
    assert frame["b"].isna().tolist() == [True, False]


@pytest.fixture
def coat(tmp_path):
    features = tmp_path / "user_item_features"
    features.mkdir()
    for name in ("train", "test", "propensities"):
        (tmp_path / f"{name}.ascii").write_text("0 3\n2 0\n")
    for kind, attribute in (("user", "gender"), ("item", "jackettype")):
        (features / f"{kind}_features.ascii").write_text("0 1\n0 0\n")
        (features / f"{kind}_features_map.txt").write_text(f"{attribute}:x\n{attribute}:y\n")
    (features / "item_features.ascii").write_text("0 1 1 0\n1 0 1 0\n")
    names = "jackettype:bomber\njackettype:pea\ncolor:red\ngender:men\n"
    (features / "item_features_map.txt").write_text(names)
    return tmp_path


def test_columns_of_ones_become_attributes_and_no_one_is_missing(coat):
    raw = READERS["coat"](Files(coat), card("coat"))
    assert raw.users["gender"].iloc[0] == "y"
    assert raw.users["gender"].isna().tolist() == [False, True]
    assert raw.items["jackettype"].tolist() == ["pea", "bomber"]
    assert raw.interactions.to_dict("list") == {
        "user": [0, 1],
        "item": [1, 0],
        "rating": [3.0, 2.0],
    }


def test_a_table_that_is_not_of_numbers_is_said(coat):
    (coat / "train.ascii").write_text("0 x\n")
    with pytest.raises(DatasetError, match=r"train\.ascii is not a table of numbers"):
        READERS["coat"](Files(coat), card("coat"))


def test_features_without_a_name_are_said(coat):
    (coat / "user_item_features" / "user_features_map.txt").write_text("gender:x\n")
    with pytest.raises(DatasetError, match=r"user_features\.ascii has 2 columns, 1 named"):
        READERS["coat"](Files(coat), card("coat"))


def test_a_graph_without_its_link_is_said(tmp_path):
    (tmp_path / "ml-100k.inter").write_text("u\ti\tr\tt\n1\t1\t3\t5\n")
    (tmp_path / "ml-100k.user").write_text("u\ta\tg\to\tz\n1\t20\tF\tnone\t1\n")
    (tmp_path / "ml-100k.item").write_text("i\tt\ty\tg\n1\tX\t1990\tDrama\n")
    (tmp_path / "ml-100k.kg").write_text("h\tr\tt\na\tfilm.film.genre\tb\n")
    alone = replace(card("movielens-100k"), folder=tmp_path)
    with pytest.raises(DatasetError, match="table that ties the graph to films is missing"):
        READERS["movielens-recbole"](Files(tmp_path), alone)


def test_ages_fall_into_the_published_bands():
    from core.readers_movielens import age_groups

    bands = age_groups(pd.Series([7, 18, 24, 25, 49, 50, 55, 56, 73, None]))
    assert bands.iloc[:-1].tolist() == [
        "under 18", "18-24", "18-24", "25-34", "45-49", "50-55", "50-55", "56 and over",
        "56 and over",
    ]  # fmt: skip
    assert bands.isna().tolist()[-1]
