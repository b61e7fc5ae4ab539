"""Words with what is wrong in them marked, and never as markup."""

import pytest

from app.explanations_words import marked, spans_of

TEXT = "Since you liked Alien, you may enjoy Alien 3, a Horror film by Spielberg."


def test_a_violation_is_marked_where_its_words_stand():
    spans = spans_of(TEXT, ["bad group: Horror", "novel name: Spielberg"])
    assert [TEXT[a:b] for a, b in spans] == ["Horror", "Spielberg"]


def test_the_same_words_named_twice_are_marked_twice():
    spans = spans_of(TEXT, ["novel title: Alien", "wrong history: Alien"])
    assert spans == [(16, 21), (37, 42)]


def test_overlapping_violations_are_marked_once():
    assert spans_of("Alien 3 is fine.", ["novel title: Alien 3", "novel number: 3"]) == [(0, 7)]


@pytest.mark.parametrize("violation", ["no target", "no target: ", "bad year: 1999", ""])
def test_a_violation_without_words_in_the_text_marks_nothing(violation):
    assert spans_of(TEXT, [violation]) == []


def test_marks_keep_the_blanks_around_them():
    shown = marked("a bad film", [(2, 5)])
    assert shown == "a :red-background[**bad**] film"


def test_what_is_marked_cannot_close_its_mark():
    text = "x **]y[ z](http://evil.example) <b>"
    shown = marked(text, [(2, 7)])
    assert shown.startswith("x :red-background[**\\*\\*\\]y\\[**]")
    assert "](http" not in shown
    assert "<b>" not in shown


def test_a_text_without_marks_is_escaped_whole():
    assert marked("$a$ :red[b] # c", []) == r"\$a\$ \:red\[b\] \# c"
