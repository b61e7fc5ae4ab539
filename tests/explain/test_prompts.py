"""Prompts are files with a version; what fills them is data."""

import pytest
from words_case import GODFATHER, other_brief

from core.errors import ConfigError, UnknownNameError
from explain.prompts import prompt, prompts


def test_every_prompt_that_comes_with_recscope_is_whole():
    found = prompts()
    assert {"opened", "facts", "naive", "examples", "slots", "aspects", "revise"} <= found.keys()
    for name, one in found.items():
        assert one.name == name
        assert one.version >= 1
        assert len(one.doc.split()) > 5
        assert one.source
        more = {"draft": "A draft.", "faults": "- a fault"}
        said = one.messages(GODFATHER, **more)
        assert said[-1]["role"] == "user"
        assert "The Godfather" in said[-1]["content"]
        assert not any("{" in message["content"] for message in said)


def test_the_answer_is_begun_up_to_the_recommended_item():
    opened = prompt("opened")
    assert opened.begun(GODFATHER) == (
        "Since you liked Star Wars and Fargo, you may enjoy The Godfather,"
    )
    assert opened.begun(other_brief("Heat", because=())) == "You may enjoy Heat,"
    assert prompt("facts").begun(GODFATHER) == ""


def test_facts_are_told_to_the_user_one_a_line():
    content = prompt("opened").messages(GODFATHER)[-1]["content"]
    assert "- You liked Star Wars and Fargo.\n- The Godfather (1972) is a Crime" in content
    assert "which you liked" in content


def test_the_words_of_a_prompt_are_part_of_its_name():
    assert prompt("opened").id.startswith("opened 1 (")
    assert prompt("opened").id != prompt("examples").id


def test_only_the_last_message_speaks_of_the_item():
    one, other = (prompt("opened").messages(b) for b in (GODFATHER, other_brief("Heat")))
    assert one[:-1] == other[:-1]
    assert len(one) == 6
    assert "The Godfather" not in str(other)


def test_braces_in_a_title_stay_as_they_are():
    title = "{facts} {0} %s {user.__class__}"
    opened = prompt("opened")
    assert title in opened.messages(other_brief(title))[-1]["content"]
    assert title in opened.begun(other_brief(title))


def test_a_file_of_ones_own_is_a_prompt(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('version = 3\ndoc = "Mine."\nuser = "Praise {title}, a {noun}."')
    mine = prompt(str(file))
    assert (mine.name, mine.version, mine.max_tokens) == ("mine", 3, 48)
    assert mine.messages(GODFATHER) == [
        {"role": "user", "content": "Praise The Godfather, a film."}
    ]


@pytest.mark.parametrize("name", ["opend", "../prompts/opened", "", "/etc/passwd"])
def test_an_unknown_prompt_is_named(name):
    with pytest.raises(UnknownNameError, match=r"no prompt is called .*Known: .*opened"):
        prompt(name)


@pytest.mark.parametrize(
    "text, message",
    [
        ("version = ", "is no TOML"),
        ('doc = "d"', "lacks user"),
        ('doc = "d"\nuser = 3', "lacks user"),
        ('doc = "d"\nuser = "u"\nmodel = "x"', r"unknown keys \['model'\]"),
        ('doc = "d"\nuser = "{users}"', r"leaves \['users'\] open; a prompt may leave"),
        ('doc = "d"\nuser = "a { b"', "brace that opens no gap"),
        ('doc = "d"\nuser = "u"\nversion = 0', "version must be a whole number from 1; got 0"),
        ('doc = "d"\nuser = "u"\nmax_tokens = "9"', "max_tokens must be a whole number"),
        ('doc = "d"\nuser = "u"\n[[examples]]\nuser = "q"', "holds None where text is needed"),
    ],
)
def test_a_file_that_is_no_prompt_says_why(tmp_path, text, message):
    file = tmp_path / "wrong.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=message):
        prompt(str(file))
