"""Why is my number different?: with a run and without, and a number of one's own."""

import pytest

from tests.pages.conftest import open_link, texts

EXAMPLE = {"source": "Worked example"}


@pytest.fixture
def at(shown_run, open_app):
    return open_app("conventions")


def test_without_a_run_the_worked_example_is_shown(fresh_home, open_app):
    at = open_app("conventions")
    assert not at.exception
    assert "ndcg@5 = 0.5588" in texts(at).replace("\\", "")


def test_a_run_is_counted_as_every_tool_counts(at):
    assert not at.exception
    said = texts(at)
    assert "tools that have this metric say something else" in said
    assert "Worked by hand from its source" in said or "Elliot" in said


def test_every_caption_gives_source_interval_and_population(at):
    captions = [one.value for one in at.caption if "Source" in one.value]
    assert len(captions) >= 2
    for caption in captions:
        assert "interval" in caption
        assert "n = " in caption


def test_the_address_alone_restores_what_was_seen(shown_run):
    at = open_link("conventions", metric="recall", k="5", model="als")
    assert not at.exception
    assert at.selectbox(key="conventions.metric").value == "recall"
    assert at.selectbox(key="conventions.model").value == "als"
    assert "recall@5" in texts(at).replace("\\", "")


@pytest.mark.parametrize(
    "mine,said",
    [
        ("0.352", "RecTools"),
        ("0.99", "No convention gives 0.99"),
        ("many", "must be a number such as 0.352"),
    ],
)
def test_a_number_of_ones_own_finds_its_tool(mine, said, shown_run):
    at = open_link("conventions", mine=mine, **EXAMPLE)
    assert not at.exception
    shown = [one.value for kind in ("success", "info", "warning") for one in at.get(kind)]
    assert any(said in text.replace("\\", "") for text in shown)


def test_where_a_tool_stops_the_reason_is_shown(shown_run):
    at = open_link("conventions", metric="map", **EXAMPLE)
    assert "ZeroDivisionError" in texts(at)


def test_one_user_is_taken_step_by_step(shown_run):
    at = open_link("conventions", metric="precision", user="u1", **EXAMPLE)
    assert not at.exception
    how = dict(zip(*[at.dataframe[-1].value[name] for name in ("tool", "how")], strict=True))
    assert how["LensKit"] == "2 hits / 5 (places of the list)"
    assert how["implicit"] == "2 hits / 2 (min(k, relevant items))"


def test_an_unknown_user_is_refused_with_the_known_ones(shown_run):
    at = open_link("conventions", user="nobody", **EXAMPLE)
    assert "no user with a list or test rows is called" in at.error[0].value.replace("\\", "")


def test_other_lists_forget_the_user_of_the_last(shown_run):
    at = open_link("conventions", metric="precision", user="u1", **EXAMPLE)
    at.segmented_control(key="conventions.source").set_value("This run").run()
    assert not at.exception
    assert not at.error


def test_whole_lists_can_be_handed_over(at):
    before = texts(at)
    at.segmented_control(key="conventions.depth").set_value("whole lists").run()
    assert not at.exception
    assert texts(at) != before


def test_what_a_tool_reported_is_held_against_every_convention(shown_run):
    at = open_link("conventions", **EXAMPLE)
    at.text_area(key="conventions.reported").set_value("NDCG@5: {'ndcg@5': 0.352}").run()
    assert not at.exception
    held = next(one.value for one in at.dataframe if "who says so" in one.value)
    assert held["who says so"].tolist() == ["RecTools"]
    at.text_area(key="conventions.reported").set_value("nothing at all").run()
    assert "metrics were wanted" in at.error[0].value.replace("\\", "")
