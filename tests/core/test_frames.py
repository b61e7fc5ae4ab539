import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from core.errors import DatasetError, EmptyError, StorageError
from core.frames import read_frame, read_table, sample
from core.frames_bytes import MAX_LINE_BYTES, survey
from core.frames_sniff import Layout
from core.frames_text import read_delimited
from core.paths import data_dir

ROWS = [
    ("u1", "i1", 3.5, 881250949),
    ("u2", "i 2", 4.0, 891717742),
    ("żó", "=cmd()", 1.0, 878887116),
]
FRAME = pd.DataFrame(ROWS, columns=["user_id", "item_id", "rating", "timestamp"])


def write(tmp_path, name, content, encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "::"])
@pytest.mark.parametrize("header", [True, False])
def test_delimited_text(tmp_path, delimiter, header):
    lines = [delimiter.join(map(str, row)) for row in ROWS]
    if header:
        lines.insert(0, delimiter.join(FRAME.columns))
    path = write(tmp_path, "ratings.txt", "\n".join(lines) + "\n")
    found = sample(path)
    assert found.layout.delimiter == delimiter
    assert found.layout.has_header is header
    pd.testing.assert_frame_equal(read_frame(path), FRAME)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1250"]
)
def test_encodings_named_or_sniffed(tmp_path, encoding):
    path = write(tmp_path, "ratings.csv", FRAME.to_csv(index=False), encoding)
    layout = Layout("delimited", ",", encoding) if encoding == "cp1250" else None
    pd.testing.assert_frame_equal(read_frame(path, layout=layout), FRAME)


@pytest.mark.parametrize("encoding,text", [("latin-1", "Léon"), ("cp1252", "€ “Léon”")])
def test_western_encodings_of_single_bytes_are_told_apart(tmp_path, encoding, text):
    path = write(tmp_path, "films.csv", f"item_id,title\n1,{text}\n2,x\n", encoding)
    assert sample(path).layout.encoding == encoding
    assert read_frame(path)["title"].tolist() == [text, "x"]


def test_a_foreign_byte_far_behind_the_sample_still_decides_the_encoding(tmp_path):
    rows = "".join(f"{n},plain title\n" for n in range(30_000))
    path = write(tmp_path, "films.csv", f"item_id,title\n{rows}30000,Léon\n", "latin-1")
    assert read_frame(path)["title"].iloc[-1] == "Léon"


def test_a_few_broken_bytes_do_not_make_a_utf8_file_latin(tmp_path):
    good = "item_id,title\n" + "".join(f"{n},Żółć {n}\n" for n in range(9))
    path = write(tmp_path, "films.csv", good.encode() + b"9,\xff\n10,x\n")
    table = read_table(path)
    assert len(table.frame) == 10
    assert table.read.rejects[["line", "column", "reason"]].to_numpy().tolist() == [
        [11, "title", "bytes that are no UTF-8"]
    ]
    with pytest.raises(
        DatasetError,
        match=r"1 lines of films.csv cannot be read; the first is line 11: bytes that are no UTF-8",
    ):
        read_frame(path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(tmp_path, end):
    text = FRAME.to_csv(index=False, lineterminator=end)
    pd.testing.assert_frame_equal(read_frame(write(tmp_path, "r.csv", text)), FRAME)


def test_mixed_line_ends_and_a_stray_carriage_return(tmp_path):
    path = write(tmp_path, "r.csv", "user_id,item_id\r\nu1,i1\nu2,i\r2\r\nu3,i3\n")
    assert read_frame(path)["item_id"].tolist() == ["i1", "i 2", "i3"]


@pytest.mark.parametrize(
    "cells",
    [
        ["007", "08"],
        ["1_000", "2"],
        ["1" * 20, "2"],
        ["1e5x", "2"],
        ["NA", "null"],
        [" 1", "1 "],
        ["0x1A", "1"],
    ],
)
def test_what_only_looks_like_a_number_stays_text(tmp_path, cells):
    path = write(
        tmp_path, "r.csv", "zip,user_id,item_id\n" + "".join(f"{cell},{cell},i\n" for cell in cells)
    )
    assert read_frame(path)["zip"].tolist() == cells
    assert read_frame(path)["user_id"].tolist() == cells


def test_ids_are_no_decimals_unless_whole_ones_beside_a_hole(tmp_path):
    path = write(tmp_path, "r.csv", "user_id,item_id,x\n1.0,1.10,1.10\n,1e5,1e5\n3.0,2.5,\n")
    frame = read_frame(path)
    assert frame["user_id"].dtype == np.float64
    assert frame["item_id"].tolist() == ["1.10", "1e5", "2.5"]
    assert frame["x"].dtype == np.float64


def test_large_whole_numbers_beside_a_hole_keep_every_digit(tmp_path):
    path = write(tmp_path, "r.csv", f"user_id,item_id\n{2**53 + 1},a\n,b\n")
    assert read_frame(path)["user_id"].tolist() == [2**53 + 1, pd.NA]


def test_quoted_fields_hold_delimiters_quotes_and_lines(tmp_path):
    frame = pd.DataFrame({"item_id": [1, 2], "text": ['a, "b"\nc', "d"]})
    path = write(tmp_path, "items.csv", frame.to_csv(index=False))
    pd.testing.assert_frame_equal(read_frame(path), frame)


def test_quotes_that_are_part_of_the_text_are_kept(tmp_path):
    path = write(
        tmp_path, "items.tsv", 'item_id\ttitle\n1\t"Heat" and dust\n2\t"Crocodile" Dundee\n'
    )
    assert read_frame(path)["title"].tolist() == ['"Heat" and dust', '"Crocodile" Dundee']


def test_an_odd_number_of_quotes_closes_nothing(tmp_path):
    path = write(tmp_path, "items.csv", 'item_id,title\n1,"x\n2,y\n')
    assert read_frame(path)["title"].tolist() == ['"x', "y"]


def test_lines_that_do_not_fit_are_rejected_by_number(tmp_path):
    path = write(
        tmp_path, "r.csv", "user_id,item_id,rating\nu1,i1,1\n\nu2,i2\nu3,i3,3,3\nu4,i4,4\n"
    )
    table = read_table(path)
    assert table.read.lines.tolist() == [2, 6]
    assert table.read.rejects[["line", "reason", "text"]].to_numpy().tolist() == [
        [4, "too few columns", "u2,i2"],
        [5, "too many columns", "u3,i3,3,3"],
    ]


def test_lines_swallowed_by_a_broken_quote_are_told(tmp_path):
    good = "".join(f'u{n},"i{n}"\n' for n in range(1000))
    path = write(tmp_path, "r.csv", f'user_id,item_id\n{good}u1,"i\nu3,i3\nu4,"i4\nu5,i5\n')
    rejects = read_table(path).read.rejects
    assert rejects["line"].tolist()[0] == 1002
    assert rejects["reason"].str.contains("and 2 more lines were taken into it").any()


def test_json_lines(tmp_path):
    path = write(
        tmp_path,
        "r.jsonl",
        "\ufeff" + FRAME.to_json(orient="records", lines=True, force_ascii=False),
    )
    found = sample(path)
    assert found.layout.format == "json-lines"
    assert found.roles.columns == {
        "user": "user_id",
        "item": "item_id",
        "rating": "rating",
        "timestamp": "timestamp",
    }
    pd.testing.assert_frame_equal(read_frame(path), FRAME, check_dtype=False)


def test_json_lines_that_are_no_objects_are_rejected(tmp_path):
    path = write(
        tmp_path,
        "r.jsonl",
        '{"user_id": 1, "item_id": 2}\n\nnonsense\n[1]\n' + "[" * 100_000 + "\n",
    )
    table = read_table(path)
    assert table.read.lines.tolist() == [1]
    assert table.read.rejects["line"].tolist() == [3, 4, 5]
    assert table.read.rejects["reason"].str.startswith(("no JSON", "a JSON object")).all()


def test_a_json_array_is_refused_with_a_way_out(tmp_path):
    with pytest.raises(
        DatasetError, match=r"r.json is one JSON array; JSON lines were wanted.*lines=True"
    ):
        read_frame(write(tmp_path, "r.json", json.dumps([{"user_id": 1}])))


def test_a_key_twice_in_one_object_is_refused(tmp_path):
    path = write(
        tmp_path, "r.jsonl", '{"user_id": 1, "item_id": 1}\n{"user_id": 1, "user_id": 2}\n'
    )
    with pytest.raises(
        DatasetError, match=r"line 2 of r.jsonl has more than one key 'user_id'; rename or remove"
    ):
        read_frame(path)


def test_parquet_file_and_folder(tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    FRAME[:2].to_parquet(folder / "a.parquet")
    FRAME[2:].to_parquet(folder / "b.parquet")
    pd.testing.assert_frame_equal(read_frame(folder / "a.parquet"), FRAME[:2])
    pd.testing.assert_frame_equal(read_frame(folder), FRAME)
    assert sample(folder).roles.columns["user"] == "user_id"
    assert len(read_table(folder).sha256) == 64


def test_parquet_bytes_and_whole_numbers_with_holes(tmp_path):
    frame = pd.DataFrame(
        {"user_id": [b"a", None], "item_id": pd.Series([2**60, None], dtype="Int64")}
    )
    frame.to_parquet(tmp_path / "r.parquet")
    back = read_frame(tmp_path / "r.parquet")
    assert back["user_id"][0] == "a"
    assert back["item_id"][0] == 2**60


def test_truncated_parquet_is_refused_by_name(tmp_path):
    FRAME.to_parquet(tmp_path / "whole.parquet")
    content = (tmp_path / "whole.parquet").read_bytes()
    for keep in (len(content) // 2, 6, 0):
        path = write(tmp_path, "cut.parquet", content[:keep])
        with pytest.raises(
            DatasetError, match=r"cut.parquet is no whole Parquet file .* copy or write it again"
        ):
            read_frame(path)
    with pytest.raises(DatasetError, match=r"cut.dat is no whole Parquet file"):
        read_frame(write(tmp_path, "cut.dat", content[:-4]))


def test_damage_inside_a_parquet_file_is_refused(tmp_path):
    pd.DataFrame({"user_id": np.arange(5000), "item_id": 1}).to_parquet(
        tmp_path / "r.parquet", compression="zstd"
    )
    content = bytearray((tmp_path / "r.parquet").read_bytes())
    content[4:34] = b"\xff" * 30
    with pytest.raises(
        DatasetError, match=r"hurt.parquet cannot be read .* copy or write it again"
    ):
        read_frame(write(tmp_path, "hurt.parquet", bytes(content)))


def test_parquet_parts_with_other_columns_are_refused(tmp_path):
    FRAME.to_parquet(tmp_path / "a.parquet")
    FRAME.drop(columns="rating").to_parquet(tmp_path / "b.parquet")
    with pytest.raises(
        DatasetError, match=r"b.parquet has columns user_id, item_id, timestamp, but a.parquet"
    ):
        read_frame(tmp_path)


def test_parquet_parts_of_other_types_are_refused(tmp_path):
    FRAME.to_parquet(tmp_path / "a.parquet")
    FRAME.assign(rating="good").to_parquet(tmp_path / "b.parquet")
    with pytest.raises(DatasetError, match=r"cannot be read .*its parts have different types"):
        read_frame(tmp_path, "parts")


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(EmptyError, match=r"holds no .parquet file; name a file or such a folder"):
        read_frame(tmp_path)


def test_recbole_atomic_files(tmp_path):
    path = write(
        tmp_path,
        "x.item",
        "item_id:token\tname:token_seq\tprice:float\tvector:float_seq\n"
        "1\tToy Story\t2.5\t0.5 1\n2\tHeat\t\t\n",
    )
    assert sample(path).layout.format == "recbole"
    frame = read_frame(path)
    assert list(frame.columns) == ["item_id", "name", "price", "vector"]
    assert frame["name"].tolist() == [["Toy", "Story"], ["Heat"]]
    assert frame["vector"][0] == [0.5, 1.0]
    assert np.isnan(frame["price"][1])


def test_trec_run_and_qrels(tmp_path):
    run = write(
        tmp_path, "a.run", "q1 Q0 d1 1 9.5 me\nq1  Q0\td2 2 3 me \n q2 Q0 d1 1 1e-3 me and more\n"
    )
    assert sample(run).layout.format == "trec-run"
    frame = read_frame(run)
    assert list(frame.columns) == ["user_id", "q0", "item_id", "rank", "score", "tag"]
    assert frame["item_id"].tolist() == ["d1", "d2", "d1"]
    assert frame["score"].tolist() == [9.5, 3.0, 0.001]
    qrels = write(tmp_path, "a.qrels", "301 0 FBIS3-1 1\n301 0 FBIS3-2 0\n")
    assert sample(qrels).layout.format == "trec-qrels"
    assert read_frame(qrels)["rating"].tolist() == [1, 0]


def test_ratings_in_four_columns_are_not_taken_for_qrels(tmp_path):
    path = write(tmp_path, "u.data", "196\t242\t3\t881250949\n186\t302\t3\t891717742\n")
    assert sample(path).layout.format == "delimited"
    assert list(read_frame(path).columns) == ["user_id", "item_id", "rating", "timestamp"]


def test_rectools_frames(tmp_path):
    path = write(
        tmp_path, "i.csv", "user_id,item_id,weight,datetime\n1,2,1.5,2021-09-11\n1,3,2,2021-09-12\n"
    )
    assert sample(path).roles.columns == {
        "user": "user_id",
        "item": "item_id",
        "rating": "weight",
        "timestamp": "datetime",
    }
    path = write(tmp_path, "r.csv", "user_id,item_id,score,rank\n1,2,1.5,1\n1,3,0.5,2\n")
    assert read_frame(path)["rank"].tolist() == [1, 2]


@pytest.mark.parametrize(
    "content,match",
    [
        (b"", r"r.csv is empty \(0 bytes\); a header or a first row was wanted"),
        (b"\n \n", "r.csv holds blank lines only"),
        (b"user_id,item_id\n", "r.csv has a header and no rows; at least one row was wanted"),
        (
            b"user_id,item_id\n1\n",
            "no line of r.csv can be read; the first is line 2: too few columns .'1'.. Check",
        ),
    ],
)
def test_files_without_rows(tmp_path, content, match):
    with pytest.raises(EmptyError, match=match):
        read_frame(write(tmp_path, "r.csv", content))


@pytest.mark.parametrize(
    "content,match",
    [
        (b"\x1f\x8b\x08rest", "r.csv is gzip-compressed; .* Please unpack it"),
        (b"PK\x03\x04rest", "a zip archive or a spreadsheet; .* save the sheet as CSV"),
        (bytes(range(256)) + b"\0" * 2000, "r.csv holds binary data"),
        (b"just text\nand more\n", "r.csv has one column only: .*line 1 is 'just text'"),
        (
            b"user_id,item_id,user_id\n1,2,3\n",
            r"r.csv has more than one column called 'user_id' \(columns 1, 3\); rename",
        ),
    ],
)
def test_files_that_are_no_table(tmp_path, content, match):
    with pytest.raises(DatasetError, match=match):
        read_frame(write(tmp_path, "r.csv", content))


def test_an_archive_really_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        archive.writestr("r.csv", "user_id,item_id\n")
    with pytest.raises(DatasetError, match="is a zip archive"):
        read_frame(tmp_path / "r.zip")


def test_a_missing_file_is_named_with_its_nearest(tmp_path):
    write(tmp_path, "ratings.csv", "x")
    with pytest.raises(
        DatasetError, match=r"there is no file .*rating.csv; did you mean 'ratings.csv'"
    ):
        read_frame(tmp_path / "rating.csv")


def test_an_unknown_encoding_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no encoding is called 'utf-9'; name one of Python's"):
        read_frame(
            write(tmp_path, "r.csv", "user_id,item_id\n1,2\n"),
            layout=Layout("delimited", ",", "utf-9"),
        )


def test_bytes_that_are_not_in_the_named_encoding_are_refused(tmp_path):
    path = write(tmp_path, "r.csv", b"\xff\xfeu\x00,\x00i\x00\n\x001\x00,\x00\x00\xd8\n\x00")
    with pytest.raises(
        DatasetError, match=r"r.csv was taken for utf-16, but holds bytes that are none"
    ):
        read_frame(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("closed", [True, False])
def test_a_field_without_an_end_is_refused_by_line_before_it_fills_the_memory(
    tmp_path, encoding, closed
):
    giant = "x" * 3_000_000 + ("\n" if closed else "")
    path = write(tmp_path, "r.csv", f"user_id,item_id\n1,2\n3,{giant}", encoding)
    with pytest.raises(
        DatasetError, match=r"line 3 of .* is longer than 1,000,000 bytes: a line end is missing"
    ):
        read_table(path, max_line_bytes=1_000_000)


def test_json_without_an_end_is_refused_when_only_looked_at(tmp_path):
    path = write(tmp_path, "r.jsonl", '{"user_id": "' + "x" * (MAX_LINE_BYTES + 9))
    with pytest.raises(DatasetError, match=r"line 1 of r.jsonl is longer than 16,777,216 bytes"):
        sample(path)


def test_a_quoted_field_of_many_lines_has_the_same_limit(tmp_path):
    text = "word\n" * 300_000
    path = write(tmp_path, "r.csv", f'item_id,text\n1,a\n2,"{text}"\n3,b\n')
    assert len(read_frame(path)) == 3
    with pytest.raises(
        DatasetError,
        match=r"a quoted field of r.csv is longer than 1,000,000 bytes .from line 3 on.",
    ):
        read_table(path, max_line_bytes=1_000_000)


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.frames_utf8._texts", full)
    path = write(tmp_path, "r.csv", "user_id,item_id\n1,2\n", "utf-16")
    with pytest.raises(StorageError, match=r"UTF-8 copy of r.csv .* No space left .* free space"):
        read_frame(path)


@pytest.mark.parametrize("delimiter", ["", '"', "\n", "12345"])
def test_a_delimiter_that_cannot_be_is_refused(tmp_path, delimiter):
    path = write(tmp_path, "r.csv", "user_id,item_id\n1,2\n")
    with pytest.raises(DatasetError, match="a delimiter is one to four characters, no quotes"):
        read_frame(path, layout=Layout("delimited", delimiter))


def test_what_the_reader_itself_refuses_is_told(tmp_path):
    path = write(tmp_path, "r.csv", "user_id,item_id\n1,2\n")
    facts = survey(path, "r.csv")
    path.unlink()
    layout = Layout("delimited", ",", names=("user_id", "item_id"))
    with pytest.raises(DatasetError, match=r"r.csv cannot be read as columns parted by ','"):
        read_delimited(path, layout, facts, (), "r.csv", MAX_LINE_BYTES)


def test_uploads_are_read_as_files_are(tmp_path):
    upload = io.BytesIO(FRAME.to_csv(index=False).encode("utf-16"))
    table = read_table(upload, "mine.csv")
    pd.testing.assert_frame_equal(table.frame, FRAME)
    assert table.label == "mine.csv"
    assert table.read.lines.tolist() == [2, 3, 4]


def test_a_path_with_signs_is_no_pattern(tmp_path):
    path = write(tmp_path, "ratings[1]*.csv", FRAME.to_csv(index=False))
    write(tmp_path, "ratings1x.csv", "user_id,item_id\nwrong,wrong\n")
    pd.testing.assert_frame_equal(read_frame(path), FRAME)


@pytest.mark.skipif(data_dir() is None, reason="no folder of local data (RECSCOPE_DATA_DIR)")
def test_real_movielens_text(tmp_path):
    archive = zipfile.ZipFile(data_dir() / "ml-1m" / "ml-1m-side.zip")
    for name in archive.namelist():
        if name.endswith(".dat"):
            path = write(tmp_path, name.rpartition("/")[2], archive.read(name))
            assert sample(path).layout.delimiter == "::"
            assert len(read_frame(path)) == len(path.read_bytes().splitlines())
