"""Tables of results as files, and the two calls that `import recscope` offers."""

import json

import numpy as np
import pandas as pd
import pytest
from small_run import small_config

import recscope
from core.errors import ConfigError
from recscope.outputs import as_json, formula_safe, write


def test_undefined_is_null_in_json_and_numbers_stay_numbers():
    frame = pd.DataFrame({"k": pd.array([5, None], dtype="Int64"), "mean": [0.5, np.nan]})
    held = {"rows": frame, "n": np.int64(3), "yes": np.bool_(1), "inf": np.inf, "when": (None, "t")}
    back = json.loads(as_json(held))
    assert back["rows"] == [{"k": 5, "mean": 0.5}, {"k": None, "mean": None}]
    assert (back["n"], back["yes"], back["inf"], back["when"]) == (3, True, None, [None, "t"])


def test_a_table_alone_is_written_as_its_rows(tmp_path):
    path = write(tmp_path / "t.json", pd.DataFrame({"a": [1], "b": ["x"]}))
    assert json.loads(path.read_text("utf-8")) == [{"a": 1, "b": "x"}]


def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe_and_numbers_do_not():
    frame = pd.DataFrame({"=a": ["=1", "@x", "\ty", "plain", None], "n": [-1, -2, 3, 4, 5]})
    safe = formula_safe(frame)
    assert safe["'=a"].tolist()[:4] == ["'=1", "'@x", "'\ty", "plain"]
    assert safe["n"].tolist() == [-1, -2, 3, 4, 5]
    assert frame["=a"].iloc[0] == "=1"


def test_run_takes_a_file(tmp_path):
    config = small_config("popularity")
    (tmp_path / "audit.toml").write_text(config.to_toml(), encoding="utf-8")
    made = recscope.run(str(tmp_path / "audit.toml"), out=tmp_path / "runs")
    assert made.status == "done"


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"audit.toml cannot be read: No such file"):
        recscope.run(tmp_path / "audit.toml")
