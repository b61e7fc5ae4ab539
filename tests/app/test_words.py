"""Numbers and names as a person reads them; text from data that stays text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import words


@pytest.mark.parametrize(
    "value, shown",
    [
        (0.31006, "0.310"),
        (12345.6, "12,346"),
        (943.0, "943"),
        (0.0, "0.000"),
        (123.45, "123.5"),
        (math.nan, "–"),
        (math.inf, "–"),
        (None, "–"),
    ],
)
def test_numbers(value, shown):
    assert words.number(value) == shown


def test_a_sign_is_always_shown_for_a_difference():
    assert words.signed(0.0312) == "+0.031"
    assert words.signed(-0.0312) == "−0.031"


def test_something_is_never_nothing_and_a_part_never_the_whole():
    assert words.share(1, 100_000) == "under 0.1 %"
    assert words.share(99_999, 100_000) == "over 99.9 %"
    assert words.share(0, 10) == "0.0 %"
    assert words.share(1, 0) == "–"


def test_an_interval_that_is_not_there_is_said():
    assert words.interval(0.1, 0.2) == "0.100 to 0.200"
    assert words.interval(math.nan, 0.2) == "no interval"


def test_p_values():
    assert words.p_value(0.00001) == "p < 0.001"
    assert words.p_value(0.0421) == "p = 0.042"
    assert words.p_value(None) == "p unknown"


@pytest.mark.parametrize(
    "value, shown", [(0.004, "4 ms"), (12.34, "12.3 s"), (600, "10 min"), (7200, "2.0 h")]
)
def test_seconds(value, shown):
    assert words.seconds(value) == shown


def test_one_user_two_users():
    assert words.count(1, "user") == "1 user"
    assert words.count(1204, "user") == "1,204 users"


def test_a_metric_without_cutoff_has_none_in_its_name():
    assert words.metric_at("auc", math.nan) == words.metric_at("auc", None) == "auc"
    assert words.metric_at("ndcg", 10.0) == "ndcg@10"


HOSTILE = [
    "[click](http://evil.example)",
    "![x](http://evil.example/x.png)",
    "<script>alert(1)</script>",
    ":red[text]",
    ":material/home:",
    "$$x$$",
    "**bold**",
    "# heading",
    "https://evil.example",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_out_of_data_is_inert(text):
    shown = words.plain(text)
    bare = shown.replace("\\\\", "")
    for place, letter in enumerate(bare):
        if letter in "[]()<>*#$:!_`|":
            assert bare[place - 1] == "\\"


@given(st.text(max_size=300))
def test_a_label_never_holds_a_tag(text):
    shown = words.chart_text(text)
    assert "<" not in shown
    assert ">" not in shown
    assert "\n" not in shown


def test_long_text_is_cut():
    assert len(words.chart_text("a" * 500)) == 60
    assert words.chart_text("a" * 500).endswith("…")
