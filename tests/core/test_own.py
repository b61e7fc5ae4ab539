import io
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DatasetError, EmptyError, UnknownNameError
from core.frames_sniff import Layout
from core.own import guess_columns, load_own, read_own
from core.paths import data_dir

DAY = 86_400
T0 = 1_600_000_000


def csv(text):
    upload = io.BytesIO(text.encode())
    upload.name = "mine.csv"
    return upload


def rows_of(dataset):
    """What is in a data set, in outside names."""
    rows = dataset.interactions
    columns = [dataset.user_ids.names[rows.users], dataset.item_ids.names[rows.items]]
    columns += [column for column in (rows.ratings, rows.timestamps) if column is not None]
    return sorted(tuple(row) for row in zip(*columns, strict=True))


def test_a_guess_says_what_it_saw_and_why():
    guess = guess_columns(csv(f"stars;customerId;sku;when\n5;anna;b1;{T0}\n"))
    assert (guess.format, guess.delimiter, guess.encoding, guess.has_header) == (
        "delimited",
        ";",
        "utf-8",
        True,
    )
    assert guess.columns == {
        "user": "customerId",
        "item": "sku",
        "rating": "stars",
        "timestamp": "when",
    }
    assert guess.reasons["user"] == "the column is called 'customerId'"
    assert guess.preview.to_dict("records") == [
        {"stars": "5", "customerId": "anna", "sku": "b1", "when": str(T0)}
    ]


@pytest.mark.parametrize(
    "names,columns",
    [
        ("user_id,item_id,rating,timestamp", ["user_id", "item_id", "rating", "timestamp"]),
        ("userId,movieId,rating,timestamp", ["userId", "movieId", "rating", "timestamp"]),
        (
            "reviewerID,asin,overall,unixReviewTime",
            ["reviewerID", "asin", "overall", "unixReviewTime"],
        ),
        ("user_id,item_id,weight,datetime", ["user_id", "item_id", "weight", "datetime"]),
        ("User-ID,ISBN,Book-Rating,my date", ["User-ID", "ISBN", "Book-Rating", None]),
        ("click_article_id,by_user_id,x,y", ["by_user_id", "click_article_id", None, None]),
        ("the_user_code,item_nr,x,y", ["the_user_code", "item_nr", None, None]),
    ],
)
def test_names_of_the_fields_own_files_are_known(names, columns):
    guess = guess_columns(csv(names + "\n1,2,3,4\n"))
    assert [guess.columns.get(role) for role in ("user", "item", "rating", "timestamp")] == columns


def test_columns_without_names_are_judged_by_their_values():
    guess = guess_columns(csv(f"1::2::{T0}::5\n1::3::{T0}::4\n"))
    assert guess.has_header is False
    assert list(guess.preview.columns) == ["user_id", "item_id", "timestamp", "rating"]
    assert "without a header" in guess.reasons["timestamp"]
    assert read_own(csv("a,b\nc,d\na,d\n")).dataset.interactions.n_users == 2


def test_what_was_not_found_is_said():
    guess = guess_columns(csv("who,what\na,b\n"))
    assert guess.columns == {}
    assert guess.reasons["user"] == "no column has a name that says user; map one"


def test_a_whole_file_arrives():
    imported = read_own(
        csv(f"userId,movieId,rating,timestamp\n2,10,4.5,{T0}\n1,9,3,{T0 + 5}\n"),
        name="films",
        threshold=4,
    )
    dataset = imported.dataset
    assert dataset.name == "films"
    assert rows_of(dataset) == [("1", "9", 3.0, T0 + 5), ("2", "10", 4.5, T0)]
    assert dataset.interactions.threshold == 4
    assert len(dataset.ledger) == 0
    assert imported.rejects.columns.tolist() == ["line", "column", "reason", "text"]
    assert len(imported.rejects) == 0
    assert dataset.facts["roles"] == {
        "user": "userId",
        "item": "movieId",
        "rating": "rating",
        "timestamp": "timestamp",
    }
    assert dataset.facts["graded"] is True


def test_the_hash_is_of_the_bytes(tmp_path):
    import hashlib

    content = b"\xef\xbb\xbfuser_id;item_id\r\n1;2\r\n"
    (tmp_path / "a.csv").write_bytes(content)
    dataset = load_own(tmp_path / "a.csv")
    assert dataset.sha256 == hashlib.sha256(content).hexdigest()
    assert dataset.name == "a"
    (tmp_path / "items.csv").write_text("item_id,title\n2,x\n")
    assert load_own(tmp_path / "a.csv", items=tmp_path / "items.csv").sha256 != dataset.sha256


def test_every_refused_line_is_listed_and_counted():
    imported = read_own(
        csv(
            "user_id,item_id,rating,timestamp\n"
            f"u1,i1,4,{T0}\n"
            f",i1,4,{T0}\n"
            f"u1,  ,4,{T0}\n"
            f"u1,i2,good,{T0}\n"
            f"u1,i3,,{T0}\n"
            f"u1,i4,inf,{T0}\n"
            f"u1,i5,-1e999,{T0}\n"
            "u1,i6,4,yesterday\n"
            "u1,i7,4,\n"
            "u1,i8\n"
            f"u1,i9,nan,{T0}\n"
            f"u1,i10,2,{T0}\n"
        )
    )
    assert [row[1] for row in rows_of(imported.dataset)] == ["i1", "i10"]
    assert imported.rejects.to_numpy().tolist() == [
        [3, "user_id", "no user id", f", i1, 4, {T0}"],
        [4, "item_id", "no item id", f"u1,   , 4, {T0}"],
        [5, "rating", "rating is not a number", "good"],
        [6, "rating", "no rating", ""],
        [7, "rating", "rating is infinite", "inf"],
        [8, "rating", "rating is infinite", "-1e999"],
        [9, "timestamp", "time cannot be read", "yesterday"],
        [10, "timestamp", "no time", ""],
        [11, "rating", "too few columns", "u1,i8"],
        [12, "rating", "rating is not a number", "nan"],
    ]
    ledger = imported.dataset.ledger.frame()
    assert ledger["count"].sum() == 10
    assert (ledger["action"] == "dropped").all()
    assert "line 5: good" in ledger.set_index("reason").loc["rating is not a number", "examples"]


def test_infinite_and_too_large_ratings_in_a_clean_column():
    imported = read_own(csv("user_id,item_id,rating\n1,1,inf\n1,2,1e39\n1,3,5\n"))
    assert imported.rejects["reason"].tolist() == ["rating is infinite"] * 2


def test_users_that_no_row_is_left_of_get_no_code():
    dataset = read_own(csv("user_id,item_id,rating\nu1,i1,5\nu2,i2,x\n")).dataset
    assert dataset.user_ids.names.tolist() == ["u1"]
    assert dataset.item_ids.names.tolist() == ["i1"]


def test_the_last_of_repeated_pairs_stays_and_the_others_are_listed():
    imported = read_own(csv("user_id,item_id,rating\n1,7,1\n2,7,2\n1,7,3\n1,7,4\n"))
    assert rows_of(imported.dataset) == [("1", "7", 4.0), ("2", "7", 2.0)]
    assert imported.rejects["line"].tolist() == [2, 4]
    assert imported.rejects["text"].tolist() == ["1, 7", "1, 7"]
    assert imported.rejects["reason"].str.startswith("repeated (user, item) pair").all()


def test_last_means_last_in_time_where_there_is_time():
    imported = read_own(csv(f"user_id,item_id,rating,timestamp\n1,7,5,{T0 + 9}\n1,7,1,{T0}\n"))
    assert rows_of(imported.dataset) == [("1", "7", 5.0, T0 + 9)]
    assert imported.rejects["line"].tolist() == [3]


@pytest.mark.parametrize(
    "factor,unit", [(1_000, "milli"), (1_000_000, "micro"), (1_000_000_000, "nano")]
)
def test_times_finer_than_seconds_are_repaired(factor, unit):
    dataset = read_own(
        csv(f"user_id,item_id,timestamp\n1,1,{T0 * factor}\n1,2,{(T0 + 7) * factor}\n")
    ).dataset
    assert dataset.interactions.timestamps.tolist() == [T0, T0 + 7]
    assert [(e.action, e.count) for e in dataset.ledger if f"{unit}seconds" in e.reason] == [
        ("repaired", 2)
    ]


@pytest.mark.parametrize(
    "text,seconds",
    [
        ("2020-09-13", 1_599_955_200),
        ("2020-09-13 12:26:40", T0),
        ("2020-09-13T12:26:40Z", T0),
        ("2020-09-13T14:26:40.25+02:00", T0),
        ("1600000000.75", T0),
        ("1.6e9", T0),
    ],
)
def test_dates_and_decimals_become_seconds(text, seconds):
    dataset = read_own(csv(f"user_id,item_id,timestamp\n1,1,{text}\n1,2,{text}\n")).dataset
    assert dataset.interactions.timestamps.tolist() == [seconds] * 2


def test_dates_among_numbers_are_read_each_in_its_way():
    dataset = read_own(
        csv(
            "user_id,item_id,timestamp\n1,1,2020-09-13 12:26:40\n"
            f"1,2,{T0 + 1}\n1,3,{(T0 + 2) * 1000}\n"
        )
    ).dataset
    assert dataset.interactions.timestamps.tolist() == [T0, T0 + 1, T0 + 2]
    assert [e.count for e in dataset.ledger if "date as text" in e.reason] == [1]


def test_dates_of_parquet_and_their_zones(tmp_path):
    when = pd.to_datetime(["2020-09-13 12:26:40", None]).tz_localize("Europe/Warsaw")
    pd.DataFrame({"user_id": [1, 2], "item_id": [1, 1], "datetime": when}).to_parquet(
        tmp_path / "r.parquet"
    )
    imported = read_own(tmp_path / "r.parquet")
    assert imported.dataset.interactions.timestamps.tolist() == [T0 - 7200]
    assert imported.rejects["reason"].tolist() == ["no time"]
    assert imported.rejects["line"].tolist() == [2]


def test_days_of_parquet(tmp_path):
    days = [datetime(2020, 9, 13, tzinfo=UTC).date()]
    pd.DataFrame({"user_id": [1], "item_id": [1], "date": days}).to_parquet(tmp_path / "r.parquet")
    assert read_own(tmp_path / "r.parquet").dataset.interactions.timestamps.tolist() == [
        1_599_955_200
    ]


def test_times_in_the_future_are_told():
    soon = int(time.time()) + 10 * DAY
    past = "".join(f"{n},1,{T0 + n}\n" for n in range(1000))
    imported = read_own(csv(f"user_id,item_id,timestamp\n{past}x,1,{soon}\n"))
    entries = [e for e in imported.dataset.ledger if "future" in e.reason]
    assert [e.count for e in entries] == [1]
    if entries[0].action == "dropped":
        assert imported.rejects[["line", "reason"]].to_numpy().tolist() == [
            [1002, "time lies in the future"]
        ]
    everything = read_own(csv(f"user_id,item_id,timestamp\n1,1,{soon}\n2,1,{soon}\n"))
    assert len(everything.dataset.interactions) == 2
    assert any("future" in e.reason and e.action == "noted" for e in everything.dataset.ledger)


def test_rows_out_of_time_order_are_told():
    dataset = read_own(
        csv(f"user_id,item_id,timestamp\n1,1,{T0 + 5}\n1,2,{T0}\n1,3,{T0 + 9}\n")
    ).dataset
    assert dataset.interactions.timestamps.tolist() == [T0, T0 + 5, T0 + 9]
    assert [e.count for e in dataset.ledger if "order" in e.reason] == [1]


def test_decimal_commas_are_read_as_points():
    dataset = read_own(csv("user_id;item_id;rating\n1;1;3,5\n1;2;4\n")).dataset
    assert dataset.interactions.ratings.tolist() == [3.5, 4.0]
    assert [(e.action, e.count) for e in dataset.ledger] == [("repaired", 1)]


def test_empty_columns_are_left_out_and_noted():
    dataset = read_own(csv("user_id,item_id,rating,timestamp\n1,1,,\n1,2,,\n")).dataset
    assert dataset.interactions.ratings is None
    assert dataset.interactions.timestamps is None
    assert [e.action for e in dataset.ledger] == ["noted", "noted"]


def test_columns_can_be_mapped_and_roles_left_out():
    text = "a,b,c,rating\nu,i,5,x\n"
    imported = read_own(csv(text), columns={"user": "b", "item": "a", "rating": ""})
    assert rows_of(imported.dataset) == [("i", "u")]
    assert imported.guess.columns == {"user": "b", "item": "a"}
    assert imported.guess.reasons["user"] == "mapped by hand"
    imported = read_own(csv(text), columns={"user": "a", "item": "b", "rating": "c"})
    assert imported.dataset.interactions.ratings.tolist() == [5.0]


def test_a_corrected_layout_is_obeyed():
    text = "user_id;item_id,x\n1;2,3\n"
    layout = replace(guess_columns(csv(text)).layout, delimiter=";")
    dataset = read_own(csv(text), layout=layout, columns={"item": "item_id,x"}).dataset
    assert dataset.item_ids.names.tolist() == ["2,3"]


@pytest.mark.parametrize(
    "columns,error,match",
    [
        (
            {"usr": "a"},
            UnknownNameError,
            "no role of a column is called 'usr'; did you mean 'user'",
        ),
        (
            {"user": "usr_id"},
            UnknownNameError,
            "no column of mine.csv is called 'usr_id'; did you mean 'user_id'",
        ),
        (
            {"user": "who", "item": "who"},
            DatasetError,
            "column 'who' is mapped to user and item; one column has one role",
        ),
        (
            {"user": ""},
            DatasetError,
            r"no column that is known to be the user; its columns are user_id, who, item_id. Say",
        ),
    ],
)
def test_mappings_that_cannot_be(columns, error, match):
    with pytest.raises(error, match=match):
        read_own(csv("user_id,who,item_id\n1,2,3\n"), columns=columns)


def test_missing_columns_are_named_with_those_that_came():
    with pytest.raises(
        DatasetError,
        match="no column that is known to be the user or the item; its columns are who, what",
    ):
        read_own(csv("who,what\na,b\n"))


def test_columns_that_hold_no_number_at_all_are_refused():
    with pytest.raises(
        DatasetError,
        match=r"no cell of column 'rating' in mine.csv is a number; line 2 holds 'good'. Map",
    ):
        read_own(csv("user_id,item_id,rating\n1,1,good\n1,2,bad\n"))
    with pytest.raises(
        DatasetError,
        match=r"is a number or an ISO date such as 2026-05-31; line 2 holds '31.5.26'",
    ):
        read_own(csv("user_id,item_id,date\n1,1,31.5.26\n"))


def test_a_column_without_any_id_is_refused():
    with pytest.raises(
        DatasetError, match=r"column 'user_id' of mine.csv holds no user id at all; map another"
    ):
        read_own(csv("user_id,item_id\n,1\n,2\n"))


def test_nothing_left_says_why():
    with pytest.raises(
        EmptyError,
        match=r"no row of mine.csv can be used .1 × no user id; 1 × no item id.; mend the file",
    ):
        read_own(csv("user_id,item_id\n,1\n1,\n"))


def test_mixed_ids_in_one_column_are_refused(tmp_path):
    (tmp_path / "r.jsonl").write_text(
        '{"user_id": "1", "item_id": 1}\n{"user_id": 1, "item_id": 2}\n'
    )
    with pytest.raises(
        DatasetError, match="user ids must be of one type; text such as '1' and int such as 1"
    ):
        read_own(tmp_path / "r.jsonl")


def test_ids_with_spaces_accents_and_formulas_arrive_as_they_are():
    names = [" anna ", "Żółć 🦆", "=HYPERLINK(1)", "+1", "-x", "@y", "NA", "null", "007", "1.0"]
    text = "user_id,item_id\n" + "".join(f"{name},i\n" for name in names)
    assert sorted(read_own(csv(text)).dataset.user_ids.names) == sorted(names)


def test_holes_that_pandas_made_do_not_change_ids(tmp_path):
    frame = pd.DataFrame({"user_id": [1, None, 3], "item_id": [7, 7, None]})
    frame.to_csv(tmp_path / "r.csv", index=False)
    frame.to_parquet(tmp_path / "r.parquet")
    for name in ("r.csv", "r.parquet"):
        imported = read_own(tmp_path / name)
        assert rows_of(imported.dataset) == [("1", "7")]
        assert len(imported.rejects) == 2


def test_attributes_are_joined_by_id():
    imported = read_own(
        csv("user_id,item_id\n1,10\n2,11\n3,10\n"),
        users=csv("id,gender,age\n2,F,30\n1,M,\n9,F,20\n2,M,31\n,F,1\n"),
        items=csv(
            "movieId,movie_title,genre\n10,Heat (1995),Action|Crime\n"
            "11,Alone,(no genres listed)\n12,Drama,Drama\n"
        ),
    )
    side = imported.dataset.side
    assert side.users["gender"].tolist()[:2] == ["M", "M"]
    assert side.users["age"].tolist()[1] == 31
    assert side.users["gender"].isna().tolist() == [False, False, True]
    assert side.items["title"].tolist() == ["Heat (1995)", "Alone"]
    assert side.items["genres"].tolist() == [["Action", "Crime"], []]
    counted = {e.reason: e.count for e in imported.dataset.ledger}
    assert sum(counted.values()) == 5
    assert [
        n
        for reason, n in counted.items()
        if reason.startswith("user") and "no interaction" in reason
    ] == [1]
    assert [
        n
        for reason, n in counted.items()
        if reason.startswith("item") and "no interaction" in reason
    ] == [1]
    assert imported.dataset.facts["sensitive"] == ["gender", "age"]
    assert [file["name"] for file in imported.dataset.facts["files"]] == ["mine.csv"] * 3


def test_an_attribute_called_like_the_id_is_kept_beside_it():
    imported = read_own(csv("user_id,item_id\n1,a\n"), items=csv("item_id,item\na,Lamp\n"))
    assert imported.dataset.side.items.columns.tolist() == ["item (attribute)"]


def test_attributes_of_nobody_are_refused():
    with pytest.raises(
        DatasetError,
        match=r"none of the user ids in mine.csv, such as 'u1', occurs .* have ids such as '1'",
    ):
        read_own(csv("user_id,item_id\n1,a\n"), users=csv("user_id,age\nu1,3\n"))
    with pytest.raises(
        DatasetError,
        match=r"no column of item ids; its columns are foo, bar. Call it 'item_id', as in",
    ):
        read_own(csv("user_id,item_id\n1,a\n"), items=csv("foo,bar\n1,3\n"))


def test_judgements_of_trec_are_liked_from_one_on(tmp_path):
    (tmp_path / "t.qrels").write_text("q1 0 d1 1\nq1 0 d2 0\n")
    dataset = read_own(tmp_path / "t.qrels").dataset
    assert dataset.interactions.is_liked.tolist() == [True, False]


def test_recbole_files_together(tmp_path):
    (tmp_path / "x.inter").write_text(
        f"user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t7\t3\t{T0}.0\n"
    )
    (tmp_path / "x.item").write_text(
        "item_id:token\tmovie_title:token_seq\tclass:token_seq\n7\tToy Story\tAnimation Comedy\n"
    )
    imported = read_own(tmp_path / "x.inter", items=tmp_path / "x.item")
    assert imported.guess.format == "recbole"
    assert rows_of(imported.dataset) == [("1", "7", 3.0, T0)]
    assert imported.dataset.side.items["title"].tolist() == ["Toy Story"]
    assert imported.dataset.side.items["genres"].tolist() == [["Animation", "Comedy"]]


def test_a_file_in_another_encoding_is_noted(tmp_path):
    (tmp_path / "r.csv").write_bytes("user_id,item_id\nLéon,1\n".encode("latin-1"))
    dataset = read_own(tmp_path / "r.csv").dataset
    assert dataset.user_ids.names.tolist() == ["Léon"]
    assert dataset.ledger.count("file is not UTF-8, read as latin-1") == 1


def test_line_numbers_hold_beyond_the_first_block_and_over_quoted_lines(tmp_path):
    lines = ["user_id,item_id,rating,note"] + [
        f'{n},{n},4,"two\nlines, {"x" * 80}"' for n in range(60_000)
    ]
    lines[50_000] = 'u,i,bad,"two\nlines"'
    (tmp_path / "r.csv").write_text("\n".join(lines) + "\n")
    imported = read_own(tmp_path / "r.csv")
    assert imported.rejects[["line", "text"]].to_numpy().tolist() == [[100_000, "bad"]]


def test_numbers_in_text_and_in_parquet_make_the_same_data_set(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "user_id": rng.integers(0, 50, 500),
            "item_id": rng.integers(0, 90, 500),
            "rating": rng.integers(1, 6, 500),
            "timestamp": T0 + np.arange(500),
        }
    ).drop_duplicates(["user_id", "item_id"])
    frame.to_csv(tmp_path / "r.csv", index=False)
    frame.to_parquet(tmp_path / "r.parquet")
    frame.astype({"user_id": str}).to_json(tmp_path / "r.jsonl", orient="records", lines=True)
    first, *others = [
        load_own(tmp_path / f"r.{kind}").interactions for kind in ("csv", "parquet", "jsonl")
    ]
    for other in others:
        for column in ("users", "items", "ratings", "timestamps"):
            assert np.array_equal(getattr(first, column), getattr(other, column))


@pytest.mark.skipif(data_dir() is None, reason="no folder of local data (RECSCOPE_DATA_DIR)")
def test_real_files_arrive_whole(tmp_path):
    zipfile.ZipFile(data_dir() / "ml-latest-small" / "ml-latest-small.zip").extractall(tmp_path)
    folder = tmp_path / "ml-latest-small"
    imported = read_own(folder / "ratings.csv", items=folder / "movies.csv")
    assert len(imported.dataset.interactions) == 100_836
    assert imported.dataset.interactions.n_users == 610
    assert len(imported.rejects) == 0
    assert imported.dataset.side.items["genres"].str.len().gt(0).mean() > 0.99


outside_names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(
    str.strip
)


@given(st.lists(st.tuples(outside_names, outside_names), min_size=1), st.sampled_from(",;\t|"))
@settings(max_examples=100, deadline=None)
def test_any_names_survive_the_way_through_a_file(pairs, delimiter):
    frame = pd.DataFrame(pairs, columns=["user_id", "item_id"])
    upload = io.BytesIO(frame.to_csv(index=False, sep=delimiter).encode())
    layout = Layout("delimited", delimiter)
    imported = read_own(upload, layout=layout)
    assert rows_of(imported.dataset) == sorted(set(pairs))
