"""The reference of scorers is what their declarations say."""

import runpy
from pathlib import Path

from explain.scorer import MATERIAL
from explain.scorers import SCORERS

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "explanation-scores.md").read_text(encoding="utf-8")


def test_the_reference_is_made_of_the_declarations():
    generator = runpy.run_path(str(ROOT / "docs" / "make_explanation_scores.py"))
    assert generator["reference"]() in PAGE


def test_every_scorer_and_material_is_documented():
    assert [name for name in SCORERS if f"### {name}\n" not in PAGE] == []
    assert [name for name in MATERIAL if f"| `{name}` |" not in PAGE] == []


def test_the_example_runs(capsys):
    example = PAGE.split("```python\n")[1].split("```")[0]
    exec(compile(example, "explanation-scores.md", "exec"), {})  # noqa: S102 - our own document
    assert "not available: needs" in capsys.readouterr().out
