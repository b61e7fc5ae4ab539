"""What docs/own-data.md shows really works."""

import re

import pandas as pd
import pytest

from core.frames_bytes import MAX_LINE_BYTES
from core.own_cells import MAX_REJECTS
from core.own_facts import MAX_GROUPS
from core.paths import ROOT
from recscope.config import RunConfig
from recscope.stages import load_data

TEXT = (ROOT / "docs" / "own-data.md").read_text(encoding="utf-8")


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = {"customer": ["a", "b"], "sku": ["x", "y"], "stars": [5, 1], "bought": "2026-05-31"}
    pd.DataFrame(rows).to_csv("ratings.csv", index=False)
    pd.DataFrame({"sku": ["x", "y"], "title": ["X", "Y"]}).to_csv("products.csv", index=False)
    pd.DataFrame({"customer": ["a", "b"], "gender": ["F", "M"]}).to_csv(
        "customers.csv", index=False
    )


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)


def test_its_configuration_loads(files, tmp_path):
    (toml,) = blocks("toml")
    (tmp_path / "my-audit.toml").write_text(toml)
    dataset, note = load_data(RunConfig.from_toml(tmp_path / "my-audit.toml").data)
    assert note is None
    assert len(dataset.interactions) == 2
    assert dataset.side.items["title"].tolist() == ["X", "Y"]
    assert dataset.facts["groups"] == ["gender"]


def test_its_python_runs(files, capsys):
    (python,) = blocks("python")
    exec(compile(python, "own-data.md", "exec"), {})  # noqa: S102 - our own document
    assert "'user': 'customer'" in capsys.readouterr().out


def test_its_limits_are_those_of_the_code():
    assert f"{MAX_LINE_BYTES // 2**20} MiB" in TEXT
    assert f"{MAX_REJECTS:,} lines" in TEXT
    assert f"2 to {MAX_GROUPS} values" in TEXT
