import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.escape import safe_csv, safe_html


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start):
    back = pd.read_csv(io.StringIO(safe_csv(pd.DataFrame({"id": [start + "cmd()"]}))), dtype=str)
    assert back["id"][0] == "'" + start + "cmd()"


def test_numbers_dates_and_holes_are_untouched():
    frame = pd.DataFrame(
        {
            "n": [-1, 2],
            "x": [-0.5, np.nan],
            "mixed": pd.Series([-3, "=x"], dtype=object),
            "when": pd.to_datetime(["2020-01-01", None]),
            "text": ["a", None],
        }
    )
    assert safe_csv(frame) == ("n,x,mixed,when,text\r\n-1,-0.5,-3,2020-01-01,a\r\n2,,'=x,,\r\n")


def test_names_categories_and_lists_are_escaped_too():
    frame = pd.DataFrame({"=A1": pd.Series(["@x"], dtype="category"), "genres": [["=a", "b"]]})
    assert safe_csv(frame) == "'=A1,genres\r\n'@x,\"['=a', 'b']\"\r\n"


def test_doubled_names_and_the_frame_itself_are_left_alone():
    frame = pd.DataFrame([["=a", "=b"]], columns=["x", "x"])
    assert safe_csv(frame) == "x,x\r\n'=a,'=b\r\n"
    assert frame.iloc[0, 0] == "=a"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_no_cell_starts_a_formula(texts):
    back = pd.read_csv(
        io.StringIO(safe_csv(pd.DataFrame({"x": texts, "y": 1}))), dtype=str, keep_default_na=False
    )
    assert len(back) == len(texts)
    assert not back["x"].str.startswith(("=", "+", "-", "@", "\t", "\r")).any()


def test_a_formula_behind_a_carriage_return_stays_inside_its_cell():
    assert safe_csv(pd.DataFrame({"x": ["a\r=cmd()"], "y": 1})) == 'x,y\r\n"a\r=cmd()",1\r\n'


def test_markup_is_shown_and_not_obeyed():
    assert safe_html("<script>\"&'") == "&lt;script&gt;&quot;&amp;&#x27;"
    assert safe_html(3) == "3"
