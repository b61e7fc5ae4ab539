"""Answers of language models: which lists are read, which entries are items, what is refused."""

import json

import numpy as np
import pytest

from core.answers import parse, read_answers
from core.answers_match import UNKNOWN, Names, key
from core.errors import DatasetError, EmptyError
from core.tables import Ids

TITLES = ["Halo: Combat Evolved", "Doom (1993)", "Matrix, The (1999)", "Care Case - Game Boy"]


@pytest.fixture
def names():
    return Names(Ids("item", np.array(["7", "8", "9", "a1"], dtype=object)), TITLES)


@pytest.mark.parametrize(
    "text,entries",
    [
        ('["a", "b"]', ("a", "b")),
        ("[12, 13]", ("12", "13")),
        ('Sure:\n```json\n{"recommendations": [{"title": "a"}, {"id": 5}]}\n```', ("a", "5")),
        ("1. a - great\n2) b\n(3) c", ("a - great", "b", "c")),
        ("Here you are:\n- a\n* b", ("a", "b")),
        ("Here you are:\na\nb", ("a", "b")),
        ("a; b; c", ("a", "b", "c")),
        ("I'm sorry for the wait:\n1. a\n2. b", ("a", "b")),
    ],
)
def test_a_list_is_read_in_any_usual_form(text, entries):
    assert parse(text).entries == entries


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can’t help.",
        "As an AI, I have no taste",
        "I do not have enough information.",
    ],
)
def test_an_answer_that_declines_is_a_refusal(text):
    assert parse(text).kind == "refusal"


@pytest.mark.parametrize(
    "text", ["", "[]", "Nice things. You would like them, surely.", "see [1] for this", "{" * 5000]
)
def test_what_lists_nothing_is_unreadable(text):
    assert parse(text).kind == "unreadable"


@pytest.mark.parametrize(
    "entry,code",
    [
        ("Halo: Combat Evolved - the best of all", 0),
        ("**Doom**", 1),
        ("doom", 1),
        ("The Matrix", 2),
        ('"Care Case - Game Boy"', 3),
        ("8", 1),
        ("a1", 3),
        ("Some name (id: 9)", 2),
        ("The Invented Thing", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_an_entry_is_taken_for_the_item_it_names(names, entry, code):
    assert names.code(entry) == code


def test_among_candidates_a_slip_and_a_number_are_understood(names):
    assert names.code("Halo Combat Evolvd") == UNKNOWN
    assert names.code("Halo Combat Evolvd", [2, 0]) == 0
    assert names.code("[2]", [2, 0]) == 0
    assert names.code("candidate 3", [2, 0]) == UNKNOWN


def test_of_two_items_with_one_title_the_candidate_is_meant():
    names = Names(Ids("item", np.array(["x", "y"], dtype=object)), ["Same", "Same"])
    assert [names.code("same"), names.code("same", [1])] == [0, 1]


def test_titles_are_compared_without_case_accents_signs_article_and_year():
    assert key("Amélie, The (2001)") == key("amelie") == "amelie"
    assert key("Tom & Jerry") == key("Tom and Jerry")


def write(folder, *records):
    path = folder / "answers.jsonl"
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in records))
    return path


def test_a_file_is_read_with_all_that_it_says(tmp_path):
    record = {"user": 7, "answer": "1. a", "candidates": [1, 2], "seed": 0, "prompt_tokens": 9}
    (found,) = read_answers(write(tmp_path, record))
    assert (found.user, found.candidates, found.seed, found.prompt_tokens) == (
        "7",
        ("1", "2"),
        "0",
        9,
    )
    assert found.asked is None


@pytest.mark.parametrize(
    "line,told",
    [
        ("{oops", r"line 1 is no JSON"),
        ("[1]", r"line 1 is no JSON object"),
        ({"user": 1}, r"line 1 lacks answer; an answer needs user and answer"),
        ({"user": 1, "answer": "", "asked": "ten"}, r"asked must be a whole number, got 'ten'"),
        ({"user": 1, "answer": "", "candidates": "1 2"}, r"candidates must be a list of item ids"),
    ],
)
def test_a_line_that_cannot_be_is_named(tmp_path, line, told):
    with pytest.raises(DatasetError, match=told):
        read_answers(write(tmp_path, line))


def test_a_file_without_answers_and_no_file_are_told(tmp_path):
    with pytest.raises(EmptyError, match="holds no answer"):
        read_answers(write(tmp_path, ""))
    with pytest.raises(DatasetError, match="cannot be read"):
        read_answers(tmp_path / "none.jsonl")
    (tmp_path / "bad.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DatasetError, match="not UTF-8"):
        read_answers(tmp_path / "bad.jsonl")
