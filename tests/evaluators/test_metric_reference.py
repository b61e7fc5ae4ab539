"""The metric reference is complete, and says what the declarations say."""

import re
import runpy
from pathlib import Path

from evaluators import METRICS
from evaluators.arrays import ARRAYS

ROOT = Path(__file__).parent.parent.parent
REFERENCE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")


def test_the_reference_is_what_the_declarations_say_now():
    made = runpy.run_path(str(ROOT / "docs" / "make_metrics.py"))["page"]()
    assert made == REFERENCE, "run: python docs/make_metrics.py"


def test_every_metric_has_its_question_formula_arrays_and_source_in_the_reference():
    sections = dict(re.findall(r"(?ms)^### (\w+)\n(.*?)(?=^##|\Z)", REFERENCE))
    assert sections.keys() == METRICS.keys()
    for name, metric in METRICS.items():
        assert metric.summary in sections[name]
        assert metric.source in sections[name]
        assert metric.better in sections[name]
        assert all(f"`{need}`" in sections[name] for need in metric.needs)
        assert all(setting in sections[name] for setting in metric.settings)


def test_every_array_is_in_the_reference():
    assert all(f"| `{name}` |" in REFERENCE for name in ARRAYS)


def test_no_line_of_a_formula_turns_into_a_numbered_list():
    assert not re.search(r"(?m)^\d+\. ", REFERENCE)
