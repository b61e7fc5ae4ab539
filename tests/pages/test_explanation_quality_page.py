"""The Explanation quality page over explanations made by hand."""

import pytest

from recscope import store
from recscope.explained import read_explained
from recscope.ratings import Rating, Ratings
from tests.app.made_explained import MODEL
from tests.pages.conftest import open_link, texts
from tests.pages.test_explanations_page import explained_home, made

__all__ = ["explained_home", "made"]


@pytest.fixture
def rated(made):
    """Every template liked, every random one not, by three raters."""
    rows = read_explained(store.open_run(made)).explanations
    with Ratings.at() as kept:
        for place, row in enumerate(rows.itertuples()):
            if row.explainer not in {"template", "random"}:
                continue
            points = 5 if row.explainer == "template" else 1 + place % 2
            for rater in ("a", "b", "c"):
                kept.rate(
                    Rating(
                        made,
                        MODEL,
                        row.explainer,
                        row.user,
                        row.item,
                        row.text,
                        rater,
                        points,
                        points,
                        points,
                        comment="=1+1 <b>x</b>",
                    )
                )
    return made


def test_the_page_says_who_can_be_believed(made, open_app):
    at = open_app("explanation_quality", made)
    assert not at.exception
    said = texts(at)
    assert "**template** is the most faithful to **ease**" in said
    assert "best baseline, random" in said
    assert "Difference on the same recommendations: +0." in said
    assert len(at.get("plotly_chart")) == 4


def test_a_flagged_judge_is_named_and_its_verdicts_are_not_shown(made, open_app):
    at = open_app("explanation_quality", made)
    assert "yes\\_no (0.55)" in at.warning[0].value
    assert "yes_no" not in at.selectbox(key="explanation_quality.score").options
    assert "yes_no" not in at.selectbox(key="explanation_quality.plausible").options
    tables = [list(frame.value.columns) for frame in at.dataframe]
    assert not any("yes_no" in columns for columns in tables)


def test_evidence_that_changes_nothing_is_said_to(made, open_app):
    at = open_app("explanation_quality", made)
    assert "No kind of evidence changes ndcg\\@10" in texts(at)
    at.selectbox(key="explanation_quality.metric").set_value("ild").run()
    assert "changes ild\\@10 by +0.030 (0.020 to 0.040)" in texts(at)


def test_what_is_not_available_says_what_it_needs(made, open_app):
    said = texts(open_app("explanation_quality", made))
    assert "needs words that people wrote" in said
    assert "the server \\<b\\>did not\\</b\\> answer" in said


def test_a_link_opens_with_the_scores_that_its_sender_saw(made):
    at = open_link(
        "explanation_quality", score="grounded", plausible="likelihood_lowest", model=MODEL
    )
    assert not at.exception
    assert at.selectbox(key="explanation_quality.score").value == "grounded"
    assert "Is the text free of everything that a check" in texts(at)
    assert "How likely are the least likely words" in texts(at)


def test_peoples_word_stands_beside_the_scores(rated, open_app):
    at = open_app("explanation_quality", rated)
    assert not at.exception
    said = texts(at)
    assert "α = 1 (1 to 1)" in said
    assert "24 explanations rated twice or more by 3 people" in said
    assert "Closest: comprehensiveness" in said
    assert len(at.get("plotly_chart")) == 6


def test_ratings_are_taken_away_without_the_token_of_the_rater(rated, open_app):
    at = open_app("explanation_quality", rated)
    (table,) = [frame.value for frame in at.dataframe if "comment" in frame.value.columns]
    assert set(table["rater"]) == {"rater 1", "rater 2", "rater 3"}


def test_nobody_rated_yet_says_where_to(made, open_app):
    assert "Nobody has rated an explanation" in texts(open_app("explanation_quality", made))


def test_a_run_without_explanations_says_how_to_get_them(shown_run, open_app):
    at = open_app("explanation_quality", shown_run)
    assert not at.exception
    assert f"python -m recscope explain --run {shown_run}" in texts(at)
