"""Imports point one way: pages -> app -> recscope -> the engines -> core."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "pages": {"app", "recscope", "evaluators", "core"},
    "app": {"recscope", "evaluators", "recommenders", "explain", "core"},
    "recscope": {"evaluators", "recommenders", "explain", "core"},
    "explain": {"recommenders", "core"},
    "evaluators": {"core"},
    "recommenders": {"core"},
    "core": set[str](),
}
SURFACES = {"pages", "app"}
MAY_PRINT = "recscope/cli/"
LONGEST = 300


def modules(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from (ROOT / package).rglob("*.py")


def dotted_imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: write absolute imports"
            for alias in node.names:
                yield f"{node.module}.{alias.name}"


def imports(package: str) -> set[str]:
    """Top-level names imported anywhere in a package."""
    return {name.partition(".")[0] for file in modules(package) for name in dotted_imports(file)}


def own_modules() -> dict[str, Path]:
    """Dotted name of every module of ours."""
    names = {}
    for file in modules(*MAY_IMPORT):
        parts = file.relative_to(ROOT).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return names


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    assert imports(package) & MAY_IMPORT.keys() <= MAY_IMPORT[package] | {package}


@pytest.mark.parametrize("package", sorted(MAY_IMPORT.keys() - SURFACES))
def test_the_engine_knows_nothing_of_screens(package: str) -> None:
    assert not imports(package) & {"streamlit", "plotly"}


def test_no_module_imports_itself_in_a_circle() -> None:
    names = own_modules()
    edges = {
        name: {
            target
            for dotted in dotted_imports(file)
            if (target := dotted if dotted in names else dotted.rpartition(".")[0]) in names
        }
        for name, file in names.items()
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"circle: {' -> '.join([*path[path.index(name) :], name])}"
        if name not in done:
            for target in edges[name]:
                visit(target, (*path, name))
            done.add(name)

    for name in names:
        visit(name, ())


def test_only_the_command_line_prints() -> None:
    guilty = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in modules(*MAY_IMPORT)
        if not str(file.relative_to(ROOT)).startswith(MAY_PRINT)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert guilty == []


def test_a_module_can_be_read_in_one_go() -> None:
    long = {
        str(file.relative_to(ROOT)): n
        for file in modules(*MAY_IMPORT)
        if (n := len(file.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_the_folder_of_cards_holds_no_code() -> None:
    assert not list((ROOT / "datasets").rglob("*.py"))
    assert list((ROOT / "datasets").glob("*.toml"))
