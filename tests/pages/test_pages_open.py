"""Every page opens with and without a run, and shows no traceback."""

import pytest

from app import shell
from core.errors import StorageError
from recscope import jobs
from tests.pages.conftest import ROOT, texts

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
NEED_A_RUN = ("accuracy", "user")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_a_run(page, fresh_home, open_app):
    at = open_app(page)
    assert not at.exception
    assert not at.error


@pytest.mark.parametrize("page", NEED_A_RUN)
def test_a_page_about_a_run_says_how_to_get_one(page, fresh_home, open_app):
    at = open_app(page)
    assert "python -m recscope run" in at.info[0].value


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_with_a_run(page, shown_run, open_app):
    at = open_app(page)
    assert not at.exception
    assert not at.error


def test_the_router_opens_the_overview_first(shown_run, open_app):
    assert open_app().title[0].value == "Overview"


def test_the_run_on_show_stands_in_the_address(shown_run, open_app):
    assert open_app().selectbox(key="run").value == shown_run


@pytest.mark.parametrize(
    "run_id, label",
    [("20261122-231500-movielens-100k-ab12", "11-22 23:15 movielens-100k"), ("mine", "mine")],
)
def test_a_run_is_called_so_that_the_sidebar_shows_all_of_it(run_id, label):
    assert shell.run_label(run_id) == label


def test_an_unknown_run_in_the_address_gives_the_newest(shown_run, open_app):
    assert open_app(run="20200101-000000-gone-0000").selectbox(key="run").value == shown_run


def test_what_can_be_mended_is_said_without_a_traceback(shown_run, open_app, monkeypatch):
    def broken(*args, **kwargs):
        raise StorageError("the job table cannot be used; free some space")

    monkeypatch.setattr(jobs, "list_jobs", broken)
    at = open_app("runs")
    assert not at.exception
    assert "free some space" in at.error[0].value


def test_a_cut_off_table_is_said_without_a_traceback(run_path, open_app):
    (run_path / "estimates.parquet").write_bytes(b"PAR1 cut off")
    at = open_app("accuracy")
    assert not at.exception
    assert "cannot be read back" in texts(at)
