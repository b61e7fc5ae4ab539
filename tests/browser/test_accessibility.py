"""axe-core finds nothing serious of ours on any page, light and dark; phones lose nothing."""

import os
from pathlib import Path

import pytest

from tests.browser.conftest import ROOT

pytestmark = pytest.mark.browser
PAGES = ["", "data", "accuracy", "user", "runs"]
AUDITED = [
    "",
    "calibration",
    "fairness",
    "diversity",
    "drift",
    "cold_start",
    "conventions",
    "explanations",
    "explanation_quality",
    "map",
    "chat",
]
OF_STREAMLIT = {"list", "listitem"}  # its sidebar's own markup
FITS = """() => { const main = document.querySelector('[data-testid=stMain]');
    return main.scrollWidth <= main.clientWidth }"""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@pytest.fixture(scope="session")
def axe() -> str:
    named = os.environ.get("RECSCOPE_AXE", ROOT / "node_modules" / "axe-core" / "axe.min.js")
    if not Path(named).is_file():
        pytest.skip("no axe-core here: npm install --no-save axe-core@4, or set RECSCOPE_AXE")
    return str(named)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_no_serious_finding_of_ours(name, scheme, app_url, new_page, axe):
    page = new_page(f"{app_url}/{name}", scheme=scheme)
    page.wait_for_timeout(1000)
    assert serious_findings(page, axe) == []


@pytest.mark.parametrize("name", AUDITED)
def test_an_audited_run_reads_well_on_a_dark_phone(name, audited_url, new_page, axe):
    page = new_page(f"{audited_url}/{name}", scheme="dark", width=390, height=844)
    page.wait_for_timeout(1000)
    page.wait_for_function(FITS)
    page.get_by_test_id("stCaptionContainer").first.wait_for()
    assert page.get_by_test_id("stException").count() == 0
    assert serious_findings(page, axe) == []


def serious_findings(page, axe):
    """What axe-core calls serious and is not Streamlit's own doing."""
    page.add_script_tag(path=axe)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [
        (finding["id"], [node["html"][:160] for node in finding["nodes"][:3]])
        for finding in found
        if finding["impact"] in {"serious", "critical"} and finding["id"] not in OF_STREAMLIT
    ]


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_needs_no_sideways_scrolling(name, app_url, new_page):
    page = new_page(f"{app_url}/{name}", width=390, height=844)
    page.wait_for_timeout(1000)
    # polled, because a chart that is still being drawn may be wider for a moment
    page.wait_for_function(FITS)
