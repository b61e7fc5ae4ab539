"""The Diversity page over a run that was audited, and over one that was not."""

from tests.pages.conftest import open_link, texts


def test_the_page_shows_its_charts_over_a_run_that_was_audited(audited_run, open_app):
    at = open_app("diversity", audited_run)
    assert not at.exception
    assert len(at.get("plotly_chart")) == 6
    shown = texts(at)
    assert "Which models recommend alike?" in shown
    assert "Rank-biased overlap" in shown
    assert "First 10 places of every list" in shown


def test_a_link_opens_with_the_filters_that_its_sender_saw(audited_run):
    at = open_link("diversity", metric="gini", k="20", by="gender")
    assert not at.exception
    assert at.selectbox(key="diversity.metric").value == "gini"
    shown = texts(at)
    assert "How unequally are places spread over the items of the catalogue?" in shown
    assert "groups of unlike size are not comparable" in shown


def test_one_model_alone_has_nobody_to_overlap_with(audited_run):
    at = open_link("diversity", models=["ease"])
    assert not at.exception
    assert "Choose two models or more" in texts(at)


def test_a_run_without_the_audit_says_how_to_get_it(shown_run, open_app):
    at = open_app("diversity", shown_run)
    assert not at.exception
    assert f"python -m recscope audit {shown_run} --family diversity" in texts(at)
