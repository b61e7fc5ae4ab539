"""Items and providers on screen: every panel on an audited run, and what is said without one."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app import queries
from recscope.audits.report import Note, Report, curves_frame, estimates_frame
from tests.pages.conftest import texts


def page(**query: str) -> AppTest:
    def draw() -> None:
        from app import fairness_items, shell

        fairness_items.draw_items(shell.require_run())

    at = AppTest.from_function(draw, default_timeout=60)
    for name, value in query.items():
        at.query_params[f"fairness.{name}"] = value
    return at.run()


def charts(at: AppTest) -> set[str]:
    return {chart.proto.id.rpartition("fairness.")[2] for chart in at.get("plotly_chart")}


@pytest.fixture
def at(audited_run):
    at = page()
    assert not at.exception
    return at


def test_every_panel_of_items_and_popularity_is_drawn(at):
    assert charts(at) == {
        "items-exposure", "items-due", "items-number", "popularity-all", "popularity-groups"
    }  # fmt: skip
    captions = " ".join(caption.value for caption in at.caption)
    assert "1 / log2\\(place" in captions or "1 / log2(place" in captions
    assert "Holm" in captions


def test_providers_add_the_curve_of_how_few_share_the_attention(audited_run):
    at = page(items_by="provider", items_model="ease", items_number="exposure_gini")
    assert not at.exception
    assert "items-lorenz" in charts(at)
    assert "ease" in texts(at)
    assert at.selectbox(key="fairness.items_number").value == "exposure_gini"


def test_the_table_lists_every_group_with_its_shares(at):
    table = next(frame.value for frame in at.dataframe if "exposure_to_relevance" in frame.value)
    assert table["exposure_share"].sum() == pytest.approx(1)
    assert table["exposure_share"].is_monotonic_decreasing


def test_models_that_read_nothing_are_told_so_in_words(at):
    assert "No model of this run reads attributes" in texts(at)


def test_a_run_that_was_not_audited_says_how_to_audit_it(shown_run):
    said = texts(page())
    assert "python -m recscope audit" in said
    assert "--family item_fairness" in said
    assert "--family counterfactual" in said


def test_reasons_are_shown_where_items_cannot_be_judged(audited_run, monkeypatch):
    report = Report(notes=[Note("item groups", "items cannot be grouped, because of <b>")])
    monkeypatch.setattr(queries, "audit", lambda _run, _family: report)
    at = page()
    assert not at.exception
    assert "items cannot be grouped" in texts(at)


@pytest.fixture
def swapped(audited_run, monkeypatch):
    rows = [
        {"model": "ease", "metric": name, "k": 10, "group_by": by, "group": group, "mean": 0.5,
         "low": 0.4, "high": 0.6, "n": 50, "method": "percentile"}
        for name in ("list_jaccard", "list_serp")
        for by, group in (("neutral gender", "F"), ("neutral gender", "M"),
                          ("swapped gender", None), ("swapped gender", "F"))
    ]  # fmt: skip
    rows += [{**rows[0], "metric": "snsr", "group": "list_jaccard", "mean": 0.125}]
    curve = {"curve": "likeness to neutral by gender", "model": "ease", "x": 0, "label": "F"}
    curves = [{**curve, "series": name, "y": 0.5} for name in ("list_jaccard", "list_serp")]
    report = Report(estimates_frame(rows), curves_frame(curves))
    real = queries.audit
    monkeypatch.setattr(
        queries, "audit", lambda run, name: report if name == "counterfactual" else real(run, name)
    )


def test_swapped_users_are_drawn_beside_neutral_ones(swapped):
    at = page(likeness="list_jaccard")
    assert not at.exception
    assert {"counterfactual-neutral", "counterfactual-swapped"} <= charts(at)
    assert "SNSR 0\\.125" in texts(at) or "SNSR 0.125" in texts(at)


def test_a_run_without_metrics_of_popularity_says_which_to_ask_for(shown_run, monkeypatch):
    monkeypatch.setattr(queries, "audit", lambda _run, _family: Report())
    assert isinstance(queries.estimates(shown_run), pd.DataFrame)
    assert "holds no metric of popularity" in texts(page())
