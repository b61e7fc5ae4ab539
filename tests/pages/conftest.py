"""Pages are driven through the router, as a visitor meets them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recscope import jobs
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


@pytest.fixture
def run_path(fresh_home: Path) -> Path:
    """A home that holds one finished run."""
    return make_run(fresh_home / "runs")


@pytest.fixture
def open_app(submitted: list[tuple]) -> Open:
    """Open the router, then a page; `query` is what stands in the address."""

    def opened(page: str | None = None, **query: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        for name, value in query.items():
            at.query_params[name.replace("__", ".")] = value
        at.run()
        return at if page is None else at.switch_page(f"pages/{page}.py").run()

    return opened


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
