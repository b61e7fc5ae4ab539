"""The Explanations page: over what a run holds, and over what it can make."""

import pytest

from app import explained
from explain.explanation import Explanation
from recscope import store
from recscope.ratings import Ratings
from tests.app.made_explained import EXPLAINERS, MODEL, explain_made_run
from tests.app.made_run import HOSTILE_TITLE, make_run
from tests.pages.conftest import open_link, texts

LIKED = "explanations.liked."


@pytest.fixture(scope="session")
def explained_home(tmp_path_factory):
    """A home with one small run, and explanations of it made by hand."""
    home = tmp_path_factory.mktemp("explained-home")
    explain_made_run(make_run(home / "runs"))
    return home


@pytest.fixture
def made(explained_home, tmp_path, monkeypatch):
    """Its run's id; ratings go to a place of the test's own."""
    monkeypatch.setenv("RECSCOPE_HOME", str(explained_home))
    monkeypatch.setenv("RECSCOPE_RATINGS_URL", f"sqlite:///{tmp_path / 'ratings.sqlite'}")
    return next((explained_home / "runs").iterdir()).name


def boxes(at):
    return [box for box in at.checkbox if str(box.key).startswith(LIKED)]


def metric(at, label: str) -> str:
    return next(one.value for one in at.metric if one.label == label)


def test_what_the_run_holds_is_shown_at_once(made, open_app):
    at = open_app("explanations", made)
    assert not at.exception
    said = texts(at)
    for name in EXPLAINERS:
        assert f"says {name}".replace("-", "\\-") in said
    assert "baseline, not to be believed" in said
    assert at.selectbox(key="explanations.model").value == MODEL
    assert at.selectbox(key="explanations.user").value == "u10"
    assert len(at.get("plotly_chart")) == 2


def test_a_refused_sentence_is_shown_with_its_faults_marked(made, open_app):
    said = texts(open_app("explanations", made))
    assert "fallback: template" in said
    assert ":red-background[**Horror**]" in said
    assert ":red-background[**Spielberg**]" in said
    assert "the item is not of this group" in said


def test_hostile_words_are_text_and_never_markup(made, open_app):
    at = open_app("explanations", made)
    for element in at.markdown:
        assert not element.allow_html
        assert "<b>" not in element.value.replace("\\<b\\>", "")
        assert "](http" not in element.value
        assert HOSTILE_TITLE not in element.value


def test_a_link_opens_with_the_recommendation_that_its_sender_saw(made):
    item = explained_item(made)
    at = open_link("explanations", user="u12", model=MODEL, item=item)
    assert not at.exception
    assert at.selectbox(key="explanations.user").value == "u12"
    assert at.selectbox(key="explanations.item").value == item
    assert at.query_params["explanations.item"] == item


def explained_item(run_id: str) -> str:
    """The second item of u12's list."""
    rows = store.open_run(run_id).lists(MODEL, 12)
    return f"i{int(rows.loc[rows['rank'] == 2, 'item'].iloc[0])}"


def test_another_user_begins_with_their_own_list(made):
    at = open_link("explanations", user="u12", item=explained_item(made))
    at.selectbox(key="explanations.user").set_value("u11").run()
    first = store.open_run(made).lists(MODEL, 11).sort_values("rank")["item"].iloc[0]
    assert at.selectbox(key="explanations.item").value == f"i{first}"


@pytest.mark.parametrize(
    "query, message",
    [({"user": "u777"}, "no user is called 'u777'"), ({"item": "i777"}, "no item is called")],
)
def test_who_is_unknown_is_answered_with_the_nearest(made, query, message):
    at = open_link("explanations", **query)
    assert not at.exception
    assert message in at.error[0].value.replace("\\", "")


def test_explainers_can_be_chosen_in_the_address(made):
    at = open_link("explanations", explainers=["random"])
    said = texts(at)
    assert "says random" in said
    assert "says template" not in said


def test_a_model_that_cannot_be_had_again_leaves_what_is_stored(made, open_app):
    """The made run has a configuration that nothing can be computed from."""
    at = open_app("explanations", made)
    assert not at.error
    assert "unknown section" in texts(at).replace("\\", "")


def test_a_rating_is_kept_and_a_later_one_replaces_it(made):
    at = open_link("explanations", user="u10")
    for name, points in (("clear", "5"), ("convincing", "2"), ("helpful", "4")):
        answer(at, name).set_value(points)
    at.text_area[0].set_value("<script>x</script>")
    at.button(key="explanations.rate").click().run()
    assert "Kept" in at.success[0].value
    answer(at, "clear").set_value("1")
    at.button(key="explanations.rate").click().run()
    assert "Kept" in at.success[0].value
    with Ratings.at() as kept:
        (row,) = kept.table(made).to_dict("records")
    assert (row["clear"], row["convincing"], row["helpful"]) == (1, 2, 4)
    assert row["comment"] == "<script>x</script>"
    assert row["explainer"] == "template"


def answer(at, name: str):
    (control,) = [one for one in at.segmented_control if f"rate.{name}." in str(one.key)]
    return control


def test_another_explanation_begins_with_an_empty_form(made):
    at = open_link("explanations", user="u10")
    answer(at, "clear").set_value("5").run()
    at.selectbox(key="explanations.rated").set_value("random").run()
    assert answer(at, "clear").value is None


def test_a_rating_with_an_answer_missing_is_not_kept(made):
    at = open_link("explanations", user="u10")
    answer(at, "clear").set_value("5")
    at.button(key="explanations.rate").click().run()
    assert "2 answers missing" in at.warning[0].value
    with Ratings.at() as kept:
        assert kept.table().empty


def test_ratings_that_cannot_be_kept_are_told(made, monkeypatch):
    monkeypatch.setenv("RECSCOPE_RATINGS_URL", "mysql://elsewhere")
    at = open_link("explanations", user="u10")
    assert not at.exception
    assert "ratings are kept in sqlite" in at.error[0].value.replace("\\", "")


# over a run that the engine made: everything is computed when it is asked for


@pytest.fixture
def live(audited_run, tmp_path, monkeypatch):
    monkeypatch.setenv("RECSCOPE_RATINGS_URL", f"sqlite:///{tmp_path / 'ratings.sqlite'}")
    return open_link("explanations", model="ease")


def test_what_is_not_stored_is_made_now(live):
    assert not live.exception
    said = texts(live)
    assert "After ranking" in said
    assert "carries" in said or "liked" in said
    assert len(live.get("plotly_chart")) == 3


def test_taking_a_liked_item_away_changes_rank_and_score_at_once(live):
    before = metric(live, "Score")
    boxes(live)[0].uncheck().run()
    assert metric(live, "Score") != before
    assert next(one.delta for one in live.metric if one.label == "Score").startswith("-")
    assert metric(live, "Taken away").startswith("1 of ")


def test_the_smallest_set_drops_the_item_and_everything_can_be_put_back(live):
    before = metric(live, "Rank"), metric(live, "Score")
    live.button(key="explanations.smallest").click().run()
    assert float(metric(live, "Rank").replace(",", "")) > 10
    assert "It leaves the first 10" in texts(live)
    live.button(key="explanations.back").click().run()
    assert (metric(live, "Rank"), metric(live, "Score")) == before


def test_a_model_without_scores_of_histories_says_so(audited_run):
    at = open_link("explanations", model="popularity")
    assert not at.exception
    assert "score_histories" in texts(at).replace("\\", "")


def test_a_language_model_that_cannot_be_had_is_told_kindly(live):
    live.text_input(key="explanations.language_model").set_value("path:/nowhere.gguf")
    live.button(key="explanations.write").click().run()
    assert not live.exception
    assert "there are no weights at /nowhere.gguf" in texts(live).replace("\\", "")


def test_a_sentence_written_now_is_shown_and_can_be_rated(live, monkeypatch):
    def written(*args):
        facts = {"seconds": 0.4, "n_prompt": 3, "n_answer": 5, "language_model": "made-up"}
        return Explanation(args[2], args[3], "post", args[4], text="Made up now.", facts=facts)

    monkeypatch.setattr(explained, "written", written)
    live.button(key="explanations.write").click().run()
    said = texts(live)
    assert "written now" in said
    assert "3 tokens told" in said
    offered = live.selectbox(key="explanations.rated").options
    assert "language-model, written now" in offered


def test_a_user_without_a_history_is_told(audited_run):
    run = store.open_run(audited_run)
    users = run.users()
    nobody = users[(users["n_train"] == 0) & (users["n_test"] > 0)]["user_id"]
    if nobody.empty:
        pytest.skip("every user of this run has a history")
    at = open_link("explanations", user=str(nobody.iloc[0]), model="ease")
    assert not at.exception
    assert "liked nothing in train" in texts(at)
