"""Pages are driven through the router, as a visitor meets them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.router import ROUTED
from recscope import jobs
from tests.app.audited_run import make_audited_run
from tests.app.made_run import make_run

ROOT = Path(__file__).parent.parent.parent
Open = Callable[..., AppTest]


@pytest.fixture
def submitted(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """What the app asked to compute; nothing is computed."""
    asked: list[tuple] = []

    def submit(config, label, *, resume=None):
        asked.append((config, label, resume))
        return f"job{len(asked)}"

    monkeypatch.setattr(jobs, "submit", submit)
    return asked


@pytest.fixture(scope="session")
def kept_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("kept-home")
    make_run(home / "runs")
    return home


@pytest.fixture
def shown_run(kept_home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Id of the one finished run in a home that no test changes."""
    monkeypatch.setenv("RECSCOPE_HOME", str(kept_home))
    return next((kept_home / "runs").iterdir()).name


@pytest.fixture(scope="session")
def audited_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one run that the engine made and audited: what the pages meet in earnest."""
    home = tmp_path_factory.mktemp("audited-home")
    make_audited_run(home / "runs")
    return home


@pytest.fixture
def audited_run(audited_home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Id of the one run in a home that no test changes, with every audit."""
    monkeypatch.setenv("RECSCOPE_HOME", str(audited_home))
    return next((audited_home / "runs").iterdir()).name


@pytest.fixture
def run_path(kept_home: Path, fresh_home: Path) -> Path:
    """A finished run in a home of the test's own, to be changed at will."""
    shutil.copytree(kept_home / "runs", fresh_home / "runs")
    return next((fresh_home / "runs").iterdir())


@pytest.fixture
def open_app(submitted: list[tuple]) -> Open:
    """Open the router, then a page; `run` is what stands in the address."""

    def opened(page: str | None = None, run: str | None = None) -> AppTest:
        at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        if run is not None:
            at.query_params["run"] = run
        at.run()
        return at if page is None else at.switch_page(f"pages/{page}.py").run()

    return opened


def open_link(page: str, **query: str | list[str]) -> AppTest:
    """Open a page by a link that somebody sent: its filters stand in the address."""
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    at.session_state[ROUTED] = True
    for name, value in query.items():
        at.query_params[f"{page}.{name}"] = value
    return at.run()


def texts(at: AppTest) -> str:
    """Everything a reader can read outside charts and tables."""
    kinds = ("markdown", "caption", "info", "warning", "error", "success", "subheader", "title")
    return "\n".join(str(element.value) for kind in kinds for element in at.get(kind))


def click(at: AppTest, chart: str, *customdata: object) -> AppTest:
    """A click on the point of a chart that carries this customdata; none: a deselection."""
    points = [{"customdata": list(customdata), "point_index": 0}] if customdata else []
    selection = {"points": points, "point_indices": [0] if points else [], "box": [], "lasso": []}
    at.session_state[chart] = {"selection": selection}
    return at.run()
