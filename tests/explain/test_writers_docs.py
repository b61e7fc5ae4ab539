"""The page on writers names all there is, and its example runs."""

import re
from pathlib import Path

import pytest

from explain.explainers import WRITTEN_EXPLAINERS
from explain.prompts import prompts
from explain.verify import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "explanation-writers.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*KINDS, *prompts(), *WRITTEN_EXPLAINERS])
def test_the_page_on_writers_names_each_kind_prompt_and_writer(name):
    assert f"`{name}`" in PAGE


def test_the_writer_in_the_document_runs(capsys):
    (example,) = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    exec(compile(example, "explanation-writers.md", "exec"), {})  # noqa: S102 - our own document
    assert capsys.readouterr().out == "Aliens, for you liked Alien.\n"
