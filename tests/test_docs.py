"""What the documents promise is there, and what is there is documented."""

import ast
import re
import runpy
import shlex
from pathlib import Path

import pytest

from evaluators.doors import metrics
from recommenders import RECOMMENDERS
from recscope.cli.main import parser

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXT = {file: file.read_text(encoding="utf-8") for file in DOCUMENTS}

every_document = pytest.mark.parametrize(
    "file", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT))
)


def blocks(text: str, language: str) -> list[str]:
    """Fenced code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """Every command line in a fenced block of a document, up to its comment or its end."""
    fenced = "\n".join(part for text in TEXT.values() for part in text.split("```")[1::2])
    found = re.findall(r"^python -m recscope[^#\n]*", fenced, flags=re.MULTILINE)
    return sorted({line.strip() for line in found})


@every_document
def test_every_link_to_a_file_leads_somewhere(file: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", TEXT[file])
    assert [target for target in targets if not (file.parent / target).exists()] == []


@pytest.mark.parametrize("command", commands())
def test_every_command_in_the_documents_is_understood(command: str) -> None:
    arguments = shlex.split(command)[3:]
    parser().parse_args(arguments)  # exits with 2 on what it does not know


def test_the_python_in_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks(TEXT[ROOT / "README.md"], "python")
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - our own document
    assert "ndcg" in capsys.readouterr().out


@pytest.mark.parametrize("name", metrics())
def test_every_metric_has_its_place_in_the_reference(name: str) -> None:
    assert re.search(rf"^#+ .*`?{name}`?", TEXT[ROOT / "docs/metrics.md"], flags=re.MULTILINE)


@pytest.mark.parametrize("name", RECOMMENDERS)
def test_every_recommender_says_where_it_comes_from(name: str) -> None:
    doc = RECOMMENDERS[name].__doc__ or ""
    assert len(doc.split()) > 6
    assert name in TEXT[ROOT / "docs/recommenders.md"]


@pytest.mark.parametrize("page", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.stem)
def test_every_page_asks_its_question_first_and_is_documented(page: Path) -> None:
    doc = ast.get_docstring(ast.parse(page.read_text(encoding="utf-8"))) or ""
    title, _, question = doc.partition("\n")[0].partition(": ")
    assert question.endswith("?")
    assert f"| {title} |" in TEXT[ROOT / "docs/screens.md"]


def test_nothing_speaks_of_one_machine() -> None:
    """Paths of the machine a text was written on help nobody else."""
    suffixes = {".py", ".md", ".toml", ".txt", ".json"}
    folders = [
        "app",
        "core",
        "docs",
        "evaluators",
        "pages",
        "recommenders",
        "recscope",
        "benchmarks",
    ]
    files = [f for folder in folders for f in (ROOT / folder).rglob("*") if f.suffix in suffixes]
    pattern = re.compile(r"/(?:root/|work/|opt/wheels|tmp/envs)")
    assert [str(f) for f in files if pattern.search(f.read_text(encoding="utf-8"))] == []


def test_the_recommender_reference_is_what_the_declarations_say() -> None:
    generator = runpy.run_path(str(ROOT / "docs/make_recommenders.py"))
    assert TEXT[ROOT / "docs/recommenders.md"] == generator["page"]()
