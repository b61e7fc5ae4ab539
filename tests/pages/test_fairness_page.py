"""Fairness: groups regrouped at once, tests of the audit, both sides, gates with verdicts."""

import base64
import json

import numpy as np
import pandas as pd
import pytest

from tests.pages.conftest import click, open_link, texts


def figure(at, name):
    for chart in at.get("plotly_chart"):
        if chart.proto.id.endswith(f"fairness.{name}"):
            return json.loads(chart.proto.spec)
    raise AssertionError(f"no chart {name}")


def numbers(values):
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"])
    return np.array(values)


@pytest.fixture
def at(audited_run):
    return open_link("fairness")


@pytest.mark.parametrize("name", ["groups", "gaps", "ranking", "worst"])
def test_every_chart_about_users_is_there(name, at):
    assert not at.exception
    assert figure(at, name)["data"]


def test_captions_say_definition_interval_and_population(at):
    captions = " ".join(caption.value for caption in at.caption)
    for said in ("Student's t", "Tukey\\-Kramer", "by chance alone", "corrected by Holm", "n = "):
        assert said in captions or said.replace("\\", "") in captions, said


def test_another_attribute_regroups_every_chart(at):
    before = figure(at, "groups")["layout"]["yaxis"]["ticktext"]
    at.multiselect(key="fairness.by").set_value(["gender", "activity"]).run()
    assert not at.exception
    after = figure(at, "groups")["layout"]["yaxis"]["ticktext"]
    assert after != before
    assert any(" × " in text for text in after)


def test_a_click_on_an_attribute_cuts_users_by_it(at):
    click(at, "fairness.ranking", "gender × activity", 0.0, 0.1, "said")
    assert at.multiselect(key="fairness.by").value == ["gender", "activity"]
    click(at, "fairness.ranking", "gender", 0.0, 0.1, "said")
    assert at.multiselect(key="fairness.by").value == ["gender"]


def test_the_correction_changes_which_p_is_shown(at):
    at.segmented_control(key="fairness.correction").set_value("BH").run()
    assert not at.exception
    assert "corrected by BH" in texts(at)


def test_the_address_alone_restores_what_was_seen(audited_run):
    at = open_link("fairness", metric="recall", k="5", by=["gender", "group"], models=["ease"])
    assert at.multiselect(key="fairness.by").value == ["gender", "group"]
    assert [trace["name"] for trace in figure(at, "groups")["data"]] == ["ease"]
    assert figure(at, "groups")["layout"]["xaxis"]["title"]["text"].startswith("recall@5")


def test_an_address_may_name_the_usual_attribute_beside_others(audited_run):
    at = open_link("fairness", by=["group", "gender"])
    assert at.multiselect(key="fairness.by").value == ["group", "gender"]
    assert "group × gender" in texts(at)


def test_an_attribute_that_cannot_be_judged_says_because(run_path):
    users = pd.read_parquet(run_path / "users.parquet")
    users["same"] = "yes"
    users["zip"] = [f"z{n}" for n in range(len(users))]
    users.to_parquet(run_path / "users.parquet")
    said = texts(open_link("fairness", by=["same"]))
    assert "same cannot be judged, because every user who has a value has the same" in said
    said = texts(open_link("fairness", by=["gender", "same"]))
    assert "cannot be judged, because of same every user" in said
    at = open_link("fairness", by=["zip"])
    assert not at.exception
    assert "cannot be judged, because no groups of 5 users or more remain" in texts(at)


def test_both_sides_stand_in_one_chart(audited_run):
    at = open_link("fairness", view="Trade-off")
    assert not at.exception
    chart = figure(at, "trade")
    assert "yaxis2" in chart["layout"]
    models = {trace["name"] for trace in chart["data"]}
    assert len(models) == 5
    assert any("open" not in str(trace["marker"]["symbol"]) for trace in chart["data"])


def test_items_have_their_place(audited_run):
    at = open_link("fairness", view="Items and providers")
    assert not at.exception
    assert "Items and providers" in texts(at)


def test_a_preset_gives_a_verdict_with_its_reason(audited_run):
    at = open_link("fairness", view="Gates")
    assert not at.exception
    assert "of 1 gate failed" in texts(at)
    assert "user\\_ratio" in texts(at)


def test_pasted_gates_are_judged_and_mistakes_are_said(audited_run):
    at = open_link("fairness", view="Gates")
    gate = "[[gate]]\nmetric = 'ndcg'\nk = 10\nmodels = 'ease'\nmin = 0\n"
    at.multiselect(key="fairness.preset").set_value([])
    at.text_area(key="fairness.gates").set_value(gate).run()
    assert not at.exception
    assert "1 gate checked: nothing failed" in texts(at)
    at.text_area(key="fairness.gates").set_value("[[gate]]\nmetrik = 'ndcg'").run()
    assert not at.exception
    assert "did you mean" in texts(at)


def test_a_run_without_the_audit_regroups_and_says_how_to_get_it(shown_run):
    at = open_link("fairness", by=["gender"])
    assert not at.exception
    assert figure(at, "groups")["data"]
    assert figure(at, "gaps")["data"]
    assert f"python -m recscope audit {shown_run} --family user_fairness" in texts(at)


def test_without_a_run_it_says_how_to_start_one(fresh_home, open_app):
    at = open_app("fairness")
    assert not at.exception
    assert "No finished run yet" in texts(at)
