"""What only a browser can show: a job's progress, links, clicks, uploads, closed tabs."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest

from recscope import jobs, store
from tests.browser.conftest import click_mark, served, settle

pytestmark = pytest.mark.browser
RATINGS = "user,item,rating,timestamp\n" + "".join(
    f"u{n // 30},i{n % 30},{1 + n % 5},{880000000 + n * 500}\n" for n in range(1200)
)


def query(page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


@pytest.fixture
def small_audit(monkeypatch):
    """The first audit of an empty home is made small by the environment of its server."""
    monkeypatch.setenv("RECSCOPE_FIRST_AUDIT", "sandbox")


def test_the_first_audit_is_watched_from_progress_to_result(
    fresh_home, tmp_path, new_page, small_audit
):
    with served(fresh_home, tmp_path / "log") as address:
        page = new_page(address)
        page.get_by_text("The first audit is being computed").wait_for()
        page.get_by_role("progressbar").first.wait_for()
        page.get_by_text(
            re.compile("(Reading|Splitting|Fitting|Making lists|Judging)")
        ).first.wait_for()
        page.get_by_text("ranks best, with").wait_for(timeout=180_000)
        page.locator(".st-key-overview-forest .point").first.wait_for()
    # the numbers are there before audits and explanations are
    (job,) = jobs.list_jobs()
    assert job.state in {"running", "done"}
    jobs.cancel(job.id)


def test_a_link_shows_what_its_sender_saw(app_url, new_page):
    page = new_page(f"{app_url}/accuracy")
    page.locator(".st-key-accuracy-k").get_by_text("20", exact=True).click()
    page.wait_for_url(re.compile(r"accuracy\.k=20"))
    settle(page)
    assert "run" in query(page)
    other = new_page(page.url)
    other.get_by_text(re.compile(r"ndcg@20\s+\(higher is better")).first.wait_for()
    assert query(other)["accuracy.k"] == ["20"]


def test_a_click_on_a_group_filters_the_other_charts(app_url, new_page):
    page = new_page(f"{app_url}/accuracy")
    page.locator(
        ".st-key-accuracy-slices .point path, .st-key-accuracy-slices path.point"
    ).first.wait_for()
    click_mark(page, "accuracy-slices", 0, lambda: "accuracy.group" in query(page))
    page.get_by_text(re.compile("Only users with gender = ")).first.wait_for()


def test_an_upload_shows_its_columns_and_refused_lines(app_url, new_page):
    page = new_page(f"{app_url}/data?data.name=a+file+of+mine")
    content = RATINGS + "u1,i1,five,880000000\nu2,,3,880600000\n"
    page.locator("input[type=file]").first.set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": content.encode()}
    )
    page.get_by_text("Which column is what?").wait_for()
    page.get_by_text("2 lines refused, 1,200 rows kept").wait_for()
    page.get_by_role("listitem").filter(has_text="1 × ").first.wait_for()
    for nth in (0, 1):  # the first rows, the refused lines; a table's script may come late
        page.get_by_test_id("stDataFrame").nth(nth).wait_for(state="attached")
    page.get_by_role("button", name="Start the run").wait_for()


def test_a_job_outlives_its_tab_and_can_be_cancelled(fresh_home, tmp_path, new_page, small_audit):
    fresh_home.mkdir()
    (fresh_home / "first-audit").touch()
    with served(fresh_home, tmp_path / "log") as address:
        page = new_page(address)
        page.get_by_role("button", name="Start the default audit").click()
        page.get_by_text("The first audit is being computed").wait_for()
        page.context.close()
        (job,) = jobs.list_jobs()
        assert job.is_live
        page = new_page(f"{address}/runs")
        page.get_by_role("button", name="Cancel", exact=True).click()
        page.get_by_role("button", name="Resume", exact=True).wait_for()
    assert [job.state for job in jobs.list_jobs()] == ["cancelled"]
    assert all(run.status != "done" for run in store.list_runs())


def test_a_chart_and_its_numbers_can_be_taken_away(app_url, new_page):
    page = new_page(f"{app_url}/accuracy")
    page.get_by_text("Numbers and downloads").first.click()
    settle(page)
    with page.expect_download() as csv:
        page.locator(".st-key-accuracy-forest-csv button").click()
    assert csv.value.suggested_filename == "accuracy-forest.csv"
    assert "ndcg" in Path(csv.value.path()).read_text()
    page.locator(".st-key-accuracy-forest-image").get_by_text("SVG", exact=True).click()
    settle(page)
    page.locator(".st-key-accuracy-forest").hover()
    with page.expect_download() as image:
        page.locator(".st-key-accuracy-forest [data-title*=ownload]").first.click()
    assert image.value.suggested_filename == "accuracy-forest.svg"
    assert "<svg" in Path(image.value.path()).read_text()
